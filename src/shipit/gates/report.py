"""What a gate said about a tree, in four states: a gate that could not look has not passed."""

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """The four answers of a gate."""

    CLEAN = "clean"
    FINDINGS = "findings"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not run"


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
