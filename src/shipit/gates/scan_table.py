"""The verdicts of all scans as a table, then what does not pass, then the waivers, as lines of text."""

from collections.abc import Iterator, Sequence

from shipit.gates import scan_words as words
from shipit.output.text import duration, one_line
from shipit.scans.judging import Judged, WaiverState
from shipit.scans.model import Finding
from shipit.scans.policy import Waiver

MOST = 100
"""Findings of one scan that are listed; the report has all of them."""
_NOTES = 12
"""Lines that are shown of what a scan says."""
_HEAD = ("", "scan", "verdict", "seen", "findings", "time", "tool")


def table(judged: Sequence[Judged]) -> Iterator[str]:
    """A line for each scan, in columns."""
    rows = [_HEAD, *(tuple(map(one_line, _cells(one))) for one in judged)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _cells(one: Judged) -> tuple[str, ...]:
    findings = [words.by_severity(one.findings.counting), *words.besides(one)]
    sighting = one.answer.sighting
    return (
        words.mark(one),
        one.scan,
        words.verdict(one),
        words.seen(one),
        ", ".join(filter(None, findings)) or ("none" if sighting else ""),
        duration(one.answer.seconds),
        sighting.tool if sighting else "",
    )


def details(one: Judged) -> Iterator[str]:
    """Why a scan has not looked, what it said of how it looked, and each finding that counts."""
    if one.reason:
        yield f"{one.scan}: {words.verdict(one)}: {one_line(one.reason)}"
        if one.waiver:
            yield f"  waived until {one.waiver.until} by {one.waiver.name}: {one_line(one.waiver.reason)}"
        elif one.counts:
            yield from (f"  {one_line(line)}" for line in one.answer.said)
    notes = one.answer.notes
    if notes and not one.reason:
        yield f"{one.scan}: {words.verdict(one)}"
    yield from (f"  {one_line(note)}" for note in notes[:_NOTES])
    if len(notes) > _NOTES:
        yield f"  … and {len(notes) - _NOTES} lines more, all of them in the report"
    counting = one.findings.counting
    if counting:
        yield f"{one.scan}: {words.by_severity(counting)}"
        yield from (f"  {one_line(words.row(finding))}" for finding in _gravest(counting)[:MOST])
        if len(counting) > MOST:
            yield f"  … and {len(counting) - MOST} more, all of them in the report"


def waivers(states: Sequence[tuple[Waiver, WaiverState]]) -> Iterator[str]:
    """Each waiver with what it did."""
    for waiver, state in states:
        about = f"{waiver.scan} {waiver.finding}".rstrip()
        yield f"waiver {waiver.name} ({about}, until {waiver.until}): {_SAID[state]} — {waiver.reason}"


_SAID = {
    WaiverState.USED: "used",
    WaiverState.UNUSED: "unused: no finding and no scan needs it",
    WaiverState.EXPIRED: "expired: it does not count",
}


def how_to_waive(judged: Sequence[Judged]) -> str:
    """The line of configuration that would let the first of them pass."""
    one = next(one for one in judged if not one.passed)
    finding = f'finding = "{one.findings.counting[0].rule}", ' if one.findings.counting else ""
    return (
        "fix it, or waive it by name in [tool.shipit.security]: "
        f'waivers.NAME = {{ scan = "{one.scan}", {finding}reason = "…", until = YYYY-MM-DD }}'
    )


def _gravest(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: -one.severity.rank)
