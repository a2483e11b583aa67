"""Where secrets come from: env:NAME, file:PATH or command:ARGV, read when used and masked from then on."""

import os
import shlex
from pathlib import Path

from shipit import masking
from shipit.adapters import process
from shipit.errors import Unavailable, UsageError

_PATIENCE = 60.0
"""Seconds; a password manager that asks a person in a window needs some."""


def resolve(reference: str, top: Path) -> str:
    """The secret behind a reference, masked before anybody else can see it; raises as `read`."""
    secret = read(reference, top)
    masking.register(secret)
    return secret


def read(reference: str, top: Path) -> str:
    """What a reference stands for, not masked: a user name is no secret, and may be an everyday word.

    Paths and commands start at the repository's top. Raises UsageError, which names the reference, not the value.
    """
    kind, _, rest = reference.partition(":")
    match kind:
        case "env":
            secret = _from_environment(rest)
        case "file":
            secret = _from_file(reference, top / Path(rest).expanduser())
        case "command":
            secret = _from_command(reference, rest, top)
        case _:
            # the reference is not repeated: what stands there may be the secret itself
            raise UsageError("a secret is written as env:NAME, file:PATH or command:ARGV", hint=_HINT)
    if not secret:
        raise UsageError(f"the secret {reference} is empty", hint=_HINT)
    return secret


_HINT = "`shipit config show` lists where each secret is expected"


def _from_environment(name: str) -> str:
    secret = os.environ.get(name)
    if secret is None:
        raise UsageError(f"the secret env:{name} is missing", hint=f"set the environment variable {name}")
    return secret


def _from_file(reference: str, path: Path) -> str:
    try:
        return _one_line_end_less(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"the secret {reference} cannot be read",
            evidence=[f"{path}: {error.strerror or error}"],
            hint="write the secret into that file and let only yourself read it",
        ) from None


def _from_command(reference: str, line: str, top: Path) -> str:
    try:
        finished = process.run(_words(reference, line), cwd=top, timeout=_PATIENCE)
    except Unavailable as error:
        raise UsageError(f"the secret {reference} did not come", evidence=[error.what], hint=_RUN_IT) from None
    if finished.code:
        raise UsageError(
            f"the command of the secret {reference} failed",
            evidence=[f"exit code {finished.code}", *finished.stderr.splitlines()[-5:]],
            hint=_RUN_IT,
        )
    return _one_line_end_less(finished.stdout)


_RUN_IT = "run the command yourself in the repository's top; it must print the secret and nothing else"


def _words(reference: str, line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"the secret {reference} is no command", evidence=[str(error)], hint=_HINT) from None
    if not words:
        raise UsageError(f"the secret {reference} names no command", hint=_HINT)
    return words


def _one_line_end_less(data: bytes) -> str:
    text = data.decode("utf-8", "surrogateescape")
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
