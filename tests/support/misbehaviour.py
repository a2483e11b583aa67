"""How a server that a test orders to misbehave does so."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """In the order in which a request passes them: before the work, then after it."""

    DROP_BEFORE = "drop the connection, nothing done"
    ERROR_BEFORE = "503, nothing done"
    TOO_MANY = "429 with Retry-After, nothing done"
    SECONDARY_LIMIT = "403 of the secondary rate limit, nothing done"
    UNAUTHORIZED = "401, nothing done"
    FORBIDDEN = "403, nothing done"
    NOT_FOUND = "404, nothing done"
    INVALID = "422, nothing done"
    STARTER = "502, and an asset of state `starter` is left"
    NO_JSON = "200 with the log-in page of a proxy, nothing done"
    ECHO = "422 that repeats the token in its message, nothing done"
    SLOW = "answer after some seconds, all done"
    ERROR_AFTER = "500, all done"
    DROP_AFTER = "drop the connection, all done"


@dataclass
class Order:
    """Misbehave so often on requests whose method and path match; `seconds` is for SLOW and Retry-After."""

    method: str
    path: re.Pattern[str]
    kind: Kind
    times: int
    seconds: float


class Orders:
    """What was ordered and not yet carried out; safe to use from many threads."""

    def __init__(self) -> None:
        self._waiting: list[Order] = []
        self._lock = threading.Lock()

    def add(self, order: Order) -> None:
        with self._lock:
            self._waiting.append(order)

    def take(self, method: str, path: str) -> Order | None:
        """The oldest order for such a request, used up once more."""
        with self._lock:
            order = next(self._matching(method, path), None)
            if order:
                order.times -= 1
            return order

    def unused(self) -> list[Order]:
        return [order for order in self._waiting if order.times > 0]

    def _matching(self, method: str, path: str) -> Iterator[Order]:
        for order in self._waiting:
            if order.times > 0 and order.method == method and order.path.search(path):
                yield order
