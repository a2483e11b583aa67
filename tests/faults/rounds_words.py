"""Whether what a run said is true, by what the server moved, when, and for whom."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shipit.release.refs import LOCK, evidence_ref, kept_ref
from tests.faults.matrix import TAG
from tests.faults.rounds_plan import Call
from tests.support.acme import git

BRANCH = f"refs/heads/release/{TAG}"
DEVELOPER = "developer"
NOBODY = ""
ZERO = "0" * 40
AS_BEFORE = ("everything is as before", "nothing was touched")
LATER = re.compile(r"may still land|may yet land")
_RUN = re.compile(r"^run ([0-9a-f]{16})$", re.MULTILINE)
_CUT = re.compile(r"did not take the push|unexpected disconnect|early EOF|RPC failed|unable to access")
"""What is said where git was cut off."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one run of a round ended, and what it said."""

    call: Call
    token: str
    code: int
    said: str
    began: float
    ended: float
    struck: Sequence[tuple[float, str]]

    @property
    def is_struck_by(self) -> set[str]:
        return {words.split()[0] for _, words in self.struck}


@dataclass(frozen=True, kw_only=True)
class Push:
    """What one push moved: the new id of each ref; `owner` is the token of the run that made it."""

    time: float
    owner: str
    moved: Mapping[str, str]


def landed(remote: Path) -> list[Push]:
    """Every push that the server took, in order; see rounds_arena."""
    log = remote / "landed"
    rows = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    pushes: dict[str, list[list[str]]] = {}
    for time, *row in rows:
        pushes.setdefault(time, []).append(row)
    found, holder = list[Push](), NOBODY
    for time, updates in sorted(pushes.items()):
        moved = {ref: new for _, new, ref in updates}
        owner = next((_token(remote, new if new != ZERO else old) for old, new, ref in updates if ref == LOCK), "")
        found.append(Push(time=float(time), owner=owner or _owner(moved, holder), moved=moved))
        if LOCK in moved:
            holder = NOBODY if moved[LOCK] == ZERO else owner
    return found


def _owner(moved: Mapping[str, str], holder: str) -> str:
    return DEVELOPER if [*moved] == ["refs/heads/develop"] else holder


def _token(remote: Path, lock: str) -> str:
    found = _RUN.search(git(remote, "log", "-1", "--format=%B", lock))
    assert found, f"{lock} is no lock of a run"
    return found[1]


@dataclass(frozen=True, kw_only=True)
class Witness:
    """All that is known of the struck runs, once the server is quiet."""

    runs: Sequence[Ended]
    pushes: Sequence[Push]
    refs: Mapping[str, str]
    disturbed: bool
    """whether the proxy may have cut something off"""

    @property
    def holder(self) -> str:
        """The token under the lock at the end."""
        last = next((push for push in reversed(self.pushes) if LOCK in push.moved), None)
        return last.owner if last and LOCK in self.refs else NOBODY

    def faults(self) -> Iterator[str]:
        """What was said and is not true, or not decent."""
        for run in self.runs:
            yield from (f"{run.call.label} ended with {run.code}: {wrong}" for wrong in self._faults(run))

    def _faults(self, run: Ended) -> Iterator[str]:
        said = run.said
        if "Traceback (most recent call last)" in said or "a bug in shipit" in said or run.code in {1, 99}:
            yield "a bug"
        if run.code < 0:
            if run.code not in {-9, -15} or not run.is_struck_by & {"SIGKILL", "SIGTERM"}:
                yield "nobody killed it"
            return
        if run.code == 130 and "SIGTERM" not in run.is_struck_by:
            yield "nobody interrupted it"
        if run.code not in {0, 4, 5, 7, 9, 130}:
            yield "an unexpected exit code"
        if run.code and "hint: " not in said:
            yield "no hint"
        if run.code == 5 and "--resume" not in said:
            yield "--resume is not named"
        yield from self._untrue(run)

    def _untrue(self, run: Ended) -> Iterator[str]:
        if any(words in run.said for words in AS_BEFORE) and not LATER.search(run.said):
            yield from self._left(run)
        if run.code == 0 and "is released" in run.said and f"refs/tags/{TAG}" not in self.refs:
            yield "there is no tag"
        if run.code == 9 and not self._others(run):
            yield "there was no other run"
        if run.code in {4, 7} and not self._has_cause(run):
            yield "the cause is not known"

    def _left(self, run: Ended) -> Iterator[str]:
        """What of a run that says that all is as before was there later."""
        if self.holder == run.token:
            yield "its lock is there"
        for push in self.pushes:
            if push.owner == run.token and push.time > run.ended:
                yield f"{', '.join(push.moved)} moved {push.time - run.ended:.2f} s after it had ended"
        if "is undone" in run.said and LOCK in self.refs:
            last = max(push.time for push in self.pushes if LOCK in push.moved)
            if last < run.began:
                yield "the lock that it undid is there"

    def _others(self, run: Ended) -> bool:
        """Whether another run, or a developer, had or moved something while this one ran."""
        before = [push for push in self.pushes if push.time <= run.began and LOCK in push.moved]
        held = bool(before) and before[-1].moved[LOCK] != ZERO and before[-1].owner != run.token
        meanwhile = [push for push in self.pushes if run.began <= push.time <= run.ended]
        return held or any(push.owner != run.token for push in meanwhile) or self._is_undone(run, meanwhile)

    def _is_undone(self, run: Ended, meanwhile: Sequence[Push]) -> bool:
        """Whether its lock may have been freed by another one, which was asked to undo it."""
        others = [other for other in self.runs if other is not run and "--undo" in other.call.words]
        freed = any(push.moved.get(LOCK) == ZERO for push in meanwhile)
        return freed and any(other.began <= run.ended and run.began <= other.ended for other in others)

    def _has_cause(self, run: Ended) -> bool:
        """Whether a refusal has one of the causes that a round can have."""
        past = any(evidence_ref(TAG) in push.moved and push.time <= run.ended for push in self.pushes)
        return (
            (self.disturbed and bool(_CUT.search(run.said)))
            or ("is past its point of no return" in run.said and past)
            or ("behind origin" in run.said and any(push.owner == DEVELOPER for push in self.pushes))
            or (bool(run.struck) and "did not end within" in run.said)
        )


def state(refs: Mapping[str, str], start: Mapping[str, str]) -> tuple[str, list[str]]:
    """What there is of the release in one word, and what must not be there like that."""
    lock, tag, branch = LOCK in refs, f"refs/tags/{TAG}" in refs, BRANCH in refs
    kept, evidence = kept_ref(TAG) in refs, evidence_ref(TAG) in refs
    wrong = [f"{BRANCH} without a lock"] if branch and not lock and not tag else []
    wrong += ["a tag without evidence, or evidence without a tag"] * (tag != evidence)
    wrong += ["kept files without a tag"] * (kept and not tag)
    if not tag:
        others = {ref for ref in {*refs, *start} if refs.get(ref) != start.get(ref)}
        others -= {LOCK, BRANCH, "refs/heads/develop"}
        wrong += [f"{ref} has moved without a release" for ref in sorted(others)]
        return ("open" if lock else "none"), wrong
    return ("open" if lock or kept or branch else "complete"), wrong
