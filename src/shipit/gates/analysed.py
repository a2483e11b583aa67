"""Which commit and ref the findings of a run are for, as GitHub Actions and the clone tell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shipit.errors import Refused

_PULL = re.compile(r"refs/pull/([0-9]{1,12})/(?:merge|head)")
_NUMBER = re.compile(r"[0-9]{1,18}")
FORK = "the token of a run for a pull request from a fork may only read"
DEPENDABOT = "the token of a run that Dependabot starts may only read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsRun:
    """A run of GitHub Actions; all is empty elsewhere.

    `pull_request` is the number of that which the run is for, `head` the commit at its tip; `read_only` says why
    the token may not write, empty where it can have the right.
    """

    ref: str = ""
    commit: str = ""
    pull_request: int = 0
    head: str = ""
    read_only: str = ""
    id: int = 0
    attempt: int = 0


def actions_run(environment: Mapping[str, str], event: object) -> ActionsRun:
    """The run that this process is part of; `event` is the decoded file of GITHUB_EVENT_PATH, of whatever shape."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return ActionsRun()
    ref = environment.get("GITHUB_REF", "")
    from_ref = _PULL.fullmatch(ref)
    number = _at(event, "pull_request", "number")
    head = _at(event, "pull_request", "head", "sha")
    return ActionsRun(
        ref=ref,
        commit=environment.get("GITHUB_SHA", ""),
        pull_request=int(from_ref[1]) if from_ref else _positive(str(number)) if type(number) is int else 0,
        head=head if isinstance(head, str) else "",
        read_only=_read_only(environment, event),
        id=_positive(environment.get("GITHUB_RUN_ID", "")),
        attempt=_positive(environment.get("GITHUB_RUN_ATTEMPT", "")),
    )


def _read_only(environment: Mapping[str, str], event: object) -> str:
    if environment.get("GITHUB_ACTOR") == "dependabot[bot]":
        return DEPENDABOT
    head = _at(event, "pull_request", "head")
    if not isinstance(head, Mapping) or environment.get("GITHUB_EVENT_NAME") == "pull_request_target":
        return ""
    there = _at(head, "repo", "full_name")  # null where the fork was deleted
    here = environment.get("GITHUB_REPOSITORY", "")
    return "" if isinstance(there, str) and there.casefold() == here.casefold() else FORK


def _at(found: Any, *names: str) -> object:
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _positive(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """What a clone knows: the commit and the branch that are checked out, empty where there is none.

    `tip` gives the commit that a ref has on the remote, None without such a ref; `has` whether a commit holds
    another one, as far as this clone knows.
    """

    head: str
    branch: str
    remote: str
    tip: Callable[[str], str | None]
    has: Callable[[str, str], bool]


def analysed_ref(run: ActionsRun, clone: Clone) -> str:
    """The ref that the commit which is checked out is uploaded for; raises Refused if it is not on the remote."""
    if run.ref and clone.head and clone.head == run.commit:
        return run.ref
    if run.pull_request and clone.head and clone.head == run.head:
        return f"refs/pull/{run.pull_request}/head"
    ref = run.ref or (f"refs/heads/{clone.branch}" if clone.branch else "")
    if not ref.startswith("refs/heads/"):
        raise _without_ref(run, clone)
    tip, branch = clone.tip(ref), ref.removeprefix("refs/heads/")
    if tip is None or not (tip == clone.head or clone.has(tip, clone.head)):
        there = f"{clone.remote}: {ref} is at {tip}" if tip else f"{clone.remote}: there is no {ref}"
        raise Refused(
            f"the commit that is checked out is not on {branch} of {clone.remote}, so GitHub does not have it",
            evidence=[f"here: HEAD is at {clone.head or 'no commit yet'}", there],
            hint=f"git fetch {clone.remote} && git push {clone.remote} {branch}, or leave --upload out",
        )
    return ref


def _without_ref(run: ActionsRun, clone: Clone) -> Refused:
    if not run.ref:
        return Refused(
            "no branch is checked out, so it is not known which branch the findings are for",
            evidence=[f"HEAD is at {clone.head or 'no commit yet'}"],
            hint="git switch BRANCH, or leave --upload out",
        )
    return Refused(
        "the commit that is checked out is not the one that this run of GitHub Actions is for",
        evidence=[
            f"here: HEAD is at {clone.head or 'no commit yet'}",
            f"{run.ref} is at {run.commit or 'no commit: GITHUB_SHA is not set'}",
        ],
        hint="let actions/checkout take no other ref, or leave --upload out",
    )
