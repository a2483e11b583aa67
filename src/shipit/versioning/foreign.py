"""The notes of another project, which the message of an update quotes without any mark of a quotation."""

import re

_VERSION = r"\S{0,40}\d\S{0,40}"
_UPDATE = (
    rf"(?i)\b(?:bump|update|upgrade)[sd]?\b[^\n]{{1,200}}?\bfrom\s{{1,9}}{_VERSION}\s{{1,9}}to\s{{1,9}}{_VERSION}"
)
_HEADING = (
    r"(?im)^[ \t]*(?:#{1,6}[ \t]+|\*\*|__)?"
    r"(?:release notes|change ?log|changes|what.s changed|commits|sourced from)\b"
    r"(?:[^\n.]*|[^\n]*:)(?:\*\*|__)?:?[ \t]*$"
)
_RULE = "\n---\n"


def span(text: str) -> tuple[int, int]:
    """Where another project's notes begin and end in a message; (0, 0) if it quotes none.

    They begin at a heading of release notes, of a changelog or of a list of commits that stands below the words of
    an update (`Bumps x from 1 to 2`), and reach to the rule that dependabot writes below them, or to the end.
    """
    update = re.search(_UPDATE, text) if "from" in text else None
    heading = re.compile(_HEADING).search(text, update.end()) if update else None
    if heading is None:
        return 0, 0
    rule = text.rfind(_RULE, heading.end())
    return heading.start(), rule if rule >= 0 else len(text)
