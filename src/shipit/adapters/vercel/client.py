"""How Vercel is spoken to: whose team it is about, patience where it asks for time, what its refusals mean."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import IO, Any, Self, TypeVar

import httpx
import msgspec

from shipit import masking
from shipit.adapters.http.answers import asked_pause, json_of, masked_url
from shipit.adapters.http.client import LONGEST_WAIT, Client, Dialect, Request
from shipit.errors import Denied, Unavailable, UsageError

PUBLIC_API = "https://api.vercel.com"
MOST_PAGES = 100
"""of one list: a server that always says that there is more would be asked for ever"""
_PAGE_SIZE = 100
_REFUSALS = tuple(status for status in range(400, 500) if status not in {408, 425})
_TOO_MANY = 429
_WIDTH = 300
_PAUSES = (1.0, 2.0, 4.0)
"""Seconds before each further try, where Vercel asks for no longer pause."""

Shape = TypeVar("Shape")


class VercelClient:
    """Vercel's REST API for one account; `api` is its root, `team` an id (team_…), a slug, or empty.

    Described by vercel-spec.json of npm @vercel/sdk 1.19.11.
    """

    def __init__(
        self, api: str, token: str, team: str = "", *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        masking.register(token)
        if not (token.isascii() and token.isprintable()):
            raise UsageError(
                "the Vercel token holds characters that no token has", hint="look for line ends and quotes in it"
            )
        self._made_of = (api, token, team)
        self._team = {"teamId" if team.startswith("team_") else "slug": team} if team else {}
        self._pause = pause
        self.http = Client(api, Dialect(name="Vercel"), headers={"Authorization": f"Bearer {token}"}, pause=pause)

    def another(self) -> Self:
        """The same with connections of its own, for another thread."""
        return type(self)(*self._made_of, pause=self._pause)

    def get(self, path: str, shape: type[Shape], **params: str | int) -> Shape:
        """Return the decoded answer; raises Unavailable (no answer, or one of another shape) or Denied."""
        return self.decoded(self._ask(Request(method="GET", path=path, params={**params, **self._team})), shape)

    def find(self, path: str, shape: type[Shape]) -> Shape | None:
        """Return the decoded answer, None when Vercel says 404; raises as `get`."""
        answer = self._ask(Request(method="GET", path=path, params=self._team), accept=(404,))
        return None if answer.status_code == httpx.codes.NOT_FOUND else self.decoded(answer, shape)

    def pages(self, path: str, **params: str | int) -> Iterator[Mapping[str, Any]]:
        """Yield the object of every page of a list; a page is asked for when it is needed; raises as `get`."""
        asked: dict[str, str | int] = {**params, "limit": _PAGE_SIZE}
        for _ in range(MOST_PAGES):
            page = self.get(path, dict[str, Any], **asked)
            yield page
            pagination = page.get("pagination")
            following = pagination.get("next") if isinstance(pagination, dict) else None
            if not isinstance(following, int):
                return
            asked["until"] = following
        raise Unavailable(f"a list of Vercel has no end: {path}", evidence=[f"more than {MOST_PAGES} pages"])

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        accept: Collection[int] = (),
        **params: str | int,
    ) -> httpx.Response:
        """Send a write; raises Unavailable (it may have happened) or Denied.

        It is repeated only after a 429, which says that nothing was done.
        """
        json = None if body is None else dict(body)
        return self._ask(Request(method=method, path=path, json=json, params={**params, **self._team}), accept)

    def upload(self, digest: str, content: IO[bytes], size: int) -> None:
        """Send one file from its beginning; raises as `write`."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(size),
            "x-vercel-digest": digest,
        }

        def request() -> Request:
            content.seek(0)
            return Request(method="POST", path="/v2/files", content=content, headers=headers, params=self._team)

        self._patiently(request)

    def decoded(self, answer: httpx.Response, shape: type[Shape]) -> Shape:
        """Raises Unavailable for an answer of another shape, such as a proxy's page."""
        return shaped(self.http.decoded(answer), shape)

    def close(self) -> None:
        self.http.close()

    def _ask(self, request: Request, accept: Collection[int] = ()) -> httpx.Response:
        return self._patiently(lambda: request, accept)

    def _patiently(self, request: Callable[[], Request], accept: Collection[int] = ()) -> httpx.Response:
        """Ask again, after the pause that Vercel asks for, as long as it says that it did nothing (429)."""
        for pause in (*_PAUSES, None):
            answer = self.http.ask(request(), accept=_REFUSALS)
            if answer.is_success or answer.status_code in accept:
                return answer
            if answer.status_code != _TOO_MANY:
                raise denial(answer)
            asked = asked_pause(answer)
            if pause is None or asked > LONGEST_WAIT:
                break
            self._pause(max(asked, pause))
        raise _busy(answer, asked)


def shaped(found: object, shape: type[Shape]) -> Shape:
    """Raises Unavailable where a part of an answer has another shape."""
    try:
        return msgspec.convert(found, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Unavailable(
            "Vercel answered with something that is not expected",
            evidence=[masking.mask(str(error))],
            hint="run the same command again later",
        ) from None


def refusal_of(answer: httpx.Response) -> Mapping[str, Any]:
    """What a refusal says: `code`, `message` and more; empty where it says nothing in Vercel's way."""
    try:
        body = json_of(answer)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def denial(answer: httpx.Response) -> Denied:
    """Make the error for an answer that will be the same next time."""
    words = _words(answer)
    return Denied(
        f"Vercel refused: {words}",
        where=masked_url(answer.request),
        evidence=[_line(answer)],
        hint=_HINTS.get(answer.status_code),
    )


def _busy(answer: httpx.Response, asked: float) -> Unavailable:
    moment = f"in {asked:.0f} s" if asked else "later"
    return Unavailable(
        f"Vercel is rate-limiting us: {_words(answer)}",
        where=masked_url(answer.request),
        evidence=[_line(answer)],
        hint=f"run the same command again {moment}",
    )


def _words(answer: httpx.Response) -> str:
    message = refusal_of(answer).get("message")
    return masking.mask(str(message)[:_WIDTH] if message else f"{answer.status_code} {answer.reason_phrase}")


def _line(answer: httpx.Response) -> str:
    code = masking.mask(str(refusal_of(answer).get("code", ""))[:_WIDTH])
    asked = f"{answer.request.method} {masked_url(answer.request)}"
    return f"{asked} → {answer.status_code} {answer.reason_phrase}{f' ({code})' if code else ''}"


_HINTS = {
    401: "the token is wrong, expired or revoked: set a new one in the secret that the target's `token` names",
    402: "look at the plan and the payments of the account on vercel.com",
    403: "the token may not do this: check `project` and `team`, and that the token is for that team",
    404: "check `project` and `team`; Vercel says 404 also to a token of another team",
}
