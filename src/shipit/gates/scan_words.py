"""Verdicts and findings in words: one line for a scan, one for a finding."""

from collections import Counter
from collections.abc import Iterator, Sequence

from shipit.scans.judging import Judged
from shipit.scans.model import Finding, Severity
from shipit.scans.verdict import Verdict


def in_short(one: Judged) -> str:
    """The verdict of a scan with its reason, in one line."""
    parts = [f"{one.verdict}: {one.reason}" if one.reason else str(one.verdict)]
    if one.waiver:
        parts.append(f"waived until {one.waiver.until} ({one.waiver.name}: {one.waiver.reason})")
    if one.findings.counting:
        parts.append(by_severity(one.findings.counting))
    return ", ".join((*parts, *besides(one)))


def by_severity(findings: Sequence[Finding]) -> str:
    """`1 critical, 2 medium`, the gravest first."""
    counted = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counted[severity]} {severity}" for severity in reversed(Severity) if counted[severity])


def besides(one: Judged) -> Iterator[str]:
    """What was found and does not count."""
    found = one.findings
    for word, which in (("waived", found.waived), ("in the baseline", found.known), ("below", found.minor)):
        if which:
            yield f"{len(which)} {word}" if word != "below" else f"{len(which)} below fail-on"


def seen(one: Judged) -> str:
    """`12/12 files`; empty where nothing was looked at."""
    sighting = one.answer.sighting
    return f"{sighting.seen}/{sighting.expected} {sighting.unit}" if sighting else ""


def place(finding: Finding) -> str:
    """`src/a.py:12`, or the package with its version and the one that has it no more."""
    if finding.package:
        version = f" {finding.version}" if finding.version else ""
        return f"{finding.package}{version}{f' → {finding.fixed}' if finding.fixed else ''}"
    if not finding.path:
        return "(no file)"
    return f"{finding.path}:{finding.line}" if finding.line else finding.path


def row(finding: Finding) -> str:
    """A finding in one line."""
    return f"{place(finding)}: {finding.severity} {finding.rule} {finding.title}"


def mark(one: Judged) -> str:
    """For a column of marks: passed, not passed, and nothing to scan."""
    if not one.counts:
        return "·"
    return "✓" if one.passed else "✗"


def verdict(one: Judged) -> str:
    """The verdict for a table, where a waiver must be seen beside it."""
    return f"{one.verdict} (waived)" if one.waiver and one.verdict is not Verdict.CLEAN else str(one.verdict)
