"""A target that somebody else runs: deliveries are asked for, and what is live is looked at from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shipit.adapters.remote.delivery import AnswerLost, Delivery, NotPassedOn, Way, Witness
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError, UsageError
from shipit.model import Candidate, Revision


@dataclass(kw_only=True)
class RemoteTarget:
    """Plays deploy.ports.Target: shipit keeps nothing there, so there is nothing to stop or to prune.

    `deployed` and `standing` are the revisions that can be asked for; `image` gives the full name of a revision's
    image, None as long as the registry has none. `is_resumed`: a run before may have asked for something.
    """

    name: str
    way: Way
    witness: Witness
    deployed: Revision
    standing: Revision | None
    image: Callable[[Revision], str | None] | None = None
    is_rollback: bool = False
    is_resumed: bool = False
    _asked: str | None = field(default=None, init=False)

    @property
    def kind(self) -> str:
        return self.way.kind

    def problems(self) -> Sequence[Problem]:
        return self.way.problems()

    def live(self) -> str | None:
        return self.witness.live()

    def may_leave(self, reference: str | None) -> bool:
        """Whether something else was asked for last, or may have been."""
        return self.is_resumed if self._asked is None else self._asked != reference

    def candidate(self, revision: Revision) -> Candidate | None:
        return Candidate(revision.reference) if self.keeps(revision) else None

    def keeps(self, revision: Revision) -> bool:
        return self.image is None or self.image(revision) is not None

    def start(self, revision: Revision, say: Say) -> None:
        if not self.keeps(revision):
            raise self._lacking(revision)
        say(f"{revision} is ready to be asked for")

    def stop(self, reference: str, say: Say) -> None:
        say(f"nothing of {reference} is kept for {self.name}, so nothing is removed")

    def prune(self, needed: Sequence[str], say: Say) -> None:
        """Nothing: what was live before is in the registry, where others may need it."""

    def switch(self, reference: str | None, say: Say) -> None:
        """Ask for it once, and wait until it is live."""
        what = self._delivery(reference)
        lost = self._ask(what, say)
        try:
            self.witness.wait(what.revision, say)
        except ExternalError as why:
            if lost is None:
                raise
            lost.evidence = (*lost.evidence, why.what, *why.evidence)
            raise lost from why

    def _delivery(self, reference: str | None) -> Delivery:
        known = {one.reference: one for one in (self.standing, self.deployed) if one}
        if reference is None:
            raise ExternalError(
                f"{self.name} cannot go back to nothing",
                evidence=[
                    "nothing was deployed there before, and there is no order that takes a first version away"
                ],
            )
        if reference not in known:
            raise ExternalError(
                f"{self.name} cannot go back to {reference}",
                evidence=["that is not what the ledger says, so it is not known how it is brought live"],
            )
        revision = known[reference]
        is_return = self.is_rollback or revision != self.deployed
        image = (self.image(revision) or "") if self.image else ""
        if self.image and not image and self.way.needs_image(is_return=is_return):
            raise self._lacking(revision)
        return Delivery(revision=revision, image=image, is_return=is_return)

    def _ask(self, what: Delivery, say: Say) -> AnswerLost | None:
        before, self._asked = self._asked, what.revision.reference
        try:
            self.way.deliver(what, say)
        except AnswerLost as lost:  # it is not asked again: it may have been heard
            say(f"{lost.what}; looking whether it was heard")
            return lost
        except (Denied, NotPassedOn, UsageError):
            self._asked = before
            raise
        return None

    def _lacking(self, revision: Revision) -> ExternalError:
        return ExternalError(
            f"the image of {revision} for {self.name} is not in the registry",
            evidence=["a deployment builds no image"],
            hint="shipit build --push, where this commit is checked out",
        )
