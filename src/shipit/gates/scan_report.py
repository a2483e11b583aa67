"""All that the scans found, for programs: verdicts, findings with what became of each, and waivers."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import to_builtins

from shipit.output.text import clean
from shipit.scans.judging import Judged, WaiverState, overall
from shipit.scans.model import Finding
from shipit.scans.policy import Policy, Waiver

NAME = "security.json"
FORMAT = 1


def report(policy: Policy, judged: Sequence[Judged], states: Sequence[tuple[Waiver, WaiverState]]) -> bytes:
    """The report as JSON, masked; it holds no line of any file."""
    facts = {
        "format": FORMAT,
        "verdict": str(overall(judged)),
        "fail-on": str(policy.fail_on),
        "scans": [_scan(clean(one)) for one in judged],
        "waivers": [{**to_builtins(clean(waiver)), "state": str(state)} for waiver, state in states],
    }
    return (json.dumps(facts, indent=2) + "\n").encode()


def _scan(one: Judged) -> dict[str, Any]:
    answer = one.answer
    facts: dict[str, Any] = {
        "scan": answer.scan,
        "verdict": str(one.verdict),
        "passed": one.passed,
        "reason": one.reason,
        "said": list(answer.said),
        "notes": list(answer.notes),
        "waiver": one.waiver.name if one.waiver else "",
        "seconds": round(answer.seconds, 3),
    }
    if answer.sighting:
        names = ("tool", "seen", "expected", "unit", "alive", "commands")
        facts |= {name: to_builtins(getattr(answer.sighting, name)) for name in names}
    return {**facts, "findings": list(_findings(one))}


def _findings(one: Judged) -> Iterator[dict[str, Any]]:
    found = one.findings
    for state, findings in (("counts", found.counting), ("in the baseline", found.known), ("minor", found.minor)):
        yield from (_finding(finding, state) for finding in findings)
    for finding, waiver in zip(found.waived, found.waivers, strict=True):
        yield {**_finding(finding, "waived"), "waiver": waiver.name}


def _finding(finding: Finding, state: str) -> dict[str, Any]:
    facts: dict[str, Any] = to_builtins(finding)
    return {**facts, "state": state}
