"""CodeQL's report: what it must be of, and what it must have seen.

Reports are made up after GitHub's documentation of CodeQL's SARIF, as its action groups rules by package.
"""

from typing import Any

import pytest

from shipit.adapters.scanners.codeql import Codeql, Made, sighting, stale
from shipit.adapters.scanners.codeql_report import Run, languages, read, severity
from shipit.errors import UsageError
from shipit.scans.model import Severity
from tests.support import seeded
from tests.unit.adapters.scanners.conftest import Tree

LISTING = "py/diagnostics/successfully-extracted-files"
COMMIT, OTHER = "a" * 40, "b" * 40
RULE = {
    "id": "py/sql-injection",
    "name": "py/sql-injection",
    "shortDescription": {"text": "SQL query built from\n user-controlled sources"},
    "defaultConfiguration": {"enabled": True, "level": "error"},
    "properties": {"security-severity": "8.8", "precision": "high"},
}
PLAIN = {"id": "py/unused", "defaultConfiguration": {"level": "note"}}


def result(rule: str = "py/sql-injection", path: str = "src/a%20b.py", **changed: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%", "index": 0}, "region": {"startLine": 5}}
    message = {"text": f"This query depends on {seeded.WORD}."}
    locations = [{"physicalLocation": place}]
    named = {"rule": {"id": rule, "index": 0, "toolComponent": {"index": 0}}}
    return {**named, "message": message, "locations": locations, **changed}


def note(name: str, level: str = "none", *paths: str) -> dict[str, Any]:
    places = [{"physicalLocation": {"artifactLocation": {"uri": path}}} for path in paths]
    return {"descriptor": {"id": name}, "level": level, "message": {"text": ""}, "locations": places}


def run(*results: dict[str, Any], notes: tuple[Any, ...] = (), lines: int = 90, **changed: Any) -> dict[str, Any]:
    driver = {"name": "CodeQL", "organization": "GitHub", "semanticVersion": "2.26.0", "rules": []}
    extension = {"name": "codeql/python-queries", "rules": [RULE, PLAIN]}
    metrics = [{"rule": {"id": "py/summary/lines-of-code"}, "value": lines}, {"ruleId": "py/other", "value": 7}]
    return {
        "tool": {"driver": driver, "extensions": [extension]},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [*notes]}],
        "artifacts": [{"location": {"uri": "src/c.py"}}],
        "results": [*results],
        "properties": {"metricResults": metrics},
        **changed,
    }


@pytest.fixture
def seen(tree: Tree) -> Any:
    """What is read of a report with these runs."""
    top = tree().tree
    return lambda *runs: read({"version": "2.1.0", "runs": [*runs]}, top)


def saw(*keys: str, **changed: Any) -> Run:
    values: dict[str, Any] = {
        "looked": frozenset(keys),
        "files": frozenset(),
        "revisions": frozenset(),
        "fault": "",
        "findings": (),
        "version": "2.26.0",
    }
    return Run(**{**values, **changed})


def made(**changed: Any) -> Made:
    values: dict[str, Any] = {"at": 200.0, "committed": 100.0, "commit": COMMIT, "is_elsewhere": False}
    return Made(**{**values, "differing": frozenset(), "newer": frozenset(), **changed})


def test_files_are_told_apart_by_the_language_that_codeql_knows() -> None:
    assert languages(["a.py", "web/a.tsx", "a.js", "README.md", "a.h"]) == {
        "py": ("a.py",),
        "js": ("web/a.tsx", "a.js"),
    }


def test_there_is_nothing_where_no_file_is_in_a_language_of_codeql(tree: Tree) -> None:
    assert Codeql(tree({"a.md": ""})).nothing() == "git tracks no file in a language that CodeQL knows"
    assert not Codeql(tree({"a.py": ""})).nothing()


