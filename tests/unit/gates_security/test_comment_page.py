"""The text of a comment: what it says, that nothing from outside is markup there, and that it fits."""

import html
import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from shipit import masking
from shipit.gates.comment_page import LIMIT, Links, comment
from shipit.gates.commenting import Stamp
from shipit.scans.judging import Answer, Judged, verdict_of
from shipit.scans.model import Finding, Severity
from shipit.scans.policy import Policy, Waiver
from tests.unit.scans.conftest import TODAY, finding, policy, sighting

LINKS = Links(
    repository="https://forge.example/acme/widget", commit="a" * 40, run="https://forge.example/run/7?a&b"
)
HOSTILE = '@ada #1 </code> <img src=x> [a](http://b) `x` | **b** www.evil.com <!-- --> &amp; \\" ada@b.com'
SECRET = "-".join(("plain", "horse", "staple"))  # noqa: FLY002 - no scanner of this repository is to see it


def judged(*findings: Finding, rules: Policy | None = None, scan: str = "bandit") -> list[Judged]:
    return [verdict_of(Answer(scan=scan, sighting=sighting(*findings)), rules or policy())]


def shown(text: str) -> str:
    """What a browser shows of it."""
    return html.unescape(re.sub(r"<[^>]*>", "", text)).replace("\u200b", "")


def test_it_has_the_verdict_the_scans_and_a_link_to_each_line_the_gravest_first() -> None:
    found = [finding("B1", path="a b.py", line=3), finding("B2", Severity.CRITICAL, path="c.py")]
    text = comment(policy(), judged(*found), LINKS)
    lines = shown(text).splitlines()
    assert lines[0] == "❌ **Security scans: findings**"
    assert lines[1] == "2 new findings, 0 in the baseline.  "
    assert lines[2] == "Commit aaaaaaaaaaaa, this run"
    assert "| ✗ | bandit | findings | 3/3 files | 1 critical, 1 high |" in lines
    assert lines[-2:] == ["- **critical** c.py bandit B2 about B2", "- **high** a b.py:3 bandit B1 about B1"]
    assert f'href="https://forge.example/acme/widget/blob/{"a" * 40}/a%20b.py#L3"' in text
    assert f'blob/{"a" * 40}/c.py"' in text
    assert 'href="https://forge.example/run/7?a&amp;b"' in text


def test_what_is_clean_says_so_and_has_no_findings() -> None:
    text = comment(policy(), judged(), Links())
    assert text.startswith("✅ **Security scans: passed**\n0 new findings")
    assert shown(text).endswith("| ✓ | bandit | clean | 3/3 files | none |")
    assert "href" not in text


def test_without_a_file_or_a_repository_there_is_no_link() -> None:
    assert "href" not in comment(
        policy(), judged(finding(package="x", version="1")), Links(repository="https://x", commit="a")
    )
    assert "href" not in comment(policy(), judged(finding(path="a.py")), Links(commit="a"))


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(scan="bandit", missing="`bandit` is not installed"), "not all were run"),
        (Answer(scan="bandit", failure="it took too long"), "not all could look"),
    ],
)
def test_scans_that_could_not_look_have_their_reason(answer: Answer, verdict: str) -> None:
    text = comment(policy(), [verdict_of(answer, policy())], LINKS)
    assert text.startswith(f"❌ **Security scans: {verdict}**")
    assert f"- bandit: {answer.missing or answer.failure}" in shown(text)


def waiver(number: int, until: date, reason: str = "known") -> Waiver:
    return Waiver(name=f"w{number}", scan="bandit", reason=reason, until=until, finding="B1")


def test_waivers_have_their_last_day_and_what_they_did() -> None:
    rules = policy(waiver(1, TODAY), waiver(2, TODAY - timedelta(days=1)))
    lines = shown(comment(rules, judged(finding("B1"), rules=rules), LINKS)).splitlines()
    assert f"| w1 | bandit B1 | {TODAY} | used | known |" in lines
    assert f"| w2 | bandit B1 | {TODAY - timedelta(days=1)} | expired | known |" in lines
    assert "| ✓ | bandit | clean | 3/3 files | 1 waived |" in lines


def test_nothing_from_outside_is_markup_or_mentions_anybody() -> None:
    found = finding(HOSTILE[:60], path=f"{HOSTILE}.py", line=1)
    rules = policy(waiver(1, TODAY, HOSTILE))
    answers = [
        *judged(Finding(rule="B9", severity=Severity.HIGH, title=HOSTILE), found, rules=rules),
        verdict_of(Answer(scan="trivy", failure=HOSTILE), rules),
    ]
    text = comment(rules, answers, LINKS)
    assert set(re.findall(r"</?(\w+)", text)) == {"a", "code"}
    outside = re.sub(r'<a href="[^"]*">|</a>', "", text)
    codes = re.findall(r"<code>(.*?)</code>", outside)
    assert [one for one in codes if re.search(r"[^\w\s&#;…\u200b]", re.sub(r"&#\d+;", "", one))] == []
    # GitHub looks for mentions in what is shown
    assert re.findall(r"@(?!\u200b)", html.unescape(re.sub(r"<[^>]*>", "", outside))) == []
    assert "<!--" not in text
    assert HOSTILE in shown(text)


def test_known_secrets_and_control_characters_are_not_in_it() -> None:
    masking.register(SECRET)
    try:
        found = finding(f"{SECRET}\x1b[31m\u202e", path=f"{SECRET}\udcff.py", line=1)
        text = comment(policy(), judged(found), LINKS)
    finally:
        masking.forget_all()
    assert "horse" not in text
    assert re.findall("[\x1b\u202e]", text) == []
    assert f'/blob/{"a" * 40}/***%3F.py#L1"' in text
    assert text.encode()


@pytest.mark.parametrize("title", ["x", "@" * 900, HOSTILE * 9, "ä" * 900])
def test_it_is_shorter_than_github_takes_and_says_how_many_are_left_out(title: str) -> None:
    many: Sequence[Finding] = [
        Finding(rule="B1", severity=severity, title=title, path=f"{title}.py", line=number)
        for severity in (Severity.HIGH, Severity.CRITICAL)
        for number in range(1500)
    ]
    text = comment(policy(), judged(*many), LINKS)
    mark = Stamp(run=10**17, attempt=10**17, time=10**17, commit="a" * 64).text()
    assert 55_000 < len(text) <= LIMIT
    assert len(mark + text) < 65_536
    listed = text.count("- **critical**")
    assert text.count("- **high**") == 0
    assert text.endswith(f"… and {3000 - listed} findings more, all of them in the report")


def test_so_many_waivers_that_they_would_fill_it_are_counted() -> None:
    rules = policy(*(waiver(number, TODAY, "@" * 900) for number in range(100)))
    text = comment(rules, judged(finding("B2"), rules=rules), LINKS)
    assert re.search(r"… and \d+ waivers more, all of them in the report", text)
    assert "**high**" in text
    assert len(text) <= LIMIT
