"""Which steps building, pushing and proving images consist of: lists to read from top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from shipit.engine.plan import NEVER, Check, Hints, Plan, Step, Together
from shipit.images.checks import BuilderReady, FilesThere, NothingInHand
from shipit.images.commit import CommitImage, IsLater
from shipit.images.model import Image, Names
from shipit.images.ports import Builder, Order, Registry
from shipit.images.steps import Build, Push, Tag
from shipit.model import Revision

AGAIN = "fix that, then run the same command again"
HINTS = Hints(again=AGAIN, resume="run the same command again: what is pushed already stays", stuck=AGAIN)


@dataclass(frozen=True, kw_only=True)
class ImageContext:
    """Everything that the steps are made of; `order` says how an image is built under a tag.

    Who only looks at a registry needs no builder.
    """

    images: tuple[Image, ...]
    revision: Revision
    names: Names
    labels: dict[str, str]
    builder: Callable[[], Builder]
    registry: Callable[[str], Registry]
    order: Callable[[Image, str], Order]
    has: Callable[[str], bool]
    changed: Callable[[], list[str]]
    is_later: IsLater
    digests: dict[str, str] = field(default_factory=dict[str, str])

    def pushed(self, image: Image) -> CommitImage:
        return CommitImage(
            image=image,
            revision=self.revision,
            names=self.names,
            registry=self.registry(image.host),
            digests=self.digests,
        )


def build(c: ImageContext) -> Plan:
    """Every image on this machine, side by side."""
    builds = Together(tuple(_build(c, image, None) for image in c.images))
    return _plan(c, f"Build {_named(c)}", (builds,), point_of_no_return=NEVER)


def push(c: ImageContext) -> Plan:
    """Build what no registry has of this commit, push it, and then move the tags."""
    images = [c.pushed(image) for image in c.images]
    pushes = _pushes(c, images)
    steps: tuple[Step | Together, ...] = (
        # independent, and nothing has left this machine yet
        Together(tuple(_build(c, one.image, one) for one in images)),
        # under a tag that nothing else has: half of them is no release
        *pushes,
        # these never move
        *_fixed(c, images),
        # last, since people pull these
        *_moving(c, images),
    )
    return _plan(c, f"Build and push {_named(c)}", steps, point_of_no_return=pushes[0].name)


def proof(c: ImageContext) -> Plan:
    """What must be in the registry for this commit, asked at any later time."""
    images = [c.pushed(image) for image in c.images]
    own = tuple(Tag(pushed=one, tag=c.names.own) for one in images)
    steps = (*own, *_fixed(c, images), *_moving(c, images))
    return Plan(title=f"{_named(c)} in the registry", steps=steps, hints=HINTS)


def _build(c: ImageContext, image: Image, pushed: CommitImage | None) -> Build:
    return Build(
        order=partial(c.order, image, c.names.own),
        builder=c.builder(),
        key=image.key,
        local=image.named(c.names.own),
        labels=c.labels,
        pushed=pushed,
    )


def _pushes(c: ImageContext, images: Sequence[CommitImage]) -> tuple[Push, ...]:
    own = c.names.own
    return tuple(Push(order=partial(c.order, one.image, own), builder=c.builder(), pushed=one) for one in images)


def _fixed(c: ImageContext, images: Sequence[CommitImage]) -> tuple[Tag, ...]:
    others = [tag for tag in c.names.fixed if tag != c.names.own]
    return tuple(Tag(pushed=one, tag=tag) for one in images for tag in others)


def _moving(c: ImageContext, images: Sequence[CommitImage]) -> tuple[Tag, ...]:
    return tuple(Tag(pushed=one, tag=tag, is_later=c.is_later) for one in images for tag in c.names.moving)


def _plan(c: ImageContext, title: str, steps: tuple[Step | Together, ...], *, point_of_no_return: str) -> Plan:
    checks: tuple[Check, ...] = (
        BuilderReady(builder=c.builder(), images=c.images),
        FilesThere(images=c.images, commit=c.revision.commit, has=c.has),
        NothingInHand(changed=c.changed),
    )
    return Plan(
        title=title,
        steps=steps,
        checks=checks,
        point_of_no_return=point_of_no_return,
        hints=HINTS,
    )


def _named(c: ImageContext) -> str:
    count = len(c.images)
    return f"{count} image{'s' if count != 1 else ''} of {c.revision}"
