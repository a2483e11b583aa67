"""Semgrep: which rules, which files, and what its report says."""

import json
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners.running import Unreadable
from shipit.adapters.scanners.semgrep import Semgrep, argv, canary_rule, messages, read, sighting
from shipit.adapters.scanners.semgrep_rules import RULES, languages
from shipit.scans.model import Finding, Severity
from tests.unit.adapters.scanners.conftest import Tree, ended

TREE = Path("/tree")
CANARY = "/tmp/canary.py"


def result(rule: str, path: str, message: str = "said", severity: str = "ERROR") -> dict[str, Any]:
    extra = {"message": message, "severity": severity, "lines": "requires login"}
    return {"check_id": rule, "path": path, "start": {"line": 4, "col": 1}, "extra": extra}


def report(*results: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """As semgrep 1.182 writes it with --time."""
    return {
        "results": [result("shipit-canary", CANARY, severity="INFO"), *results],
        "errors": [],
        "paths": {"scanned": [CANARY, "a.py"]},
        "time": {"rules": ["shipit-canary", "own"]},
        "skipped_rules": [],
        **changed,
    }


def test_it_asks_no_server_and_every_file_is_named() -> None:
    assert argv([".semgrep.yml", "/c.json"], Path("/r.sarif"), CANARY, ["tests/a.py"]) == (
        "semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet", "--json", "--time",
        "--no-rewrite-rule-ids", "--max-target-bytes=0", "--sarif-output=/r.sarif",
        "--config", ".semgrep.yml", "--config", "/c.json", CANARY, "./tests/a.py",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n- id: x\n  languages: [py, 'js']\n",
        "rules:\n  - id: x\n    languages:\n      - python # why\n      - javascript\n    message: 'a: b'\n",
        "rules:\n- languages:\n  - python\n  - js\n  id: x\n",
        json.dumps({"rules": [{"languages": ["python", "javascript"]}]}),
    ],
)
def test_the_languages_of_rules_are_read_however_they_are_written(text: str) -> None:
    assert set(languages(text)) == {"python", "javascript"}


def test_without_rules_of_its_own_a_tree_is_scanned_with_those_of_shipit(tree: Tree) -> None:
    rules = Semgrep(tree({"a.py": "", "tests/b.ts": "", "c.md": ""}))._rules()
    assert rules.files == ()
    assert rules.targets == ("a.py", "tests/b.ts")


def test_the_rules_of_a_tree_decide_which_files_are_expected(tree: Tree) -> None:
    files = {".semgrep.yml": "languages: [python]", ".semgrep/x.yaml": "languages: [go]", "a.py": "", "b.ts": ""}
    rules = Semgrep(tree({**files, "c.go": ""}))._rules()
    assert rules.files == (".semgrep.yml", ".semgrep/x.yaml")
    assert rules.targets == ("a.py", "c.go")


def test_there_is_nothing_to_scan_where_no_file_is_in_a_language_of_the_rules(tree: Tree) -> None:
    assert (
        Semgrep(tree({"a.md": ""})).nothing().endswith("the languages of the rules: javascript, python, typescript")
    )
    assert not Semgrep(tree({"a.js": ""})).nothing()


def test_rules_whose_languages_cannot_be_told_are_not_nothing(tree: Tree) -> None:
    assert not Semgrep(tree({".semgrep.yml": "rules: []", "a.py": ""})).nothing()
    assert sighting([], (), commands=[], fault="no file").fault == "no file"


def test_the_canarys_rule_is_for_python_and_for_the_languages_of_the_rules() -> None:
    assert canary_rule(frozenset({"javascript", "yaml"}))["rules"][0]["languages"] == ["javascript", "python"]


def test_findings_have_the_message_of_the_rule_and_never_that_of_the_match() -> None:
    found = read(ended(report(result("own", "./a.py", "password swordfish"))), {"own": "password $V"}, TREE, CANARY)
    assert found.alive
    assert found.findings == (
        Finding(rule="own", severity=Severity.HIGH, title="password $V", path="a.py", line=4),
    )
    assert read(ended(report(result("own", "a.py"))), {}, TREE, CANARY).findings[0].title == "own"


def test_the_messages_of_rules_come_from_the_second_report(tmp_path: Path) -> None:
    sarif = tmp_path / "r.sarif"
    rules = [{"id": "own", "fullDescription": {"text": "password\n  $V"}}]
    sarif.write_text(json.dumps({"runs": [{"tool": {"driver": {"rules": rules}}}]}), "utf-8")
    assert messages(sarif) == {"own": "password $V"}
    sarif.write_text("{}", "utf-8")
    assert messages(sarif) == {}
    assert messages(tmp_path / "none") == {}


def test_fact_22_an_unparsable_file_is_a_fault_that_names_its_line_and_quotes_nothing() -> None:
    error = {
        "type": ["PartialParsing", []],
        "path": "a.py",
        "message": "Syntax error at line a.py:2:\n `password = 'swordfish` was unexpected",
    }
    found = read(ended(report(errors=[error, error])), {}, TREE, CANARY)
    assert found.faults == ("a.py:2 (PartialParsing)",)
    seen = sighting([found], ["a.py"], commands=[()], fault="")
    assert seen.fault == "semgrep could not look at all: a.py:2 (PartialParsing)"


def test_fact_22_a_broken_or_skipped_rule_is_a_fault_whatever_others_found() -> None:
    errors = [{"type": "Rule parse error", "rule_id": "bad", "message": "eval("}, {"type": "SemgrepError"}]
    found = read(ended(report(errors=errors, skipped_rules=[{"rule_id": "old"}])), {}, TREE, CANARY)
    assert found.faults == ("rule bad (Rule parse error)", "SemgrepError", "rule old was skipped")


def test_fact_22_without_a_rule_beside_the_canarys_the_rules_are_empty() -> None:
    found = read(ended(report(time={"rules": ["shipit-canary"]})), {}, TREE, CANARY)
    assert sighting([found], ["a.py"], commands=[()], fault="").fault == "the rules are empty"


def test_files_that_it_passed_over_are_not_seen() -> None:
    found = read(ended(report()), {}, TREE, CANARY)
    seen = sighting([found], ["a.py", "tests/b.py"], commands=[()], fault="")
    assert (seen.seen, seen.expected, seen.alive, seen.unseen) == (1, 2, True, ("tests/b.py",))
    assert not sighting([found], ["a.py"], commands=[(), ()], fault="").alive


@pytest.mark.parametrize("output", [b"", b"null", {"results": []}, {"results": [], "paths": [], "errors": []}])
def test_output_of_another_shape_is_no_report(output: Any) -> None:
    with pytest.raises(Unreadable):
        read(ended(output), {}, TREE, CANARY)


def test_shipits_own_rules_have_names_messages_and_languages() -> None:
    names = [rule["id"] for rule in RULES["rules"]]
    assert len(set(names)) == len(names)
    assert all(rule["message"] and rule["languages"] and rule["pattern-either"] for rule in RULES["rules"])
