"""Verdicts: what could not look has not passed, and says why."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from shipit.scans.judging import Answer, Judged, WaiverState, overall, verdict_of, waiver_states
from shipit.scans.model import Severity, Sighting
from shipit.scans.verdict import Verdict
from tests.unit.scans.conftest import TODAY, finding, policy, sighting, waiver


def answer(seen: Sighting | None = None, **more: str) -> Answer:
    return Answer(scan="bandit", sighting=seen, **more)  # type: ignore[arg-type]


CLEAN = answer(sighting())
NOTHING = answer(nothing="no Python file is tracked")
MISSING = answer(missing="`bandit` is not installed")


def test_all_seen_alive_and_without_findings_is_clean() -> None:
    judged = verdict_of(CLEAN, policy())
    assert (judged.verdict, judged.passed, judged.reason) == (Verdict.CLEAN, True, "")
    assert verdict_of(answer(sighting(seen=9)), policy()).passed


@pytest.mark.parametrize(
    ("came", "verdict", "why"),
    [
        (answer(sighting(seen=0)), Verdict.INCONCLUSIVE, "it saw no files, where 3 were expected"),
        (answer(sighting(seen=0, expected=0)), Verdict.INCONCLUSIVE, "it saw no files"),
        (answer(sighting(seen=2)), Verdict.INCONCLUSIVE, "it saw 2 of 3 files"),
        (answer(sighting(alive=False)), Verdict.INCONCLUSIVE, "did not find what was planted"),
        (answer(sighting(fault="its rules are empty")), Verdict.INCONCLUSIVE, "its rules are empty"),
        (answer(sighting(finding(), fault="a file has errors")), Verdict.INCONCLUSIVE, "a file has errors"),
        (answer(failure="it did not end within 900 s"), Verdict.INCONCLUSIVE, "within 900 s"),
        (answer(), Verdict.INCONCLUSIVE, "it gave no answer"),
        (MISSING, Verdict.NOT_RUN, "`bandit` is not installed"),
    ],
)
def test_a_scan_that_could_not_look_is_never_green_and_says_why(came: Answer, verdict: Verdict, why: str) -> None:
    judged = verdict_of(came, policy())
    assert (judged.verdict, judged.passed) == (verdict, False)
    assert why in judged.reason
    assert overall([judged, verdict_of(CLEAN, policy())]) is (
        Verdict.FINDINGS if judged.findings.counting else verdict
    )


def test_every_doubt_is_named() -> None:
    reason = verdict_of(answer(sighting(seen=1, alive=False, fault="no rules")), policy()).reason
    assert [part[:10] for part in reason.split("; ")] == ["no rules", "it saw 1 o", "it did not"]


def test_a_finding_that_counts_is_findings_and_minor_ones_alone_are_clean() -> None:
    judged = verdict_of(answer(sighting(finding())), policy())
    assert (judged.verdict, judged.passed, overall([judged])) == (Verdict.FINDINGS, False, Verdict.FINDINGS)
    assert verdict_of(answer(sighting(finding(severity=Severity.LOW))), policy()).verdict is Verdict.CLEAN


def test_nothing_to_scan_does_not_count_but_alone_it_is_not_green() -> None:
    judged = verdict_of(NOTHING, policy())
    assert (judged.verdict, judged.counts, judged.passed) == (Verdict.NOT_RUN, False, True)
    assert judged.reason == "nothing to scan: no Python file is tracked"
    assert overall([judged, verdict_of(CLEAN, policy())]) is Verdict.CLEAN
    assert overall([judged]) is Verdict.NOT_RUN


@pytest.mark.parametrize("came", [MISSING, answer(failure="no network"), answer(sighting(seen=1))])
def test_a_waiver_of_the_scan_lets_it_pass_where_it_could_not_look(came: Answer) -> None:
    judged = verdict_of(came, policy(waiver()))
    assert (judged.passed, judged.waiver) == (True, waiver())
    assert overall([judged]) is Verdict.CLEAN
    expired = waiver(until=TODAY - timedelta(days=1))
    assert not verdict_of(came, policy(expired, waiver(scan="semgrep"), waiver(finding="B602"))).passed


def test_a_waiver_of_the_scan_covers_no_finding() -> None:
    assert not verdict_of(answer(sighting(finding())), policy(waiver())).passed
    partly = verdict_of(answer(sighting(finding(), seen=1)), policy(waiver()))
    assert (partly.passed, overall([partly])) == (False, Verdict.FINDINGS)


def states(judged: Judged, *waivers: str) -> dict[str, WaiverState]:
    made = {
        "gone": waiver("gone", finding="B999"),
        "used": waiver("used", finding="B602"),
        "scan": waiver("scan"),
        "old": waiver("old", finding="B602", until=TODAY - timedelta(days=1)),
        "other": waiver("other", scan="semgrep"),
    }
    found = waiver_states(policy(*(made[name] for name in waivers)), [judged])
    return {one.name: state for one, state in found}


def test_each_waiver_says_whether_it_was_used_matches_nothing_or_is_over() -> None:
    judged = verdict_of(answer(sighting(finding())), policy(waiver("used", finding="B602")))
    assert states(judged, "gone", "used", "scan", "old", "other") == {
        "gone": WaiverState.UNUSED,
        "used": WaiverState.USED,
        "scan": WaiverState.UNUSED,
        "old": WaiverState.EXPIRED,
    }


def test_a_waiver_of_a_scan_that_the_configuration_does_not_name_is_unused() -> None:
    judged = verdict_of(CLEAN, policy())
    elsewhere, old = waiver("other", scan="semgrep"), waiver("old", scan="semgrep", until=TODAY - timedelta(days=1))
    asked = policy(elsewhere, old)
    assert waiver_states(replace(asked, scans=frozenset({"bandit", "semgrep"})), [judged]) == ()
    assert waiver_states(replace(asked, scans=frozenset({"bandit"})), [judged]) == (
        (elsewhere, WaiverState.UNUSED),
        (old, WaiverState.EXPIRED),
    )


@pytest.mark.parametrize(
    ("unseen", "named"),
    [
        ((), "it saw 1 of 3 files"),
        (("a.py", "b.py"), "it saw 1 of 3 files, without a.py, b.py"),
        (tuple("abcdefg"), "it saw 1 of 3 files, without a, b, c, d, e and 2 more"),
    ],
)
def test_what_was_not_seen_is_named(unseen: tuple[str, ...], named: str) -> None:
    assert verdict_of(answer(replace(sighting(seen=1), unseen=unseen)), policy()).reason == named


def test_of_a_scan_that_could_not_look_nobody_knows_which_finding_is_gone() -> None:
    judged = verdict_of(MISSING, policy(waiver("scan")))
    assert states(judged, "gone", "scan") == {"scan": WaiverState.USED}
    assert states(verdict_of(NOTHING, policy()), "gone") == {"gone": WaiverState.UNUSED}
