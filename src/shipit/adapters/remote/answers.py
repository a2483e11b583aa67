"""What is live, seen by what answers at the public address: for targets that nobody else can be asked about."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shipit.engine.plan import Say
from shipit.model import Revision


@dataclass(kw_only=True)
class SeenFromOutside:
    """Plays Witness. `answers` asks whether a revision does, `confirm` waits for it.

    `by_commit` says that the answers carry the commit, so that two of the same version are not alike.

    What is not the new version is taken for what the ledger says: a version that is sick is still the one that a
    failure goes back to.
    """

    deployed: Revision
    standing: Revision | None
    answers: Callable[[Revision], bool]
    confirm: Callable[[Revision, Say], str]
    by_commit: bool
    _waited_for: str | None = field(default=None, init=False)

    def live(self) -> str | None:
        before = self.standing.reference if self.standing and self.standing != self.deployed else None
        if before and self._is_alike:  # both would pass: only who was asked for the new one knows more
            return self._waited_for or before
        return self.deployed.reference if self.answers(self.deployed) else before

    @property
    def _is_alike(self) -> bool:
        return not self.by_commit and self.standing is not None and self.standing.version == self.deployed.version

    def wait(self, revision: Revision, say: Say) -> None:
        say(self.confirm(revision, say))
        self._waited_for = revision.reference
