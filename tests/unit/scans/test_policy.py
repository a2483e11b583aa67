"""Which findings count: severity, waivers, baseline."""

from collections import Counter
from datetime import timedelta

import pytest

from shipit.scans.baseline import fingerprint
from shipit.scans.model import Severity
from tests.unit.scans.conftest import TODAY, finding, policy, waiver


@pytest.mark.parametrize("fail_on", Severity)
def test_findings_count_from_the_configured_severity_on(fail_on: Severity) -> None:
    found = policy(fail_on=fail_on).sort("bandit", [finding(severity=one) for one in Severity])
    assert [one.severity for one in found.counting] == list(Severity)[fail_on.rank :]
    assert [one.severity for one in found.minor] == list(Severity)[: fail_on.rank]


@pytest.mark.parametrize("name", ["CVE-2026-1", "cve-2026-1", "GHSA-aaaa-bbbb-cccc", "PYSEC-2026-9"])
def test_a_waiver_names_a_finding_by_its_rule_or_any_of_its_other_names(name: str) -> None:
    one = finding("CVE-2026-1", aliases=("GHSA-aaaa-bbbb-cccc", "PYSEC-2026-9"))
    found = policy(waiver(finding=name)).sort("bandit", [one, finding("B101")])
    assert found.waived == (one,)
    assert [one.name for one in found.waivers] == ["later"]
    assert [one.rule for one in found.counting] == ["B101"]


def test_a_waiver_is_for_one_scan_and_one_without_a_finding_for_no_finding_at_all() -> None:
    waivers = (waiver(scan="semgrep", finding="B602"), waiver(finding=""))
    assert len(policy(*waivers).sort("bandit", [finding(), finding("")]).counting) == 2


def test_a_waiver_counts_on_its_last_day_and_not_on_the_next() -> None:
    last, over = waiver(finding="B602", until=TODAY), waiver(finding="B602", until=TODAY - timedelta(days=1))
    assert policy(last).sort("bandit", [finding()]).counting == ()
    assert policy(over).sort("bandit", [finding()]).waived == ()


def test_what_was_there_before_does_not_count_wherever_its_line_went() -> None:
    before = Counter([fingerprint("bandit", finding(path="a.py", line=3), "  call(x)\n")])
    moved = policy(baseline=before, texts={40: "call(x)"}).sort("bandit", [finding(path="a.py", line=40)])
    assert (len(moved.known), moved.counting) == (1, ())
    other = policy(baseline=before, texts={3: "call(y)"}).sort("bandit", [finding(path="a.py", line=3)])
    assert (other.known, len(other.counting)) == ((), 1)


def test_the_same_line_once_more_is_a_new_finding() -> None:
    before = Counter([fingerprint("bandit", finding(path="a.py", line=1), "call(x)")])
    twice = [finding(path="a.py", line=1), finding(path="a.py", line=2)]
    found = policy(baseline=before, texts={1: "call(x)", 2: "call(x)"}).sort("bandit", twice)
    assert (len(found.known), len(found.counting)) == (1, 1)
    assert len(found.fingerprints) == 2
    assert before.total() == 1


def test_what_is_waived_or_minor_gets_into_no_baseline() -> None:
    findings = [finding("B602"), finding("B101", Severity.LOW), finding("B303")]
    found = policy(waiver(finding="B602")).sort("bandit", findings)
    assert [mark.rule for mark in found.fingerprints] == ["B303"]
