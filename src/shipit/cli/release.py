"""shipit release"""

from typing import Annotated

import typer

from shipit.cli.options import DryRun, Exact, Json, Kind, Package, Pre, Reason, Verbose, refuse_both


def mount(app: typer.Typer) -> None:
    app.command("release")(release)


def release(
    kind: Annotated[
        Kind, typer.Option("--type", help="Which part of the version moves; auto reads the commits.")
    ] = Kind.AUTO,
    pre: Annotated[Pre | None, typer.Option("--pre", help="Make it a prerelease of this kind.")] = None,
    base: Annotated[
        str | None, typer.Option("--from", help="Branch to release from, such as main for a hot fix.")
    ] = None,
    exact: Exact = None,
    reason: Reason = None,
    package: Package = None,
    dry_run: DryRun = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish what was begun here or on another machine.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was begun and not yet pushed.")] = False,
    pull_request: Annotated[
        bool, typer.Option("--pr", help="Through a pull request, for protected branches.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even on a terminal.")] = False,
    fail_if_nothing: Annotated[
        bool, typer.Option("--fail-if-nothing", help="Exit 3 if there is nothing to release.")
    ] = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Release: version, changelog, gates, one atomic push, forge release, package index.

    Everything before the push is taken back if a step fails; from the push on there is only forward, and
    --resume finishes on any machine. Run twice, the second run finds everything done.
    """
    from shipit.cli.session import session
    from shipit.errors import UsageError
    from shipit.release.command import release as run
    from shipit.release.outside import Outside
    from shipit.release.run import Options

    if resume and undo:
        raise UsageError("--resume and --undo exclude each other", hint="use one of them")
    refuse_both(kind, pre, exact)
    options = Options(
        kind=kind.value,
        pre=pre.value if pre else None,
        base=base,
        dry_run=dry_run,
        resume=resume,
        undo=undo,
        pull_request=pull_request,
        fail_if_nothing=fail_if_nothing,
        exact=exact,
        reason=reason,
        package=package or "",
    )
    with session(json=json, verbose=verbose, ask=not (yes or dry_run or resume or undo)) as (project, reporter):
        reporter.renderer.outputs(run(Outside(project), options, reporter))
