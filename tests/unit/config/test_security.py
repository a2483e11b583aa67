"""[tool.shipit.security]: every mistake at once, and dates as TOML and as text."""

from datetime import date

from shipit.config.tables import SCANS
from tests.unit.config.conftest import Tree


def test_left_out_all_nine_scans_are_made(tree: Tree) -> None:
    found = tree.write(own="").config.security
    assert (found.scans, len(found.scans), found.fail_on, found.timeout) == (SCANS, 9, "medium", 15)
    assert "MIT" in found.licenses
    assert (found.baseline, found.codeql_sarif, found.waivers) == ("", "reports/codeql.sarif", {})


def test_the_last_day_of_a_waiver_is_a_date_or_a_text_that_is_one(tree: Tree) -> None:
    waivers = """[security.waivers.one]
scan = "bandit"
finding = "B101"
reason = "tests only"
until = 2027-03-31
[security.waivers.two]
scan = "trufflehog"
reason = "not on this runner"
until = "2027-04-01"
"""
    found = tree.write(own=waivers).config.security.waivers
    assert [one.until for one in found.values()] == [date(2027, 3, 31), date(2027, 4, 1)]
    assert [one.finding for one in found.values()] == ["B101", None]


def test_every_mistake_is_named_at_once(tree: Tree) -> None:
    wrong = """[security]
scans = ["pip-audit", "bandid"]
fail-on = "hihg"
timeout = 0
licenses = ["MIT OR GPL-3.0"]
baseline = "../above.json"
[security.waivers.a]
scan = "snyk"
[security.waivers.b]
scan = "bandit"
reason = " "
until = "2027-13-01"
finding = ""
[security.waivers.c]
scan = "bandit"
reason = "so"
until = 2027-01-01T00:00:00Z
[security.waivers."d e"]
scan = "bandit"
reason = "so"
until = 2027-01-01
"""
    keys = [line.partition(":")[0].split()[-1] for line in tree.write(own=wrong).mistakes if "security" in line]
    said = "\n".join(tree.write(own=wrong).mistakes)
    for key in (
        "scans[1]",
        "fail-on",
        "timeout",
        "licenses[0]",
        "baseline",
        *("waivers.a.scan", "waivers.a.reason", "waivers.a.until"),
        *("waivers.b.reason", "waivers.b.until", "waivers.b.finding"),
        "waivers.c.until",
        'waivers."d e"',
    ):
        assert f"security.{key}" in said
    assert len(keys) == 13
    assert 'found "bandid"' in said
    assert "expected a date such as 2027-03-31" in said


def test_no_scan_at_all_is_a_mistake(tree: Tree) -> None:
    [line] = tree.write(own="[security]\nscans = []").mistakes
    assert "expected a list of one or more of pip-audit, npm-audit" in line
