"""GitHub in the role of the forge: releases, pull requests, workflows, and what would decline a push."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shipit.adapters.github import rules
from shipit.adapters.github.client import GitHubClient, says
from shipit.adapters.github.releases import Releases
from shipit.adapters.github.workflows import Workflows
from shipit.adapters.http.client import Exchange
from shipit.engine.plan import Problem
from shipit.errors import Unavailable
from shipit.model import ForgeRelease, PullRequest


class GitHub:
    """Plays `ports.Forge` for one repository on GitHub or a GitHub Enterprise server.

    `api` is the API's root, `repository` is owner/name, `token` needs `contents: write`; `pause` sleeps some
    seconds between tries. All methods but `problems` raise Unavailable or Denied.
    """

    name = "GitHub"

    def __init__(
        self, api: str, repository: str, token: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = GitHubClient(api, repository, token, pause=pause)
        self._releases = Releases(self._client)
        self._workflows = Workflows(self._client, pause)

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """Every request that was sent, oldest first."""
        return self._client.http.exchanges

    def close(self) -> None:
        self._client.http.close()

    def problems(self, branches: Sequence[str]) -> Sequence[Problem]:
        return rules.problems(self._client, branches)

    def release(self, tag: str) -> ForgeRelease | None:
        return self._releases.release(tag)

    def create_draft(self, tag: str, title: str, body: str, *, prerelease: bool) -> ForgeRelease:
        return self._releases.create_draft(tag, title, body, prerelease=prerelease)

    def upload(self, release: ForgeRelease, name: str, path: Path) -> None:
        self._releases.upload(release, name, path)

    def publish(self, release: ForgeRelease, tag_format: str) -> None:
        self._releases.publish(release, tag_format)

    def pull_request(self, head: str, base: str) -> PullRequest | None:
        asked = {"head": f"{self._client.owner}:{head}", "base": base, "state": "all"}
        for told in self._client.pages("~/pulls", **asked, sort="created", direction="desc"):
            # GitHub ignores a filter that it does not understand, and then lists everything
            if told["head"]["ref"] == head and told["base"]["ref"] == base:
                return _pull_request(told)
        return None

    def open_pull_request(self, head: str, base: str, title: str, body: str) -> PullRequest:
        wanted = {"head": head, "base": base, "title": title, "body": body}
        try:
            answer = self._client.write("POST", "~/pulls", wanted, accept=(422,))
        except Unavailable:
            found = self._open(head, base)
            if found is None:
                raise
            return found
        if answer.status_code != 422:
            return _pull_request(self._client.http.decoded(answer))
        found = self._open(head, base) if says(answer, "already exists") else None
        if found is None:
            raise self._client.http.denial(answer)
        return found

    def close_pull_request(self, number: int) -> None:
        try:
            self._client.write("PATCH", f"~/pulls/{number}", {"state": "closed"})
        except Unavailable:
            if self._client.get(f"~/pulls/{number}")["state"] != "closed":
                raise

    def workflow_problems(self, workflow: str) -> Sequence[Problem]:
        return self._workflows.problems(workflow)

    def dispatched(self, workflow: str, ref: str, commit: str) -> str | None:
        return self._workflows.dispatched(workflow, ref, commit)

    def dispatch(self, workflow: str, ref: str, commit: str) -> None:
        self._workflows.dispatch(workflow, ref, commit)

    def _open(self, head: str, base: str) -> PullRequest | None:
        found = self.pull_request(head, base)
        return found if found and found.state == "open" else None


def _pull_request(told: Mapping[str, Any]) -> PullRequest:
    merged = told["merged_at"] is not None
    return PullRequest(
        number=told["number"],
        url=told["html_url"],
        state=told["state"],
        merged=merged,
        # before the merge GitHub names its trial merge here
        merge_commit=told["merge_commit_sha"] if merged else None,
        head_sha=told["head"]["sha"],
    )
