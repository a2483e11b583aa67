"""The version that a regular expression finds in a file, as hatchling, scikit-build-core and pdm read it."""

import re
from collections.abc import Sequence

from shipit.config.modules import NAMES, alone, in_file
from shipit.config.place import Place, Read, unknown, written

_ASSIGNED = re.compile(r"""([A-Za-z_]\w*)["']?[ \t]*(?::[ \t]*\w+[ \t]*)?(?:=|:=|:)[ \t]*["']?v?\Z""")

_CMAKE = re.compile(r"""^[ \t]*project[ \t]*\([^)#]*\sVERSION\s+["']?\Z""", re.MULTILINE | re.IGNORECASE)
"""What stands before the version of `project(acme VERSION 1.0.0)`."""


def place(
    path: str,
    pattern: object,
    read: Read,
    reason: str,
    *,
    names: Sequence[str] = (*NAMES, "version"),
    groups: Sequence[str | int] = ("version", "value"),
) -> Place:
    """The location of what the pattern finds: a variable, or the whole file; of __version__ without a pattern.

    `names` are the variables that are looked for without a pattern, `groups` those of a pattern that may have it.
    """
    if not isinstance(pattern, str) or not pattern:
        return in_file(path, read, reason, names)
    text = read(path)
    if text is None:
        return unknown(f"{reason} names {path}, which is not there")
    try:
        found = re.search(pattern, text, re.MULTILINE)
    except (re.error, RecursionError, OverflowError):
        found = None
    known = {*found.re.groupindex, *range(1, found.re.groups + 1)} if found else set()
    group = next((one for one in groups if found and one in known and found[one]), None)
    if found is None or group is None:
        return unknown(f"{reason} names {path}, in which its pattern finds no version")
    if alone(text):
        return written(path, reason)
    if path.rpartition("/")[2] == "CMakeLists.txt" and _CMAKE.search(text[: found.start(group)]):
        return written(f"{path}:VERSION", reason)
    before = text[text.rfind("\n", 0, found.start(group)) + 1 : found.start(group)]
    name = _ASSIGNED.search(before)
    return (
        written(f"{path}:{name[1]}", reason) if name else unknown(f"{reason} has a pattern for more than one name")
    )
