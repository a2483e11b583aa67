"""What a Cobertura report says: how many percent of the lines a gate's command ran."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Coverage:
    """`percent` None when nothing can be said; `fault` then says why."""

    percent: float | None
    fault: str = ""


def stamp(path: Path) -> tuple[int, int] | None:
    """Tell a rewritten report from the one that lay there before; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def measured(path: Path, before: tuple[int, int] | None) -> Coverage:
    """Read the report that a command wrote since `before` was stamped."""
    if not path.is_file():
        return Coverage(None, f"no coverage report {path.name} was written")
    if stamp(path) == before:
        return Coverage(None, f"the coverage report {path.name} is older than this run")
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - the report comes from the project's own tests
        return _percent(root, path.name)
    except (ET.ParseError, ValueError, OSError) as error:
        return Coverage(None, f"the coverage report {path.name} cannot be read: {error}")


def _percent(root: ET.Element, name: str) -> Coverage:
    if root.tag != "coverage":
        return Coverage(None, f"{name} is no Cobertura report: <{root.tag}> instead of <coverage>")
    valid, covered = root.get("lines-valid"), root.get("lines-covered")
    if valid is None or covered is None:
        lines = sum(1 for _ in root.iter("line"))
        valid, covered = str(lines), str(lines * float(root.get("line-rate", "0")))
    if float(valid) <= 0:
        return Coverage(None, f"{name} measures 0 lines")
    return Coverage(100 * float(covered) / float(valid))  # line-rate is rounded: 79.996 % would read as 80 %
