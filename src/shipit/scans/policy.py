"""Which findings count: the least severity, waivers with their last day, and what was there before."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Struct

from shipit.scans.baseline import Baseline, Fingerprint, fingerprint
from shipit.scans.model import Finding, Severity


class Waiver(Struct, frozen=True, kw_only=True):
    """A finding that does not count, or without `finding` a scan that could not look; `until` is the last day."""

    name: str
    scan: str
    reason: str
    until: date
    finding: str = ""

    def is_about(self, scan: str, finding: Finding) -> bool:
        """Whether it names this finding, by its rule or one of its other names."""
        names = {name.casefold() for name in (finding.rule, *finding.aliases)}
        return bool(self.finding) and self.scan == scan and self.finding.casefold() in names


class Sorted(Struct, frozen=True, kw_only=True):
    """The findings of a scan, by what becomes of them; `waivers` are those of `waived`, one for one."""

    counting: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    known: tuple[Finding, ...] = ()
    minor: tuple[Finding, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    """of those that count or are known: what a baseline written now would hold"""


class Policy(Struct, frozen=True, kw_only=True):
    """What counts on a day; `text_of` gives the text of a finding's line, empty where it has none.

    `scans` are all that the configuration names, also where only some are made; None if nobody says.
    """

    fail_on: Severity
    waivers: tuple[Waiver, ...]
    baseline: Baseline
    today: date
    text_of: Callable[[Finding], str]
    scans: frozenset[str] | None = None

    def is_current(self, waiver: Waiver) -> bool:
        return self.today <= waiver.until

    def waiver_of(self, scan: str) -> Waiver | None:
        """What lets this scan pass where it is not run or inconclusive."""
        return next((w for w in self.waivers if w.scan == scan and not w.finding and self.is_current(w)), None)

    def sort(self, scan: str, findings: Sequence[Finding]) -> Sorted:
        """Each finding once: a waiver goes before the severity, and that before the baseline."""
        counting: list[Finding] = []
        waived: list[tuple[Finding, Waiver]] = []
        known: list[Finding] = []
        minor: list[Finding] = []
        prints: list[Fingerprint] = []
        left = Counter(self.baseline)
        for finding in findings:
            if waiver := self._waiver(scan, finding):
                waived.append((finding, waiver))
            elif finding.severity.rank < self.fail_on.rank:
                minor.append(finding)
            else:
                mark = fingerprint(scan, finding, self.text_of(finding))
                prints.append(mark)
                (known if left[mark] > 0 else counting).append(finding)
                left[mark] -= 1
        return Sorted(
            counting=tuple(counting),
            waived=tuple(finding for finding, _ in waived),
            waivers=tuple(waiver for _, waiver in waived),
            known=tuple(known),
            minor=tuple(minor),
            fingerprints=tuple(prints),
        )

    def _waiver(self, scan: str, finding: Finding) -> Waiver | None:
        return next((w for w in self.waivers if self.is_current(w) and w.is_about(scan, finding)), None)
