"""Comments on a pull request of GitHub, and whose they are.

https://docs.github.com/rest/issues/comments
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shipit.adapters.github.client import GitHubClient
from shipit.errors import Denied, Unavailable
from shipit.scans.publication import Comment

_HINT = "the token needs `pull-requests: write`: in GitHub Actions add it to `permissions:`"


class Comments:
    """Plays gates.ports.Comments."""

    def __init__(self, client: GitHubClient) -> None:
        self.client = client

    def author(self) -> int | None:
        """The account of a personal token; None for the token of an app, which may not ask that."""
        if self.client.is_installation_token:
            return None
        try:
            found = self.client.get("/user")
        except Denied as error:
            if _has_status(error, 401):
                raise
            return None
        return _number(found, "id")

    def pull_request(self, branch: str) -> int | None:
        """The newest open one of a branch of this repository."""
        asked = {"head": f"{self.client.owner}:{branch}", "state": "open"}
        for found in self.client.pages("~/pulls", **asked, sort="created", direction="desc"):
            # GitHub ignores a filter that it does not understand, and then lists everything
            head = found.get("head") if isinstance(found, Mapping) else None
            if isinstance(head, Mapping) and head.get("ref") == branch:
                return _number(found, "number")
        return None

    def comments(self, number: int) -> Sequence[Comment]:
        with _right():
            return [_comment(found) for found in self.client.pages(f"~/issues/{number}/comments")]

    def create(self, number: int, body: str) -> Comment:
        with _right():
            answer = self.client.write("POST", f"~/issues/{number}/comments", {"body": body})
        return _comment(self.client.http.decoded(answer))

    def update(self, comment: int, body: str) -> bool:
        """Whether it is still there; sent once more where no answer came, since the text is the same."""
        path, wanted = f"~/issues/comments/{comment}", {"body": body}
        with _right():
            try:
                answer = self.client.write("PATCH", path, wanted, accept=(404,))
            except Unavailable:
                answer = self.client.write("PATCH", path, wanted, accept=(404,))
        return answer.status_code != 404

    def delete(self, comment: int) -> None:
        """Delete it; one that is gone already is as good."""
        path = f"~/issues/comments/{comment}"
        with _right():
            try:
                self.client.delete(path)
            except Unavailable:
                self.client.delete(path)


def _comment(found: Any) -> Comment:
    """A comment whose account was deleted has no author."""
    user = found.get("user") if isinstance(found, Mapping) else None
    user = user if isinstance(user, Mapping) else {}
    return Comment(
        id=_number(found, "id"),
        body=str(found.get("body") or ""),
        author=_number(user, "id") if user else 0,
        is_bot=user.get("type") == "Bot",
        url=str(found.get("html_url") or ""),
    )


def _number(found: Any, name: str) -> int:
    value = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unavailable(f"GitHub's answer about comments has no {name}")
    return value


@contextmanager
def _right() -> Iterator[None]:
    """Name the right that a token needs, where GitHub refuses with 403 or 404."""
    try:
        yield
    except Denied as error:
        hint = _HINT if _has_status(error, 403) or _has_status(error, 404) else error.hint
        raise Denied(error.what, where=error.where, evidence=error.evidence, hint=hint) from error


def _has_status(error: Denied, status: int) -> bool:
    return any(f"→ {status}" in line for line in error.evidence)