def test_a_report_that_is_not_there_has_not_run_and_the_hint_says_which_action(tree: Tree) -> None:
    settings = tree({"a.py": ""})
    empty = settings.tree / "reports"
    empty.mkdir()
    for scanner in (Codeql(settings), Codeql(tree({"a.py": ""}, codeql_sarif=empty))):
        with pytest.raises(UsageError, match="is not there: CodeQL has not looked") as error:
            scanner.scan(print)
        assert "github/codeql-action/analyze with `upload: never`" in str(error.value.hint)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "codeql.sarif is no JSON"),
        ("[]", "the report is no SARIF as CodeQL writes it"),
        ('{"runs": [{}]}', "the report is no SARIF as CodeQL writes it"),
        ('{"runs": [{"tool": {"driver": {"name": "other"}}}]}', "the report is of another tool than CodeQL"),
    ],
)
def test_a_report_that_is_none_is_a_fault(tree: Tree, text: str, fault: str) -> None:
    found = Codeql(tree({"a.py": "", "codeql.sarif": text})).scan(print)
    assert (found.seen, found.expected, found.alive, found.fault) == (0, 1, False, fault)


def test_a_result_is_a_finding_with_the_words_of_its_rule_and_none_of_its_message(seen: Any) -> None:
    [one] = seen(run(result()))
    [finding] = one.findings
    assert (finding.rule, finding.severity, finding.path, finding.line) == (
        *("py/sql-injection", Severity.HIGH),
        *("src/a b.py", 5),
    )
    assert finding.title == "SQL query built from user-controlled sources"
    assert seeded.WORD not in str(one)
    assert (one.looked, one.version, one.fault) == (frozenset({"py"}), "2.26.0", "")


def test_a_place_may_be_the_number_of_a_file_and_a_rule_may_have_no_words(seen: Any) -> None:
    numbered = [{"physicalLocation": {"artifactLocation": {"index": 0}}}]
    nowhere = result("py/nobody", locations=[])
    found = seen(run(result("py/unused", locations=numbered, ruleId="py/unused"), nowhere))[0].findings
    assert [(one.title, one.path, one.line) for one in found] == [
        ("py/unused", "src/c.py", 0),
        ("py/nobody", "", 0),
    ]


@pytest.mark.parametrize(
    ("level", "rule", "expected"),
    [
        ("error", PLAIN, Severity.HIGH),
        ("none", {}, Severity.LOW),
        (None, PLAIN, Severity.LOW),
        (None, {}, Severity.MEDIUM),
        ("odd", {}, Severity.MEDIUM),
        ("note", {"properties": {"security-severity": "9.0"}}, Severity.CRITICAL),
        ("note", {"properties": {"security-severity": "7.0"}}, Severity.HIGH),
        ("error", {"properties": {"security-severity": "4.0"}}, Severity.MEDIUM),
        ("error", {"properties": {"security-severity": "3.9"}}, Severity.LOW),
        ("error", {"properties": {"security-severity": "high"}}, Severity.HIGH),
    ],
)
def test_the_score_of_a_rule_goes_before_a_level_and_that_of_a_result_before_its_rules(
    level: str | None, rule: dict[str, Any], expected: Severity
) -> None:
    assert severity({"level": level} if level else {}, rule) is expected


def test_results_that_are_suppressed_gone_or_no_failures_do_not_count(seen: Any) -> None:
    inside = {"kind": "inSource"}
    out = [
        result(suppressions=[inside]),
        result(suppressions=[{**inside, "status": "accepted"}]),
        result(baselineState="absent"),
        result(kind="pass"),
    ]
    assert seen(run(*out))[0].findings == ()
    back = [result(suppressions=[{**inside, "status": status}]) for status in ("rejected", "underReview")]
    assert len(seen(run(*back, result(suppressions=[]), result(baselineState="unchanged")))[0].findings) == 4


@pytest.mark.parametrize(
    ("changed", "looked"),
    [
        ({"lines": 0}, False),
        ({"properties": {}}, True),
        ({"properties": {}, "artifacts": []}, False),
        ({"properties": {}, "artifacts": [], "notes": (note(LISTING, "none", "a.py"),)}, True),
        ({"tool": {"driver": {"name": "CodeQL", "rules": []}}}, False),
        ({"tool": {"driver": {"name": "CodeQL", "rules": [{"id": "odd/rule"}]}}}, False),
    ],
)  # fmt: skip
def test_a_run_without_rules_or_without_code_has_not_looked(
    seen: Any, changed: dict[str, Any], looked: bool
) -> None:
    [one] = seen(run(**changed))
    assert (one.looked == {"py"}) is looked


