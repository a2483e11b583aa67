"""What the words, exit codes and texts of known tools mean."""

from pathlib import Path

import pytest

from shipit.gates.report import Verdict
from shipit.gates.tools import Tool, blind, tool_of, verdict_of


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("ruff check .", "ruff"),
        ("/x/bin/black --check .", "black"),
        ("python -m mypy src", "mypy"),
        ("python3.12 -I -m pytest -m slow", "pytest"),
        ("py.test", "pytest"),
        ("uv run --quiet pytest -q", "pytest"),
        ("uv run --extra dev --with pytest-xdist -p 3.12 pytest -q", "pytest"),
        ("uv run -m pytest", "pytest"),
        ("uv run --extra dev mine --with pytest", ""),
        ("uv tool run ruff check .", "ruff"),
        ("uvx ruff@0.17 check .", "ruff"),
        ("env A=1 B=2 python -m mypy src", "mypy"),
        ("env", ""),
        ("uv run --", ""),
        ("uv sync", ""),
        ("coverage run -m pytest", "pytest"),
        ("python -m coverage run --branch -m pytest", "pytest"),
        ("coverage report", ""),
        ("python script.py", ""),
        ("python -m", ""),
        ("make lint", ""),
    ],
)
def test_a_tool_is_known_by_the_words_of_its_command(command: str, name: str) -> None:
    words = command.split()
    tool = tool_of(words)
    assert tool.name == name
    if name and name != "pytest":
        assert words[tool.at].partition("@")[0].endswith(name)


@pytest.mark.parametrize(
    ("command", "code", "text", "verdict"),
    [
        ("ruff check .", 0, "All checks passed!", Verdict.CLEAN),
        ("ruff check .", 1, "Found 2 errors.", Verdict.FINDINGS),
        ("ruff check x", 1, "E902 No such file or directory", Verdict.INCONCLUSIVE),
        ("ruff check .", 2, "", Verdict.INCONCLUSIVE),
        ("ruff check .", 0, "warning: No Python files found under the given path(s)", Verdict.INCONCLUSIVE),
        ("ruff check --exit-zero .", 0, "Found 1 error.", Verdict.FINDINGS),
        ("ruff check --exit-zero -q .", 0, "a.py:1:1: F401", Verdict.INCONCLUSIVE),
        ("ruff check --exit-zero .", 0, "All checks passed!", Verdict.CLEAN),
        ("ruff format --check .", 0, "", Verdict.INCONCLUSIVE),
        ("ruff format --check .", 0, "3 files already formatted", Verdict.CLEAN),
        ("ruff format --check -q .", 0, "", Verdict.CLEAN),
        ("black --check .", 0, "1 file would be left unchanged.", Verdict.CLEAN),
        ("ruff format .", 0, "2 files reformatted, 1 file left unchanged", Verdict.FINDINGS),
        ("black .", 0, "1 file reformatted.", Verdict.FINDINGS),
        ("black", 1, "One of 'SRC' or 'code' is required.", Verdict.INCONCLUSIVE),
        ("black --check .", 1, "1 file would be reformatted.", Verdict.FINDINGS),
        ("black --check .", 123, "", Verdict.INCONCLUSIVE),
        ("black --check .", 0, "No Python files are present to be formatted.", Verdict.INCONCLUSIVE),
        ("black --check .", 0, "Invalid config keys detected: 'x'", Verdict.INCONCLUSIVE),
        ("mypy src", 1, "Found 1 error in 1 file", Verdict.FINDINGS),
        ("mypy src", 2, "", Verdict.INCONCLUSIVE),
        ("mypy src", 0, "pyproject.toml: [mypy]: Unrecognized option: x = 1", Verdict.INCONCLUSIVE),
        ("python -m unittest", 0, "Ran 0 tests in 0.000s\n\nOK", Verdict.INCONCLUSIVE),
        (
            "python -m unittest",
            0,
            "Ran 12 tests in 0.1s\n\nOK (expected failures=1, skipped=12)",
            Verdict.INCONCLUSIVE,
        ),
        ("python -m unittest", 0, "Ran 12 tests in 0.1s\n\nOK (skipped=1)", Verdict.CLEAN),
        ("python -m unittest", 5, "NO TESTS RAN", Verdict.INCONCLUSIVE),
        ("python -m unittest", 1, "FAILED (errors=1)", Verdict.FINDINGS),
        ("pytest", 5, "no tests ran", Verdict.INCONCLUSIVE),
        ("pytest", 1, "1 failed", Verdict.FINDINGS),
        ("pytest", 0, "FAIL Required test coverage of 70% not reached.", Verdict.FINDINGS),
        ("python -m ruff check .", 1, "/x/python: No module named ruff", Verdict.NOT_RUN),
        ("python -m own", 1, "ModuleNotFoundError: No module named 'x'", Verdict.FINDINGS),
        ("make", 2, "", Verdict.FINDINGS),
        ("make", -9, "", Verdict.INCONCLUSIVE),
    ],
)
def test_exit_code_and_text_have_one_verdict(command: str, code: int, text: str, verdict: Verdict) -> None:
    words = command.split()
    assert verdict_of(words, tool_of(words), code, f"before\n{text}\n")[0] is verdict


@pytest.mark.parametrize(
    ("command", "tracked", "why"),
    [
        ("make lint", (), ""),
        ("ruff check .", (), "no Python file is tracked"),
        ("ruff check .", ("a.py",), ""),
        ("ruff check empty", ("a.py",), "no tracked Python file is in empty"),
        ("ruff check --quiet empty", ("a.py",), "no tracked Python file is in empty"),
        ("ruff check src", ("src/a.py",), ""),
        ("black --check --config empty src", ("src/a.py",), ""),
        ("mypy nowhere", ("src/a.py",), ""),
        ("mypy /", ("src/a.py",), ""),
    ],
)
def test_a_tool_that_had_nothing_to_look_at_is_blind(
    tmp_path: Path, command: str, tracked: tuple[str, ...], why: str
) -> None:
    for name in ("empty", "src"):
        (tmp_path / name).mkdir()
    words = command.split()
    assert blind(words, tool_of(words), tmp_path, tracked) == why
    assert blind(words, Tool(), tmp_path, ()) == ""
