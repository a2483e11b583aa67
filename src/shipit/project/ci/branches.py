"""Filters of branches, as GitHub reads them."""

import re
from collections.abc import Sequence

from shipit.project.ci.document import Node

_PARTS = re.compile(r"\*\*/?|\*|\[[^\]]*\]|[?+]|.", re.DOTALL)


def reaches(trigger: Node, branch: str) -> bool:
    """Whether an event on this branch passes the filters `branches` and `branches-ignore`."""
    if trigger.has("branches"):
        return matches(trigger.get("branches").texts, branch)
    return not matches(trigger.get("branches-ignore").texts, branch)


def matches(patterns: Sequence[str], branch: str) -> bool:
    """Whether the last pattern that names a branch takes it; `!` takes it out again."""
    is_in = False
    for pattern in patterns:
        if _fits(pattern.removeprefix("!"), branch):
            is_in = not pattern.startswith("!")
    return is_in


def _fits(pattern: str, branch: str) -> bool:
    try:
        return re.fullmatch("".join(map(_expression, _PARTS.findall(pattern))), branch) is not None
    except re.error:
        return pattern == branch


def _expression(part: str) -> str:
    if part.startswith("**"):
        return ".*" if part == "**" else "(?:.*/)?"
    if part == "*":
        return "[^/]*"
    return part if part in {"?", "+"} or part.startswith("[") else re.escape(part)
