"""shipit verify security"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipit.cli.options import Json

if TYPE_CHECKING:
    from shipit.config import Project
    from shipit.gates.ports import Output, Publisher
    from shipit.gates.security import SecurityScans
    from shipit.release.outside import Outside as ReleaseOutside

Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="NAME", help="Make this scan alone; may be repeated.")
]
WriteBaseline = Annotated[
    bool, typer.Option("--write-baseline", help="What is found now does not count from now on.")
]
Sarif = Annotated[
    Path | None,
    typer.Option("--sarif", metavar="FILE", help="Write the findings as SARIF for GitHub's code scanning, too."),
]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the findings as a page, too.")]
Upload = Annotated[
    bool,
    typer.Option("--upload", help="Upload the findings to GitHub's code scanning, and wait until it has them."),
]
Comment = Annotated[bool, typer.Option("--comment", help="Keep one comment with the findings on the pull request.")]


def mount(verify: typer.Typer) -> None:
    verify.command("security")(verify_security)


def verify_security(
    only: Only = None,
    write_baseline: WriteBaseline = False,
    sarif: Sarif = None,
    html: Html = None,
    upload: Upload = False,
    comment: Comment = False,
    json: Json = False,
) -> None:
    """Make the security scans side by side. Exit 4 unless each is clean, waived, or has nothing to scan."""
    from shipit.cli.session import session
    from shipit.gates.outside import UsersTree, html_output, security_scans
    from shipit.gates.security import verify
    from shipit.images.outside import Outside
    from shipit.images.scanned import references
    from shipit.notification.following import notified
    from shipit.repository.work_tree import require_work_tree

    with session(json=json) as (project, reporter):
        require_work_tree(project)
        with notified(project, reporter, "verify security"):
            outside = Outside(project)
            scans = security_scans(
                project,
                UsersTree(project.top),
                outside.release.withheld,
                lambda: references(outside),
                outside.logins.for_docker,
            )
            outputs, publishers = _made(project, scans, outside.release, sarif, upload=upload, comment=comment)
            if html:
                beside = _sarif_file(scans, sarif, upload=upload)
                outputs.append(html_output(project, scans, html, outside.release.links or "", beside))
            verify(
                scans, reporter, only or (), write_baseline=write_baseline, outputs=outputs, publishers=publishers
            )


def _made(
    project: "Project",
    scans: "SecurityScans",
    outside: "ReleaseOutside",
    sarif: Path | None,
    *,
    upload: bool,
    comment: bool,
) -> "tuple[list[Output], list[Publisher]]":
    """What writes SARIF, and what takes the findings to GitHub; raises Refused or UsageError before any scan."""
    from shipit.gates.outside import sarif_output
    from shipit.release.outside.publishing import pull_request_comment, sarif_upload

    outputs: list[Output] = []
    publishers: list[Publisher] = []
    path = _sarif_file(scans, sarif, upload=upload)
    if upload and path:
        uploaded = sarif_upload(outside, sarif_output(project, scans, path))
        outputs.append(uploaded)
        publishers.append(uploaded)
    elif path:
        outputs.append(sarif_output(project, scans, path))
    if comment:
        publishers.append(pull_request_comment(outside))
    return outputs, publishers


def _sarif_file(scans: "SecurityScans", given: Path | None, *, upload: bool) -> Path | None:
    """The first file of SARIF, None where none is wanted."""
    return given or (Path(os.path.relpath(scans.report.with_name("security.sarif"))) if upload else None)
