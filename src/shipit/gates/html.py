"""`--html FILE`: what the scans found as a page."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from shipit.gates.security import in_total
from shipit.gates.security_page import SecurityPage
from shipit.scans.judging import Judged, waiver_states
from shipit.scans.policy import Policy


class HtmlOutput(Struct, frozen=True, kw_only=True):
    """Plays gates.ports.Output; `render` makes the page of its facts, `write` puts it at `path` whole."""

    path: Path
    page: SecurityPage
    render: Callable[[Mapping[str, object]], bytes]
    write: Callable[[bytes], None]

    def keep(self, policy: Policy, judged: Sequence[Judged]) -> "WrittenPage":
        facts = self.page.facts(policy, judged, waiver_states(policy, judged), in_total(judged))
        self.write(self.render(facts))
        return WrittenPage(self.path)


class WrittenPage(Struct, frozen=True):
    """Plays gates.ports.Kept."""

    path: Path

    def lines(self) -> Sequence[str]:
        return [f"{self.path}: the report as a page"]

    def facts(self) -> Mapping[str, str]:
        return {"html": str(self.path)}
