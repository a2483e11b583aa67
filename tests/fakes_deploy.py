"""What a deployment asks of the outside, in memory: targets, the database, and somebody who looks from outside.

tests/contract/deploy holds the real targets to the same promises.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, LeaseLost, Unavailable
from shipit.model import Candidate, CheckResult, Revision

__all__ = ["FakeChecks", "FakeClock", "FakeSchema", "FakeSmoke", "FakeTarget", "Host"]

Happening = Callable[[str], object]
"""Called with the name of what is about to happen; it may raise."""


@dataclass
class Host:
    """Where a target runs: what is kept there, what of it rests, what is live, and who changed something last.

    `asked` is what may still come live, where somebody else does the work.

    `fails` meets a call by its name, such as `start`, before it has done anything; `loses` are calls whose answer
    is lost, though the work is done; `before` is called at the beginning of each call that changes something.
    """

    kept: dict[str, Revision] = field(default_factory=dict)
    resting: set[str] = field(default_factory=set)
    live: str | None = None
    highest: int = 0
    asked: str | None = None
    fails: dict[str, ExternalError] = field(default_factory=dict)
    loses: set[str] = field(default_factory=set)
    before: Happening | None = None
    calls: list[str] = field(default_factory=list)
    found: Sequence[Problem] = ()


@dataclass
class FakeTarget:
    """Plays deploy.ports.Target on a host that several of them share."""

    host: Host
    name: str = "backend"
    kind: str = "process"
    keep: int = 5
    fence: int = 0

    def problems(self) -> Sequence[Problem]:
        self._ask("problems")
        return self.host.found

    def live(self) -> str | None:
        self._ask("live")
        return self.host.live

    def may_leave(self, reference: str | None) -> bool:
        return self.host.asked is not None and self.host.asked != reference

    def candidate(self, revision: Revision) -> Candidate | None:
        self._ask("candidate")
        is_there = self.keeps(revision) and revision.reference not in self.host.resting
        address = "" if self.kind == "directory" else "127.0.0.1:20001"
        return Candidate(revision.reference, address) if is_there else None

    def keeps(self, revision: Revision) -> bool:
        self._ask("keeps")
        return self.host.kept.get(revision.reference) == revision

    def start(self, revision: Revision, say: Say) -> None:
        self._change("start")
        self.host.resting.discard(revision.reference)
        self.host.kept[revision.reference] = revision
        say(f"{revision.reference} is started")
        self._answer("start")

    def stop(self, reference: str, say: Say) -> None:
        self._change("stop")
        if reference != self.host.live and reference in self.host.kept:
            del self.host.kept[reference]
            say(f"{reference} is removed")
        self._answer("stop")

    def switch(self, reference: str | None, say: Say) -> None:
        self._change("switch")
        if reference is not None and reference not in self.host.kept:
            raise ExternalError(f"nothing is kept under {reference}")
        self.host.live = reference
        if reference is not None:
            self.host.resting.discard(reference)
            self.host.kept[reference] = self.host.kept.pop(reference)  # the last one counts as the newest
        say(f"{reference} is live")
        self._answer("switch")

    def prune(self, needed: Sequence[str], say: Say) -> None:
        self._change("prune")
        spare = [reference for reference in self.host.kept if reference not in {*needed, self.host.live}]
        for reference in spare[: max(0, len(spare) - self.keep)]:
            del self.host.kept[reference]
        if self.kind != "directory":
            self.host.resting = {reference for reference in self.host.kept if reference != self.host.live}

    def _ask(self, call: str) -> None:
        if call in self.host.fails:
            raise self.host.fails[call]

    def _change(self, call: str) -> None:
        if self.host.before:
            self.host.before(f"{call}-{self.name}")
        self._ask(call)
        if self.fence < self.host.highest:
            raise LeaseLost("another run has taken over, and this one may change nothing any more")
        self.host.highest = self.fence
        self.host.calls.append(call)

    def _answer(self, call: str) -> None:
        if call in self.host.loses:
            raise Unavailable(f"the answer to {call} was lost")


@dataclass
class FakeSchema:
    """Plays deploy.ports.Schema: `waiting` are labels, those in `drops` contracts, those in `wrong` cannot be read.

    `breaks` meets every look.
    """

    waiting: list[str] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    drops: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    fails: ExternalError | None = None
    breaks: ExternalError | None = None
    opened: int = 0
    closed: int = 0

    def version(self) -> str:
        return self.applied[-1] if self.applied else ""

    def pending(self) -> Sequence[str]:
        if self.breaks:
            raise self.breaks
        return list(self.waiting)

    def mistakes(self) -> Sequence[Problem]:
        if self.breaks:
            raise self.breaks
        return [Problem(f"{label}: syntax error", "", "") for label in self.waiting if label in self.wrong]

    def contracts(self) -> Sequence[str]:
        return [label for label in self.waiting if label in self.drops]

    def migrate(self, say: Say) -> None:
        if self.fails:
            raise self.fails
        self.applied += self.waiting
        self.waiting.clear()
        say(f"at {self.version()}")


@dataclass
class FakeSmoke:
    """Plays deploy.ports.Smoke: a revision answers unless its version is `sick`, or another one is live.

    `host` is what answers at the public address; a candidate is asked by its own.
    """

    host: Host
    sick: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def check(self, revision: Revision, say: Say, via: str = "") -> str:
        self.asked.append(f"{revision.version} {via}".strip())
        say(f"looking for {revision.version}")
        if revision.version in self.sick or (not via and self.host.live != revision.reference):
            raise ExternalError(f"{revision} does not answer as it should")
        return f"{revision.version} answers"

    def confirm(self, revision: Revision, say: Say) -> str:
        return self.check(revision, say)

    def is_live(self, revision: Revision) -> bool:
        return revision.version not in self.sick and self.host.live == revision.reference

    def glance(self, revision: Revision) -> str:
        return "unhealthy" if revision.version in self.sick else "healthy"


@dataclass
class FakeChecks:
    """Plays deploy.ports.CommitChecks: an outcome of None runs still; `asked` holds the commits."""

    results: list[tuple[str, CheckResult]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    name: str = "the forge"

    def check(self, commit: str, name: str, outcome: str | None) -> None:
        """Another run of this check has begun, or is over."""
        url = f"https://forge.example/runs/{len(self.results)}"
        said = "in_progress" if outcome is None else outcome
        result = CheckResult(name=name, outcome=said, is_over=outcome is not None, url=url)
        self.results.append((commit, result))

    def finish(self, name: str, outcome: str) -> None:
        """What runs under this name ends."""
        self.results = [
            (commit, CheckResult(name=name, outcome=outcome, is_over=True, url=one.url))
            if one.name == name and not one.is_over
            else (commit, one)
            for commit, one in self.results
        ]

    def check_results(self, commit: str) -> Sequence[CheckResult]:
        self.asked.append(commit)
        return tuple(one for whose, one in self.results if whose == commit)


@dataclass
class FakeClock:
    """Plays deploy.ports.Clock: time passes only while somebody sleeps; `meanwhile` then happens."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()
