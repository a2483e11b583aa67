"""shipit version"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.answering import say
from shipit.cli.options import Exact, Kind, Package, Pre, Reason, print_answer, refuse_both

if TYPE_CHECKING:
    from shipit.repository.clone import Clone
    from shipit.versioning import Decision
    from shipit.versioning.bump import Forced

app = typer.Typer(name="version", rich_markup_mode=None)

Type = Annotated[Kind, typer.Option("--type", help="Kind of release; auto reads it from the commits.")]
PreKind = Annotated[Pre | None, typer.Option("--pre", help="Make it a prerelease of this kind.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def mount(root: typer.Typer) -> None:
    root.add_typer(app)


@app.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    upcoming: Annotated[bool, typer.Option("--next", help="Print the version that would come next.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Explain how each commit affects the version.")] = False,
    kind: Type = Kind.AUTO,
    pre: PreKind = None,
    exact: Exact = None,
    reason: Reason = None,
    package: Package = None,
    all_packages: Annotated[
        bool, typer.Option("--all-packages", help="With --next: a line for each package, its name and its version.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Print the current version, or the one that would come next; nothing is printed if none would."""
    if context.invoked_subcommand:
        return
    from shipit.repository.clone import open_clone
    from shipit.versioning.bump import forced

    refuse_both(kind, pre, exact)
    if all_packages:
        _print_all((kind, pre, forced(exact, reason)), alone=upcoming and not (why or package or exact), json=json)
        return
    clone = open_clone(Path.cwd(), package)
    asked = upcoming or why or kind is not Kind.AUTO or pre is not None
    if not asked and exact is None and reason is None:
        _say_remarks(clone)
        _print_current(clone, json=json)
    else:
        decision = _decided(clone, (kind, pre, forced(exact, reason)), why=why and not json)
        _say_remarks(clone, decision, auto=kind is Kind.AUTO and exact is None)
        level = kind.value if kind in {Kind.MAJOR, Kind.MINOR, Kind.PATCH} else ""
        _print_next(clone, decision, why=why, json=json, level=level)


@app.command()
def bump(
    number: Annotated[
        str | None, typer.Argument(metavar="[VERSION]", help="The version; the next if left out.")
    ] = None,
    kind: Type = Kind.AUTO,
    pre: PreKind = None,
    package: Package = None,
) -> None:
    """Write a version into the version files of the work tree; nothing is committed."""
    from shipit.repository.clone import open_clone
    from shipit.repository.second_places import second_places
    from shipit.versioning import parse, pep440

    clone = open_clone(Path.cwd(), package)
    decision = None if number else clone.decide(kind, pre)
    _say_remarks(clone, decision, auto=kind is Kind.AUTO)
    wanted = decision.version if decision else str(parse(number or ""))
    if wanted is None:
        say(f"nothing to release: {decision.why if decision else ''}", err=True)
        return
    pep440(wanted)
    for line in second_places(clone):
        say(line, err=True)
    for path in clone.write(wanted):
        say(f"wrote {wanted} to {path}", err=True)
    say(wanted)


def _print_all(asked: "tuple[Kind, Pre | None, Forced | None]", *, alone: bool, json: bool) -> None:
    """The next version of every package; the first that is refused is raised at the end, and others are said."""
    from shipit.errors import Refused, UsageError
    from shipit.repository.clone import open_clone
    from shipit.repository.packages import every_package

    if not alone:
        raise UsageError("--all-packages goes with --next, --type and --pre alone")
    whole = open_clone(Path.cwd())
    if not whole.whole.packages:
        raise UsageError("this repository has no packages", hint="write [tool.shipit.packages.NAME]")
    refusals: list[tuple[str, Refused]] = []
    found: dict[str, object] = {}
    _say_remarks(whole)
    for clone in every_package(whole):
        try:
            decision = clone.decide(*asked)
        except Refused as error:
            refusals.append((clone.package, error))
            continue
        found[clone.package] = _facts(decision, clone.config.version.tag_format, why=False)
        if not json:
            say(
                f"{clone.package} {decision.version}" if decision.version else f"{clone.package}: {decision.why}",
                err=not decision.version,
            )
    if json:
        say(_dumped({"packages": found}))
    for name, refusal in refusals[1:]:
        say(f"{name}: {refusal.what}", err=True)
    for name, first in refusals[:1]:
        raise Refused(f"{name}: {first.what}", where=first.where, evidence=first.evidence, hint=first.hint)


def _decided(clone: "Clone", asked: "tuple[Kind, Pre | None, Forced | None]", *, why: bool) -> "Decision":
    """What would come next; where that is refused, `why` explains the commits all the same."""
    from shipit.versioning.explanation import table
    from shipit.versioning.floor import NotThisVersion

    try:
        return clone.decide(*asked)
    except NotThisVersion as error:
        if why and error.rows:
            say(table(error.rows, _width()) + "\n")
        raise


def _say_remarks(clone: "Clone", decision: "Decision | None" = None, *, auto: bool = True) -> None:
    from shipit.repository.peers import remarks

    for line in remarks(clone, decision, auto=auto):
        say(line, err=True)


def _print_current(clone: "Clone", *, json: bool) -> None:
    from shipit.repository.answers import current
    from shipit.versioning import tag_name
    from shipit.versioning.number import written

    if not json:
        print_answer(current(clone))
        return
    found = clone.current()
    names = {"pep440": written(found), "tag": tag_name(found, clone.config.version.tag_format)} if found else {}
    say(_dumped({"version": str(found) if found else None, **names}))


def _width() -> int | None:
    """Columns of the terminal that the answer goes to; None if it goes elsewhere."""
    import sys

    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _print_next(clone: "Clone", decision: "Decision", *, why: bool, json: bool, level: str) -> None:
    from shipit.repository.answers import upcoming

    if json:
        say(_dumped(_facts(decision, clone.config.version.tag_format, why=why)))
        return
    if why:
        from shipit.versioning.explanation import page

        say(page(decision, level, _width()))
    print_answer(upcoming(decision))


def _facts(decision: "Decision", tag_format: str, *, why: bool) -> dict[str, object]:
    from msgspec import to_builtins

    from shipit.versioning import pep440, tag_name

    found = decision.version
    facts: dict[str, object] = {
        "version": found,
        "pep440": pep440(found) if found else None,
        "tag": tag_name(found, tag_format) if found else None,
        "previous": decision.previous,
        "reason": decision.why or decision.reason or None,
    }
    if not why:
        return facts
    return {**facts, "basis": decision.basis or None, "commits": [to_builtins(row) for row in decision.rows]}


def _dumped(facts: dict[str, object]) -> str:
    from json import dumps  # a hundredth of what `version --next` costs

    return dumps(facts)
