"""A stand-in for GitHub's REST API on loopback: stateful, strict both ways, ill-behaved on demand.

    with GitHubServer() as server:
        server.add_repository("acme/widget", git=bare_directory)
        token = server.add_token("write")
        GitHub(server.api, "acme/widget", token)

As a process of its own:

    python -m tests.support.github --port-file F --log F --repository o/r=/bare.git --token secret=write
"""

import argparse
import functools
import json
import re
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from tests.support.description import Asked, Description, Operation
from tests.support.github_call import Answer, refused
from tests.support.github_misbehaviour import after_the_work, before_the_work
from tests.support.github_routes import perform
from tests.support.github_shapes import Shapes
from tests.support.github_state import Asset, Repository, State, Token
from tests.support.http_listener import Drop, Listener
from tests.support.misbehaviour import Kind, Order, Orders

SLICE = Path(__file__).parents[1] / "contract" / "github" / "github.json"
API_VERSION = "2022-11-28"
EVERYWHERE = frozenset({401, 403, 404, 422, 429, 500, 502, 503})
"""Reviewed departure 1 (2026-11-30): GitHub documents these for all operations, the description only for some."""
ASSET_STATES = ["uploaded", "open", "starter"]
"""Reviewed departure 2 (2026-11-30): in the prose of repos/upload-release-asset is `starter`, not in the enum."""
LISTS_OF_CHECKS = ["strict"]
"""Reviewed departure 3 (2026-11-30): `contexts` is required beside `checks`; GitHub says 422 to both together."""


@dataclass
class Logged:
    """A request and how it ended; `status` 0 for a dropped connection; `seconds` since the server started."""

    method: str
    path: str
    status: int
    seconds: float
    violations: list[str] = field(default_factory=list)
    misbehaviour: str | None = None


@functools.cache
def describe() -> Description:
    document = json.loads(SLICE.read_text(encoding="utf-8"))
    document["components"]["schemas"]["release-asset"]["properties"]["state"]["enum"] = ASSET_STATES
    protection = document["paths"]["/repos/{owner}/{repo}/branches/{branch}/protection"]["put"]
    body = protection["requestBody"]["content"]["application/json"]["schema"]["properties"]
    body["required_status_checks"]["required"] = LISTS_OF_CHECKS
    return Description(document)


