"""A vendor's OpenAPI description as a judge: is this request, is this answer, exactly what it allows?"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

HOST = "http://stand-in.invalid"
UNREAD = frozenset({"host", "date", "content-length"})
"""Headers that no operation describes, and that differ from test to test."""
REMEMBERED = 4096
"""So many verdicts on requests, and as many on answers: openapi-core takes 5 to 20 milliseconds for each."""


@dataclass(frozen=True)
class Operation:
    """What a request asks for: `name` is the operationId, `parameters` the texts taken from the path."""

    name: str
    pattern: str
    parameters: Mapping[str, str]
    allowed_query: frozenset[str]
    statuses: frozenset[int]


@dataclass
class Asked:
    """A request as it came; `path` still percent-encoded, without the query."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def as_openapi(self, operation: Operation) -> "_Request":
        return _Request(self, operation)

    def read(self, operation: Operation) -> Hashable:
        """All of it that a verdict depends on."""
        parameters = tuple(sorted(operation.parameters.items()))
        return operation.pattern, parameters, self.method, self.query, _read(self.headers), self.body


class _Request:
    host_url = HOST

    def __init__(self, asked: Asked, operation: Operation) -> None:
        self.method = asked.method.lower()
        self.path = asked.path
        self.path_pattern = operation.pattern
        self.body = asked.body or None
        self.content_type = asked.headers.get("Content-Type", "").lower()
        self.parameters = RequestParameters(
            path=dict(operation.parameters),
            query=ImmutableMultiDict(parse_qsl(asked.query, keep_blank_values=True)),
            header=Headers(dict(asked.headers)),
        )


@dataclass
class _Answer:
    status_code: int
    content_type: str
    data: bytes
    headers: Headers


class Description:
    """Judges requests and answers; unknown fields and query parameters are refused in both directions."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = {**document, "servers": [{"url": HOST}], **_merged_all_of(document)}
        config = Config(spec_validator_cls=None, additional_properties_default_policy="forbid")
        self._openapi = OpenAPI.from_dict(self.document, config=config)
        self._lock = threading.Lock()  # openapi-core does not say that it may be asked by many threads
        self._routes = list(_routes(document))
        self._requests: OrderedDict[Hashable, Sequence[str]] = OrderedDict()
        self._answers: OrderedDict[Hashable, Sequence[str]] = OrderedDict()

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that this asks for; None when the description has none."""
        for route_method, pattern, told, expression in self._routes:
            found = expression.fullmatch(path)
            if found and route_method == method:
                parameters = {name: unquote(value) for name, value in found.groupdict().items()}
                return Operation(
                    told["operationId"],
                    pattern,
                    parameters,
                    frozenset(told["query"]),
                    frozenset(told["statuses"]),
                )
        return None

    def request_violations(self, asked: Asked, operation: Operation) -> Sequence[str]:
        """What the description does not allow in this request; the same request is judged once."""
        return self._judged(self._requests, asked.read(operation), lambda: self._judge_request(asked, operation))

    def _judge_request(self, asked: Asked, operation: Operation) -> Sequence[str]:
        strange = sorted(set(dict(parse_qsl(asked.query, keep_blank_values=True))) - operation.allowed_query)
        found = [f"unknown query parameter: {name}" for name in strange]
        try:
            self._openapi.validate_request(asked.as_openapi(operation))
        except OpenAPIError as error:
            found += _explained(error)
        return found

    def answer_violations(
        self, asked: Asked, operation: Operation, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[str]:
        """What the description does not allow in this answer; the same answer to an operation is judged once."""
        read = (operation.pattern, asked.method, status, _read(headers), body)
        return self._judged(
            self._answers, read, lambda: self._judge_answer(asked, operation, status, headers, body)
        )

    def _judge_answer(
        self, asked: Asked, operation: Operation, status: int, headers: Mapping[str, str], body: bytes
    ) -> Sequence[str]:
        answer = _Answer(status, headers.get("Content-Type", ""), body, Headers(dict(headers)))
        try:
            self._openapi.validate_response(asked.as_openapi(operation), answer)
        except OpenAPIError as error:
            return _explained(error)
        return []

    def _judged(
        self, known: OrderedDict[Hashable, Sequence[str]], read: Hashable, judge: Callable[[], Sequence[str]]
    ) -> Sequence[str]:
        with self._lock:
            if read not in known:
                known[read] = tuple(judge())
                if len(known) > REMEMBERED:
                    known.popitem(last=False)
            return known[read]


def _read(headers: Mapping[str, str]) -> Hashable:
    """What a verdict depends on of these headers."""
    low = ((name.lower(), value) for name, value in headers.items())
    return tuple(sorted((name, value) for name, value in low if name not in UNREAD))


def _routes(document: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any], re.Pattern[str]]]:
    for pattern, item in document["paths"].items():
        expression = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))
        for method, operation in item.items():
            parameters = [_resolved(document, parameter) for parameter in operation.get("parameters", [])]
            told = {
                "operationId": operation["operationId"],
                "query": [parameter["name"] for parameter in parameters if parameter["in"] == "query"],
                "statuses": [int(status) for status in operation["responses"]],
            }
            yield method.upper(), pattern, told, expression


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        target: Any = document
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def _merged_all_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Paths and components with each allOf of objects made one object.

    Closed one by one, the parts of an allOf would each refuse the fields of the others.
    """

    def merged(node: Any) -> Any:
        if isinstance(node, list):
            return [merged(value) for value in node]
        if not isinstance(node, dict):
            return node
        if not isinstance(node.get("allOf"), list):
            chosen = "properties" not in node and isinstance(node.get("oneOf", node.get("anyOf")), list)
            # a choice says which fields there are; as an "object" of its own it would be closed and empty
            return {key: merged(value) for key, value in node.items() if not (chosen and key == "type")}
        whole: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in node["allOf"]:
            resolved = merged(_resolved(document, part))
            whole["properties"] |= resolved.get("properties", {})
            whole["required"] += resolved.get("required", [])
        return {key: value for key, value in whole.items() if value}

    return {key: merged(document[key]) for key in ("paths", "components")}


def _explained(error: BaseException) -> list[str]:
    """The reasons behind openapi-core's outer "validation error"."""
    cause: BaseException | None = error
    outer: list[str] = []
    while cause is not None:
        if deeper := getattr(cause, "schema_errors", ()):
            places = ["/".join(map(str, one.absolute_path)) or "body" for one in deeper]
            return [f"{place}: {one.message[:300]}" for place, one in zip(places, deeper, strict=True)]
        outer.append(str(cause)[:300])
        cause = cause.__cause__
    return outer
