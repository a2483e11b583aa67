"""Patches and notes for people: each file with its counts, lock files and what is very long folded."""

import re
from collections.abc import Iterator, Sequence

from shipit.engine.preview import Contents, Patch
from shipit.output.line import Line
from shipit.output.text import clean_line, clean_text, count
from shipit.versioning.columns import folded

_LONG, _SHOWN = 200, 100
"""Lines of a patch from which on it is folded, and how many of them are shown then."""
_LOCK_FILE = re.compile(
    r"(?:^|/)(?:[^/]+[.-]lock(?:\.(?:json|ya?ml|toml))?|npm-shrinkwrap\.json|pylock(?:\.[^/]+)?\.toml)$"
)
_BINARY = "GIT binary patch"
_STYLES = {"+": "green", "-": "red", "@": "cyan", " ": "dim"}
_HEADS = ("--- ", "+++ ")


def contents_lines(contents: Contents, width: int | None, more: str) -> Iterator[Line]:
    """Notes and patches below their headings; `width` None breaks no line, `more` is as for patches_lines."""
    yield ((NOTES, "bold"),)
    yield ()
    yield from (((line, ""),) for line in notes_lines(contents.notes, width))
    yield ()
    yield ((changes_title(contents), "bold"),)
    yield from patches_lines(contents.diffs, width, more)


NOTES = "notes, as they are published"


def changes_title(contents: Contents) -> str:
    """What the release commit changes, in a few words."""
    files = len(contents.diffs)
    return f"changes of the release commit: {count(files, 'file') if files else 'no file'}"


def notes_lines(notes: str, width: int | None) -> Iterator[str]:
    """The Markdown as it is; a long line is broken between words, and goes on where its text began."""
    for line in clean_text(notes).splitlines():
        yield from _broken(line, width, _indent(line))


def patches_lines(patches: Sequence[Patch], width: int | None, more: str) -> Iterator[Line]:
    """Every file with its patch; `more` says where the lines are that are folded, empty: all are shown."""
    for patch in patches:
        yield ()
        yield from _file(patch, width, more)


def _file(patch: Patch, width: int | None, more: str) -> Iterator[Line]:
    name = clean_line(patch.path)
    head, body = _parts(patch)
    if body is None:
        yield from _headed(name, f"{head}binary, not shown", width)
        return
    yield from _headed(name, head + _counted(body), width)
    shown = _kept(name, body) if more else len(body)
    for line in body[:shown]:
        style = "bold" if line.startswith(_HEADS) and line in body[:2] else _STYLES.get(line[:1], "")
        sign = line[:1] if style in _STYLES.values() else ""
        yield from (((piece, style),) for piece in _broken(line, width, sign + _indent(line[1:])))
    if shown < len(body):
        rest = f"… {count(len(body) - shown, 'more line')}: {more}" if shown else f"folded: {more}"
        yield ((rest, "dim"),)


def _headed(name: str, said: str, width: int | None) -> Iterator[Line]:
    for number, piece in enumerate(_broken(f"{name}: {said}", width, "  ")):
        yield ((piece, ""),) if number else ((piece[: len(name)], "bold"), (piece[len(name) :], ""))


def _parts(patch: Patch) -> tuple[str, list[str] | None]:
    """What is said before the counts, and the lines from `---` on; None of a binary file."""
    lines = clean_text(patch.diff).split("\n")
    start = next((number for number, line in enumerate(lines) if line.startswith("--- ")), len(lines))
    head = lines[:start]
    new = "new file, " if any(line.startswith("new file ") for line in head) else ""
    return new, None if _BINARY in head else lines[start:-1]


def _counted(body: Sequence[str]) -> str:
    added, removed = (sum(line.startswith(sign) for line in body[2:]) for sign in "+-")
    if not removed:
        return f"{count(added, 'line')} added"
    return f"{count(added, 'line')} added, {removed} removed" if added else f"{count(removed, 'line')} removed"


def _kept(name: str, body: Sequence[str]) -> int:
    if _LOCK_FILE.search(name):
        return 0
    return _SHOWN if len(body) > _LONG else len(body)


def _broken(text: str, width: int | None, indent: str) -> Iterator[str]:
    return iter((text,)) if width is None else folded(text, width, indent)


def _indent(line: str) -> str:
    """As many spaces as stand before its text, and as the mark of a list takes."""
    found = re.match(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?", line)
    return " " * len(found[0]) if found else ""
