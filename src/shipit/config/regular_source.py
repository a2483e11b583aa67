"""The version that a regular expression finds in a file, as hatchling, scikit-build-core and pdm read it."""

import re
from collections.abc import Sequence

from shipit.config.modules import VERSION, alone
from shipit.config.place import Place, Read, unknown, written

_WORDS = r"""(?P<mark>["'])v?(?P<version>.+?)(?P=mark)"""
HATCHLING = rf"(?i)^(?:__version__|version) *= *{_WORDS}"
SCIKIT_BUILD = rf"(?i)^(?:__version__|version)(?: ?: ?str)? *= *{_WORDS}"
PDM = rf"^(?:__version__|VERSION)\s*=\s*{_WORDS}\s*(?:#.*)?$"
"""What each of them looks for by default; findings/version-line-with-a-type.sh holds them against each other."""

_ASSIGNED = re.compile(r"""([A-Za-z_]\w*)["']?[ \t]*(?::[ \t]*\w+[ \t]*)?(?:=|:=|:)[ \t]*["']?v?\Z""")

_CMAKE = re.compile(r"""^[ \t]*project[ \t]*\([^)#]*\sVERSION\s+["']?\Z""", re.MULTILINE | re.IGNORECASE)
"""What stands before the version of `project(acme VERSION 1.0.0)`."""


def place(
    path: str,
    pattern: object,
    read: Read,
    reason: str,
    *,
    usual: str,
    groups: Sequence[str | int] = ("version", "value"),
) -> Place:
    """The location of what the pattern finds: a variable, or the whole file.

    Without a pattern the `usual` one is taken; `groups` are those of a pattern that may have the version.
    """
    text = read(path)
    if text is None:
        return unknown(f"{reason} names {path}, which is not there")
    if not isinstance(pattern, str) or not pattern:
        assigned = re.search(usual, text, re.MULTILINE)
        if assigned is None:
            return unknown(f'{reason} names {path}, which has no line like {VERSION} = "1.2.3"')
        return written(f"{path}:{re.split(r'[^A-Za-z_]', assigned[0], maxsplit=1)[0]}", reason)
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
