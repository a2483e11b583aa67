"""What a changelog calls unreleased, but not under one heading of that name, and what has no heading there."""

import re
from collections.abc import Sequence

from shipit.changelog import insertion
from shipit.changelog.headings import Heading, headings
from shipit.errors import Refused

OTHERS = "### Other changes"
"""What stands above words that people wrote under Unreleased without a heading of their own."""

_COMMENT = r"(?s)<!--.*?-->"
_UNRELEASED = r"(?i)\s*[*_\[(]*unreleased(?![A-Za-z])[^\n]{0,20}$"


def require_clear(text: str, version: str) -> None:
    """Raise Refused where it is not clear what this version takes in: it would stay unreleased in the file."""
    found = headings(text)
    opened = insertion.unreleased(found)
    if opened and opened.planned:
        raise Refused(
            f"the changelog calls {opened.planned} unreleased, and {version} would stand below that heading",
            evidence=[f"heading: {opened.title}"],
            hint="rename that heading to Unreleased: a release writes its own",
        )
    same = [one for one in found if opened and one.level == opened.level and one.is_unreleased]
    if len(same) > 1:
        raise Refused(
            "the changelog has several headings for what is not released",
            evidence=[f"heading: {one.title}" for one in same[:5]],
            hint="put what stands below them under the first one",
        )


def require_released(text: str, version: str) -> None:
    """Raise Refused where the section of this version, which is there already, says that it is unreleased."""
    found = headings(text)
    section = next((_below(text, found, at) for at, one in enumerate(found) if one.version == version), "")
    first = section.strip().partition("\n")[0]
    if re.match(_UNRELEASED, first):
        raise Refused(
            f"the changelog has a section for {version}, which it calls unreleased",
            evidence=[first],
            hint="name its heading Unreleased and remove that line: a release writes its own",
        )


def joined(notes: str, by_hand: str) -> str:
    """The notes, and below them what people wrote, under a heading of its own where it would stand below theirs."""
    return "\n\n".join(part for part in (notes, heading_above(notes, by_hand), by_hand) if part)


def heading_above(notes: str, by_hand: str) -> str:
    """The heading that words without one need below these notes; empty if they need none."""
    found = headings(by_hand)
    bare = by_hand[: found[0].start] if found else by_hand
    is_bare = bool(re.sub(_COMMENT, "", bare).strip())
    return OTHERS if is_bare and headings(notes) else ""


def _below(text: str, found: Sequence[Heading], at: int) -> str:
    """What stands below a heading, down to the next one."""
    ends = [one.start for one in found[at + 1 : at + 2]]
    start = found[at].start
    rows = text[start : ends[0] if ends else len(text)].split("\n")
    return "\n".join(rows[2 if found[at].underline else 1 :])
