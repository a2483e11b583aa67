"""The four answers of everything that must pass."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a gate or a scan ended in; only the first has passed."""

    CLEAN = "clean"
    FINDINGS = "findings"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not run"
