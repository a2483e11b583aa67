"""Bandit: what it is told, and what its report says."""

from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners.bandit import Bandit, argv, excluded, read, sighting
from shipit.adapters.scanners.running import Unreadable
from shipit.errors import UsageError
from shipit.scans.model import Finding, Severity
from tests.unit.adapters.scanners.conftest import Tree, ended

TREE = Path("/tree")


def result(file: str, rule: str = "B602", severity: str = "HIGH", text: str = "shell=True") -> dict[str, Any]:
    return {
        "filename": file,
        "test_id": rule,
        "issue_severity": severity,
        "issue_text": text,
        "line_number": 3,
        "code": "3 password = 'never shown'\n",
    }


def report(*results: dict[str, Any], files: tuple[str, ...] = (), errors: tuple[str, ...] = ()) -> dict[str, Any]:
    """As bandit 1.9.4 writes it: a file that it could not parse has its lines counted like any other."""
    return {
        "errors": [{"filename": file, "reason": "syntax error while parsing AST from file"} for file in errors],
        "metrics": {**{file: {"loc": 1, "nosec": 0} for file in files}, "_totals": {"loc": 1}},
        "results": list(results),
    }


def test_files_are_named_and_bandits_own_list_of_what_to_leave_out_is_put_aside() -> None:
    assert argv(["src/a.py", "-x.py"], Path("/tmp/canary.py"), None) == (
        "bandit", "--quiet", "--format", "json", "--exclude", "/shipit/excludes/nothing",
        "/tmp/canary.py", "./src/a.py", "./-x.py",
    )  # fmt: skip
    assert argv([], Path("/c.py"), Path("/o.json"))[-3:] == ("-c", "/o.json", "/c.py")


def test_there_is_nothing_to_scan_where_git_tracks_no_python(tree: Tree) -> None:
    assert Bandit(tree({"a.js": ""})).nothing() == "git tracks no Python file"
    assert not Bandit(tree({"a.py": ""})).nothing()


@pytest.mark.parametrize("text", ["exclude_dirs = 5", "exclude_dirs = 'tests'"])
def test_folders_to_leave_out_that_are_no_list_are_a_usage_error(tree: Tree, text: str) -> None:
    settings = tree({"a.py": "", "pyproject.toml": f"[tool.bandit]\n{text}\n"})
    with pytest.raises(UsageError, match=r"^`exclude_dirs` is no list$"):
        Bandit(settings).scan(lambda _: None)


@pytest.mark.parametrize("pattern", ["tests", "./tests", "tests/", "/tests", "tests/a.py", "*/a.py"])
def test_a_file_is_left_out_by_its_folder_or_a_pattern(pattern: str) -> None:
    assert excluded("tests/a.py", [pattern])
    assert not excluded("src/tests_of/b.py", [pattern])


def test_files_are_relative_and_findings_have_their_rule_line_and_severity() -> None:
    found = read(ended(report(result("././src/m n.py"), files=("././src/m n.py",))), TREE)
    assert found.files == {"src/m n.py"}
    assert found.findings == (
        Finding(rule="B602", severity=Severity.HIGH, title="shell=True", path="src/m n.py", line=3),
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Possible hardcoded password: 'swordfish'", "Possible hardcoded password"),
        ('Possible hardcoded password: "it\'s\nlong"', "Possible hardcoded password"),
        ("Using a function that doesn't check", "Using a function that doesn't check"),
    ],
)
def test_a_title_never_shows_the_password_that_bandit_quotes(text: str, title: str) -> None:
    assert read(ended(report(result("a.py", text=text))), TREE).findings[0].title == title


def test_fact_21_a_file_that_cannot_be_parsed_is_not_seen_though_its_lines_are_counted() -> None:
    found = read(ended(report(files=("./a.py", "./b.py"), errors=("./b.py",))), TREE)
    assert found.files == {"a.py"}
    seen = sighting([found], frozenset({"a.py", "b.py"}), "/c.py", "bandit 1", [])
    assert (seen.seen, seen.expected, seen.unseen) == (1, 2, ("b.py",))
    assert seen.fault == "bandit could not read b.py (syntax error while parsing AST from file)"


def test_the_canary_is_looked_for_in_each_run_and_is_no_finding() -> None:
    one = read(ended(report(result("/c.py"), result("a.py"), files=("a.py", "/c.py"))), TREE)
    two = read(ended(report(files=("b.py",))), TREE)
    files = frozenset({"a.py", "b.py"})
    assert [finding.path for finding in sighting([one], files, "/c.py", "", []).findings] == ["a.py"]
    assert sighting([one], files, "/c.py", "", []).alive
    assert not sighting([one, two], files, "/c.py", "", []).alive
    assert sighting([one, two], files, "/c.py", "", []).seen == 2
    assert not sighting([], files, "/c.py", "", []).alive


@pytest.mark.parametrize("output", [b"", b"[]", b"null", {"errors": []}, {"errors": 1, "metrics": 1, "results": 1}])
def test_output_of_another_shape_is_no_report(output: Any) -> None:
    with pytest.raises(Unreadable):
        read(ended(output), TREE)
