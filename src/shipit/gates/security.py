"""shipit verify security: the scans of a tree, the policy on what they found, and a report."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event

from shipit.config import Security
from shipit.engine.events import RunFinished
from shipit.engine.plan import Say
from shipit.engine.preview import Emit
from shipit.errors import Refused, UsageError
from shipit.gates import scan_table, scan_words
from shipit.gates.known import known_findings, text_of
from shipit.gates.ports import Output, Publisher, Scanner
from shipit.gates.report import GateReport, Verdict
from shipit.gates.scan_report import report
from shipit.gates.scanning import scan
from shipit.output.reporter import Reporter
from shipit.scans import baseline
from shipit.scans.judging import Judged, overall, verdict_of, waiver_states
from shipit.scans.model import Severity
from shipit.scans.policy import Policy, Waiver

GATE = "security"
COMMAND = ("shipit", "verify", "security")
NOTHING = "there was nothing to scan, so nothing was looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScans:
    """The scans of one tree of files.

    `tracked` are its files, `scanners` makes scanners by name, which give up once `is_stopping` is set; `report` is
    where the report goes, `write` puts a file there whole.
    """

    options: Security
    tree: Path
    tracked: tuple[str, ...]
    scanners: Callable[[Sequence[str]], Sequence[Scanner]]
    write: Callable[[Path, bytes], None]
    report: Path
    today: date
    id: str = ""
    is_stopping: Event = field(default_factory=Event)

    def chosen(self, only: Sequence[str]) -> tuple[str, ...]:
        """The scans of the configuration, or those of them; raises UsageError for another name."""
        known = tuple(dict.fromkeys(self.options.scans))
        unknown = [name for name in only if name not in known]
        if unknown:
            raise UsageError(
                f"there is no scan {', '.join(unknown)}",
                where="[tool.shipit.security] scans",
                evidence=[f"scans: {', '.join(known)}"],
            )
        return tuple(name for name in known if name in only) if only else known

    def policy(self) -> Policy:
        """What counts today; raises UsageError for a baseline that cannot be read."""
        waivers = tuple(
            Waiver(name=name, scan=one.scan, reason=one.reason, until=one.until, finding=one.finding or "")
            for name, one in self.options.waivers.items()
        )
        return Policy(
            fail_on=Severity(self.options.fail_on),
            waivers=waivers,
            baseline=known_findings(self.tree, self.options.baseline),
            today=self.today,
            text_of=partial(text_of, self.tree, frozenset(self.tracked)),
            scans=frozenset(self.options.scans),
        )

    def look(self, only: Sequence[str], emit: Emit) -> tuple[Policy, tuple[Judged, ...]]:
        """Make the scans and judge them, and write the report."""
        names, policy = self.chosen(only), self.policy()
        judged = scan(self.scanners(names), policy, emit, self.is_stopping)
        self.keep(policy, judged)
        return policy, judged

    def keep(self, policy: Policy, judged: Sequence[Judged]) -> None:
        """Write the report."""
        self.write(self.report, report(policy, judged, waiver_states(policy, judged)))

    def run(self, name: str, say: Say) -> GateReport:
        """As a gate of a deployment: every line of the table is said, a verdict comes back."""
        _, judged = self.look((), lambda _: None)
        for line in scan_table.table(judged):
            say(line)
        verdict = overall(judged)
        lines = [line for one in judged if not one.passed for line in scan_table.details(one)]
        if not any(one.counts for one in judged):
            lines = [NOTHING]
        detail = "\n".join(lines) if verdict is not Verdict.CLEAN else in_total(judged)
        return GateReport(gate=name, tree=self.id, command=COMMAND, verdict=verdict, detail=detail)


def verify(
    scans: SecurityScans,
    reporter: Reporter,
    only: Sequence[str] = (),
    *,
    write_baseline: bool = False,
    outputs: Sequence[Output] = (),
    publishers: Sequence[Publisher] = (),
) -> None:
    """Make the scans, show them, and write the report and `outputs`; raises Refused unless all have passed.

    Once they are shown, `publishers` take them elsewhere; raises what failed there, if all scans have passed.
    """
    if write_baseline and not scans.options.baseline:
        raise UsageError(
            "no baseline is configured", where="[tool.shipit.security]", hint='baseline = "security-baseline.json"'
        )
    began = time.monotonic()
    policy, judged = scans.look(only, reporter.emit)
    if write_baseline:
        policy, judged = _accepted(scans, policy, judged, reporter)
    written = [output.keep(policy, judged) for output in outputs]
    reporter.say(_page(policy, judged, [line for one in written for line in one.lines()]))
    published = [publisher.publish(policy, judged) for publisher in publishers]
    for line in (line for one in published for line in one.lines()):
        reporter.say(line)
    stop = _refusal(judged) or next(filter(None, (one.failure for one in published)), None)
    outcome, code = (stop.title, stop.exit_code) if stop else ("complete", 0)
    reporter.emit(RunFinished(outcome, code, time.monotonic() - began))
    made = (*written, *published)
    reporter.renderer.outputs(
        {**facts(scans, judged), **{name: fact for one in made for name, fact in one.facts().items()}}
    )
    if stop:
        raise stop


def facts(scans: SecurityScans, judged: Sequence[Judged]) -> Mapping[str, str]:
    """The verdict of each scan by its name, of all together, and where the report is."""
    verdicts = {one.scan: str(one.verdict) for one in judged}
    return {"verdict": str(overall(judged)), "report": str(scans.report), **verdicts}


def in_total(judged: Sequence[Judged]) -> str:
    """How many of the scans are clean, waived, or had nothing to scan."""
    clean = sum(one.verdict is Verdict.CLEAN for one in judged)
    nothing = sum(not one.counts for one in judged)
    waived = sum(one.passed for one in judged) - clean - nothing
    parts = ((clean, "clean"), (waived, "waived"), (nothing, "with nothing to scan"))
    return f"{len(judged)} scans: " + ", ".join(f"{many} {word}" for many, word in parts if many)


def _page(policy: Policy, judged: Sequence[Judged], written: Iterable[str]) -> str:
    """The table, then what each scan has to say, then the waivers, then what was written; empty lines between."""
    blocks: list[Iterable[str]] = [scan_table.table(judged), *map(scan_table.details, judged)]
    blocks.append(scan_table.waivers(waiver_states(policy, judged)))
    blocks.append(written)
    return "\n\n".join(filter(None, ("\n".join(block) for block in blocks)))


def _refusal(judged: Sequence[Judged]) -> Refused | None:
    if not any(one.counts for one in judged):
        return Refused(
            NOTHING,
            evidence=[f"{one.scan}: {one.reason}" for one in judged],
            hint="take `security` out of what is run here, or track the files that are to be scanned",
        )
    bad = [one for one in judged if not one.passed]
    if not bad:
        return None
    many = "1 scan has" if len(bad) == 1 else f"{len(bad)} scans have"
    return Refused(
        f"{many} not passed, of {len(judged)}",
        evidence=[f"{one.scan}: {scan_words.in_short(one)}" for one in bad],
        hint=scan_table.how_to_waive(bad),
    )


def _accepted(
    scans: SecurityScans, policy: Policy, judged: Sequence[Judged], reporter: Reporter
) -> tuple[Policy, tuple[Judged, ...]]:
    """Write the baseline, and judge again by it; what scans have not looked keeps what stood there of them."""
    looked = {one.scan for one in judged if one.looked}
    kept = [mark for mark in policy.baseline.elements() if mark.scan not in looked]
    found = [mark for one in judged if one.looked for mark in one.findings.fingerprints]
    scans.write(scans.tree / scans.options.baseline, baseline.encode([*kept, *found]))
    many = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    beside = f", and {len(kept)} of scans that have not looked" if kept else ""
    reporter.say(f"{scans.options.baseline}: {many} written{beside}")
    renewed = scans.policy()
    again = tuple(verdict_of(one.answer, renewed) for one in judged)
    scans.keep(renewed, again)
    return renewed, again
