"""What scans found as runs of SARIF."""

from collections import Counter

import pytest

from shipit.scans.judging import Answer, Judged, verdict_of
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.policy import Waiver
from shipit.scans.sarif.log import Run, Suppression
from shipit.scans.sarif.runs import Context, runs_of
from shipit.scans.sarif.whole import Reports, all_runs
from tests.unit.scans.conftest import finding, policy, sighting, waiver
from tests.unit.scans.sarif.sample import report, result, sources

CONTEXT = Context(sources(), "known.json")
NONE = Reports({}, ())


def judged(*found: Finding, scan: str = "bandit", waivers: tuple[Waiver, ...] = (), **more: object) -> Judged:
    answer = Answer(scan=scan, sighting=sighting(*found, **more))  # type: ignore[arg-type]
    return verdict_of(answer, policy(*waivers))


def only(one: Judged) -> Run:
    [run] = runs_of(one, CONTEXT)
    return run


def test_a_run_has_the_tool_the_category_and_the_rules_of_its_findings() -> None:
    run = only(
        judged(
            finding("B1", Severity.MEDIUM, path="app.py", line=3),
            finding("B1", Severity.CRITICAL, path="app.py", line=4),
            finding("B1", Severity.HIGH, path="app.py"),
            finding("B2", Severity.LOW, path="app.py", line=99, aliases=("CVE-1", "GHSA-1")),
        )
    )
    driver = run.tool.driver
    assert (driver.name, driver.version, run.automation_details.id) == ("bandit", "1.9.4", "shipit/bandit/")
    assert driver.information_uri.startswith("https://")
    assert [(one.id, one.properties.security_severity) for one in driver.rules] == [("B1", "9.5"), ("B2", "2.5")]
    assert driver.rules[0].default_configuration.level == "error"
    assert driver.rules[1].full_description.text == "about B2 (CVE-1, GHSA-1)"
    assert driver.rules[1].short_description.text == "about B2"
    assert "waive it in [tool.shipit.security]" in driver.rules[1].help.text
    assert driver.rules[0].properties.tags == ("security", "bandit")
    lines = [one.locations[0].physical_location.region.start_line for one in run.results]
    assert ([one.level for one in run.results], lines) == (["warning", "error", "error", "note"], [3, 4, 1, 99])
    assert [one.partial_fingerprints is None for one in run.results] == [False, False, False, True]
    assert run.looked


def test_a_finding_without_a_title_is_said_by_its_rule() -> None:
    run = only(judged(Finding(rule="X", severity=Severity.HIGH, title="", path="app.py")))
    assert run.results[0].message.text == run.tool.driver.rules[0].full_description.text == "X"


def test_findings_that_do_not_count_are_suppressed_with_the_reason() -> None:
    known, waived = finding("B2", path="app.py"), finding("B1", path="app.py")
    answer = Answer(scan="bandit", sighting=sighting(waived, known, finding("B3", path="app.py")))
    marks = verdict_of(answer, policy(waiver(finding="B1"))).findings.fingerprints
    one = verdict_of(answer, policy(waiver(finding="B1"), baseline=Counter(marks[:1])))
    found = {result.rule_id: result.suppressions for result in only(one).results}
    assert found == {
        "B1": (Suppression("external", "Waived until 2026-12-01 by later: it is known"),),
        "B2": (Suppression("external", "It is in the baseline, known.json."),),
        "B3": (),
    }


def test_several_dependencies_with_one_advisory_are_several_alerts() -> None:
    found = [finding("CVE-1", package=name, version="1.0", fixed=fixed) for name, fixed in (("a", "2"), ("b", ""))]
    run = only(judged(*found, scan="pip-audit"))
    first, second = run.results
    assert first.partial_fingerprints != second.partial_fingerprints
    assert first.message.text == "a 1.0: about CVE-1 (without it from 2 on)"
    assert second.message.text == "b 1.0: about CVE-1"
    assert first.locations[0].physical_location.artifact_location.uri == "requirements.txt"


