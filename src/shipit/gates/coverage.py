"""What a Cobertura report says: how much of lines and branches together a gate's command ran, and where not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

_OF_BRANCHES = re.compile(r"\((\d+)/(\d+)\)")
_RANGES = 8
"""How many ranges of missed lines are named for one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One file of a report: `path` as it is written there, lines and branches together, and the lines missed."""

    path: str
    covered: int
    valid: int
    missed: tuple[int, ...] = ()

    @property
    def share(self) -> Fraction:
        return Fraction(self.covered, self.valid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`fault` says why nothing can be said; `sources` are the folders that the paths of files are relative to."""

    covered: Fraction = Fraction(0)
    valid: int = 0
    files: Sequence[Measured] = field(default=(), repr=False)
    sources: Sequence[str] = ()
    fault: str = ""


def stamp(path: Path) -> tuple[int, int] | None:
    """Tell a rewritten report from the one that lay there before; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def read(path: Path, before: tuple[int, int] | None) -> Coverage:
    """Read the report that a command wrote since `before` was stamped."""
    if not path.is_file():
        return Coverage(fault=f"no coverage report {path.name} was written")
    if stamp(path) == before:
        return Coverage(fault=f"the coverage report {path.name} is older than this run")
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - the report comes from the project's own tests
        return _read(root, path.name)
    except (ET.ParseError, ValueError, OSError) as error:
        return Coverage(fault=f"the coverage report {path.name} cannot be read: {error}")


def floor(share: Fraction) -> str:
    """A share as percent with one decimal, never rounded up: 69.99 does not read as 70."""
    tenths = int(share * 1000)
    return f"{tenths // 10}.{tenths % 10}"


def below(share: Fraction, least: Fraction) -> str:
    """A share that is too small as percent: one decimal, or as many as it takes not to look like the minimum."""
    percent = float(100 * share)
    texts = (f"{percent:.{digits}f}" for digits in range(1, 9))
    return next((text for text in texts if Fraction(text) < 100 * least), floor(share))


def ranges(lines: Sequence[int]) -> str:
    """Line numbers as people write them: 3, 7-9."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    texts = [str(a) if a == b else f"{a}-{b}" for a, b in found]
    return ", ".join([*texts[:_RANGES], *(["…"] if len(texts) > _RANGES else [])])


def _read(root: ET.Element, name: str) -> Coverage:
    if root.tag != "coverage":
        return Coverage(fault=f"{name} is no Cobertura report: <{root.tag}> instead of <coverage>")
    valid, covered = root.get("lines-valid"), root.get("lines-covered")
    if valid is None or covered is None:
        lines = sum(1 for _ in root.iter("line"))
        whole, share = lines, lines * Fraction(root.get("line-rate", "0"))
    else:  # line-rate is rounded, and of lines alone: 79.996 % would read as 80 %
        whole, share = int(float(valid)), Fraction(covered)
    whole += int(root.get("branches-valid", "0"))
    share += int(root.get("branches-covered", "0"))
    if whole <= 0:
        return Coverage(fault=f"{name} measures 0 lines")
    sources = [source.text for source in root.iter("source") if source.text]
    return Coverage(covered=share, valid=whole, files=tuple(_files(root)), sources=sources)


def _files(root: ET.Element) -> Iterator[Measured]:
    for one in root.iter("class"):
        covered = valid = 0
        missed: list[int] = []
        for line in one.findall("lines/line"):
            is_hit = line.get("hits", "0") != "0"
            branches = _OF_BRANCHES.search(line.get("condition-coverage", ""))
            valid += 1 + (int(branches[2]) if branches else 0)
            covered += is_hit + (int(branches[1]) if branches else 0)
            if not is_hit:
                missed.append(int(line.get("number", "0")))
        yield Measured(path=one.get("filename", ""), covered=covered, valid=valid, missed=tuple(missed))
