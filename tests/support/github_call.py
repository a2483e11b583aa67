"""A request to the stand-in for GitHub, understood, and the answer to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.github_shapes import Shapes
from tests.support.github_state import Asset, Pull, Release, Repository, State, Token


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        kind = "application/octet-stream" if isinstance(self.body, bytes) else "application/json"
        return self.headers if self.body is None else {"Content-Type": kind, **self.headers}


class Refusal(Exception):
    """GitHub says no; `code` and `field` make the list of errors of a 422."""

    def __init__(self, status: int, message: str, /, **error: str) -> None:
        super().__init__(message)
        self.answer = refused(status, message, **error)


def refused(status: int, message: str, /, **error: str) -> Answer:
    body: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    if status == 422:
        return Answer(status, body | ({"errors": [error]} if error else {}))
    if status == 503:  # described without `status`
        return Answer(status, body)
    return Answer(status, body | {"status": str(status)})


@dataclass
class Call:
    """One request, understood."""

    state: State
    shapes: Shapes
    token: Token
    repository: Repository
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.raw))

    def find_release(self) -> Release:
        wanted = int(self.parameters["release_id"])
        for release in self.repository.releases:
            if release.id == wanted and (self.token.may_write or not release.draft):
                return release
        raise Refusal(404, "Not Found")

    def find_asset(self) -> tuple[Release, Asset]:
        wanted = int(self.parameters["asset_id"])
        for release in self.repository.releases:
            for asset in release.assets:
                if asset.id == wanted:
                    return release, asset
        raise Refusal(404, "Not Found")

    def find_pull(self) -> Pull:
        wanted = int(self.parameters["pull_number"])
        if not 0 < wanted <= len(self.repository.pulls):
            raise Refusal(404, "Not Found")
        return self.repository.pulls[wanted - 1]

    def page(self, items: Sequence[Any], path: str) -> Answer:
        size, number = int(self.query.get("per_page", 30)), int(self.query.get("page", 1))
        more = len(items) > number * size
        link = f'<{self.shapes.api}{path}?per_page={size}&page={number + 1}>; rel="next"'
        return Answer(200, list(items[(number - 1) * size : number * size]), {"Link": link} if more else {})
