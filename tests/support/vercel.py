"""A stand-in for Vercel's REST API on loopback: stateful, strict both ways, ill-behaved on demand.

with VercelServer() as server:
    VercelClient(server.api, server.state.token)
"""

import functools
import json
import re
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx

from tests.support.description import Asked, Description, Operation
from tests.support.github_call import Answer
from tests.support.http_listener import Drop, Listener
from tests.support.misbehaviour import Kind, Order, Orders
from tests.support.vercel_routes import perform, refused
from tests.support.vercel_state import State

SLICE = Path(__file__).parents[1] / "contract" / "vercel" / "vercel.json"
OF_THE_VENDOR = frozenset({"env", "build", "version", "source"})
EVERYWHERE = frozenset({401, 402, 403, 404, 409, 422, 429, 500, 503})


PUBLIC = "/acme.example/"
"""Below it the stand-in serves what a user of the first production domain sees."""


@dataclass
class Departure:
    """Reviewed departure from the description: what, since when, and what proves it."""

    what: str
    reviewed: str
    why: str


DEPARTURES = (
    Departure("createDeployment: autoAssignCustomDomains", "2026-11-30", "sent by vercel@50.44.0 --skip-domain"),
    Departure("getDeployments: meta-KEY in the query", "2026-11-30", "sent by vercel@50.44.0 list --meta"),
    Departure("readyState and state: BLOCKED", "2026-11-30", "a word of @vercel/sdk 1.28.35"),
    Departure("getProjectDomains: one of two answers", "2026-11-30", "the two are the same"),
    Departure("vercel@50.44.0 alone: /teams, /v1/teams", "2026-11-30", "the description has /v2/teams"),
    Departure("vercel@50.44.0 alone: getProject: rollbackInfo", "2026-11-30", "it asks so while it promotes"),
    Departure("vercel@50.44.0 alone: the log of a build", "2026-11-30", "it does without, and there is no build"),
    Departure("vercel@50.44.0 alone: env, build, version, source, mode", "2026-11-30", "it sends them to deploy"),
    Departure("refusals: {error: {code, message, …}}", "2026-11-30", "the description gives refusals no body"),
)


@dataclass
class Logged:
    """A request and how it ended; `status` 0 for a dropped connection."""

    method: str
    path: str
    status: int = 0
    violations: list[str] = field(default_factory=list)


