"""Ask a public address as a user's browser would, and take whatever comes as the answer."""

import weakref
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import httpx

import shipit
from shipit import masking
from shipit.adapters.http.limits import Limits, OverLimit, TooLarge, Watch
from shipit.model import Answer

LARGEST = 1_000_000
"""Bytes of a body that are read; a health check is small."""

_FRESH = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Accept": "application/json, text/html;q=0.9, */*;q=0.8",
}


class Browser:
    """Plays deploy.ports.Web; each question is a connection of its own, as that of a new user."""

    def get(self, url: str, timeout: float, via: str = "") -> Answer:
        """One GET without redirects; `timeout` in seconds is for all of it."""
        headers = {"User-Agent": f"shipit/{shipit.__version__}", **_FRESH}
        watch = Watch(limits=Limits(timeout, LARGEST), sockets=weakref.WeakSet())
        watch.start()
        try:
            asked = url
            if via:
                parts = urlsplit(url)
                asked, headers["Host"] = urlunsplit(("http", via, parts.path, parts.query, "")), parts.netloc
            with (
                # a candidate listens on this machine: no proxy leads there
                httpx.Client(timeout=timeout, trust_env=not via, follow_redirects=False, headers=headers) as client,
                client.stream("GET", asked, extensions={"trace": watch.trace}) as answer,
            ):
                body = _body(answer, watch)
                return Answer(url=url, status=answer.status_code, headers=dict(answer.headers), body=body)
        except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError, OSError, OverLimit) as error:
            return Answer(url=url, error=masking.mask(_reason(error, watch)))
        finally:
            watch.end()


def _body(answer: httpx.Response, watch: Watch) -> bytes:
    """The beginning of a body: what is beyond LARGEST says nothing of a service's health."""
    body = bytearray()
    with suppress(TooLarge):
        for piece in watch.pieces(answer.iter_bytes()):
            body += piece
    return bytes(body[:LARGEST])


def _reason(error: Exception, watch: Watch) -> str:
    if watch.is_over or isinstance(error, httpx.TimeoutException | OverLimit):
        return f"the answer was {watch.late}" if watch.is_answered else f"nothing within {watch.limits.seconds:g} s"
    return str(error) or type(error).__name__
