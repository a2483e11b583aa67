"""The forge of a dry run without a token: nothing of it is looked at, and that is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shipit.engine.plan import Problem
from shipit.errors import Denied, UsageError
from shipit.model import CheckResult, ForgeRelease, PullRequest


@dataclass(frozen=True, slots=True)
class UnseenForge:
    """Plays ports.Forge: everything is taken to be missing there; `why` says what this machine lacks."""

    name: str
    why: UsageError

    def problems(self, branches: Sequence[str]) -> Sequence[Problem]:
        what = f"{self.name} is not looked at: {self.why.what}"
        return (Problem(what, "what a release does there is shown as to do", self.why.hint or "", is_warning=True),)

    def workflow_problems(self, workflow: str) -> Sequence[Problem]:
        return ()

    def release(self, tag: str) -> ForgeRelease | None:
        return None

    def pull_request(self, head: str, base: str) -> PullRequest | None:
        return None

    def dispatched(self, workflow: str, ref: str, commit: str) -> str | None:
        return None

    def check_results(self, commit: str) -> Sequence[CheckResult]:
        raise self._denied

    def create_draft(self, tag: str, title: str, body: str, *, prerelease: bool) -> ForgeRelease:
        raise self._denied

    def upload(self, release: ForgeRelease, name: str, path: Path) -> None:
        raise self._denied

    def publish(self, release: ForgeRelease, tag_format: str) -> None:
        raise self._denied

    def open_pull_request(self, head: str, base: str, title: str, body: str) -> PullRequest:
        raise self._denied

    def close_pull_request(self, number: int) -> None:
        raise self._denied

    def dispatch(self, workflow: str, ref: str, commit: str) -> None:
        raise self._denied

    @property
    def _denied(self) -> Denied:
        return Denied(self.why.what, hint=self.why.hint)