def test_a_licence_is_no_matter_of_the_package_that_was_found_first() -> None:
    run = only(judged(finding("MPL-2.0", package="certifi", aliases=("certifi",)), scan="pip-licenses"))
    text = "A licence that is not among the allowed ones: MPL-2.0"
    assert run.tool.driver.rules[0].full_description.text == text


def test_each_image_has_a_run_also_where_nothing_was_found_in_it() -> None:
    hole = Finding(rule="CVE-1", severity=Severity.HIGH, title="image web: a  hole", package="a")
    seen = Sighting(
        seen=2, expected=2, unit="images", alive=True, findings=(hole,), tool="trivy 1.2", parts=("api", "web")
    )
    runs = [*runs_of(verdict_of(Answer(scan="trivy", sighting=seen), policy()), CONTEXT)]
    assert [(run.automation_details.id, len(run.results)) for run in runs] == [
        ("shipit/trivy/api/", 0),
        ("shipit/trivy/web/", 1),
    ]
    assert runs[1].tool.driver.rules[0].short_description.text == "a hole"


def test_what_trivy_says_of_no_image_is_in_a_run_of_its_own() -> None:
    assert only(judged(finding(package="a"), scan="trivy")).automation_details.id == "shipit/trivy/"


@pytest.mark.parametrize(
    ("answer", "level", "text"),
    [
        (Answer(scan="sbom", nothing="no lock"), "note", "nothing to scan: no lock"),
        (Answer(scan="sbom", missing="no tool"), "error", "sbom: not run: no tool"),
        (Answer(scan="sbom", failure="it fell"), "error", "sbom: inconclusive: it fell"),
        (Answer(scan="sbom", sighting=sighting(seen=1)), "error", "sbom: inconclusive: it saw 1 of 3 files"),
    ],
)
def test_a_run_without_results_says_why_and_whether_it_looked(answer: Answer, level: str, text: str) -> None:
    run = only(verdict_of(answer, policy()))
    [note] = run.invocations[0].tool_execution_notifications
    assert (note.level, note.message.text, run.looked) == (level, text, level == "note")


def test_a_scan_that_nobody_knows_has_no_address() -> None:
    assert not only(judged(scan="snyk")).tool.driver.information_uri


class TestReports:
    """What CodeQL's own report says is merged, with what the policy says of it."""

    def test_stand_in_the_place_of_findings_and_keep_what_the_policy_says(self) -> None:
        found = [finding("R1", path="app.py", line=3), finding("R2", path="app.py")]
        one = judged(*found, scan="codeql", waivers=(waiver(scan="codeql", finding="R1"),))
        text = report(result(), result(rule="R2", line=4), automationDetails={"id": "a/language:python/"})
        [run] = all_runs([one], CONTEXT, Reports({"codeql": [text]}, ("/top",)))
        assert (run.tool.driver.name, run.automation_details.id) == ("Other", "shipit/codeql/python/")
        assert [bool(each.suppressions) for each in run.results] == [True, False]

    def test_that_cannot_be_read_leave_what_the_scan_says(self) -> None:
        one = judged(fault="the report is no SARIF", scan="codeql")
        [run] = all_runs([one], CONTEXT, Reports({"codeql": [b"{"]}, ()))
        assert (run.tool.driver.name, run.looked) == ("codeql", False)

    def test_of_another_commit_are_no_success(self) -> None:
        one = judged(fault="it is of another commit", scan="codeql")
        [run] = all_runs([one], CONTEXT, Reports({"codeql": [report(result())]}, ()))
        assert (run.tool.driver.name, run.looked, len(run.results)) == ("Other", False, 1)

    def test_are_not_asked_for_where_there_is_nothing_to_scan(self) -> None:
        one = verdict_of(Answer(scan="codeql", nothing="no code"), policy())
        [run] = all_runs([one], CONTEXT, Reports({"codeql": [report(result())]}, ()))
        assert run.results == ()

    def test_are_those_of_the_scan_that_read_them(self) -> None:
        assert [run.tool.driver.name for run in all_runs([judged()], CONTEXT, NONE)] == ["bandit"]