@functools.cache
def describe() -> Description:
    document = json.loads(SLICE.read_text(encoding="utf-8"))
    operation = document["paths"]["/v13/deployments"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    body["properties"]["autoAssignCustomDomains"] = {"type": "boolean"}
    domains = document["paths"]["/v9/projects/{idOrName}/domains"]["get"]["responses"]["200"]
    del domains["content"]["application/json"]["schema"]["oneOf"][1:]
    for item in document["paths"].values():
        for operation in item.values():
            _admit_blocked(operation["responses"])
    return Description(document)


def _admit_blocked(node: Any) -> None:
    if isinstance(node, dict):
        for name in ("readyState", "state", "status"):
            words = node.get(name, {}).get("enum") if isinstance(node.get(name), dict) else None
            if words and "READY" in words:
                node[name]["enum"] = [*words, "BLOCKED"]
        for value in node.values():
            _admit_blocked(value)
    elif isinstance(node, list):
        for value in node:
            _admit_blocked(value)


class VercelServer:
    """One account with one project; `api` is what goes into VERCEL_API_URL."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.state = State()
        self.requests: list[Logged] = []
        self.expects_violations = False
        self._orders = Orders()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._description = describe()
        self._listener = Listener(self.answer, tls)
        self.api = self._listener.root

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Stop, and fail the test if anything was not as Vercel describes it, or an order was not carried out."""
        self._stopping.set()
        self._listener.stop()
        told = "\n".join(["not as Vercel describes it:", *self.violations])
        if self.violations and not self.expects_violations:
            if error is None:
                raise AssertionError(told)
            error.add_note(told)
        unused = self._orders.unused()
        if unused and error is None:
            raise AssertionError(f"nothing asked for what was to misbehave: {unused}")

    def misbehave(self, method: str, path: str, kind: Kind, *, times: int = 1, seconds: float = 1) -> None:
        """Order it for the next requests of this method whose path matches the regex."""
        self._orders.add(Order(method, re.compile(path), kind, times, seconds))

    def unordered(self) -> None:
        """What was ordered and has not happened is no longer waited for."""
        self._orders = Orders()

    @property
    def violations(self) -> list[str]:
        return [f"{one.method} {one.path}: {line}" for one in self.requests for line in one.violations]

    def forget(self, state: State) -> None:
        """Go on from another state, as if nothing had been asked; what was wrong before stays known."""
        self.state, self.requests = state, [one for one in self.requests if one.violations]

    def asked(self, method: str, path: str) -> list[Logged]:
        return [
            one for one in self.requests if one.method == method and re.search(path, one.path.partition("?")[0])
        ]

    def answer(self, asked: Asked) -> Answer | Drop:
        asked.headers = httpx.Headers(dict(asked.headers))  # whatever their case
        asked.path = _as_described(asked)
        if asked.path.startswith(PUBLIC):
            content = self.state.serve(asked.path.removeprefix(PUBLIC))
            return Answer(404, b"") if content is None else Answer(200, content)
        order = self._orders.take(asked.method, asked.path)
        logged = Logged(asked.method, f"{asked.path}{'?' if asked.query else ''}{asked.query}")
        answer = self._judged(asked, order, logged)
        logged.status = answer.status if isinstance(answer, Answer) else 0
        with self._lock:
            self.requests.append(logged)
        return answer

    def _judged(self, asked: Asked, order: Order | None, logged: Logged) -> Answer | Drop:
        """The answer, with the request judged before the work and the answer after it."""
        operation = self._description.operation(asked.method, asked.path)
        if operation is None and _is_of_the_vendor(asked) and asked.path.endswith("/events"):
            return refused(404, "not_found", "Not Found")
        if operation is None:
            return self._violated(logged, ["no such operation in the slice of Vercel's description"])
        found = self._description.request_violations(_without_departures(asked, operation), operation)
        if found:
            return self._violated(logged, [*found])
        answer = self._done(asked, operation, order)
        if isinstance(answer, Answer) and isinstance(answer.body, dict | None):
            found = self._judge_answer(asked, operation, answer)
        return self._violated(logged, [*found]) if found else answer

    def _judge_answer(self, asked: Asked, operation: Operation, answer: Answer) -> list[str]:
        if answer.status >= 400:
            known = answer.status in operation.statuses | EVERYWHERE
            error = answer.body.get("error", {}) if answer.body else {}
            is_whole = set(answer.body or ()) == {"error"} and {"code", "message"} <= set(error)
            return [] if known and is_whole else [f"no refusal of Vercel: {answer.status} {answer.body}"]
        return list(
            self._description.answer_violations(asked, operation, answer.status, answer.all_headers, answer.data)
        )

    def _done(self, asked: Asked, operation: Operation, order: Order | None) -> Answer | Drop:
        if order and (early := before_the_work(order, asked)):
            return early
        with self._lock:
            if asked.headers.get("Authorization") != f"Bearer {self.state.token}":
                return refused(403, "forbidden", "Not authorized")
            answer = perform(self.state, operation, asked)
        if order and order.kind is Kind.SLOW:
            self._stopping.wait(order.seconds)
        match order.kind if order else None:
            case Kind.DROP_AFTER:
                return Drop()
            case Kind.ERROR_AFTER:
                return refused(500, "internal_server_error", "An unexpected internal error occurred")
        return answer

    def _violated(self, logged: Logged, found: list[str]) -> Answer:
        logged.violations += found
        # not 5xx: that would be tried again, and told as a passing trouble
        return refused(400, "violation", "\n".join(["not as Vercel describes it:", *found]))


def before_the_work(order: Order, asked: Asked) -> Answer | Drop | None:
    match order.kind:
        case Kind.DROP_BEFORE:
            return Drop()
        case Kind.NO_JSON:
            return Answer(200, b"<html>please log in</html>")
        case Kind.TOO_MANY:
            answer = refused(429, "rate_limited", "Too many requests")
            answer.headers["Retry-After"] = f"{order.seconds:.0f}"
            return answer
        case Kind.ECHO:
            return refused(400, "bad_request", f"not good: {asked.headers['Authorization']}")
    answers = {
        Kind.ERROR_BEFORE: (503, "service_unavailable", "Service Unavailable"),
        Kind.UNAUTHORIZED: (401, "unauthorized", "The request is not authorized."),
        Kind.FORBIDDEN: (403, "forbidden", "You don't have permission to access this resource."),
        Kind.NOT_FOUND: (404, "not_found", "Not Found"),
    }
    return refused(*answers[order.kind]) if order.kind in answers else None


def _is_of_the_vendor(asked: Asked) -> bool:
    return asked.headers.get("User-Agent", "").startswith("vercel ")


def _as_described(asked: Asked) -> str:
    """The path, for the vendor's own command line, which asks for what the description has no more."""
    return re.sub(r"^/(v1/)?teams\b", "/v2/teams", asked.path) if _is_of_the_vendor(asked) else asked.path


def _without_departures(asked: Asked, operation: Operation) -> Asked:
    """Without filters by meta, and without what only the vendor's command line sends."""
    query, body = asked.query, asked.body
    if operation.name == "getDeployments":
        query = urlencode([(name, value) for name, value in parse_qsl(query) if not name.startswith("meta-")])
    if operation.name == "getProject" and _is_of_the_vendor(asked):
        query = urlencode([(name, value) for name, value in parse_qsl(query) if name != "rollbackInfo"])
    if operation.name == "createDeployment" and _is_of_the_vendor(asked):
        order = {name: value for name, value in json.loads(body).items() if name not in OF_THE_VENDOR}
        files = [{name: value for name, value in one.items() if name != "mode"} for one in order["files"]]
        body = json.dumps({**order, "files": files}).encode()
    return Asked(asked.method, asked.path, query, asked.headers, body)