def test_files_that_were_read_are_named(seen: Any) -> None:
    listing = note(LISTING, "none", "a.py", "b%20c.py")
    assert seen(run(notes=(listing,)))[0].files == {"a.py", "b c.py"}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (
            {"notes": (note("py/diagnostics/errors", "error"), {"level": "error"}, note("cli/x", "note"))},
            "CodeQL reports errors: py/diagnostics/errors, an error",
        ),
        (
            {"invocations": [{"toolConfigurationNotifications": [note("cli/no-queries", "error")]}]},
            "CodeQL reports errors: cli/no-queries",
        ),
        ({"invocations": [{"executionSuccessful": False}]}, "CodeQL did not come to its end"),
        (
            {"tool": {"driver": {"name": "CodeQL"}}},
            "CodeQL had no rules for a language that shipit knows",
        ),
    ],
)
def test_errors_of_a_run_are_faults(seen: Any, changed: dict[str, Any], fault: str) -> None:
    assert seen(run(**changed))[0].fault == fault


def test_a_run_on_workflows_of_github_is_one_of_codeql_that_nobody_asks_for(seen: Any) -> None:
    [found] = seen(run(tool={"driver": {"name": "CodeQL", "rules": [{"id": "actions/code-injection/critical"}]}}))
    assert (found.looked, found.fault) == ({"actions"}, "")
    assert sighting([found, saw("py")], {"py": ("a.py",)}, []).fault == ""
    assert (
        sighting([found], {"py": ("a.py",)}, []).fault == "CodeQL saw no code in Python, though files are tracked"
    )


def test_a_report_of_codeqls_first_versions_is_one_of_codeql(seen: Any) -> None:
    old = {"name": "CodeQL command-line toolchain", "rules": [{"id": "py/sql-injection"}]}
    assert seen(run(tool={"driver": old}))[0].looked == {"py"}


def test_the_commit_that_a_run_names_is_read(seen: Any) -> None:
    named = [{"revisionId": COMMIT}, {"repositoryUri": "x"}]
    assert seen(run(versionControlProvenance=named))[0].revisions == {COMMIT}


def test_a_report_of_another_commit_is_stale() -> None:
    runs = [saw(revisions=frozenset({COMMIT})), saw(revisions=frozenset({OTHER}))]
    assert [*stale(made(), runs)] == ["the report is of commit bbbbbbbbbb, not of aaaaaaaaaa"]
    assert [*stale(made(at=1.0, newer=frozenset({"a.py"})), runs[:1])] == []


def test_a_file_that_was_changed_after_the_report_of_this_commit_makes_it_stale() -> None:
    later = made(newer=frozenset({"a.py", "b.py"}), differing=frozenset({"a.py", "c.py"}))
    assert [*stale(later, [saw(revisions=frozenset({COMMIT}))])] == ["changed since CodeQL looked: a.py"]


def test_a_report_that_names_no_commit_is_newer_than_this_one_and_than_each_file_of_code() -> None:
    assert [*stale(made(differing=frozenset({"a.py"})), [saw()])] == []
    assert [*stale(made(at=99.0), [saw()])] == ["the report names no commit, and is older than this one"]
    assert [*stale(made(newer=frozenset({"a.py"})), [saw()])] == ["changed since CodeQL looked: a.py"]


def test_where_a_clone_is_scanned_the_work_tree_of_the_report_must_be_as_the_commit() -> None:
    other = made(is_elsewhere=True, differing=frozenset({"a.py"}))
    assert [*stale(other, [saw()])] == ["changed since CodeQL looked: a.py"]


def test_the_runs_of_all_languages_are_added_up_and_each_tracked_language_needs_one() -> None:
    files = {"py": ("a.py",), "js": ("a.js",)}
    both = sighting([saw("py"), saw("js", version="2.27.0")], files, [])
    assert (both.seen, both.expected, both.unit, both.alive, both.fault) == (2, 2, "languages", True, "")
    assert both.tool == "CodeQL 2.26.0 2.27.0"
    one = sighting([saw("js", fault="x")], files, ["late"])
    assert (one.seen, one.alive) == (1, True)
    assert one.fault == "late; x; CodeQL saw no code in Python, though files are tracked"
    none = sighting([], files, [])
    assert (none.seen, none.alive) == (0, False)


def test_an_empty_list_of_runs_is_never_clean(seen: Any) -> None:
    found = sighting(seen(), {"py": ("a.py",)}, [])
    assert (found.seen, found.fault) == (0, "CodeQL saw no code in Python, though files are tracked")
