"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="JSON lines on stdout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look and show the plan; change nothing.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every line that the steps say.")]


class Kind(StrEnum):
    """--type"""

    AUTO = "auto"
    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    PRERELEASE = "prerelease"


class Pre(StrEnum):
    """--pre"""

    ALPHA = "alpha"
    BETA = "beta"
    RC = "rc"
