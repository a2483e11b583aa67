"""shipit build"""

from typing import Annotated

import typer

from shipit.cli.options import DryRun, Json, Verbose


def mount(app: typer.Typer) -> None:
    app.command()(build)


def build(
    images: Annotated[
        list[str] | None, typer.Argument(metavar="[IMAGE]...", help="Only these; all if left out.")
    ] = None,
    push: Annotated[bool, typer.Option("--push", help="Push them to their registry, and move the tags.")] = False,
    branch: Annotated[
        str, typer.Option("--branch", metavar="NAME", help="Tag them for this branch; the one that is checked out.")
    ] = "",
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Build the container images of the commit that is checked out, and push them under its tags.

    A version tag never moves. What the registry has of this commit is not built again.
    """
    from shipit.cli.session import session
    from shipit.images.command import build as run
    from shipit.images.outside import Outside
    from shipit.repository.work_tree import require_work_tree

    with session(json=json, verbose=verbose) as (project, reporter):
        require_work_tree(project)
        outside = Outside(project)
        try:
            facts = run(outside, reporter, images or (), branch or None, push=push, dry_run=dry_run)
        finally:
            outside.close()
        reporter.renderer.outputs(facts)
