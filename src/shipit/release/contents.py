"""What a dry run shows of a release beside its plan: the notes, and what the release commit changes."""

from shipit.engine.preview import Contents, Patch
from shipit.release.model import Release
from shipit.release.ports import Objects


def contents(objects: Objects, release: Release) -> Contents:
    """The notes as they are published, and the patches that make the release commit of its base."""
    found = objects.patches(release.base, release.commit)
    patches = (Patch(path, data.decode("utf-8", "surrogateescape")) for path, data in found.items())
    return Contents(notes=release.notes, diffs=tuple(patches))
