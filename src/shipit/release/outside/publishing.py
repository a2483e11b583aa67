"""Where the findings of the scans go on a forge, and as whose."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.errors import UsageError
from shipit.gates.analysed import ActionsRun, Clone, actions_run, analysed_ref
from shipit.gates.comment_page import Links, comment
from shipit.gates.commenting import PullRequestComment, Stamp
from shipit.gates.sarif import SarifOutput
from shipit.gates.uploading import SarifUpload, Target
from shipit.scans.judging import Judged
from shipit.scans.policy import Policy

if TYPE_CHECKING:
    from shipit.adapters.github.client import GitHubClient
    from shipit.release.outside import Outside

_LARGEST = 30_000_000
"""Bytes of the event of a run: GitHub makes none of more than 25 MB."""


def sarif_upload(outside: "Outside", sarif: SarifOutput) -> SarifUpload:
    """Uploads for the commit that is checked out; raises UsageError without a forge, Refused if GitHub lacks it."""
    from shipit.adapters.github.code_scanning import CodeScanning

    run, client, head = _run(outside), _client(outside, "--upload"), _head(outside)
    target = Target(
        commit=head,
        ref=analysed_ref(run, _clone(outside, head)),
        checkout_uri=outside.top.resolve().as_uri(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return SarifUpload(sarif=sarif, scanning=CodeScanning(client, run.read_only), target=target, pause=time.sleep)


def pull_request_comment(outside: "Outside") -> PullRequestComment:
    """Comments on the pull request of the run, else on that of the branch; raises UsageError without a forge."""
    from shipit.adapters.github.comments import Comments

    run, comments = _run(outside), Comments(_client(outside, "--comment"))
    head, branch = _head(outside), outside.checkout.branch

    def number() -> int | None:
        if run.ref:
            return run.pull_request or None
        return comments.pull_request(branch) if branch else None

    def text(policy: Policy, judged: Sequence[Judged]) -> str:
        links = Links(repository=outside.links or "", commit=head, run=outside.actor().url)
        return comment(policy, judged, links)

    return PullRequestComment(
        comments=comments,
        pull_request=number,
        text=text,
        stamp=Stamp(run=run.id, attempt=run.attempt, time=time.time_ns() // 1_000_000, commit=head),
        read_only=run.read_only,
        pause=time.sleep,
    )


def _client(outside: "Outside", option: str) -> "GitHubClient":
    if outside.repository is None:
        raise UsageError(
            f"{option} needs GitHub, and this project has no forge",
            where="[tool.shipit.forge]",
            hint='kind = "github"; its repository is that of the remote, or repository = "owner/name"',
        )
    from shipit.adapters.github.client import GitHubClient

    return GitHubClient(outside.api, outside.repository, outside.secret(outside.config.forge.token))


def _head(outside: "Outside") -> str:
    return outside.checkout.tip("HEAD") or ""


def _clone(outside: "Outside", head: str) -> Clone:
    def tip(ref: str) -> str | None:
        return outside.remote.refs().get(ref)

    def has(commit: str, other: str) -> bool:
        return bool(other) and outside.objects.has(commit) and outside.objects.is_ancestor(other, commit)

    return Clone(
        head=head, branch=outside.checkout.branch or "", remote=outside.config.branches.remote, tip=tip, has=has
    )


def _run(outside: "Outside") -> ActionsRun:
    return actions_run(outside.environment, _event(outside.environment.get("GITHUB_EVENT_PATH", "")))


def _event(name: str) -> object:
    """What GitHub Actions says of the event of a run; None where nothing can be read."""
    try:
        with Path(name).open("rb") as file:
            return json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
