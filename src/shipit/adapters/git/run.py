"""Running git: one door for every git child of shipit, with the user's hooks, prompts and pagers kept out."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from shipit import disk
from shipit.adapters import process
from shipit.errors import Denied, ExternalError, LeaseLost, Unavailable
from shipit.git_variables import MISLEADING

QUIET: dict[str, str | None] = {
    **dict.fromkeys((*MISLEADING, "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")),
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_EDITOR": "true",
}
NEUTRAL = ("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "advice.detachedHead=false")

_CONTESTED = re.compile(
    r"stale info|cannot lock ref|failed to lock|incorrect old value|reference already exists|"
    r"fetch first|non-fast-forward|failed to update ref",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"authentication failed|could not read (username|password)|permission .*denied|access denied|"
    r"returned error: 40[134]|repository .*not found|does not appear to be a git repository|hook declined|"
    r"protected branch|rule violations|pre-receive|terminal prompts disabled",
    re.IGNORECASE,
)
_REMOTE = frozenset({"push", "fetch", "ls-remote", "submodule"})
NO_ATOMIC = "does not support --atomic"
NO_OPTIONS = "does not support push options"
_FILTER = re.compile(r"(?:smudge|clean) filter '?([\w.-]+)'? failed")
_NO_PROGRAM = re.compile(r"cannot run (\S+): No such file|(?:\d+: )?(\S+): (?:command )?not found", re.IGNORECASE)


def argv(top: Path, *words: str) -> tuple[str, ...]:
    """The argv of one git command in the repository `top`."""
    return ("git", "-C", str(top), *NEUTRAL, *words)


def git(
    top: Path,
    *words: str,
    data: bytes | None = None,
    env: Mapping[str, str | None] | None = None,
    timeout: float | None = None,
) -> process.Finished:
    """How one git command ended; raises Unavailable after `timeout` seconds, else after process.LONGEST.

    Any of them may talk to the network: it fetches what a partial clone lacks, and starts helpers and filters.
    """
    limit = process.LONGEST if timeout is None else timeout
    try:
        return process.run(argv(top, *words), data=data, env={**QUIET, **(env or {})}, timeout=limit)
    except Unavailable:  # its words would be the whole argv
        raise Unavailable(f"git {_verb(words)} did not end within {round(limit, 1):g} s") from None


def ask(
    top: Path,
    *words: str,
    data: bytes | None = None,
    env: Mapping[str, str | None] | None = None,
    ok: Sequence[int] = (0,),
    timeout: float | None = None,
) -> process.Finished:
    """Run git and return what it printed; raises ExternalError, or one of its kinds, on another exit code."""
    finished = git(top, *words, data=data, env=env, timeout=timeout)
    if finished.code not in ok:
        raise explain(words, finished)
    return finished


def line(top: Path, *words: str, env: Mapping[str, str] | None = None, data: bytes | None = None) -> str:
    """The single line that a plumbing command answers with."""
    return ask(top, *words, env=env, data=data).text.strip()


def explain(words: Sequence[str], finished: process.Finished) -> ExternalError:
    """The error for what git printed, with that as evidence."""
    said = finished.stderr + "\n" + finished.text if words and "push" in words else finished.stderr
    evidence = [row.rstrip() for row in said.splitlines() if _telling(row)][:12]
    what = f"git {_verb(words)} failed"
    if finished.code < 0:
        what = f"git {_verb(words)} was ended by signal {-finished.code}"
        return Unavailable(what, evidence=evidence, hint="run the same command again")
    for row in said.splitlines():
        if hint := disk.hint_in(row):
            if row.startswith("remote:"):
                return Unavailable(what, evidence=evidence, hint=f"on the server: {hint}")
            if "Permission denied" not in row or not _REMOTE.intersection(words):  # else it is that of a login
                return ExternalError(what, evidence=evidence, hint=hint)
    if setting := _of_a_setting(said, evidence):
        return setting
    if _DENIED.search(said):
        return Denied(what, evidence=evidence)
    if _CONTESTED.search(said):
        return LeaseLost(what, evidence=evidence)
    if re.search(
        r"unable to access|could not resolve|connection|hung up|early EOF|timed out|RPC failed|HTTP 5",
        said,
        re.IGNORECASE,
    ):
        return Unavailable(what, evidence=evidence)
    return ExternalError(what, evidence=evidence)


def _of_a_setting(said: str, evidence: Sequence[str]) -> ExternalError | None:
    """The error where a setting of the user's is the cause: push options, or a filter whose program is missing."""
    if NO_OPTIONS in said:
        what = "the server takes no push options, and push.pushOption sets one"
        hint = "git config --unset-all push.pushOption, or have the server set receive.advertisePushOptions"
        return Denied(what, evidence=evidence, hint=hint)
    found = _FILTER.search(said)
    if found is None:
        return None
    missing = _NO_PROGRAM.search(said)
    hint = f"install {missing[1] or missing[2]}, which this filter runs" if missing else ""
    return ExternalError(f"the filter {found[1]} of .gitattributes failed", evidence=evidence, hint=hint or None)


def _telling(row: str) -> bool:
    text = row.strip()
    return bool(text) and not text.startswith(("hint:", "To ", "Done", "=\t", "Everything up-to-date"))


def _verb(words: Sequence[str]) -> str:
    plain = [
        word
        for previous, word in zip(("", *words), words, strict=False)
        if not word.startswith("-") and previous != "-c"
    ]
    return plain[0] if plain else "command"
