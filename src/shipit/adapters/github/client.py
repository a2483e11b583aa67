"""How GitHub is spoken to: headers, pages, and what its refusals mean."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from shipit import masking
from shipit.adapters.http.client import Client, Dialect, Request
from shipit.adapters.http.limits import Limits, Patience
from shipit.errors import Unavailable, UsageError

_LIMITS = Limits()
_PATIENCE = Patience()
API_VERSION = "2022-11-28"
PAGE_SIZE = 100
MOST_PAGES = 1000
"""of one list: a server that always says that there is more would be asked for ever"""


class GitHubClient:
    """GitHub's REST API for one repository; paths that start with `~` are below that repository.

    `api` is the root without a final slash, `repository` is owner/name.
    """

    def __init__(
        self,
        api: str,
        repository: str,
        token: str,
        *,
        pause: Callable[[float], None] = time.sleep,
        limits: Limits = _LIMITS,
        patience: Patience = _PATIENCE,
    ) -> None:
        masking.register(token)
        if not (token.isascii() and token.isprintable()):
            raise UsageError(
                "the GitHub token holds characters that no token has",
                hint="look for line ends and quotes in it",
            )
        self.repository = repository
        self.is_installation_token = token.startswith("ghs_")
        self.http = Client(
            api,
            Dialect(name="GitHub", hint=hint, limited=is_rate_limit),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": API_VERSION,
            },
            pause=pause,
            limits=limits,
            patience=patience,
        )

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    def get(self, path: str, **params: str | int) -> Any:
        """Return the decoded answer; raises Unavailable or Denied."""
        return self.http.json(Request(method="GET", path=self._whole(path), params=params))

    def find(self, path: str, **params: str | int) -> Any | None:
        """Return the decoded answer, None when GitHub says 404; raises Unavailable or Denied."""
        answer = self.http.ask(Request(method="GET", path=self._whole(path), params=params), accept=[404])
        return None if answer.status_code == 404 else self.http.decoded(answer)

    def pages(self, path: str, key: str = "", **params: str | int) -> Iterator[Any]:
        """Yield every item of a list, or of the list under a key; a page is asked for when it is needed."""
        for page in range(1, MOST_PAGES + 1):
            request = Request(
                method="GET", path=self._whole(path), params={**params, "per_page": PAGE_SIZE, "page": page}
            )
            answer = self.http.ask(request)
            decoded = self.http.decoded(answer)
            found = decoded.get(key) if key and isinstance(decoded, dict) else decoded
            if not isinstance(found, list):
                raise Unavailable(f"GitHub's answer is no list: {path}", evidence=[type(found).__name__])
            yield from found
            # the header says that there is more; its address is not followed: the token goes to one host only
            if "next" not in answer.links:
                return
        raise Unavailable(f"a list of GitHub has no end: {path}", evidence=[f"more than {MOST_PAGES} pages"])

    def write(
        self, method: str, path: str, body: Mapping[str, object], *, accept: tuple[int, ...] = ()
    ) -> httpx.Response:
        """Send a write, once; raises Unavailable (it may have happened) or Denied."""
        answer = self.http.ask(Request(method=method, path=self._whole(path), json=dict(body)), accept=accept)
        if answer.content:
            self.http.decoded(answer)  # a proxy's log-in page is no success
        return answer

    def delete(self, path: str) -> None:
        """Delete; what is gone already is as good as deleted."""
        self.http.ask(Request(method="DELETE", path=self._whole(path)), accept=[404])

    def _whole(self, path: str) -> str:
        return f"/repos/{self.repository}{path[1:]}" if path.startswith("~") else path


def is_rate_limit(answer: httpx.Response) -> bool:
    """Tell "too fast" from a missing right: GitHub says 403 to both."""
    if answer.status_code not in {403, 429}:
        return False
    headers = answer.headers
    return (
        headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in headers
        or "rate limit" in answer.text.lower()
    )


def mentions(answer: httpx.Response, text: str) -> bool:
    """Tell whether a refusal contains this, in its message or in one of its errors."""
    return text.lower() in answer.text.lower()


def hint(answer: httpx.Response) -> str | None:
    match answer.status_code:
        case 401:
            return "the token is wrong, expired or revoked: set a new one in the secret that `forge.token` names"
        case 403 if mentions(answer, "not accessible by"):
            return (
                "the token lacks a right: in GitHub Actions add `permissions: contents: write`"
                " (`pull-requests: write` for --pr, `actions: write` for dispatch); otherwise widen the token"
            )
        case 403 if mentions(answer, "saml"):
            return "authorise the token for the organisation's single sign-on"
        case 403:
            return "the token may not do this: it needs `contents: write` on the repository"
        case 404:
            return "check `forge.repository` and `forge.api`; GitHub says 404 also to a token without the right"
        case _:
            return None
