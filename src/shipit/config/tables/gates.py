"""[tool.shipit.gates.NAME]: the commands that must pass before anything is pushed."""

from typing import Annotated

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, InsidePath, VariableNames, spell_paths

TAKEN = frozenset((
    *("lock", "branch", "build", "check", "install", "evidence", "push", "tag-here", "draft", "assets", "upload"),
    *("publish", "back-merge", "pull-request", "close", "security"),
))  # fmt: skip
"""Names that no gate may have: those of the built-in steps, and `security`."""

Percent = Annotated[float, Meta(ge=0, le=100)]


class Gate(Section, frozen=True):
    """One command that must pass before anything is pushed."""

    run: Annotated[Command, Meta(description="command; a text is split like a shell would, no shell runs")]
    coverage: Annotated[Percent | None, Meta(description="least line coverage in percent")] = None
    coverage_file: Annotated[InsidePath, Meta(description="Cobertura XML that the command writes")] = "coverage.xml"
    timeout: Annotated[int, Meta(gt=0, description="minutes until the gate counts as failed")] = 60
    secrets: Annotated[
        VariableNames,
        Meta(description="variables with tokens or passwords that the command may see; all others are withheld"),
    ] = ()

    def __post_init__(self) -> None:
        spell_paths(self, "coverage_file")
