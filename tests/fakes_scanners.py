"""Scanners in memory: what they see is said by the test."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from shipit.engine.plan import Say
from shipit.scans.model import Finding, Sighting


@dataclass(kw_only=True)
class FakeScanner:
    """Plays gates.ports.Scanner: sees three files and finds nothing, unless the test says otherwise."""

    name: str
    why_nothing: str = ""
    findings: Sequence[Finding] = ()
    seen: int = 3
    expected: int = 3
    alive: bool = True
    fault: str = ""
    error: BaseException | None = None
    says: Sequence[str] = ()
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    def nothing(self) -> str:
        self.asked.append("nothing")
        return self.why_nothing

    def scan(self, say: Say) -> Sighting:
        self.asked.append("scan")
        for line in self.says:
            say(line)
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        return Sighting(
            seen=self.seen,
            expected=self.expected,
            unit="files",
            alive=self.alive,
            findings=tuple(self.findings),
            fault=self.fault,
            tool=f"{self.name} 1.2.3",
            commands=((self.name, "--json"),),
        )
