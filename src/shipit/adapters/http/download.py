"""Hashing what lies at an address without keeping it."""

import hashlib
import weakref
from contextlib import closing

import httpx

from shipit import masking
from shipit.adapters.http.answers import masked_url
from shipit.adapters.http.client import Client, Request
from shipit.adapters.http.limits import Limits, OverLimit, TooLarge, Watch
from shipit.errors import Unavailable

LIMIT = 2**30
"""Bytes; the public index takes files of 100 MB without asking."""


PATIENCE = 1800.0
"""Seconds for a whole file."""


def sha256(client: Client, request: Request, limit: int = LIMIT, patience: float = PATIENCE) -> str | None:
    """Give the sha256 of a body as it lies there; None where it is longer than `limit` bytes.

    Raises as `Client.ask`, and Unavailable when the connection breaks on the way or the time is over.
    """
    watch = Watch(limits=Limits(patience, limit), sockets=weakref.WeakSet())
    # a server may call a .tar.gz a compressed .tar: its bytes are hashed as they are sent
    plain = Request(method="GET", path=request.path, headers={**request.headers, "Accept-Encoding": "identity"})
    with closing(client.ask(plain, stream=True)) as answer:
        try:
            return _hash(answer, watch)
        except TooLarge:
            return None
        except OverLimit as error:
            raise client.endless(answer.request, str(error)) from None
        except httpx.RequestError as error:
            raise Unavailable(
                f"{client.dialect.name} broke off",
                where=masked_url(answer.request),
                evidence=[masking.mask(str(error)) or type(error).__name__],
                hint="run the same command again later",
            ) from None
        finally:
            watch.end()


def _hash(answer: httpx.Response, watch: Watch) -> str:
    digest = hashlib.sha256()
    for part in watch.pieces(answer.iter_raw()):
        digest.update(part)
    return digest.hexdigest()
