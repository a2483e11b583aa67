"""The one place in a text where a version stands: a line, an argument of a call, or the text as a whole."""

import re
from collections.abc import Sequence

_VALUE = r"v?(?P<value>\d[\w.+!-]*)"
_CALLS = {"meson.build": "project", "setup.py": "setup"}
"""Files in which the version is an argument, which may stand in the middle of a line, and the function's name."""
_WITH_SECTIONS = (".cfg", ".ini")
_CMAKE = re.compile(rf"""^[ \t]*project[ \t]*\([^)#]*?\sVERSION\s+["']?{_VALUE}""", re.MULTILINE | re.IGNORECASE)
"""`project(acme VERSION 1.0.0)`, on one line or several."""
_INSTRUCTION = r"(?:(?:LABEL|ARG|ENV)[ \t]+)?"
"""What may stand before a name in a Dockerfile."""


def places(path: str, key: str, text: str) -> Sequence[re.Match[str]]:
    """Every place that may be meant, with the group `value`; without a key, the text as a whole."""
    if not key:
        return list(re.finditer(rf"\A\ufeff?\s*{_VALUE}\s*\Z", text))
    file = path.rpartition("/")[2]
    if file == "CMakeLists.txt":
        return list(_CMAKE.finditer(text)) if key == "VERSION" else []
    call = _CALLS.get(file)
    if call and (found := _argument(call, key, text)):
        return [found]
    section, dot, name = key.rpartition(".")
    if dot and path.endswith(_WITH_SECTIONS):
        return _lines(name, text, *_section(section, text))
    is_image = "dockerfile" in file.lower() or "containerfile" in file.lower()
    return _lines(key, text, 0, len(text), before=_INSTRUCTION if is_image else "")


def _argument(call: str, key: str, text: str) -> re.Match[str] | None:
    """`project('acme', version: '1.0.0')`: the first such argument after the call begins, outside of comments."""
    began = re.search(rf"^[ \t]*(?:\w+\.)?{call}[ \t]*\(", text, re.MULTILINE)
    if began is None:
        return None
    argument = re.compile(rf"""(?<![\w.]){re.escape(key)}[ \t]*[:=][ \t]*(?P<quote>["']){_VALUE}(?P=quote)""")
    found = argument.finditer(text, began.end())
    return next((one for one in found if "#" not in text[text.rfind("\n", 0, one.start()) + 1 : one.start()]), None)


def _section(name: str, text: str) -> tuple[int, int]:
    """Where the lines of `[name]` begin and end; the end of the text where there is no such section."""
    head = re.search(rf"^\ufeff?\[{re.escape(name)}\]", text, re.MULTILINE)
    start = head.end() if head else len(text)
    after = re.compile(r"^\[", re.MULTILINE).search(text, start)
    return start, after.start() if after else len(text)


def _lines(name: str, text: str, start: int, end: int, before: str = "") -> Sequence[re.Match[str]]:
    """`NAME = "1.0.0"`, `NAME: str = '1.0.0'` or `name: 1.0.0`; those at the margin win over indented ones."""
    pattern = re.compile(
        rf"""^\ufeff?(?P<indent>[ \t]*){before}(?P<mark>["']?){re.escape(name)}(?P=mark)"""
        r"""[ \t]*(?::[ \t]*[\w.\[\]]+[ \t]*=|:=|=|:)[ \t]*"""
        rf"""(?P<quote>["']?){_VALUE}(?P=quote)(?=[ \t\r,;\\]*(?:\#|//|$))""",
        re.MULTILINE,
    )
    found = list(pattern.finditer(text, start, end))
    return [match for match in found if not match["indent"]] or found
