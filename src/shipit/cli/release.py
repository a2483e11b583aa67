"""shipit release"""

from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.options import DryRun, Exact, Json, Kind, Package, Pre, Reason, Verbose, refuse_both

if TYPE_CHECKING:
    from shipit.release.run import Options

Type = Annotated[Kind, typer.Option("--type", help="Which part of the version moves; auto reads the commits.")]
PreKind = Annotated[Pre | None, typer.Option("--pre", help="Make it a prerelease of this kind.")]
Base = Annotated[str | None, typer.Option("--from", help="Branch to release from, such as main for a hot fix.")]
Resume = Annotated[bool, typer.Option("--resume", help="Finish what was begun here or on another machine.")]
Undo = Annotated[bool, typer.Option("--undo", help="Undo what was begun and not yet pushed.")]
PullRequest = Annotated[bool, typer.Option("--pr", help="Through a pull request, for protected branches.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even on a terminal.")]
FailIfNothing = Annotated[bool, typer.Option("--fail-if-nothing", help="Exit 3 if there is nothing to release.")]


def mount(app: typer.Typer) -> None:
    app.command("release")(release)


def release(
    kind: Type = Kind.AUTO,
    pre: PreKind = None,
    base: Base = None,
    exact: Exact = None,
    reason: Reason = None,
    package: Package = None,
    dry_run: DryRun = False,
    resume: Resume = False,
    undo: Undo = False,
    pull_request: PullRequest = False,
    yes: Yes = False,
    fail_if_nothing: FailIfNothing = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Release: version, changelog, gates, one atomic push, forge release, package index.

    Everything before the push is undone if a step fails; from the push on there is only forward, and
    --resume finishes on any machine. Run twice, the second run finds everything done.
    """
    from shipit.errors import UsageError
    from shipit.release.run import Options

    if resume and undo:
        raise UsageError("--resume and --undo exclude each other", hint="use one of them")
    refuse_both(kind, pre, exact)
    options = Options(kind=kind.value, pre=pre.value if pre else None, base=base, dry_run=dry_run, resume=resume,
                      undo=undo, pull_request=pull_request, fail_if_nothing=fail_if_nothing, exact=exact,
                      reason=reason, package=package or "")  # fmt: skip
    _run(options, json=json, verbose=verbose, ask=not (yes or dry_run or resume or undo))


def _run(options: "Options", *, json: bool, verbose: bool, ask: bool) -> None:
    from shipit.cli.session import session
    from shipit.release import command
    from shipit.release.outside import Outside
    from shipit.repository.work_tree import require_work_tree

    with session(json=json, verbose=verbose, ask=ask) as (project, reporter):
        require_work_tree(project, options.package)
        reporter.renderer.outputs(command.release(Outside(project), options, reporter))
