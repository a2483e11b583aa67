"""shipit changelog"""

import json as _json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say
from shipit.cli.options import Package, print_answer

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
    whole: Annotated[bool, typer.Option("--all", help="All releases.")] = False,
    unreleased: Annotated[bool, typer.Option("--unreleased", help="What is not released yet (default).")] = False,
    write: Annotated[bool, typer.Option("--write", help="Insert it into the changelog file.")] = False,
    people: Annotated[bool, typer.Option("--people", help="List contributors.")] = False,
    package: Package = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per release.")] = False,
) -> None:
    """Print the notes of what is not released yet, of a range, or of every release."""
    from shipit.errors import UsageError
    from shipit.repository import notes as repository_notes
    from shipit.repository.clone import open_clone

    if (span is not None) + whole + unreleased > 1:
        raise UsageError("a range, --all and --unreleased exclude each other", hint="use one of them")
    clone = open_clone(Path.cwd(), package)
    if span == "adopt":
        say(repository_notes.adopt(clone), err=True)
        return
    if whole:
        all_notes = list(repository_notes.everything(clone, brief=not (json or people)))
    elif span is not None:
        all_notes = [repository_notes.between(clone, span)]
    else:
        all_notes = [repository_notes.upcoming(clone) if write else repository_notes.unreleased(clone)]
    if people:
        names = repository_notes.with_names if whole else repository_notes.with_newcomers
        all_notes = [names(clone, release_notes) for release_notes in all_notes]
    _write(clone, all_notes, people=people) if write else _print(clone, all_notes, people=people, json=json)


def _print(clone: "Clone", all_notes: "list[ReleaseNotes]", *, people: bool, json: bool) -> None:
    from shipit.changelog import notes
    from shipit.repository import notes as repository_notes
    from shipit.repository.answers import pages

    if not json:
        print_answer(pages(clone, all_notes, people=people))
        return
    style = repository_notes.style(clone, people=people)
    for release_notes in all_notes:
        say(_json.dumps(notes.data(release_notes, style)))


def _write(clone: "Clone", all_notes: "list[ReleaseNotes]", *, people: bool) -> None:
    from shipit.errors import UsageError
    from shipit.repository import notes as repository_notes

    release_notes = [release_notes for release_notes in all_notes if release_notes.version]
    if not release_notes:
        raise UsageError("only released versions can be written", hint="let the range end with a version tag")
    path = repository_notes.write(clone, release_notes, people=people)
    say(f"wrote {path}" if path else "already in the changelog", err=True)
