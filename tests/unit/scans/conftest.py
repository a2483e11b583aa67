"""Values that the tests of scans are made of."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from shipit.scans.baseline import Baseline
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.policy import Policy, Waiver

TODAY = date(2026, 12, 1)


def finding(rule: str = "B602", severity: Severity = Severity.HIGH, **more: str | int | tuple[str, ...]) -> Finding:
    return Finding(rule=rule, severity=severity, title=f"about {rule}", **more)  # type: ignore[arg-type]


def sighting(*findings: Finding, seen: int = 3, expected: int = 3, alive: bool = True, fault: str = "") -> Sighting:
    return Sighting(
        seen=seen, expected=expected, unit="files", alive=alive, findings=findings, fault=fault, tool="bandit 1.9.4"
    )


def waiver(name: str = "later", scan: str = "bandit", finding: str = "", until: date = TODAY) -> Waiver:
    return Waiver(name=name, scan=scan, finding=finding, reason="it is known", until=until)


def policy(
    *waivers: Waiver,
    fail_on: Severity = Severity.MEDIUM,
    baseline: Baseline | None = None,
    texts: Mapping[int, str] | None = None,
) -> Policy:
    """`texts` are the lines of every file, by number."""
    lines = texts or {}
    return Policy(
        fail_on=fail_on,
        waivers=waivers,
        baseline=Counter() if baseline is None else baseline,
        today=TODAY,
        text_of=lambda one: lines.get(one.line, ""),
    )
