"""SARIF of other tools, brought to the shape that GitHub takes."""

from typing import Any

import pytest

from shipit.scans.sarif.foreign import read
from shipit.scans.sarif.log import Invocation, Notification, Region, Run, Suppression, Text
from shipit.scans.sarif.normalising import Origin, normalised
from tests.unit.scans.sarif.sample import report, result, sources

RULE = {
    "id": "R1",
    "name": "a_name",
    "shortDescription": {"text": "Short"},
    "fullDescription": {"text": "All  of\nit"},
    "help": {"text": "Help"},
    "helpUri": "https://x.test/r1",
    "defaultConfiguration": {"level": "error"},
    "properties": {"tags": ["a", "security", "a", ""], "precision": "high", "security-severity": "9.30"},
}
SECRET = "-".join(("plain", "horse", "battery"))  # noqa: FLY002 - no scanner of this repository is to see it


def normal(data: bytes, **more: Any) -> Run:
    [run] = normalised(data, Origin(scan="other", sources=sources(), tops=("/work/top/", "/tmp/clone"), **more))
    return run


def one(*results: dict[str, Any], **more: Any) -> Run:
    return normal(report(*results, **more))


def place(*results: dict[str, Any], **more: Any) -> tuple[str, Region]:
    [found] = one(*results, **more).results
    physical = found.locations[0].physical_location
    return physical.artifact_location.uri, physical.region


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"version": "2.0.0", "runs": []}',
        b'{"version": "2.1.0", "runs": [{}]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": 1}}}]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"ruleId": []}]}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_sarif_is_refused_without_a_word_of_it(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it is no SARIF 2\.1\.0$"):
        read(data)


def test_a_mark_of_the_order_of_bytes_and_missing_results_are_taken() -> None:
    run = normal(
        b'\xef\xbb\xbf{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": null}]}'
    )
    assert (run.results, run.tool.driver.rules, run.looked) == ((), (), True)


def test_a_rule_keeps_its_texts_its_score_and_its_tags() -> None:
    [rule] = one(result(), rules=[RULE]).tool.driver.rules
    assert (rule.name, rule.help_uri, rule.help.text) == ("a_name", "https://x.test/r1", "Help")
    assert (rule.short_description.text, rule.full_description.text) == ("Short", "All of it")
    assert (rule.properties.tags, rule.properties.precision) == (("security", "a"), "high")
    assert (rule.properties.security_severity, rule.default_configuration.level) == ("9.3", "error")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"shortDescription": {"text": "Short"}}, "Short"),
        ({"help": {"text": "Help"}}, "Help"),
        ({}, "A password"),
        ({"name": "R1"}, "A password"),
    ],
)
def test_a_result_has_the_text_of_its_rule_since_its_own_may_quote_the_files(
    rule: dict[str, Any], text: str
) -> None:
    message = {"text": f"A password: '{SECRET}' here"}
    snippet: dict[str, Any] = {"region": {"snippet": {"text": SECRET}}}
    run = one(result(message=message, properties={"x": SECRET}, **snippet), rules=[{"id": "R1", **rule}])
    assert run.results[0].message.text == run.tool.driver.rules[0].help.text == text
    assert run.tool.driver.rules[0].name == ""
    assert SECRET not in str(run)


def test_a_rule_that_nobody_describes_is_said_by_its_name() -> None:
    run = one(result(message={"text": "'x'"}), rules=[{"id": "R1", "name": "hard_coded"}, {"id": "R2"}])
    assert [rule.full_description.text for rule in run.tool.driver.rules] == ["hard coded", "R2"]
    assert one(result(message={"text": ""})).results[0].message.text == "R1"


@pytest.mark.parametrize(
    ("own", "of_rule", "level"),
    [("note", "error", "note"), ("", "error", "error"), ("", "", "warning"), ("odd", "note", "note")],
)
def test_the_level_is_that_of_the_result_else_of_the_rule_else_a_warning(
    own: str, of_rule: str, level: str
) -> None:
    rule = {"id": "R1", "defaultConfiguration": {"level": of_rule}}
    assert one(result(level=own), rules=[rule]).results[0].level == level


def test_a_rule_that_is_not_there_is_made_with_the_gravest_level_of_its_results() -> None:
    run = one(result(level="note"), result(level="error"), result(rule="R2", level="none"), tool="zizmor 1.32")
    assert [(rule.id, rule.default_configuration.level) for rule in run.tool.driver.rules] == [
        ("R1", "error"),
        ("R2", "none"),
    ]
    assert [rule.properties.security_severity for rule in run.tool.driver.rules] == ["8.0", "1.0"]
    assert run.tool.driver.rules[0].properties.tags == ("security",)


