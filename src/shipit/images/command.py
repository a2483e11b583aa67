"""shipit build and shipit verify images: the images of a commit, built, pushed, and proved to be there."""

from collections.abc import Mapping, Sequence
from functools import partial

from shipit.engine.preview import preview
from shipit.engine.run import carry_out
from shipit.errors import LiveDiffers, UsageError
from shipit.images import recipe
from shipit.images.model import Names
from shipit.images.outside import Outside
from shipit.images.recipe import ImageContext
from shipit.images.tags import LONGEST, SHORT, safe
from shipit.model import Revision
from shipit.output.reporter import Reporter
from shipit.release.run import missing
from shipit.versioning.tags import tag_name, version_of

Facts = Mapping[str, str]


def build(
    outside: Outside, reporter: Reporter, wanted: Sequence[str], branch: str | None, *, push: bool, dry_run: bool
) -> Facts:
    """Build images of the commit that is checked out, and push them; returns the name of each, with its digest.

    Raises every class of shipit.errors.
    """
    commit = outside.head
    names = outside.names(commit, branch)
    if names is None and push:
        raise UsageError(
            f"it is not known under which tag {commit[:10]} is to be pushed",
            evidence=["no branch is checked out, and no version tag is on this commit"],
            hint="--branch NAME",
        )
    seen = outside.revision(commit)
    made = _context(outside, wanted, seen, names or Names(own=commit[:SHORT]))
    if push:
        outside.require_logins(made.images)
    plan = recipe.push(made) if push else recipe.build(made)
    if dry_run:
        reporter.preview(plan)
    else:
        reporter.follow(outside.release.private / "journal" / f"images-{seen.reference}.jsonl")
        carry_out(plan, reporter.emit)
    return _facts(made, is_pushed=push and not dry_run)


def verify(outside: Outside, reporter: Reporter, version: str = "") -> Facts:
    """Ask the registry whether the images of a version, or of the commit that is checked out, are there.

    Raises LiveDiffers if one is missing or another, Refused where that cannot be known.
    """
    if version:
        seen, names = _released(outside, version)
    else:
        seen = outside.revision(outside.head)
        found = outside.names(seen.commit)
        if found is None:
            raise UsageError("which images?", hint="shipit verify images --version VERSION")
        names = found
    made = _context(outside, (), seen, names)
    looked = preview(recipe.proof(made))
    reporter.renderer.preview(looked)
    if wrong := missing(looked):
        raise LiveDiffers(
            f"the images of {seen} are not all what was built", evidence=wrong, hint="shipit build --push"
        )
    reporter.say(f"the images of {seen} are what was built: {len(looked.looked)} names seen in the registry")
    return {"verified": "true", **_facts(made, is_pushed=True)}


def _released(outside: Outside, version: str) -> tuple[Revision, Names]:
    shape = outside.project.config.version.tag_format
    tag = version if version_of(version, shape) else tag_name(version, shape)
    commit = outside.tagged(tag)
    return outside.revision(commit), Names(own=safe(tag, LONGEST), fixed=(safe(tag, LONGEST),))


def _context(outside: Outside, wanted: Sequence[str], seen: Revision, names: Names) -> ImageContext:
    return ImageContext(
        images=outside.images(wanted),
        revision=seen,
        names=names,
        labels=outside.labels(seen),
        builder=lambda: outside.builder,
        registry=outside.registry,
        order=partial(outside.order, seen),
        has=partial(outside.has, seen.commit),
        changed=outside.changed,
        is_later=partial(outside.is_later, seen.commit),
    )


def _facts(made: ImageContext, *, is_pushed: bool) -> Facts:
    """The full name of each image, by its key: with the digest if it is pushed."""
    pinned = {one.key: made.pushed(one).digest for one in made.images} if is_pushed else {}
    names = {
        image.key: image.pinned(digest) if (digest := pinned.get(image.key)) else image.named(made.names.own)
        for image in made.images
    }
    return {"pushed": "true" if is_pushed else "false", "version": made.revision.version, **names}