class GitHubServer:
    """`api` is what goes into `forge.api`; uploads and downloads have their own listener, as with GitHub."""

    def __init__(self, log: Path | None = None) -> None:
        self.state = State()
        self.requests: list[Logged] = []
        self.expects_violations = False
        self._log = log
        self._orders = Orders()
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._stopping = threading.Event()
        self._description = describe()
        self._main = Listener(lambda asked: self._answer(asked, "/api/v3"))
        self._side = Listener(lambda asked: self._answer(asked, "/api/uploads"))
        self.api = f"{self._main.root}/api/v3"
        self._shapes = Shapes(self._description.document, self.state, self.api, f"{self._side.root}/api/uploads")

    def __enter__(self) -> Self:
        self._main.start()
        self._side.start()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Stop, and fail the test if anything was not as GitHub describes it."""
        self._stopping.set()
        self._main.stop()
        self._side.stop()
        told = "\n".join(["not as GitHub describes it:", *self.violations])
        if self.violations and not self.expects_violations:
            if error is None:
                raise AssertionError(told)
            error.add_note(told)

    def add_repository(
        self, name: str = "acme/widget", *, git: Path | None = None, workflows: tuple[str, ...] = ()
    ) -> Repository:
        return self.state.repository(name, git=git, workflows=workflows)

    def add_token(self, right: str = "write", *, text: str | None = None, installation: bool = False) -> str:
        made = text or f"gh{'s' if installation else 'p'}_{right}{self.state.new_id():030}"
        self.state.tokens[made] = Token(right, installation)
        return made

    def misbehave(self, method: str, path: str, kind: Kind, *, times: int = 1, seconds: float = 1) -> None:
        """Order it for the next requests of this method whose path (below the root) matches the regex."""
        self._orders.add(Order(method, re.compile(path), kind, times, seconds))

    @property
    def violations(self) -> list[str]:
        return [f"{one.method} {one.path}: {line}" for one in self.requests for line in one.violations]

    def writes(self) -> list[Logged]:
        return [one for one in self.requests if one.method not in {"GET", "HEAD"}]

    def unused_orders(self) -> list[Order]:
        return self._orders.unused()

    def _answer(self, asked: Asked, prefix: str) -> Answer | Drop:
        whole = asked.path
        asked.path = whole.removeprefix(prefix)
        order = self._orders.take(asked.method, asked.path)
        logged = Logged(asked.method, f"{asked.path}{'?' if asked.query else ''}{asked.query}", 0, 0)
        logged.misbehaviour = order.kind.name if order else None
        if not whole.startswith(prefix + "/"):
            answer: Answer | Drop = self._violated(logged, [f"outside of {prefix}: {whole}"])
        elif prefix == "/api/uploads" and asked.path.startswith("/blob/"):
            answer = self._download(asked, logged)
        else:
            answer = self._judged(asked, order, logged, uploading=prefix == "/api/uploads")
        self._write_down(logged, answer)
        return answer

    def _judged(self, asked: Asked, order: Order | None, logged: Logged, *, uploading: bool) -> Answer | Drop:
        """The answer, with the request judged before the work and the answer after it."""
        operation = self._description.operation(asked.method, asked.path)
        if operation is None:
            return self._violated(logged, ["no such operation in the slice of GitHub's description"])
        found = [*self._description.request_violations(asked, operation), *_header_violations(asked.headers)]
        if uploading != (operation.name == "repos/upload-release-asset"):
            found.append("uploads, and only they, go to the address in upload_url")
        if found:
            return self._violated(logged, found)
        answer = self._done(asked, operation, order)
        if isinstance(answer, Answer) and isinstance(answer.body, dict | list | None):
            found = self._judge_answer(asked, operation, answer)
        return self._violated(logged, found) if found else answer

    def _judge_answer(self, asked: Asked, operation: Operation, answer: Answer) -> list[str]:
        if answer.status not in operation.statuses and answer.status in EVERYWHERE:
            known = {"message", "documentation_url", "status", "errors"}
            return sorted(f"unknown field in a refusal: {name}" for name in answer.body.keys() - known)
        return list(
            self._description.answer_violations(asked, operation, answer.status, answer.all_headers, answer.data)
        )

    def _done(self, asked: Asked, operation: Operation, order: Order | None) -> Answer | Drop:
        if order and (early := before_the_work(order, asked)):
            return early
        with self._lock:
            token = self.state.tokens.get(asked.headers.get("Authorization", "").removeprefix("Bearer "))
            if token is None:
                return refused(401, "Bad credentials")
            answer = perform(self.state, self._shapes, token, operation, asked)
            if order and order.kind is Kind.STARTER:
                self._spoil_last_asset()
        if order and order.kind is Kind.SLOW:
            self._stopping.wait(order.seconds)
        return after_the_work(order, answer) if order else answer

    def _spoil_last_asset(self) -> None:
        every = [release for repository in self.state.repositories.values() for release in repository.releases]
        newest: Asset = max((asset for release in every for asset in release.assets), key=lambda asset: asset.id)
        newest.state, newest.data = "starter", b""

    def _download(self, asked: Asked, logged: Logged) -> Answer:
        if "Authorization" in asked.headers:
            return self._violated(logged, ["the token was sent to the host that only stores files"])
        wanted = int(asked.path.rpartition("/")[2])
        for repository in self.state.repositories.values():
            for release in repository.releases:
                for asset in release.assets:
                    if asset.id == wanted:
                        return Answer(200, asset.data)
        return Answer(404, b"gone")

    @staticmethod
    def _violated(logged: Logged, found: list[str]) -> Answer:
        logged.violations += found
        # not 5xx: that would be tried again, and told as a passing trouble
        return Answer(400, "\n".join(["not as GitHub describes it:", *found]).encode())

    def _write_down(self, logged: Logged, answer: Answer | Drop) -> None:
        logged.status = answer.status if isinstance(answer, Answer) else 0
        logged.seconds = time.monotonic() - self._started
        with self._lock:
            self.requests.append(logged)
            if self._log:
                with self._log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(logged)) + "\n")


def _header_violations(headers: Mapping[str, str]) -> list[str]:
    """What GitHub asks of every request, outside of its description."""
    found = []
    if headers.get("X-GitHub-Api-Version") != API_VERSION:
        found.append(f"X-GitHub-Api-Version is not {API_VERSION}")
    if not headers.get("User-Agent", "").startswith("shipit/"):
        found.append("no User-Agent of ours")
    if headers.get("Accept") not in {"application/vnd.github+json", "application/octet-stream"}:
        found.append("no Accept header that GitHub recommends")
    return found


def main() -> None:
    """Serve until SIGTERM or SIGINT; the port file, JSON with the API's root, appears when all is ready."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.github")
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--repository", action="append", default=[], help="owner/name or owner/name=bare directory")
    parser.add_argument("--token", action="append", default=[], help="text=read|write|admin")
    parser.add_argument("--workflow", action="append", default=[])
    options = parser.parse_args()
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    with GitHubServer(options.log) as server:
        for told in options.repository:
            name, _, git = told.partition("=")
            server.add_repository(name, git=Path(git) if git else None, workflows=tuple(options.workflow))
        for told in options.token:
            text, _, right = told.rpartition("=")
            server.add_token(right, text=text)
        draft = options.port_file.with_suffix(".draft")
        draft.write_text(json.dumps({"api": server.api}))
        draft.rename(options.port_file)
        stop.wait()


if __name__ == "__main__":
    main()
