"""The gates of a project that names none: what its tracked files ask for, run by the python that is on PATH."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from shipit.config import Gate
from shipit.gates import settings

LINT, TYPES, TESTS = "lint", "types", "tests"
_PYTHON = ("python", "-m")
_ASIDE = frozenset(("tests", "test", "docs", "doc", "examples", "benchmarks", "bench", "scripts", "tools", "build"))
"""Folders at the top that are not the product, even where they are packages."""
_NO_MODULES = ("test_", "conftest.", "setup.")
"""How files at the top begin that are no modules of the product."""


def gates(question: str, top: Path, tracked: Sequence[str], reports: str) -> Mapping[str, Gate]:
    """The gates that answer a question; none where nothing that they could look at is tracked."""
    if not tracked:
        return {}
    if question == LINT:
        return _lint(top)
    return _types(top, tracked) if question == TYPES else _tests(tracked, reports)


def part(tracked: Sequence[str], name: str) -> str:
    """The folder of the unit or integration tests; empty where none is tracked."""
    folder = f"tests/{name}"
    return folder if any(path.startswith(f"{folder}/") for path in tracked) else ""


def _lint(top: Path) -> Mapping[str, Gate]:
    """How files are formatted is asked only where the project says by which tool."""
    found = {"ruff": Gate(run=(*_PYTHON, "ruff", "check", "."))}
    if settings.table(top, "tool", "black"):
        return {**found, "black": Gate(run=(*_PYTHON, "black", "--check", "."))}
    if settings.table(top, "tool", "ruff"):
        return {**found, "ruff-format": Gate(run=(*_PYTHON, "ruff", "format", "--check", "."))}
    return found


def _types(top: Path, tracked: Sequence[str]) -> Mapping[str, Gate]:
    """Never the whole tree: mypy would look into environments and builds that lie there."""
    if settings.mypy_names_files(top):
        return {"mypy": Gate(run=(*_PYTHON, "mypy"))}
    named = tuple(_product(tracked))
    return {"mypy": Gate(run=(*_PYTHON, "mypy", *named))} if named else {}


def _tests(tracked: Sequence[str], reports: str) -> Mapping[str, Gate]:
    names = [f"--cov={name}" for name in _packages(tracked)]
    report = f"{reports}/coverage.xml"
    measured = (*names, "--cov-branch", f"--cov-report=xml:{report}") if names else ()
    junit = f"{reports}/junit.xml"
    run = (*_PYTHON, "pytest", *measured, f"--junitxml={junit}")
    return {"pytest": Gate(run=run, coverage_file=report, junit_file=junit)}


def _product(tracked: Sequence[str]) -> Iterator[str]:
    """What to name for mypy: src, or the packages and modules at the top."""
    if any(path.startswith("src/") for path in tracked):
        yield "src"
        return
    modules = (path for path in tracked if "/" not in path and not path.startswith(_NO_MODULES))
    yield from _packages(tracked) or modules


def _packages(tracked: Sequence[str]) -> list[str]:
    """The packages of the product, by the names that they are imported by."""
    folders = [PurePosixPath(path).parent for path in tracked if PurePosixPath(path).name == "__init__.py"]
    inside = [one.name for one in folders if len(one.parts) == 2 and one.parts[0] == "src"]
    at_top = [one.name for one in folders if len(one.parts) == 1 and one.name not in _ASIDE and one.name != "src"]
    return sorted(inside) or sorted(at_top)
