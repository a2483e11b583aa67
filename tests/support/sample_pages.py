"""Both HTML pages filled with a made-up project in which everything that they can show happens.

python -m tests.support.sample_pages FOLDER
"""

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from zlib import crc32

from shipit.adapters.pages import page
from shipit.deploy import status_page
from shipit.deploy.model import Decision, Entry, StepTime
from shipit.deploy.reports import Seen
from shipit.gates import security_page
from shipit.model import Revision
from shipit.scans.judging import Answer, Judged, verdict_of, waiver_states
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.policy import Policy, Waiver

NOW = 1_790_000_000
HOUR = 3600
HOME = "https://github.com/acme/acme"
STEPS = (
    ("former", "already", 0.0),
    ("lock", "done", 0.9),
    ("gate-tests", "done", 41.3),
    ("migrate", "done", 6.2),
    ("start-frontend", "done", 2.1),
    ("start-backend", "done", 9.7),
    ("check-backend", "done", 3.2),
    ("switch-frontend", "done", 0.2),
    ("switch-backend", "done", 0.4),
    ("smoke", "done", 4.8),
)
PINNED = "ghcr.io/acme/acme-webhook@sha256:" + "3f9c1d5e" * 8


def entry(version: str, hours: float, outcome: str = "complete", *, rollback: bool = False) -> Entry:
    commit = f"{crc32(version.encode()):08x}" * 5
    ended = int(NOW - hours * HOUR)
    steps = [StepTime(name=name, state=state, seconds=seconds) for name, state, seconds in STEPS]
    if outcome != "complete":
        steps[-1] = StepTime(name="smoke", state="failed", seconds=30.0)
        steps.append(StepTime(name="switch-backend", state="undone", seconds=0.3))
    decision = Decision(
        run="a5c19e2f7d3b4c60",
        environment="staging",
        revision=Revision(version, commit),
        replaces={},
        began=ended - 71,
        is_rollback=rollback,
    )
    return Entry(
        decision=decision,
        targets={},
        schema="0007_orders",
        actor="ada@build-3 (process 71)",
        url=f"{HOME}/actions/runs/7",
        ended=ended,
        outcome=outcome,
        steps=() if hours > 100 else tuple(steps),
    )


def environment(name: str, entry: Entry, health: str = "healthy", *drift: str, lock: str = "") -> dict[str, object]:
    return {
        "environment": name,
        "lock": lock or None,
        "version": entry.decision.revision.version,
        "commit": entry.decision.revision.commit,
        "schema": entry.schema,
        "images": {"webhook": PINNED},
        "deployed": entry.ended,
        "by": entry.actor,
        "health": health,
        "drift": list(drift),
    }


def status() -> bytes:
    """Four environments: well, drifted, empty, and one that cannot be looked at."""
    staging = [entry("1.4.0", 2), entry("1.3.1", 26, "rolled back"), entry("1.3.0", 30, rollback=True)]
    production = [entry("1.3.0", 49), entry("1.2.0", 170), entry("1.2.0", 171, "stopped half-way")]
    drift = "backend: 1.2.9-77aa01c4d2 is live, 1.3.0-b81c02dd11 was deployed"
    held = "1.5.0 (a4e88c0d1b): ada@build-3 (process 71), since 2026-09-21 14:10:02 UTC"
    made = status_page.StatusPage(
        report={
            "project": "acme",
            "released": "v1.3.0",
            "evidence": True,
            "commits": 12,
            "next": "1.4.0",
            "refused": None,
            "open": [],
            "lock": None,
            "packages": {
                "client": {"released": None, "evidence": False, "commits": 0, "next": None, "refused": None},
            },
        },
        environments=[
            Seen(facts=environment("staging", staging[0], lock=held), entries=staging),
            Seen(facts=environment("production", production[0], "healthy", drift), entries=production),
            Seen(facts={"environment": "preview", "version": None, "lock": None}),
            Seen(facts={"environment": "customer", "version": None, "problem": "the registry does not answer"}),
        ],
        home=HOME,
        now=NOW,
        shipit="1.0.0",
    )
    return page(status_page.NAME, made.facts())


def judged() -> tuple[Policy, tuple[Judged, ...]]:
    """Nine scans: clean, findings of every kind, inconclusive, waived, and two with nothing to scan."""
    waiver = Waiver(name="no-trufflehog", scan="trufflehog", reason="not on this runner", until=date(2027, 3, 31))
    accepted = Waiver(
        name="md5-etag", scan="bandit", reason="an ETag is no secret", until=date(2027, 1, 31), finding="B324"
    )
    policy = Policy(
        fail_on=Severity.MEDIUM,
        waivers=(waiver, accepted),
        baseline=Counter(),
        today=date(2026, 9, 21),
        text_of=lambda _: "",
    )
    bandit = (
        Finding(
            rule="B602",
            severity=Severity.HIGH,
            title="subprocess call with shell=True",
            path="src/acme/run.py",
            line=41,
        ),
        Finding(rule="B324", severity=Severity.HIGH, title="use of weak MD5 hash", path="src/acme/etag.py", line=9),
        Finding(
            rule="B101", severity=Severity.LOW, title="use of assert detected", path="src/acme/app.py", line=88
        ),
    )
    pip = (
        Finding(
            rule="CVE-2026-11111",
            severity=Severity.CRITICAL,
            title="made-up: a header is parsed without a limit",
            package="examplelib",
            version="2.4.1",
            fixed="2.4.3",
            aliases=("GHSA-xxxx-yyyy-zzzz",),
        ),
    )
    answers = (
        _answer("pip-audit", 5.1, 64, "dependencies", "pip-audit 2.10.0", pip),
        _answer("npm-audit", 1.9, 212, "dependencies", "npm 11.6.2"),
        _answer("sbom", 3.3, 276, "components", "cyclonedx-bom 7.2.1"),
        _answer("bandit", 2.2, 118, "files", "bandit 1.9.4", bandit),
        _answer("semgrep", 8.4, 117, "files", "semgrep 1.182.0", expected=118),
        Answer(scan="codeql", nothing="CodeQL has no rules for the languages here"),
        Answer(scan="trivy", nothing="no images are configured"),
        _answer("pip-licenses", 1.2, 64, "dependencies", "pip-licenses 5.5.0"),
        Answer(scan="trufflehog", missing="the program trufflehog is not here"),
    )
    return policy, tuple(verdict_of(one, policy) for one in answers)


def _answer(
    scan: str,
    seconds: float,
    seen: int,
    unit: str,
    tool: str,
    findings: tuple[Finding, ...] = (),
    expected: int = 0,
) -> Answer:
    sighting = Sighting(seen=seen, expected=expected or seen, unit=unit, alive=True, findings=findings, tool=tool)
    return Answer(scan=scan, seconds=seconds, sighting=sighting)


def security() -> bytes:
    policy, found = judged()
    states = waiver_states(policy, found)
    made = security_page.SecurityPage(project="acme", home=HOME, commit="b81c02dd11" * 4, now=NOW, shipit="1.0.0")
    return page(
        security_page.NAME, made.facts(policy, found, states, "9 scans: 4 clean, 1 waived, 2 with nothing to scan")
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "status.html").write_bytes(status())
    (folder / "security.html").write_bytes(security())
