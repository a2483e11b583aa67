"""From what came back of a scanner to a verdict: whoever could not look has not passed."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from shipit.scans.model import Sighting
from shipit.scans.policy import Policy, Sorted, Waiver
from shipit.scans.verdict import Verdict

_NAMED = 5
"""How many of what was not seen are named."""


class Answer(Struct, frozen=True, kw_only=True):
    """What came back of one scanner: one of `nothing`, `missing`, `failure` and `sighting`.

    `nothing` says why there is nothing to scan, `missing` which program is not there, `failure` what went wrong.
    `said` are lines that explain it, `notes` what the scanner said of how it looked.
    """

    scan: str
    seconds: float = 0.0
    nothing: str = ""
    missing: str = ""
    failure: str = ""
    sighting: Sighting | None = None
    said: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Judged(Struct, frozen=True, kw_only=True):
    """The verdict of one scan, with its reason where it is neither clean nor findings.

    `waiver` lets a scan pass that could not look; it never covers findings that count.
    """

    answer: Answer
    verdict: Verdict
    reason: str = ""
    findings: Sorted = Sorted()
    waiver: Waiver | None = None

    @property
    def scan(self) -> str:
        return self.answer.scan

    @property
    def counts(self) -> bool:
        """Whether there was anything to scan."""
        return not self.answer.nothing

    @property
    def passed(self) -> bool:
        """Clean, waived, or nothing to scan."""
        if self.findings.counting:
            return False
        return not self.counts or self.verdict is Verdict.CLEAN or self.waiver is not None

    @property
    def looked(self) -> bool:
        """Whether its findings are all there are."""
        return self.verdict in {Verdict.CLEAN, Verdict.FINDINGS}


class WaiverState(StrEnum):
    """What a waiver did in a run."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"


def verdict_of(answer: Answer, policy: Policy) -> Judged:
    """The verdict that follows from an answer."""
    if answer.nothing:
        return Judged(answer=answer, verdict=Verdict.NOT_RUN, reason=f"nothing to scan: {answer.nothing}")
    waiver = policy.waiver_of(answer.scan)
    if answer.missing:
        return Judged(answer=answer, verdict=Verdict.NOT_RUN, reason=answer.missing, waiver=waiver)
    if answer.sighting is None:
        reason = answer.failure or "it gave no answer"
        return Judged(answer=answer, verdict=Verdict.INCONCLUSIVE, reason=reason, waiver=waiver)
    findings = policy.sort(answer.scan, answer.sighting.findings)
    if reason := "; ".join(_doubts(answer.sighting)):
        verdict = Verdict.INCONCLUSIVE
        return Judged(answer=answer, verdict=verdict, reason=reason, findings=findings, waiver=waiver)
    verdict = Verdict.FINDINGS if findings.counting else Verdict.CLEAN
    return Judged(answer=answer, verdict=verdict, findings=findings)


def _doubts(sighting: Sighting) -> Iterator[str]:
    if sighting.fault:
        yield sighting.fault
    if sighting.seen <= 0:
        yield f"it saw no {sighting.unit}, where {sighting.expected} were expected"
    elif sighting.seen < sighting.expected:
        yield f"it saw {sighting.seen} of {sighting.expected} {sighting.unit}{_without(sighting.unseen)}"
    if not sighting.alive:
        yield "it did not find what was planted for it, so it may find nothing else either"


def _without(unseen: Sequence[str]) -> str:
    """The first few that it did not see."""
    more = f" and {len(unseen) - _NAMED} more" if len(unseen) > _NAMED else ""
    return f", without {', '.join(unseen[:_NAMED])}{more}" if unseen else ""


def overall(judged: Sequence[Judged]) -> Verdict:
    """The worst of them; clean only if something was looked at, or is waived, and all have passed."""
    bad = {one.verdict for one in judged if not one.passed}
    if any(one.findings.counting for one in judged):
        return Verdict.FINDINGS
    for verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_RUN):
        if verdict in bad:
            return verdict
    return Verdict.CLEAN if any(one.counts for one in judged) else Verdict.NOT_RUN


def waiver_states(policy: Policy, judged: Iterable[Judged]) -> tuple[tuple[Waiver, WaiverState], ...]:
    """What became of each waiver of the scans that were made; of one that could not look nothing is known.

    A waiver of a scan that the policy does not name is unused.
    """
    by_scan = {one.scan: one for one in judged}
    found = []
    for waiver in policy.waivers:
        one = by_scan.get(waiver.scan)
        if one is None and (policy.scans is None or waiver.scan in policy.scans):
            continue
        if not policy.is_current(waiver):
            found.append((waiver, WaiverState.EXPIRED))
        elif one is None:
            found.append((waiver, WaiverState.UNUSED))
        elif waiver in one.findings.waivers or waiver == one.waiver:
            found.append((waiver, WaiverState.USED))
        elif one.looked or not one.counts or not waiver.finding:
            found.append((waiver, WaiverState.UNUSED))
    return tuple(found)
