"""The gates of a project that names none."""

from pathlib import Path

import pytest

from shipit.gates import defaults
from tests.unit.gates.bench import write

SRC = ("src/acme/__init__.py", "src/acme/deep/__init__.py", "tests/__init__.py", "tests/test_a.py")


def runs(top: Path, question: str, tracked: tuple[str, ...] = SRC) -> list[str]:
    return [" ".join(gate.run) for gate in defaults.gates(question, top, tracked, "reports").values()]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["python -m ruff check ."]),
        ("[tool.ruff]\nline-length = 99", ["python -m ruff check .", "python -m ruff format --check ."]),
        ("[tool.ruff]\na = 1\n[tool.black]\na = 1", ["python -m ruff check .", "python -m black --check ."]),
    ],
)
def test_lint_is_ruff_and_the_formatter_that_the_project_has(tmp_path: Path, text: str, wanted: list[str]) -> None:
    write(tmp_path / "pyproject.toml", text)
    assert runs(tmp_path, "lint") == wanted


@pytest.mark.parametrize(
    ("text", "tracked", "wanted"),
    [
        ("", SRC, ["python -m mypy src"]),
        ("[tool.mypy]\nfiles = ['lib']", SRC, ["python -m mypy"]),
        ("", ("acme/__init__.py", "build/__init__.py", "tests/__init__.py"), ["python -m mypy acme"]),
        ("", ("one.py", "test_one.py", "setup.py", "conftest.py"), ["python -m mypy one.py"]),
        ("", ("tests/test_a.py",), []),
    ],
)
def test_types_are_asked_of_the_product_and_never_of_the_whole_tree(
    tmp_path: Path, text: str, tracked: tuple[str, ...], wanted: list[str]
) -> None:
    write(tmp_path / "pyproject.toml", text)
    assert runs(tmp_path, "types", tracked) == wanted


def test_tests_are_pytest_with_both_reports_and_each_package_measured(tmp_path: Path) -> None:
    measured = "--cov=acme --cov-branch --cov-report=xml:reports/coverage.xml"
    assert runs(tmp_path, "tests") == [f"python -m pytest {measured} --junitxml=reports/junit.xml"]
    assert runs(tmp_path, "tests", ("one.py",)) == ["python -m pytest --junitxml=reports/junit.xml"]


@pytest.mark.parametrize("question", ["lint", "types", "tests"])
def test_without_python_files_there_are_none(tmp_path: Path, question: str) -> None:
    assert runs(tmp_path, question, ()) == []


def test_a_part_of_the_tests_is_a_tracked_folder() -> None:
    assert defaults.part(("tests/unit/test_a.py",), "unit") == "tests/unit"
    assert not defaults.part(("tests/unit/test_a.py",), "integration")
