"""Options that several commands share."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say

if TYPE_CHECKING:
    from shipit.repository.answers import Answer

Json = Annotated[bool, typer.Option("--json", help="JSON lines on stdout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look and show the plan; change nothing.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every line that the steps say.")]

Exact = Annotated[
    str | None, typer.Option("--as", metavar="VERSION", help="Release exactly this version; needs --reason.")
]
Reason = Annotated[
    str | None, typer.Option("--reason", help="Why this version; recorded in the commit and in release.json.")
]
Package = Annotated[
    str | None, typer.Option("--package", metavar="NAME", help="One of several packages of the repository.")
]


def print_answer(answer: "Answer") -> None:
    """Print what a light command answers."""
    if answer.out:
        say(answer.out)
    if answer.err:
        say(answer.err, err=True)


def refuse_both(kind: "Kind", pre: "Pre | None", exact: str | None) -> None:
    """Raise UsageError if a version is named and asked for by its kind as well."""
    if exact is not None and (kind is not Kind.AUTO or pre is not None):
        from shipit.errors import UsageError

        raise UsageError("--as names the whole version, --type and --pre ask for one", hint="use one of them")


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
