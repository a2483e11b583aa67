"""[tool.shipit.gates.NAME]: the commands that must pass before anything is pushed."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Command, InsidePath, VariableNames, spell_paths

TAKEN = frozenset((
    *("lock", "build", "check", "install", "evidence", "push", "tag-here", "draft", "assets", "upload", "publish"),
    *("back-merge", "pull-request", "close", "security"),
))  # fmt: skip
"""Names that no gate may have: those of the built-in steps, and `security`."""

Percent = Annotated[float, Meta(ge=0, le=100)]


class Gate(Section, frozen=True):
    """One command that must pass before anything is pushed."""

    run: Annotated[Command, Meta(description="command; a text is split like a shell would, no shell runs")]
    verify: Annotated[
        Literal["lint", "types", "tests"] | None,
        Meta(
            description="whose question it answers: that of `shipit verify lint`, `types` or `tests`; default NAME"
        ),
    ] = None
    coverage: Annotated[
        Percent | None, Meta(description="least coverage in percent: lines and branches together, never rounded")
    ] = None
    release_coverage: Annotated[
        Percent | None,
        Meta(description="instead of coverage in `shipit release` and for environments with from = tags"),
    ] = None
    coverage_file: Annotated[InsidePath, Meta(description="Cobertura XML that the command writes")] = "coverage.xml"
    junit_file: Annotated[
        InsidePath | None,
        Meta(
            description="JUnit XML that the command writes; it must be fresh and hold a test that ran. Left out: "
            "pytest's is found, or asked for"
        ),
    ] = None
    unit: Annotated[Command | None, Meta(description="arguments added to run by `verify tests --unit`")] = None
    integration: Annotated[
        Command | None, Meta(description="arguments added to run by `verify tests --integration`")
    ] = None
    timeout: Annotated[int, Meta(gt=0, description="minutes until the gate counts as failed")] = 60
    secrets: Annotated[
        VariableNames,
        Meta(description="variables with tokens or passwords that the command may see; all others are withheld"),
    ] = ()

    def __post_init__(self) -> None:
        spell_paths(self, "coverage_file", "junit_file")