@pytest.mark.parametrize(
    ("score", "written"), [("high", ""), (11, ""), (0, ""), ("nan", ""), (7, "7.0"), ("10.0", "10.0")]
)
def test_a_score_is_a_number_up_to_ten_or_is_not_there(score: object, written: str) -> None:
    rule = {"id": "R1", "properties": {"security-severity": score}}
    assert one(result(), rules=[rule]).tool.driver.rules[0].properties.security_severity == written


@pytest.mark.parametrize(
    "names",
    [
        {"ruleId": "R2"},
        {"rule": {"id": "R2"}},
        {"ruleIndex": 1},
        {"rule": {"index": 1}},
        {"rule": {"index": 0, "toolComponent": {"index": 0}}},
    ],
)
def test_a_rule_is_found_by_its_name_or_by_its_place(names: dict[str, Any]) -> None:
    given = {key: value for key, value in result().items() if key != "ruleId"}
    run = one(
        {**given, **names}, rules=[{"id": "R1"}, {"id": "R2"}], extensions=[{"name": "e", "rules": [{"id": "R2"}]}]
    )
    assert run.results[0].rule_id == "R2"


@pytest.mark.parametrize("names", [{}, {"ruleIndex": 7}, {"rule": {"index": 0, "toolComponent": {"index": 7}}}])
def test_a_result_without_a_rule_is_counted_and_not_passed_on(names: dict[str, Any]) -> None:
    run = one({**result(), "ruleId": "", **names})
    assert (run.results, run.properties.dropped) == (
        (),
        ("1 of its results name no rule, or no file of the repository",),
    )


@pytest.mark.parametrize(
    ("tool", "uri", "address"),
    [
        ("Bandit", "a%20b/m%2520.py", "a%20b/m%2520.py"),
        ("ruff", "file:///work/top/a%20b/m%2520.py", "a%20b/m%2520.py"),
        ("CodeQL", "file:/work/top/app.py", "app.py"),
        ("Semgrep OSS", "a b/m%20.py", "a%20b/m%2520.py"),
        ("Semgrep OSS", "/tmp/clone/app.py", "app.py"),
        ("kingfisher", "./a b/m%20.py", "a%20b/m%2520.py"),
        ("Hadolint", "a b/./m%20.py", "a%20b/m%2520.py"),
        ("Other", "FILE://localhost/work/top/app.py", "app.py"),
    ],
)
def test_paths_are_decoded_as_each_tool_writes_them_and_made_relative(tool: str, uri: str, address: str) -> None:
    assert place(result(uri), tool=tool)[0] == address


@pytest.mark.parametrize("uri", ["", ".", "/etc/passwd", "../x", "file:///etc/passwd", "a\0b", "/work/topper/x"])
def test_results_elsewhere_are_counted_and_not_passed_on(uri: str) -> None:
    run = one(result(uri), result("app.py"))
    assert len(run.results) == 1
    assert run.properties.dropped == ("1 of its results name no rule, or no file of the repository",)
    assert one({"ruleId": "R1", "message": {"text": "m"}, "locations": [{}]}).results == ()


