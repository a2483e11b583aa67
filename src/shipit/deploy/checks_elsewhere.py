"""What is asked beforehand about images, and about targets that somebody else runs; nothing here writes."""

from collections.abc import Sequence

from msgspec import Struct

from shipit.deploy.images import DeployedImage, Promotion
from shipit.deploy.model import Decision
from shipit.deploy.ports import Clock, Target
from shipit.deploy.steps.targets import WITHOUT_NOTHING
from shipit.engine.plan import Problem, Say

_PAUSE = 5.0  # seconds between two questions
_MINUTE = 60


class ImagesAwaited(Struct, frozen=True, kw_only=True):
    """On a runner, the workflow that builds the images of this commit may still be at work.

    `timeout` is in minutes; what is missing when it is over is left to ImagesThere.
    """

    images: tuple[DeployedImage, ...]
    clock: Clock
    timeout: int

    def run(self, say: Say) -> None:
        deadline, last = self.clock.now() + self.timeout * _MINUTE, ""
        while awaited := [one.key for one in self.images if one.digest is None]:
            if self.clock.now() + _PAUSE > deadline:
                return
            words = f"waiting for {', '.join(awaited)} of {self.images[0].pushed.revision} in the registry"
            if words != last:
                say(f"{words}, for {self.timeout} minutes at most")
                last = words
            self.clock.sleep(_PAUSE)


class ImagesThere(Struct, frozen=True, kw_only=True):
    """A deployment builds no image: what the registry does not have of this commit is refused."""

    images: tuple[DeployedImage, ...]
    name: str = "images"
    summary: str = "Does the registry have every image of this commit?"

    def problems(self) -> Sequence[Problem]:
        return tuple(
            Problem(
                f"the image {one.key} of {one.pushed.revision} is not in the registry",
                "\n".join(one.what_is_there()),
                "shipit build --push, where this commit is checked out",
            )
            for one in self.images
            if one.digest is None
        )


class PromotionSaid(Struct, frozen=True, kw_only=True):
    """Where no verified image can be taken over it is said why, and what builds it instead; that stops nothing."""

    images: tuple[DeployedImage, ...]
    promotion: Promotion
    name: str = "promotion"
    summary: str = "Has another environment verified these very images?"

    def problems(self) -> Sequence[Problem]:
        return tuple(
            Problem(
                f"the image {one.key} is not promoted from {self.promotion.source}",
                self._why(one),
                "it is the one that shipit build --push has built of this commit, in the workflow of its tag",
                is_warning=True,
            )
            for one in self.images
            if one.recorded_image is None
        )

    def _why(self, image: DeployedImage) -> str:
        if image.recorded:
            return f"{image.recorded} was deployed there, and is gone from the registry"
        standing = self.promotion.standing
        has = f"it has {standing}" if standing else "nothing was ever deployed there"
        return f"{image.pushed.revision} was never deployed there: {has}; a merge commit is another commit"


class WayBack(Struct, frozen=True, kw_only=True):
    """A first deployment to a target elsewhere cannot be undone; that is said, and stops nothing."""

    targets: tuple[Target, ...]
    decision: Decision
    name: str = "way-back"
    summary: str = "Is there something to go back to?"

    def problems(self) -> Sequence[Problem]:
        return tuple(
            Problem(
                f"nothing is known to be live on {one.name}, so a failure cannot go back to it",
                "what was asked for stays then, and the run stops half-way (5)",
                "be ready to deploy again with --resume, or to remove it where it runs",
                is_warning=True,
            )
            for one in self.targets
            if one.kind in WITHOUT_NOTHING and self.decision.replaces.get(one.name) is None
        )
