"""The project's own command that brings a version live, and the one that prints what is live."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipit import masking
from shipit.adapters import process
from shipit.adapters.clock import Clock
from shipit.adapters.remote.delivery import Delivery
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError
from shipit.model import Revision

Variables = Callable[[Revision], Mapping[str, str | None]]
Images = Callable[[Revision], str | None]
_IMAGE = "{image}"
_LAST = 12
"""Lines of what a command said that an error shows."""
_PATIENCE = 60.0
_SOONEST, _LATEST = 0.1, 2.0  # seconds between two questions
_SHORT = 7
"""Characters from which on a shortened commit id counts."""
_WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class OwnCommand:
    """Plays Way. `where` is the table of the target; `others` are commands of it that must be there as well."""

    where: str
    deploy: tuple[str, ...]
    top: Path
    variables: Variables
    rollback: tuple[str, ...] | None = None
    others: Sequence[tuple[str, ...]] = ()
    limit: float = process.LONGEST

    @property
    def kind(self) -> str:
        return "command"

    def problems(self) -> Sequence[Problem]:
        programs = dict.fromkeys(words[0] for words in (self.deploy, self.rollback or self.deploy, *self.others))
        return [
            Problem(f"`{one}` is not installed or not on PATH", self.where, f"install {one}")
            for one in programs
            if "{" not in one and not (shutil.which(one) or shutil.which(self.top / one))
        ]

    def needs_image(self, *, is_return: bool) -> bool:
        return any(_IMAGE in word for word in self._words(is_return=is_return))

    def deliver(self, what: Delivery, say: Say) -> None:
        """Run it to its end; raises ExternalError unless that is 0."""
        key = "rollback" if what.is_return and self.rollback else "deploy"
        words = filled(self._words(is_return=what.is_return), what.revision, what.image)
        done = process.follow(words, say, cwd=self.top, env=self.variables(what.revision), timeout=self.limit)
        if done.code:
            raise ExternalError(
                f"the command for {what.revision} ended with {done.code}",
                where=f"{self.where}.{key}",
                evidence=done.text.splitlines()[-_LAST:],
            )

    def _words(self, *, is_return: bool) -> tuple[str, ...]:
        return self.rollback if is_return and self.rollback else self.deploy


@dataclass(kw_only=True)
class PrintedByCommand:
    """Plays Witness: what a command prints is live, as reference, commit, image or JSON with commit and version.

    Where lines differ, several versions are live, and the new one is not alone yet.
    """

    where: str
    words: tuple[str, ...]
    top: Path
    variables: Variables
    deployed: Revision
    standing: Revision | None
    image: Images
    limit: float
    clock: Clock = field(default_factory=Clock)
    _waited_for: str | None = field(default=None, init=False)

    def live(self) -> str | None:
        found = [*dict.fromkeys(map(self._reference, _answers(self._printed())))]
        known = [one.reference for one in (self.standing, self.deployed) if one]
        if len(found) > 1 and all(one in known for one in found):
            return known[0]
        return ", ".join(found) or None

    def wait(self, revision: Revision, say: Say) -> None:
        deadline, pause = self.clock.now() + self.limit, _SOONEST
        self._waited_for = revision.reference
        while (last := self._seen()) != revision.reference:
            if self.clock.now() + pause >= deadline:
                raise ExternalError(
                    f"{revision} did not come live within {self.limit:g} s", where=self.where, evidence=[str(last)]
                )
            self.clock.sleep(pause)
            pause = min(pause * 1.5, _LATEST)
        say(f"{revision.reference} is live")

    def _seen(self) -> str:
        """What is live, or why that is not known at this moment."""
        try:
            return self.live() or "nothing is live"
        except ExternalError as why:
            return "; ".join((why.what, *why.evidence))

    def _printed(self) -> str:
        words = filled(self.words, self.deployed, "")
        done = process.run(words, cwd=self.top, env=self.variables(self.deployed), timeout=_PATIENCE)
        if done.code:
            raise ExternalError(
                f"the command that says what is live ended with {done.code}",
                where=self.where,
                evidence=done.stderr.splitlines()[-_LAST:],
            )
        return masking.mask(done.text.strip())

    def _reference(self, text: str) -> str:
        """Of the revision that is meant; the text itself if it is none of those that are known."""
        known = {one.reference: one for one in (self.standing, self.deployed) if one}
        meant = [name for name, one in known.items() if self._is_meant(one, text)]
        if len(meant) > 1:  # two commits say the same version: only who was asked for the new one knows more
            return self._waited_for or meant[0]
        return meant[0] if meant else text[:_WIDTH]

    def _is_meant(self, revision: Revision, text: str) -> bool:
        said = _object(text)
        if said:
            commit, version = str(said.get("commit") or ""), str(said.get("version") or "")
            return _is_commit(revision, commit) if commit else version == revision.version
        if "@sha256:" in text:
            return (self.image(revision) or "").rpartition("@")[2] == text.rpartition("@")[2]
        return text in {revision.reference, revision.version} or _is_commit(revision, text)


def filled(words: Sequence[str], revision: Revision, image: str) -> tuple[str, ...]:
    """A command with {image}, {version} and {commit} in it replaced."""
    return tuple(revision.fill(word).replace(_IMAGE, image) for word in words)


def _answers(text: str) -> list[str]:
    """One for each line, or the whole text where it is JSON."""
    return [text] if _object(text) else [line.strip() for line in text.splitlines() if line.strip()]


def _object(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_commit(revision: Revision, text: str) -> bool:
    return len(text) >= _SHORT and revision.commit.startswith(text)
