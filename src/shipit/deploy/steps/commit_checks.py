"""The checks of the forge that must be green on the very commit that is deployed."""

from collections.abc import Iterator, Sequence
from enum import Enum

from msgspec import Struct

from shipit.deploy.ports import Clock, CommitChecks
from shipit.engine.plan import Look, Problem, Say, absent, done
from shipit.errors import Refused
from shipit.model import CheckResult, Revision

_GREEN = "success"
_DID_NOT_LOOK = frozenset({"cancelled", "neutral", "skipped", "stale"})
"""Ends that say nothing of the commit, though a forge lets some of them pass."""

_SOONEST, _LATEST = 5.0, 30.0  # seconds between two questions
_MINUTE = 60


class State(Enum):
    """What all results of one name come to."""

    GREEN = "green"
    AWAITED = "awaited"
    WRONG = "wrong"


class Verdict(Struct, frozen=True):
    """What is known of one required check: the words are for people, with the page where it can be read."""

    name: str
    state: State
    words: str


class WaitForChecks(Struct, frozen=True, kw_only=True):
    """Green means that a run of this name succeeded and none failed; `timeout` is in minutes.

    One that was skipped did not look, and a check that never began is waited for like one that runs.
    """

    forge: CommitChecks
    revision: Revision
    required: tuple[str, ...]
    clock: Clock
    timeout: int
    name: str = "checks"

    @property
    def summary(self) -> str:
        return f"Wait until {', '.join(self.required)} are green on {self.forge.name}"

    def look(self) -> Look:
        found = self._ask()
        return done(self._counted(found)) if all(one.state is State.GREEN for one in found) else absent()

    def run(self, say: Say) -> None:
        """Raises Refused as soon as one cannot be green any more, or when the time is over."""
        deadline, pause, last = self.clock.now() + self.timeout * _MINUTE, _SOONEST, ""
        while True:
            found = self._ask()
            self._refuse_wrong(found)
            awaited = [one for one in found if one.state is State.AWAITED]
            if not awaited:
                say(self._counted(found))
                return
            words = f"{self._counted(found)}; waiting for {', '.join(one.words for one in awaited)}"
            if words != last:
                say(words)
                last, pause = words, _SOONEST
            if self.clock.now() + pause >= deadline:
                raise self._late(awaited)
            self.clock.sleep(pause)
            pause = min(pause * 1.5, _LATEST)

    def wrong(self) -> Sequence[Verdict]:
        """Those that cannot be green any more unless they are run again."""
        return [one for one in self._ask() if one.state is State.WRONG]

    def _ask(self) -> Sequence[Verdict]:
        return tuple(assess(self.required, self.forge.check_results(self.revision.commit)))

    def _counted(self, found: Sequence[Verdict]) -> str:
        green = sum(one.state is State.GREEN for one in found)
        return f"{green} of {len(found)} checks are green on {self.forge.name}"

    def _refuse_wrong(self, found: Sequence[Verdict]) -> None:
        wrong = [one.words for one in found if one.state is State.WRONG]
        if wrong:
            raise Refused(
                f"the checks of {self.revision} are not green on {self.forge.name}",
                evidence=wrong,
                hint="fix it and push, or run the check again, and then deploy again",
            )

    def _late(self, awaited: Sequence[Verdict]) -> Refused:
        return Refused(
            f"the checks of {self.revision} were not green on {self.forge.name} within {self.timeout} minutes",
            where="protection.required-checks",
            evidence=[one.words for one in awaited],
            hint="a check that never begins is spelled otherwise on the forge, or is this very job; "
            "checks-timeout gives more time",
        )


class ChecksNotWrong(Struct, frozen=True, kw_only=True):
    """A check that has failed already needs no lock and no waiting to be found out."""

    wait: WaitForChecks
    name: str = "checks"
    summary: str = "Has no required check failed on this commit?"

    def problems(self) -> Sequence[Problem]:
        wrong = self.wait.wrong()
        return tuple(
            Problem(f"the check {one.name} is not green on {self.wait.forge.name}", one.words) for one in wrong
        )


def assess(required: Sequence[str], found: Sequence[CheckResult]) -> Iterator[Verdict]:
    """One verdict for each required name, in their order; one that is required twice counts once."""
    for name in dict.fromkeys(required):
        yield _verdict(name, [one for one in found if one.name == name])


def _verdict(name: str, results: Sequence[CheckResult]) -> Verdict:
    """A failure counts whichever run it was of; what did not look counts only if nothing else did."""
    blank = [one for one in results if one.is_over and one.outcome in _DID_NOT_LOOK]
    failed = [one for one in results if one.is_over and one.outcome not in _DID_NOT_LOOK | {_GREEN}]
    running = [one for one in results if not one.is_over]
    if failed:
        return Verdict(name, State.WRONG, f"{name}: {failed[0].outcome or 'no outcome'} ({failed[0].url})")
    if running:
        return Verdict(name, State.AWAITED, f"{name} ({running[0].outcome})")
    if len(blank) < len(results):
        return Verdict(name, State.GREEN, name)
    if blank:
        return Verdict(name, State.WRONG, f"{name}: {blank[0].outcome}, so it did not look ({blank[0].url})")
    return Verdict(name, State.AWAITED, f"{name} (has not begun)")
