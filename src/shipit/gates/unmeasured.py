"""Files of a measured package that no test imports: they are in no report, and count as not covered at all."""

import ast
import fnmatch
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from shipit.gates.coverage import Coverage, Measured

_NUMBER = 5
"""How many of the least covered files are named."""


def paths(report: Coverage, top: Path) -> dict[str, Measured]:
    """The files of a report that lie in a tree, by their paths in it."""
    top = top.resolve()
    found: dict[str, Measured] = {}
    for one in report.files:
        places = [Path(source, one.path) for source in report.sources] or [top / one.path]
        place = next((place for place in places if place.is_file()), None)
        if place is not None and place.resolve().is_relative_to(top):
            found[place.resolve().relative_to(top).as_posix()] = one
    return found


def missing(
    report: Coverage, measured: Collection[str], tracked: Sequence[str], omitted: Sequence[str], top: Path
) -> list[Measured]:
    """What the report leaves out of the packages and folders that it measures, each file with its statements.

    A tracked Python file belongs there unless a pattern of `omitted` names it.
    """
    roots = {_package(path, tracked) for path in measured} | set(_folders(report, top))
    inside = [
        path
        for path in tracked
        if path.endswith(".py") and path not in measured and any(path.startswith(root) for root in roots if root)
    ]
    counted = ((path, statements(top / path)) for path in inside if not _is_omitted(path, omitted, top))
    return [Measured(path=path, covered=0, valid=number) for path, number in counted if number]


def is_of_tests(path: str) -> bool:
    """Whether it is a test, or helps one, as far as its path says."""
    place = PurePosixPath(path)
    named = place.name.startswith("test_") or place.name.endswith("_test.py") or place.name == "conftest.py"
    return named or bool({"test", "tests"} & set(place.parts[:-1]))


def statements(path: Path) -> int:
    """How many lines a statement begins on, docstrings left out; of what is no Python, the lines with text."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:  # deleted, and not committed yet
        return 0
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return sum(1 for line in text.splitlines() if line.strip())
    return len({node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt) and not _is_text(node)})


def least(measured: dict[str, Measured], never: Sequence[Measured]) -> list[tuple[str, Measured]]:
    """The least covered files with their paths, those that were never imported first."""
    known = [(path, one) for path, one in measured.items() if one.covered < one.valid]
    known.sort(key=lambda item: (item[1].share, item[0]))
    return [*((one.path, one) for one in never), *known][:_NUMBER]


def _is_text(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _package(path: str, tracked: Sequence[str]) -> str:
    """The folder of the outermost package around a file, with a slash; its own folder where that is no package."""
    known = set(tracked)
    folder = PurePosixPath(path).parent
    while folder.parent.name and f"{folder}/__init__.py" in known and f"{folder.parent}/__init__.py" in known:
        folder = folder.parent
    return "" if folder == PurePosixPath() else f"{folder}/"


def _folders(report: Coverage, top: Path) -> Iterator[str]:
    """The folders that were named to be measured, if they are within the tree and not the whole of it."""
    top = top.resolve()
    for source in report.sources:
        place = Path(source).resolve()
        if place.is_relative_to(top) and place != top:
            yield f"{place.relative_to(top).as_posix()}/"


def _is_omitted(path: str, patterns: Sequence[str], top: Path) -> bool:
    names = (path, f"{top}/{path}")
    return any(fnmatch.fnmatch(name, one.strip()) for one in patterns if one.strip() for name in names)
