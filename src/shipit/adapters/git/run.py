"""Running git: one door for every git child of shipit, with the user's hooks, prompts and pagers kept out."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from shipit import disk
from shipit.adapters import process
from shipit.errors import Denied, ExternalError, LeaseLost, Unavailable

REPOSITORY_VARIABLES = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS"),
    *("GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE", "GIT_NAMESPACE"),
    *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_ATTR_SOURCE", "GIT_TEMPLATE_DIR"),
    *("GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT", "GIT_REFERENCE_BACKEND", "GIT_LFS_SKIP_SMUDGE"),
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
"""What git sets for its hooks and aliases, or a user for one repository: a child in another one would heed it."""
_MEANT = ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG_PARAMETERS", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
"""What a user may have set for the very repository that shipit is called in."""
QUIET: dict[str, str | None] = {
    **dict.fromkeys(name for name in REPOSITORY_VARIABLES if name not in _MEANT),
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


def argv(top: Path, *words: str) -> tuple[str, ...]:
    """The argv of one git command in the repository `top`."""
    return ("git", "-C", str(top), *NEUTRAL, *words)


def ask(
    top: Path,
    *words: str,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
    ok: Sequence[int] = (0,),
    timeout: float | None = None,
) -> process.Finished:
    """Run git and return what it printed; raises ExternalError, or one of its kinds, on another exit code."""
    finished = process.run(argv(top, *words), data=data, env={**QUIET, **(env or {})}, timeout=timeout)
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
        return Unavailable(f"git {_verb(words)} was ended by signal {-finished.code}", evidence=evidence)
    for row in said.splitlines():
        if hint := disk.hint_in(row):
            if row.startswith("remote:"):
                return Unavailable(what, evidence=evidence, hint=f"on the server: {hint}")
            if "Permission denied" not in row or not _REMOTE.intersection(words):  # else it is that of a login
                return ExternalError(what, evidence=evidence, hint=hint)
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
