"""What a gate said about a tree, in four states: a gate that could not look has not passed."""

from msgspec import Struct

from shipit.scans.verdict import Verdict

__all__ = ["GateReport", "Verdict"]


class GateReport(Struct, frozen=True, kw_only=True):
    """The verdict of one gate on one tree.

    `tree` is its git id, empty for a work tree as it is; `coverage` in percent where the gate measures any.
    """

    gate: str
    tree: str
    command: tuple[str, ...]
    verdict: Verdict
    coverage: float | None = None
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.CLEAN
