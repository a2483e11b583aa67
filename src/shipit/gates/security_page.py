"""The security report as a page: verdicts, findings by what becomes of them, waivers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from shipit.gates import scan_words
from shipit.output.pages import moment
from shipit.output.text import clean, count, duration
from shipit.scans.judging import Judged, WaiverState, overall
from shipit.scans.model import Finding, Severity
from shipit.scans.policy import Policy, Waiver
from shipit.scans.verdict import Verdict

NAME = "security"
SHORT = 10
_KINDS = {Verdict.CLEAN: "good", Verdict.FINDINGS: "bad", Verdict.INCONCLUSIVE: "warn", Verdict.NOT_RUN: "warn"}
_STATES = {WaiverState.USED: "warn", WaiverState.UNUSED: "", WaiverState.EXPIRED: "bad"}


class SecurityPage(Struct, frozen=True, kw_only=True):
    """What the page is made of; `home` and `commit` make links, either may be empty; `now` since the epoch."""

    project: str
    home: str
    commit: str
    now: float
    shipit: str

    def facts(
        self,
        policy: Policy,
        judged: Sequence[Judged],
        states: Sequence[tuple[Waiver, WaiverState]],
        in_total: str,
    ) -> Mapping[str, object]:
        """What the template asks for, masked; no line of any file stands in it.

        `states` say what each waiver did, `in_total` counts the scans.
        """
        shown = [clean(one) for one in judged]
        verdict = overall(judged)
        return {
            "shipit": self.shipit,
            "project": clean(self.project),
            "written": moment(self.now),
            "overall": {"word": str(verdict), "kind": _KINDS[verdict]},
            "in_total": in_total,
            "fail_on": str(policy.fail_on),
            "commit": {
                "text": self.commit[:SHORT],
                "url": f"{self.home}/commit/{self.commit}" if self.home and self.commit else "",
            },
            "scans": [_scan(one) for one in shown],
            "groups": [*self._groups(shown)],
            "waivers": [_waiver(clean(waiver), state) for waiver, state in states],
        }

    def _groups(self, judged: Sequence[Judged]) -> Iterator[Mapping[str, Any]]:
        """What counts first, the gravest first; what does not count is closed."""
        counting = [(one.scan, finding, None) for one in judged for finding in one.findings.counting]
        for severity in reversed(Severity):
            these = [row for row in counting if row[1].severity is severity]
            if these:
                yield self._group(str(severity), "bad", f"{count(len(these), 'finding')}", these)
        kept = (
            ("waived", [
                (one.scan, finding, waiver)
                for one in judged
                for finding, waiver in zip(one.findings.waived, one.findings.waivers, strict=True)
            ]),
            ("baseline", [(one.scan, finding, None) for one in judged for finding in one.findings.known]),
            ("below fail-on", [(one.scan, finding, None) for one in judged for finding in one.findings.minor]),
        )  # fmt: skip
        for word, rows in kept:
            if rows:
                yield self._group(word, "", f"{count(len(rows), 'finding')}, not counted", rows)

    def _group(
        self, word: str, kind: str, title: str, rows: Sequence[tuple[str, Finding, Waiver | None]]
    ) -> Mapping[str, Any]:
        findings = [self._finding(*row) for row in rows]
        return {"word": word, "kind": kind, "title": title, "is_open": bool(kind), "findings": findings}

    def _finding(self, scan: str, finding: Finding, waiver: Waiver | None) -> Mapping[str, Any]:
        return {
            "scan": scan,
            "title": finding.title or finding.rule,
            "rule": finding.rule,
            "aliases": ", ".join(finding.aliases),
            "place": scan_words.place(finding),
            "url": self._url(finding),
            "waiver": {"until": str(waiver.until), "reason": waiver.reason} if waiver else None,
        }

    def _url(self, finding: Finding) -> str:
        """The line on the forge, at this commit."""
        is_inside = finding.path and ".." not in PurePosixPath(finding.path).parts
        if finding.package or not (self.home and self.commit and is_inside):
            return ""
        line = f"#L{finding.line}" if finding.line else ""
        return f"{self.home}/blob/{self.commit}/{quote(finding.path)}{line}"


def _scan(one: Judged) -> Mapping[str, Any]:
    verdict = {"word": scan_words.verdict(one), "kind": _KINDS[one.verdict]}
    if not one.counts:
        verdict = {"word": "nothing to scan", "kind": ""}
    found = one.findings
    numbers = (scan_words.by_severity(found.counting), *scan_words.besides(one))
    return {
        "name": one.scan,
        "verdict": verdict,
        "reason": one.answer.nothing or one.reason,
        "seen": scan_words.seen(one),
        "findings": ", ".join(filter(None, numbers)) or ("none" if one.looked else ""),
        "tool": one.answer.sighting.tool if one.answer.sighting else "",
        "time": duration(one.answer.seconds) if one.answer.seconds else "",
    }


def _waiver(waiver: Waiver, state: WaiverState) -> Mapping[str, Any]:
    return {
        "name": waiver.name,
        "about": f"{waiver.scan}: {waiver.finding}" if waiver.finding else waiver.scan,
        "until": str(waiver.until),
        "reason": waiver.reason,
        "state": {"word": str(state), "kind": _STATES[state]},
    }
