"""What GitHub answers when it misbehaves."""

import base64
from collections.abc import Mapping
from urllib.parse import quote

from tests.support.description import Asked
from tests.support.github_call import Answer, refused
from tests.support.http_listener import Drop
from tests.support.misbehaviour import Kind, Order


def before_the_work(order: Order, asked: Asked) -> Answer | Drop | None:
    pause = {"Retry-After": f"{order.seconds:.0f}"}
    limit = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    match order.kind:
        case Kind.DROP_BEFORE:
            return Drop()
        case Kind.NO_JSON:
            return Answer(200, b"<html>please log in</html>")
        case Kind.ECHO:
            token = asked.headers["Authorization"].removeprefix("Bearer ")
            encoded = base64.b64encode(f"user:{token}".encode()).decode()
            return refused(422, f"not good: {token} {quote(token, safe='')} {encoded}")
        case Kind.TOO_MANY:
            return _with(refused(429, "API rate limit exceeded"), pause)
        case Kind.SECONDARY_LIMIT:
            return _with(refused(403, limit), pause)
    answers = {
        Kind.ERROR_BEFORE: (503, "Service Unavailable"),
        Kind.UNAUTHORIZED: (401, "Bad credentials"),
        Kind.FORBIDDEN: (403, "Resource not accessible by integration"),
        Kind.NOT_FOUND: (404, "Not Found"),
        Kind.INVALID: (422, "Validation Failed"),
    }
    return refused(*answers[order.kind]) if order.kind in answers else None


def after_the_work(order: Order, answer: Answer) -> Answer | Drop:
    match order.kind:
        case Kind.DROP_AFTER:
            return Drop()
        case Kind.ERROR_AFTER:
            return refused(500, "Server Error")
        case Kind.STARTER:
            return refused(502, "Bad Gateway")
        case _:
            return answer


def _with(answer: Answer, headers: Mapping[str, str]) -> Answer:
    answer.headers |= headers
    return answer