def test_a_path_may_stand_among_artifacts_or_below_a_base() -> None:
    artifacts = [{"location": {"uri": "app.py"}}]
    by_index = result()
    by_index["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 0}
    assert place(by_index, artifacts=artifacts)[0] == "app.py"
    assert one(by_index).results == ()
    based = result()
    based["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] = "ROOT"
    bases = {"ROOT": {"uri": "file:///work/top/a%20b/"}}
    assert place(based, originalUriBaseIds=bases)[0] == "a%20b/app.py"
    based["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "file:///work/top/x"
    assert place(based, originalUriBaseIds=bases)[0] == "x"


@pytest.mark.parametrize(
    ("tool", "line", "region", "wanted"),
    [
        ("Other", 3, {}, Region(start_line=3)),
        ("Other", 0, {}, Region(start_line=1)),
        (
            "Other",
            3,
            {"startColumn": 2, "endColumn": 4},
            Region(start_line=3, start_column=2, end_line=3, end_column=4),
        ),
        ("Other", 3, {"endLine": 2, "startColumn": 0, "endColumn": 4}, Region(start_line=3)),
        ("Other", 1, {"endLine": 3}, Region(start_line=1, end_line=3)),
        ("Hadolint", 3, {"endLine": 3, "startColumn": 1, "endColumn": 1}, Region(start_line=3, start_column=1)),
        (
            "kingfisher",
            3,
            {"startColumn": 0, "endColumn": 3},
            Region(start_line=3, start_column=1, end_line=3, end_column=5),
        ),
        (
            "bandit",
            4,
            {"startColumn": 9, "endColumn": 99},
            Region(start_line=4, start_column=8, end_line=4, end_column=98),
        ),
        (
            "ruff",
            4,
            {"startColumn": 8, "endColumn": 99},
            Region(start_line=4, start_column=8, end_line=4, end_column=99),
        ),
    ],
)
def test_regions_are_valid_and_columns_count_code_units_from_one(
    tool: str, line: int, region: dict[str, int], wanted: Region
) -> None:
    assert place(result(line=line, region=region), tool=tool)[1] == wanted


def test_what_passed_and_what_is_gone_is_no_finding_and_a_review_is_one() -> None:
    run = one(
        result(kind="pass"),
        result(kind="notApplicable"),
        result(kind="informational"),
        result(baselineState="absent"),
        result(rule="R2", kind="review", level="error"),
    )
    assert [(each.rule_id, each.level) for each in run.results] == [("R2", "error")]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([{"kind": "inSource"}], (Suppression("inSource"),)),
        ([{"kind": "odd", "justification": "known"}], (Suppression("external", "known"),)),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], ()),
        ([{"kind": "external", "status": "underReview"}], ()),
        (None, ()),
    ],
)
def test_suppressed_results_stay_suppressed_unless_that_is_disputed(
    given: object, wanted: tuple[Suppression, ...]
) -> None:
    assert one(result(suppressions=given)).results[0].suppressions == wanted


def test_the_policy_suppresses_by_rule_path_and_line() -> None:
    why = (Suppression("external", "known"),)
    run = normal(report(result(), result(line=4)), suppressed={("R1", "app.py", 3): why})
    assert [each.suppressions for each in run.results] == [why, ()]


def test_related_places_and_paths_through_the_code_stay_without_their_words() -> None:
    at = {"physicalLocation": {"artifactLocation": {"uri": "app.py"}}, "message": {"text": SECRET}}
    flows = [{"threadFlows": [{"locations": [{"location": at}, {"location": {}}]}]}]
    run = one(result(relatedLocations=[at], codeFlows=flows))
    [found] = run.results
    assert len(found.related_locations) == len(found.code_flows[0].thread_flows[0].locations) == 1
    assert SECRET not in str(run)


@pytest.mark.parametrize(
    ("invocations", "reason"),
    [
        ([{"executionSuccessful": False}], "Other did not come to its end"),
        (
            [{"toolExecutionNotifications": [{"level": "error", "message": {"text": SECRET}}]}],
            "Other reports errors: 1",
        ),
        ([{"toolConfigurationNotifications": [{"level": "error"}, {"level": "error"}]}], "Other reports errors: 2"),
        ([{"toolConfigurationNotifications": [{}]}], ""),
    ],
)
def test_a_tool_that_reports_errors_has_not_looked(invocations: object, reason: str) -> None:
    run = one(invocations=invocations)
    said = [note.message.text for note in run.invocations[0].tool_execution_notifications]
    assert (run.looked, said) == (not reason, [reason] if reason else [])


def test_what_the_scan_says_of_itself_goes_first() -> None:
    stale = Invocation(False, (Notification("error", Text("of another commit")),))
    fine = Invocation(True, (Notification("note", Text("ok")),))
    assert normal(report(), invocation=stale).invocations == (stale,)
    assert normal(report(), invocation=fine).invocations == (fine,)


@pytest.mark.parametrize(
    ("tool", "driver", "version", "home"),
    [
        ("Bandit", {"version": "1.9"}, "1.9", "https://bandit.readthedocs.io/"),
        ("X", {"semanticVersion": "2.0", "informationUri": "https://x.test"}, "2.0", "https://x.test"),
        ("X", {"informationUri": "javascript:x"}, "", ""),
    ],
)
def test_the_tool_keeps_its_name_its_version_and_its_address(
    tool: str, driver: dict[str, str], version: str, home: str
) -> None:
    made = one(tool=tool, driver=driver).tool.driver
    assert (made.name, made.version, made.information_uri) == (tool, version, home)
