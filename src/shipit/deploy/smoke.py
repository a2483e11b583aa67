"""Ask from outside, until the new version has answered several times in a row or the time is over."""

from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from shipit.config.tables.deployments import Smoke, SmokeCheck
from shipit.deploy.ports import Clock, Web
from shipit.deploy.verdict import assess
from shipit.engine.plan import Say
from shipit.errors import ExternalError
from shipit.model import Revision

_SOONEST, _LATEST = 0.1, 2.0  # seconds between two questions
_PATIENCE = 10.0
"""Seconds for one answer."""
_FOUND, _FAILING = 200, 500


class SmokeChecks(Struct, frozen=True, kw_only=True):
    """Plays deploy.ports.Smoke. `command` runs the critical paths; it raises ExternalError if one fails."""

    options: Smoke
    web: Web
    clock: Clock
    command: Callable[[Revision, Say], None] | None = None

    def check(self, revision: Revision, say: Say, via: str = "") -> str:
        """Returns what was seen; raises ExternalError unless every check passed within the time.

        With `via` only the checks are asked, there: control and command are for the public address.
        """
        seen = self._wait_for_all(revision, say, via)
        if not via:
            self._refuse_vacuous_control()
            if self.command is not None:
                self.command(revision, say)
                seen.append("critical paths passed")
        return "; ".join(dict.fromkeys(seen)) or "no checks are configured"

    def confirm(self, revision: Revision, say: Say) -> str:
        """The checks alone, of a version that was live before; raises as `check`."""
        return "; ".join(dict.fromkeys(self._wait_for_all(revision, say, ""))) or "no checks are configured"

    def _wait_for_all(self, revision: Revision, say: Say, via: str) -> list[str]:
        deadline = self.clock.now() + self.options.timeout
        return [self._wait_for(check, revision, say, via, deadline) for check in self.options.checks]

    def is_live(self, revision: Revision) -> bool:
        """Whether every check passes; an error or no answer is not believed the first time."""
        return all(self._passes(check, revision) for check in self.options.checks)

    def _passes(self, check: SmokeCheck, revision: Revision) -> bool:
        answer = self.web.get(revision.fill(check.get), _PATIENCE)
        if answer.error or answer.status >= _FAILING:
            self.clock.sleep(_SOONEST)
            answer = self.web.get(revision.fill(check.get), _PATIENCE)
        return assess(check, answer, revision).is_right

    def glance(self, revision: Revision) -> str:
        """Ask each check once; `healthy`, or what the first wrong answer was."""
        for check in self.options.checks:
            verdict = assess(check, self.web.get(revision.fill(check.get), _PATIENCE), revision)
            if not verdict.is_right:
                return f"{check.get}: {verdict.words}"
        return "healthy" if self.options.checks else "health unknown"

    def _wait_for(self, check: SmokeCheck, revision: Revision, say: Say, via: str, deadline: float) -> str:
        """Ask until so many answers in a row are right: one proves nothing while two versions take turns."""
        in_a_row, pause, last = 0, _SOONEST, ""
        counted: Counter[str] = Counter()
        while True:
            verdict = assess(check, self.web.get(revision.fill(check.get), _PATIENCE, via), revision)
            counted[verdict.words] += 1
            in_a_row = in_a_row + 1 if verdict.is_right else 0
            if in_a_row >= self.options.answers:
                return f"{check.get}: {verdict.words}, {in_a_row} times in a row"
            if verdict.words != last:
                say(f"{check.get}: {verdict.words}")
                last, pause = verdict.words, _SOONEST
            if self.clock.now() + pause >= deadline:
                raise self._failed(check, revision, via, counted)
            self.clock.sleep(_SOONEST if verdict.is_right else pause)
            pause = min(pause * 1.5, _LATEST)

    def _failed(self, check: SmokeCheck, revision: Revision, via: str, counted: Counter[str]) -> ExternalError:
        times = [f"{number} times: {words}" for words, number in counted.most_common(5)]
        return ExternalError(
            f"{revision} does not answer {'as it should' if counted else 'at all'}",
            where=f"{check.get}{f' at {via}' if via else ''}",
            evidence=[f"within {self.options.timeout} s, {self.options.answers} in a row are needed", *times],
            hint="look at the log of the new version, and at smoke.checks",
        )

    def _refuse_vacuous_control(self) -> None:
        """Where everything answers 200, an answer of 200 proves nothing."""
        control = self.options.control
        if control is None:
            return
        answer = self.web.get(control, _PATIENCE)
        if answer.status == _FOUND:
            raise ExternalError(
                "the control answers 200, so the smoke checks cannot fail",
                where=control,
                evidence=["whatever is asked, this address answers 200: such as a page for all paths, or a login"],
                hint="name an address in smoke.control that does not exist, or let the product answer 404",
            )
        if answer.error:
            raise ExternalError("the control was not answered", where=control, evidence=[answer.error])
