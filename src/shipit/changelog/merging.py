"""Two changelogs that grew from one: every section once, the highest version first, every line that people wrote.

A merge line by line mixes two new sections that stand at the same place, or asks a person about them.
"""

from collections.abc import Iterator
from itertools import pairwise

from shipit.changelog.editor import MARK, decoded
from shipit.changelog.lines import merge_lines
from shipit.changelog.sections import rank, sections


def merge_bytes(base: bytes | None, ours: bytes, theirs: bytes) -> bytes:
    """Like `merge`, on the bytes of the files: what is not UTF-8 survives, UTF-16 is refused."""
    return merge(*(decoded(one) for one in (base or b"", ours, theirs))).encode("utf-8", "surrogateescape")


def merge(base: str, ours: str, theirs: str) -> str:
    """The changelog that holds what was written on either side since the base (nothing, if there was none).

    Line ends and byte order mark are those of the side that changed them.
    """
    if theirs in {base, ours}:
        return ours
    if ours == base:
        return theirs
    mark = _agreed(*(text.startswith(MARK) for text in (base, ours, theirs)))
    base, ours, theirs = (text.removeprefix(MARK) for text in (base, ours, theirs))
    is_windows = [_is_windows(text) for text in (base or ours, ours, theirs)]
    if None in is_windows or len(set(is_windows)) == 1:  # where line ends are mixed, they are part of the lines
        merged = _merged(base, ours, theirs)
    else:
        merged = _merged(*(text.replace("\r\n", "\n") for text in (base, ours, theirs)))
        merged = merged.replace("\n", "\r\n") if _agreed(*map(bool, is_windows)) else merged
    return MARK + merged if mark else merged


def _agreed(base: bool, ours: bool, theirs: bool) -> bool:
    """The one that is not the base's, or that of all."""
    return theirs if ours == base else ours


def _is_windows(text: str) -> bool | None:
    """Whether the lines end in CRLF; None if only some do."""
    windows = text.count("\r\n")
    return bool(windows) if windows in {0, text.count("\n")} else None


def _merged(*texts: str) -> str:
    base, ours, theirs = (sections(text) for text in texts)
    names = _order(list(ours), list(theirs))
    parts = [(name, text) for name in names if (text := _section(name, base, ours, theirs))]
    seams = {seam for side in (ours, theirs) for seam in _seams(list(side.items()))}
    newline = "\r\n" if "\r\n" in texts[1] else "\n"
    pieces = [seam[1] if seam in seams else _closed(seam[1], newline) for seam in _seams(parts)]
    return "".join([*pieces, *(text for _, text in parts[-1:])])


def _seams(parts: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Each part, by name and text, with the name of the one that follows it."""
    there = [(name, text) for name, text in parts if text]
    return [(name, text, following) for (name, text), (following, _) in pairwise(there)]


def _section(name: str, base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]) -> str:
    """A section as both sides want it; empty if one removed it and the other did not touch it."""
    before, mine, other = (side.get(name, "") for side in (base, ours, theirs))
    if mine and other:
        return merge_lines(before, mine, other)
    return "" if before in {mine, other} and before else mine or other


def _order(ours: list[str], theirs: list[str]) -> Iterator[str]:
    """The names of both, each side's in its own order, and the highest first where the sides leave it open."""
    while ours and theirs:
        mine, other = ours[0], theirs[0]
        if mine == other or other in ours:
            name = mine
        elif mine in theirs:
            name = other
        else:
            name = max(mine, other, key=rank)
        yield name
        ours = [one for one in ours if one != name]
        theirs = [one for one in theirs if one != name]
    yield from (*ours, *theirs)


def _closed(text: str, newline: str) -> str:
    """The text with a blank line at its end."""
    plain = text.replace("\r", "")
    if plain.endswith("\n\n"):
        return text
    return text + newline * (1 if plain.endswith("\n") else 2)
