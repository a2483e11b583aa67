"""Ask a public address as a user's browser would, and take whatever comes as the answer."""

import time
from urllib.parse import urlsplit, urlunsplit

import httpx

import shipit
from shipit import masking
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
        deadline = time.monotonic() + timeout
        try:
            asked = url
            if via:
                parts = urlsplit(url)
                asked, headers["Host"] = urlunsplit(("http", via, parts.path, parts.query, "")), parts.netloc
            with (
                # a candidate listens on this machine: no proxy leads there
                httpx.Client(timeout=timeout, trust_env=not via, follow_redirects=False, headers=headers) as client,
                client.stream("GET", asked) as answer,
            ):
                body = _body(answer, deadline)
                return Answer(url=url, status=answer.status_code, headers=dict(answer.headers), body=body)
        except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError, OSError) as error:
            return Answer(url=url, error=masking.mask(_reason(error, timeout)))


def _body(answer: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) >= LARGEST:
            break
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer did not end")
    return bytes(body[:LARGEST])


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"nothing within {timeout:g} s"
    return str(error) or type(error).__name__
