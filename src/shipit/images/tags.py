"""The tags of images: those of a branch, of a commit on it, and of a version."""

import hashlib
import re

from shipit.images.model import Names

SHORT = 9
"""Characters of the commit in a tag."""
LONGEST = 128
"""Characters of a tag (OCI distribution specification)."""
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def names(commit: str, branch: str | None, tags: tuple[str, ...]) -> Names | None:
    """The tags for a commit: of its branch (None: it is on none) and of its version tags; None without either."""
    fixed = tuple(safe(tag, LONGEST) for tag in tags)
    if branch is None:
        return Names(own=fixed[0], fixed=fixed) if fixed else None
    short = commit[:SHORT]
    return Names(
        own=f"{safe(branch, LONGEST - len(short) - 1)}-{short}", fixed=fixed, moving=(safe(branch, LONGEST),)
    )


def safe(name: str, longest: int) -> str:
    """A name that a registry takes: the same one if it may be, else one that no other branch or tag has.

    Where letters are replaced a mark made of the whole name follows: `a/b` and `a-b` are not the same.
    """
    if _SAFE.fullmatch(name) and len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", name).lstrip(".-")
    return f"{plain[: longest - len(mark) - 1]}-{mark}" if plain else mark
