"""Hashing what lies at an address without keeping it."""

import hashlib
from contextlib import closing

import httpx

from shipit import masking
from shipit.adapters.http.answers import masked_url
from shipit.adapters.http.client import Client, Request
from shipit.errors import Unavailable

LIMIT = 2**30
"""Bytes; the public index takes files of 100 MB without asking."""


def sha256(client: Client, request: Request, limit: int = LIMIT) -> str | None:
    """Give the sha256 of a body as it lies there; None where it is longer than `limit` bytes.

    Raises as `Client.ask`, and Unavailable when the connection breaks on the way.
    """
    # a server may call a .tar.gz a compressed .tar: its bytes are hashed as they are sent
    plain = Request(method="GET", path=request.path, headers={**request.headers, "Accept-Encoding": "identity"})
    with closing(client.ask(plain, stream=True)) as answer:
        try:
            return _hash(answer, limit)
        except httpx.RequestError as error:
            raise Unavailable(
                f"{client.dialect.name} broke off",
                where=masked_url(answer.request),
                evidence=[masking.mask(str(error)) or type(error).__name__],
                hint="run the same command again later",
            ) from None


def _hash(answer: httpx.Response, limit: int) -> str | None:
    digest, size = hashlib.sha256(), 0
    for part in answer.iter_raw():
        digest.update(part)
        size += len(part)
        if size > limit:
            return None
    return digest.hexdigest()
