"""What keeps a known tool that ended with 0 from being clean: its words, its configuration, a second question."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from shipit.config import Gate
from shipit.gates.looks import idle, wanted
from shipit.gates.report import Verdict
from shipit.gates.tools import tool_of
from tests.unit.gates.bench import TREE, Ended, Played, ends, junit, lay_out, run, runner, write, writes

SUCCESS = "Success: no issues found in 2 source files"
ON = "linter.rules.enabled = [\n\ta (E1),\n\tb (F2),\n]\n"
IGNORED = 'basename_matcher = "{}"\nnegated = false\ndata = [\n\t{},\n]\n'
RULES = "linter.rules.enabled = [\n\tunused-import (F401),\n]\n"


def why(top: Path, command: str, text: str = "", tracked: Sequence[str] = TREE) -> str:
    words = command.split()
    return idle(words, tool_of(words), top, text, tracked)


@pytest.mark.parametrize(
    "command",
    [
        *("ruff --version", "ruff help", "ruff check --help", "ruff check --show-files", "ruff check --add-noqa ."),
        *("ruff", "ruff --config check version", "python -m black --version", "mypy -h", "mypy --version src"),
        *(
            "pytest --collect-only",
            "pytest -q --setup-plan tests",
            "pytest --cache-show=x",
            "python -m unittest -h",
        ),
    ],
)
def test_a_command_that_asks_for_words_alone_is_inconclusive_with_what_to_do(tmp_path: Path, command: str) -> None:
    report = run(lay_out(tmp_path), Gate(run=command), writes({}, text=SUCCESS))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert len(report.detail.splitlines()) == 2, report.detail


@pytest.mark.parametrize(
    "command",
    [
        *("ruff check .", "ruff --config x check .", "ruff -q format", "black -v .", "make --version", "pytest"),
        *("black -- --help", "mypy src", "python -m unittest -v"),
    ],
)
def test_a_command_that_looks_is_not_idle(tmp_path: Path, command: str) -> None:
    assert why(tmp_path, command, SUCCESS) == ""


@pytest.mark.parametrize("options", ["--setup-plan", "--setup-plan -k '"])
def test_options_of_pytest_in_its_configuration_count_as_well(tmp_path: Path, options: str) -> None:
    write(tmp_path / "pytest.ini", f"[pytest]\naddopts = -q {options}\n")
    assert why(tmp_path, "pytest").startswith("pytest: with --setup-plan it looks at nothing")


@pytest.mark.parametrize(
    ("file", "text", "is_ignored"),
    [
        ("pyproject.toml", "[tool.mypy]\nignore_errors = true", True),
        ("pyproject.toml", "[tool.mypy]\nignore_errors = false", False),
        ("pyproject.toml", "[tool.mypy]\noverrides = 1", False),
        ("mypy.ini", "[mypy]\nignore_errors = True", True),
        ("setup.cfg", "[mypy]\nignore_errors = yes", True),
        ("own.ini", "[mypy]\nignore_errors = 1", False),
        ("mypy.ini", "[mypy]\nignore_errors = True\n[mypy-acme.a]\nignore_errors = False", False),
        ("mypy.ini", "[mypy-acme.*]\nignore_errors = True", True),
        ("mypy.ini", "[mypy-acme.deep.*,acme.a]\nignore_errors = True", False),
        ("pyproject.toml", "[[tool.mypy.overrides]]\nmodule = ['acme', 'acme.*']\nignore_errors = true", True),
        ("pyproject.toml", "[[tool.mypy.overrides]]\nmodule = 'acme.a'\nignore_errors = true", False),
        ("pyproject.toml", "[[tool.mypy.overrides]]\nignore_errors = true", False),
        ("mypy.ini", "no INI", False),
    ],
)
def test_mypy_whose_configuration_ignores_every_error_has_not_looked(
    tmp_path: Path, file: str, text: str, is_ignored: bool
) -> None:
    write(tmp_path / file, text)
    assert ("ignore_errors ignores" in why(tmp_path, "mypy src", SUCCESS)) is is_ignored


def test_a_configuration_that_mypy_is_given_goes_before_that_of_the_project(tmp_path: Path) -> None:
    write(tmp_path / "own.ini", "[mypy]\nignore_errors = 1")
    write(tmp_path / "mypy.ini", "[mypy]\nstrict = True")
    for command in ("mypy --config-file own.ini src", "mypy --config-file=own.ini src"):
        assert "ignore_errors ignores" in why(tmp_path, command, SUCCESS)
    assert why(tmp_path, "mypy --config-file", SUCCESS) == ""


def test_mypy_that_names_no_file_is_believed_only_where_it_is_to_be_mute(tmp_path: Path) -> None:
    assert why(tmp_path, "mypy src") == "mypy: it does not say that it checked a file"
    assert why(tmp_path, "mypy --no-error-summary src") == ""
    write(tmp_path / "mypy.ini", "[mypy]\nerror_summary = False")
    assert why(tmp_path, "mypy src") == ""


@pytest.mark.parametrize(
    ("command", "text", "asked"),
    [
        (
            "python -m ruff check -q src",
            "",
            ["python -m ruff check --show-files -q src", "python -m ruff check --show-settings -q src"],
        ),
        ("ruff check --output-file=found.txt .", "", []),
        ("ruff format -q .", "", ["ruff format --check ."]),
        ("ruff -s format --diff .", "", ["ruff format --diff ."]),
        ("ruff format --check .", "1 file already formatted", []),
        ("black -q --check .", "", ["black --verbose -q --check ."]),
        ("black --check .", "1 file would be left unchanged", []),
        ("make lint", "", []),
    ],
)
def test_what_is_asked_once_more_changes_nothing_and_is_not_quiet(
    command: str, text: str, asked: list[str]
) -> None:
    words = command.split()
    assert [" ".join(look.argv) for look in wanted(words, tool_of(words), text)] == asked


def ruff(files: str, settings: str) -> Played:
    """A ruff that names these files and settings."""

    def act(top: Path, argv: Sequence[str]) -> Ended:
        return Ended(text=files if "--show-files" in argv else settings if "--show-settings" in argv else "")

    return Played(act)


@pytest.mark.parametrize(
    ("files", "settings", "said"),
    [
        ("/x/pyproject.toml\n", RULES, "its configuration leaves out every Python file"),
        ("/x/a.py\n", RULES, ""),
        ("/x/a.py\n", "settings of another version", ""),
        ("/x/a.py\n", "linter.rules.enabled = []\n", "ruff: no rule is on"),
        (
            "/x/a.py\n",
            'Resolved settings for: "/x/a.py"\nlinter.rules.enabled = []\n',
            "ruff: no rule is on for /x/a.py",
        ),
        ("/x/a.py\n", f"{ON}{IGNORED.format('**/*.py', 'a (E1), b (F2)')}", "ruff: no rule is on"),
        (
            "/x/a.py\n",
            f"{ON}{IGNORED.format('*', 'a (E1)')}{IGNORED.format('*.py', 'b (F2)')}",
            "ruff: no rule is on",
        ),
        ("/x/a.py\n", f"{ON}{IGNORED.format('*', 'a (E1)')}{IGNORED.format('t/*', 'b (F2)')}", ""),
        ("/x/a.py\n", 'linter.exclude = [\n\t"*.py",\n]\n', "its configuration leaves out every Python file"),
        (
            "/x/s/a.py\n/x/t/b.py",
            'linter.exclude = [\n\t"s/*",\n\t"t",\n]\n',
            "its configuration leaves out every Py",
        ),
        ("/x/s/a.py\n/x/u/b.py", 'linter.exclude = [\n\t"s/*",\n\t"t",\n]\n', ""),
    ],
)
def test_fact_24_ruff_without_a_file_or_a_rule_is_inconclusive(
    tmp_path: Path, files: str, settings: str, said: str
) -> None:
    made = runner(lay_out(tmp_path), Gate(run="ruff check ."), ruff(files, settings), tracked=TREE)
    report = made.run("tests", lambda _: None)
    assert report.detail.startswith(said) if said else report.detail == ""
    assert report.passed is not bool(said)


@pytest.mark.parametrize("command", ["black -q --check .", "ruff format -q --check ."])
def test_fact_27_a_quiet_formatter_is_asked_whether_it_read_a_file(tmp_path: Path, command: str) -> None:
    top = lay_out(tmp_path)
    for text, passed in (("1 file already formatted", True), ("No Python files are present", False)):

        def act(_: Path, argv: Sequence[str], text: str = text) -> Ended:
            return Ended(text=text if "--verbose" in argv or "-q" not in argv else "")

        report = run(top, Gate(run=command), act)
        assert report.passed is passed
        assert report.detail.startswith("" if passed else "it read no file")


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (Gate(run="sh -c 'pytest; true'"), "judged by its exit code alone: no junit-file is set"),
        (Gate(run="tox", verify="lint"), ""),
        (Gate(run="make", junit_file="j.xml"), "1 test"),
    ],
)
def test_tests_whose_command_nobody_knows_say_what_they_are_judged_by(
    tmp_path: Path, gate: Gate, said: str
) -> None:
    text = junit('<testcase classname="tests.test_a" name="test_a"/>')
    report = run(lay_out(tmp_path), gate, writes({"j.xml": text}) if gate.junit_file else ends())
    assert (report.passed, report.detail) == (True, said)
