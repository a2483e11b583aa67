"""Pull requests on GitHub, found by their branches."""

from collections.abc import Mapping
from typing import Any

from shipit.adapters.github.client import GitHubClient, mentions
from shipit.errors import Unavailable
from shipit.model import PullRequest


class PullRequests:
    """Plays release.ports.PullRequests; every method raises Unavailable or Denied."""

    client: GitHubClient

    def pull_request(self, head: str, base: str) -> PullRequest | None:
        asked = {"head": f"{self.client.owner}:{head}", "base": base, "state": "all"}
        for found in self.client.pages("~/pulls", **asked, sort="created", direction="desc"):
            # GitHub ignores a filter that it does not understand, and then lists everything
            if found["head"]["ref"] == head and found["base"]["ref"] == base:
                return _pull_request(found)
        return None

    def open_pull_request(self, head: str, base: str, title: str, body: str) -> PullRequest:
        wanted = {"head": head, "base": base, "title": title, "body": body}
        try:
            answer = self.client.write("POST", "~/pulls", wanted, accept=(422,))
        except Unavailable:
            found = self._open(head, base)
            if found is None:
                raise
            return found
        if answer.status_code != 422:
            return _pull_request(self.client.http.decoded(answer))
        found = self._open(head, base) if mentions(answer, "already exists") else None
        if found is None:
            raise self.client.http.denial(answer)
        return found

    def close_pull_request(self, number: int) -> None:
        try:
            self.client.write("PATCH", f"~/pulls/{number}", {"state": "closed"})
        except Unavailable:
            if self.client.get(f"~/pulls/{number}")["state"] != "closed":
                raise

    def _open(self, head: str, base: str) -> PullRequest | None:
        found = self.pull_request(head, base)
        return found if found and found.state == "open" else None


def _pull_request(found: Mapping[str, Any]) -> PullRequest:
    merged = found["merged_at"] is not None
    return PullRequest(
        number=found["number"],
        url=found["html_url"],
        state=found["state"],
        merged=merged,
        # before the merge GitHub names its trial merge here
        merge_commit=found["merge_commit_sha"] if merged else None,
        head_sha=found["head"]["sha"],
    )
