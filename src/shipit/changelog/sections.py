"""A changelog taken apart: what stands above its versions, a section for each, and what closes the file."""

from collections import Counter
from itertools import pairwise

from shipit.changelog import insertion
from shipit.changelog.headings import headings
from shipit.errors import UsageError
from shipit.versioning.number import Version, from_pep440, read

ABOVE, UNRELEASED, BELOW = "above", "unreleased", "below"


def sections(text: str) -> dict[str, str]:
    """The parts of a changelog in their order, which joined are the text again.

    They are named by their versions, a second one of the same version with `#2`, and ABOVE, UNRELEASED, BELOW.
    """
    parts = {ABOVE: 0}
    seen = Counter[str]()
    for name, start in _starts(text):
        seen[name] += 1
        parts[f"{name}#{seen[name]}" if seen[name] > 1 else name] = start
    parts[BELOW] = insertion.before_footer(text)
    ends = [*parts.values(), len(text)]
    return {name: text[start:end] for name, (start, end) in zip(parts, pairwise(ends), strict=True)}


def rank(name: str) -> tuple[int, Version]:
    """What sorts the parts as they stand in a file, from the last to the first: the highest version on top."""
    places = {ABOVE: 3, UNRELEASED: 2, BELOW: 0}
    return places.get(name, 1), _number(name.partition("#")[0])


def _starts(text: str) -> list[tuple[str, int]]:
    """Where the sections begin, with the anchors above their headings."""
    found = headings(text)
    unreleased = insertion.unreleased(found)
    named = [(UNRELEASED if one is unreleased else one.version, one.start) for one in found]
    return [(name, insertion.above_anchors(text, start)) for name, start in named if name]


def _number(name: str) -> Version:
    """The version that a heading names; one that cannot be compared counts as the lowest."""
    try:
        return read(name) or from_pep440(name)
    except UsageError:
        return Version(0)
