"""shipit changelog"""

import json as _json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.options import Package, tell

if TYPE_CHECKING:
    from shipit.changelog.notes import ReleaseNotes
    from shipit.repository.clone import Clone


def mount(root: typer.Typer) -> None:
    root.command("changelog")(changelog)


def changelog(
    span: Annotated[
        str | None,
        typer.Argument(
            metavar="[RANGE|adopt]",
            help="Such as v1.0.0..v1.1.0; `adopt` marks the place of new versions in the file.",
        ),
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every release of the history.")] = False,
    unreleased: Annotated[bool, typer.Option("--unreleased", help="What is not released yet (default).")] = False,
    write: Annotated[bool, typer.Option("--write", help="Insert it into the changelog file.")] = False,
    people: Annotated[bool, typer.Option("--people", help="Tell who contributed.")] = False,
    package: Package = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per release.")] = False,
) -> None:
    """Print the notes of what is not released yet, of a range, or of every release."""
    from shipit.errors import UsageError
    from shipit.repository import notes as journalist
    from shipit.repository.clone import open_clone

    if (span is not None) + whole + unreleased > 1:
        raise UsageError("a range, --all and --unreleased exclude each other", hint="use one of them")
    clone = open_clone(Path.cwd(), package)
    if span == "adopt":
        typer.echo(journalist.adopt(clone), err=True)
        return
    if whole:
        editions = list(journalist.everything(clone, brief=not (json or people)))
    elif span is not None:
        editions = [journalist.between(clone, span)]
    else:
        editions = [journalist.upcoming(clone) if write else journalist.unreleased(clone)]
    if people and not whole:
        editions = [journalist.with_newcomers(clone, edition) for edition in editions]
    _write(clone, editions, people=people) if write else _print(clone, editions, people=people, json=json)


def _print(clone: "Clone", editions: "list[ReleaseNotes]", *, people: bool, json: bool) -> None:
    from shipit.changelog import notes
    from shipit.repository import notes as journalist
    from shipit.repository.answers import pages

    if not json:
        tell(pages(clone, editions, people=people))
        return
    style = journalist.style(clone, people=people)
    for edition in editions:
        typer.echo(_json.dumps(notes.data(edition, style)))


def _write(clone: "Clone", editions: "list[ReleaseNotes]", *, people: bool) -> None:
    from shipit.errors import UsageError
    from shipit.repository import notes as journalist

    told = [edition for edition in editions if edition.version]
    if not told:
        raise UsageError("only released versions can be written", hint="let the range end with a version tag")
    path = journalist.write(clone, told, people=people)
    typer.echo(f"wrote {path}" if path else "the changelog tells of it already", err=True)
