"""Whether a request to a registry, and its answer, are as the OCI distribution specification has them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Self
from urllib.parse import parse_qs

from tests.contract.oci.endpoints import (
    BAD_MANIFEST,
    DIGEST,
    ENDPOINTS,
    EVERYWHERE,
    MANIFEST_TYPES,
    MOVED,
    NAME,
    SHORTENED,
    TAG,
    Endpoint,
)
from tests.support.description import Asked
from tests.support.http_listener import Answering, Drop

_STANDS_FOR = {"<name>": NAME, "<digest>": DIGEST, "<reference>": f"(?:{TAG}|{DIGEST})", "<session>": "[^/]+"}


def endpoint(asked: Asked) -> Endpoint | None:
    """The row that fits, the one with the most of its parameters; None if there is none."""
    query = parse_qs(asked.query, keep_blank_values=True).keys()
    found = [one for one in ENDPOINTS if asked.method in one.methods and _pattern(one.path).fullmatch(asked.path)]
    fitting = [one for one in found if set(one.needs) <= query <= {*one.needs, *one.allows}]
    return max(fitting, key=lambda one: len(one.needs), default=None)


def request_violations(asked: Asked, row: Endpoint) -> Iterator[str]:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    yield from (f"{row.id} lacks the header {name}" for name in row.headers if name.lower() not in headers)
    if row.id == "end-3":
        accepted = {part.strip() for part in headers.get("accept", "").split(",")}
        yield from (f"{row.id} does not accept {kind}" for kind in sorted(MANIFEST_TYPES - accepted))
    if row.id == "end-7" and headers.get("content-type") not in MANIFEST_TYPES:
        yield f"{row.id} puts {headers.get('content-type')}"
    if row.id == "end-6" and asked.body and headers.get("content-type") != "application/octet-stream":
        yield f"{row.id} uploads {headers.get('content-type')}"
    authorization = headers.get("authorization", "Bearer x")
    if not re.fullmatch(r"(?:Bearer|Basic) [A-Za-z0-9._~+/=-]+", authorization):
        yield f"{row.id} has an Authorization that is none"


def answer_violations(asked: Asked, row: Endpoint, answer: Answering) -> Iterator[str]:
    allowed = {*row.success, *row.failure, *EVERYWHERE}
    allowed |= BAD_MANIFEST.get(row.id, frozenset()) | MOVED.get(row.id, frozenset())
    if answer.status not in allowed:
        yield f"{row.id} answered {answer.status}"
    if answer.status not in row.success:
        return
    names = {"content-length", *(name.lower() for name in answer.all_headers)}
    for name in row.answers.get(asked.method, ()):
        if name.lower() not in names:
            yield f"{row.id} answered without {name}"
    if row.id in SHORTENED:
        body = json.loads(answer.data)
        if body.keys() != {"name", "tags"}:
            yield f"{row.id} answered {sorted(body)}"


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(<\w+>)", path)
    return re.compile("".join(_STANDS_FOR.get(part) or re.escape(part) for part in parts))


@dataclass(frozen=True)
class Reply:
    """An answer as it goes out."""

    status: int
    data: bytes = b""
    all_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Logged:
    """A request and how it ended; `status` 0 for a dropped connection, `row` empty outside of the specification."""

    method: str
    path: str
    status: int
    row: str
    authorization: str | None


@dataclass
class Rules:
    """Asks `answer`, and notes what was asked and what of it is not in the specification.

    Leaving the block with anything noted fails the test, unless it says that it expects that.
    """

    requests: list[Logged] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    expects_violations: bool = False

    def checked(self, asked: Asked, answer: Callable[[Asked], Answering | Drop]) -> Answering | Drop:
        row = endpoint(asked)
        found = list(request_violations(asked, row)) if row else ["there is no such endpoint"]
        given = answer(asked)
        if row and not isinstance(given, Drop):
            found += answer_violations(asked, row, given)
        whole = f"{asked.path}{'?' if asked.query else ''}{asked.query}"
        status = 0 if isinstance(given, Drop) else given.status
        known = {name.lower(): value for name, value in asked.headers.items()}.get("authorization")
        self.requests.append(Logged(asked.method, whole, status, row.id if row else "", known))
        self.violations += [f"{asked.method} {whole}: {one}" for one in found]
        return given

    def writes(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.requests if one.method not in {"GET", "HEAD"}]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self.violations and not self.expects_violations:
            found = "\n".join(["not as the specification has it:", *self.violations])
            if error is None:
                raise AssertionError(found)
            error.add_note(found)
