"""The twine command and what it says: argv, the lines worth passing on, and the error they mean."""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from shipit.adapters.python.virtualenv import module
from shipit.engine.plan import Say
from shipit.errors import Denied, ExternalError, Unavailable

_STATUS = re.compile(r"HTTPError: (\d{3})")
_PASSING = re.compile(r"\b(ConnectionError|\w*Timeout|SSLError|ProxyError|ChunkedEncodingError)\b")
_LATER = frozenset({408, 425, 429})
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\")
_MARKUP = re.compile(r"<style.*?</style>|<[^<>]+>", re.DOTALL)
_LEVEL = re.compile(r"^(INFO|WARNING|ERROR)(\s+|$)")
_WORTH_SAYING = ("Uploading ", "WARNING", "ERROR", "Package upload appears")


def upload_argv(url: str, path: Path, attestation: Path | None = None) -> tuple[str, ...]:
    """Make the twine command for one file, with its attestation; credentials travel in its environment."""
    words = ("--non-interactive", "--disable-progress-bar", "--verbose", "--repository-url", url, str(path))
    attested = ("--attestations", str(attestation)) if attestation else ()
    return module("twine", "--no-color", "upload", *words, *attested)


def shorten(say: Say) -> Say:
    """Pass on what people want to follow: no colours, no pages of HTML, no traceback."""

    def pass_on(line: str) -> None:
        text = _COLOURS.sub("", line)
        if text.startswith(_WORTH_SAYING):
            say(_LEVEL.sub("", text.strip()))

    return pass_on


def explain(index: str, file: str, said: str) -> ExternalError:
    """The error for what twine printed; the last lines are the evidence."""
    statuses = [int(status) for status in _STATUS.findall(said)]
    evidence = _evidence(_COLOURS.sub("", said))
    if statuses and statuses[-1] < 500 and statuses[-1] not in _LATER:
        return Denied(f"{index} refuses {file}: {statuses[-1]}", evidence=evidence, hint=_hint(statuses[-1]))
    if statuses or _PASSING.search(said):
        hint = "run the same command again later"
        return Unavailable(f"{index} did not take {file}", evidence=evidence, hint=hint)
    return Denied(f"twine did not upload {file} to {index}", evidence=evidence)


def may_be_there(said: str) -> bool:
    """Whether the last try was refused after one whose answer may have been lost: the file may be why."""
    statuses = _STATUS.findall(said)
    return "Retry 1 of" in said and bool(statuses) and statuses[-1] in {"400", "409"}


def _evidence(said: str) -> Sequence[str]:
    """What the index answered last, its page as plain text; of a traceback only the error."""
    last = said if "Traceback (most" in said else said.rpartition("Response from ")[2]
    plain = html.unescape(_MARKUP.sub("", last))
    lines = [_LEVEL.sub("", line.strip()) for line in plain.splitlines()]
    distinct = list(dict.fromkeys(filter(None, lines)))
    return distinct[-1:] if "Traceback (most" in said else distinct[-8:]


def _hint(status: int) -> str | None:
    if status in {401, 403}:
        return "check user name and password or token, and their rights on this project"
    return "compare the file on the index with this one" if status in {400, 409} else None
