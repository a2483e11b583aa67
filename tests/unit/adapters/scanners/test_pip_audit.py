"""pip-audit: what it is asked about, and what its answers are worth."""

from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners.pip_audit import argv, canary_for, environment, read, rounds
from shipit.adapters.scanners.requirements import Pin
from shipit.adapters.scanners.running import Unreadable
from shipit.scans.model import Finding, Severity
from tests.unit.adapters.scanners.conftest import ended

FLASK = Pin(name="flask", version="1.0", path="requirements.txt")
CANARY = Pin(name="django", version="1.2")
ADVISORY = {
    "id": "PYSEC-2019-1",
    "aliases": ["GHSA-aaaa", "CVE-2019-1"],
    "fix_versions": ["1.0.1", "2.0"],
    "description": "reads\n  too much",
}


def dependency(name: str, version: str, *vulns: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": version, "vulns": list(vulns)}


def test_it_resolves_nothing_and_reads_one_file_of_exact_versions() -> None:
    assert argv(Path("/r.txt")) == (
        "pip-audit", "--format", "json", "--aliases", "on", "--desc", "on", "--progress-spinner", "off",
        "--no-deps", "--disable-pip", "--requirement", "/r.txt",
    )  # fmt: skip


def test_the_service_is_osv_unless_the_user_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "PIP_AUDIT_VULNERABILITY_SERVICE"
    monkeypatch.delenv(name, raising=False)
    assert environment({})[name] == "osv"
    assert environment({})["PIP_AUDIT_OUTPUT"] is None
    assert environment({name: "pypi"})[name] == "pypi"
    monkeypatch.setenv(name, "esms")
    assert environment({})[name] == "esms"


def test_the_canary_is_a_package_that_the_project_does_not_have() -> None:
    assert canary_for([FLASK]).name == "django"
    assert canary_for([CANARY]).name == "pillow"
    every = [Pin(name=name, version="1") for name in ("django", "pillow", "urllib3")]
    assert canary_for(every).name == "jinja2"


def test_two_versions_of_a_package_are_asked_about_one_after_the_other() -> None:
    newer, other = Pin(name="flask", version="2.0"), Pin(name="rich", version="1")
    assert {frozenset(part) for part in rounds([FLASK, newer, other])} == {
        frozenset({FLASK, other}),
        frozenset({newer}),
    }
    assert list(rounds([])) == []


def test_a_finding_has_its_cve_first_and_the_least_version_without_it() -> None:
    report = {"dependencies": [dependency("Flask", "1.0", ADVISORY), dependency("django", "1.2", ADVISORY)]}
    answer = read(ended(report, 1), [FLASK], CANARY)
    assert (answer.seen, answer.alive) == (1, True)
    assert answer.findings == (
        Finding(
            rule="CVE-2019-1", severity=Severity.HIGH, title="reads too much", path="requirements.txt",
            package="flask", version="1.0", fixed="1.0.1", aliases=("GHSA-aaaa", "PYSEC-2019-1"),
        ),
    )  # fmt: skip


def test_a_canary_without_an_advisory_proves_nothing() -> None:
    report = {"dependencies": [dependency("flask", "1.0"), dependency("django", "1.2")]}
    answer = read(ended(report), [FLASK], CANARY)
    assert (answer.seen, answer.alive, answer.findings) == (1, False, ())


def test_fact_12_what_it_skipped_or_left_out_is_not_seen() -> None:
    report = {"dependencies": [{"name": "flask", "skip_reason": "not found"}, dependency("rich", "1")]}
    assert read(ended(report), [FLASK], CANARY).seen == 0


def test_fact_13_a_traceback_is_no_report() -> None:
    with pytest.raises(Unreadable, match="exit code 1: ConnectionError: refused"):
        read(ended(b"", 1, "ConnectionError: refused"), [FLASK], CANARY)
    with pytest.raises(Unreadable, match="another shape"):
        read(ended({"dependencies": [{"name": "django", "version": "1.2"}]}), [FLASK], CANARY)
