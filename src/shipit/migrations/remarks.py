"""What about a folder makes one doubt, though every file is right by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from shipit.migrations.model import Finding, Position
from shipit.migrations.names import FileName
from shipit.migrations.pieces import Piece

_DIGITS = 5
"""A version of more digits is a date, and gaps mean nothing."""


def around(files: Mapping[str, bytes], before: str) -> Iterator[Finding]:
    """What stands beside migrations and makes one doubt that they are all."""
    nested = [name for name in sorted(files) if "/" in name and name.lower().endswith(".sql")]
    for folder in sorted({name.partition("/")[0] for name in nested}):
        count = sum(name.startswith(f"{folder}/") for name in nested)
        what = f"sub-folders are not read: {count} SQL file{'s' if count > 1 else ''} in it will not be applied"
        rewrite = "move what is to be applied up, and the rest elsewhere"
        yield Finding(Position(f"{before}{folder}"), "nested-files", what, rewrite, "warning")
    if "script.py.mako" in files:
        what, rewrite = "this is a folder of Alembic's", 'set migrations.engine to "alembic"'
        yield Finding(Position(f"{before}script.py.mako"), "foreign-tool", what, rewrite)


def gaps(names: Iterable[FileName]) -> Iterator[Finding]:
    """Numbers left out where most follow each other; who counts in tens leaves gaps on purpose."""
    ups = {int(name.version): name for name in names if name.role == "up" and _is_small(name.version)}
    steps = list(pairwise(sorted(ups)))
    if sum(after - before == 1 for before, after in steps) * 2 < len(steps):
        return
    for before, after in steps:
        if after - before > 1:
            missing = [str(number).zfill(len(ups[before].version)) for number in (before + 1, after - 1)]
            span = missing[0] if missing[0] == missing[1] else f"{missing[0]} to {missing[1]}"
            what = f"{span} is missing before {ups[after].version}"
            rewrite = "say so in the commit if this is meant; a file that comes later under this number is late"
            yield Finding(Position(ups[after].path), "gap", what, rewrite, "warning")


def _is_small(version: str) -> bool:
    return version.isdigit() and len(version.lstrip("0")) <= _DIGITS


def mixture(pieces: Sequence[Piece]) -> Iterator[Finding]:
    """A folder in which names are spelled in several ways, reported at the first that differs."""
    ups = [piece for piece in pieces if piece.file.role == "up" and piece.file.language == "sql"]
    ups.sort(key=lambda piece: piece.file.key)
    for piece in ups:
        if _scheme(piece) != _scheme(ups[0]):
            what = f"files are written for {_scheme(piece)} here, and for {_scheme(ups[0])} in {base(ups[0])}"
            rewrite = "keep to one way; what is applied already may keep its name"
            yield Finding(Position(piece.file.path), "mixed-names", what, rewrite, "warning")
            return


def _scheme(piece: Piece) -> str:
    return "dbmate" if piece.script.line > 1 else {"plain": "shipit"}.get(piece.file.scheme, piece.file.scheme)


def base(piece: Piece) -> str:
    """The file's name without its folder."""
    return piece.file.path.rpartition("/")[2]
