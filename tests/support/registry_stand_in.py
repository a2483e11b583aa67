"""A stand-in for a container registry with a token service, as GitHub's: stateful, and ill-behaved on demand.

with StandIn() as registry:
    password = registry.add_user("releaser", "pull", "push")
    registry.misbehave("HEAD", "manifests", Kind.WRONG_DIGEST)
    Registry(registry.host, lambda: Login(username="releaser", password=password))
"""

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from tests.contract.oci.endpoints import MANIFEST_TYPES, NAME, TAG
from tests.support.description import Asked
from tests.support.http_listener import Answering, Drop, Listener
from tests.support.registry_images import DOCKER, DOCKER_LIST, OCI_INDEX, digest
from tests.support.registry_rules import Reply, Rules

_PATH = re.compile(f"/v2/(?P<name>{NAME})/(?P<what>manifests|blobs/uploads|blobs|tags)/(?P<at>.*)")
_SCOPE = re.compile(f"repository:(?P<name>{NAME}):(?P<actions>[a-z,]+)")
_OTHER = digest(b"something else")
T = TypeVar("T")
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"


class Kind(StrEnum):
    """How a registry misbehaves, once for each order."""

    TOO_MANY = "429 with Retry-After, nothing done"
    ERROR = "503, nothing done"
    DROP_AFTER = "drop the connection, all done"
    ERROR_AFTER = "500, all done"
    EXPIRED = "every token ended before this request"
    WRONG_DIGEST = "Docker-Content-Digest of something else"
    NO_DIGEST = "no Docker-Content-Digest: the header is optional"
    OTHER_BYTES = "a body with a line end more, under the right digest"
    SILENT_OTHER_BYTES = "a body with a line end more, and no digest"
    OTHER_TYPE = "the type of another thing"
    STALE = "a tag shows what it showed before it was last moved, as a cache does"
    GONE_AFTER = "the manifest is deleted as soon as this was answered"
    PAGE = "200 with the log-in page of a proxy"
    NO_TOKEN = "200 without a token in it"
    ODD_TOKEN = "200 with a token that no header can hold"
    UNKNOWN_NAME = "404, no such repository"
    LINK_IN_CIRCLES = "the next page is this page"
    LINK_ELSEWHERE = "the next page is on another host"


@dataclass
class Order:
    method: str
    path: re.Pattern[str]
    kind: Kind
    times: int
    seconds: float


@dataclass
class User:
    password: str
    actions: frozenset[str]


@dataclass
class Repository:
    """What lies in one: bytes by digest, digests by tag, and what each tag showed before."""

    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    is_public: bool = False

    def find(self, at: str, *, stale: bool = False) -> str | None:
        """The digest that a tag or digest leads to."""
        tags = {**self.tags, **self.before} if stale else self.tags
        found = tags.get(at, at)
        return found if found in self.manifests else None

    def delete(self, found: str) -> None:
        del self.manifests[found]
        self.tags = {tag: one for tag, one in self.tags.items() if one != found}


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        super().__init__(code)
        body = {"errors": [{"code": code, "message": message or code.lower().replace("_", " ")}]}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **names})


class StandIn:
    """`ways` are the challenges of the registry, in this order: bearer, basic, or none of them for everybody."""

    def __init__(self, *ways: str) -> None:
        self.ways = ways
        self.rules = Rules()
        self.users: dict[str, User] = {}
        self.identities: dict[str, str] = {}
        self.tokens: dict[str, Mapping[str, frozenset[str]]] = {}
        self.token_requests: list[str] = []
        self.repositories: dict[str, Repository] = {}
        self.blobs_lie_elsewhere = False
        self.store_wants_a_login = False
        self.more_scopes = ""
        self.realm = ""
        self._uploads: dict[str, str] = {}
        self._orders: list[Order] = []
        self._lock = threading.RLock()
        self._listener = Listener(self._answer)
        self._store = Listener(self._stored)
        self.root = self._listener.root

    @property
    def host(self) -> str:
        return urlsplit(self.root).netloc

    def __enter__(self) -> Self:
        self._listener.start()
        self._store.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._listener.stop()
        self._store.stop()
        self.rules.__exit__(kind, error, trace)

    def add_user(self, name: str, *actions: str, password: str = "sentinel/p+ss w&rd-9f2c") -> str:
        self.users[name] = User(password, frozenset(actions))
        return password

    def repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name, Repository())

    def misbehave(self, method: str, path: str, kind: Kind, *, times: int = 1, seconds: float = 1) -> None:
        """Order it for the next requests of this method whose path matches the regex."""
        self._orders.append(Order(method, re.compile(path), kind, times, seconds))

    def unused_orders(self) -> list[Order]:
        return [order for order in self._orders if order.times > 0]

    def everything(self) -> Mapping[str, str]:
        """Headers of one who may do anything, for those who lay out a test."""
        return {"Authorization": "Bearer everything"}

    def _answer(self, asked: Asked) -> Answering | Drop:
        with self._lock:
            if urlsplit(asked.path).path == "/token":
                return self._token_answer(asked)
            return self.rules.checked(asked, self._registry_answer)

    def _registry_answer(self, asked: Asked) -> Answering | Drop:
        order = self._take(asked)
        early = self._before(order)
        if early:
            return early
        try:
            reply = self._performed(asked, order)
        except Refusal as refusal:
            return refusal.reply
        return self._after(asked, order, reply)

    def _take(self, asked: Asked) -> Order | None:
        for order in self._orders:
            if order.times > 0 and order.method == asked.method and order.path.search(asked.path):
                order.times -= 1
                return order
        return None

    def _before(self, order: Order | None) -> Reply | None:
        if order is None:
            return None
        match order.kind:
            case Kind.TOO_MANY:
                return Refusal(429, "TOOMANYREQUESTS", Retry_After=f"{order.seconds:.0f}").reply
            case Kind.ERROR:
                return Refusal(503, "UNAVAILABLE").reply
            case Kind.UNKNOWN_NAME:
                return Refusal(404, "NAME_UNKNOWN", "repository name not known to registry").reply
            case Kind.PAGE:
                return Reply(200, b'{"name": "", "tags": "log in"}', {"Content-Type": "text/html"})
            case Kind.EXPIRED:
                self.tokens.clear()
        return None

    def _after(self, asked: Asked, order: Order | None, reply: Reply) -> Reply | Drop:
        headers = dict(reply.all_headers)
        is_changed = order is not None and order.kind in {Kind.OTHER_BYTES, Kind.SILENT_OTHER_BYTES}
        match order.kind if order else None:
            case Kind.DROP_AFTER:
                return Drop()
            case Kind.ERROR_AFTER:
                return Refusal(500, "UNKNOWN").reply
            case Kind.WRONG_DIGEST:
                headers["Docker-Content-Digest"] = _OTHER
            case Kind.NO_DIGEST | Kind.SILENT_OTHER_BYTES:
                del headers["Docker-Content-Digest"]
            case Kind.OTHER_TYPE:
                headers["Content-Type"] = SCHEMA_1
            case Kind.GONE_AFTER:
                self._forget(asked)
            case Kind.LINK_IN_CIRCLES:
                headers["Link"] = f'<{asked.path}?{asked.query}>; rel="next"'
            case Kind.LINK_ELSEWHERE:
                headers["Link"] = f'<{self._store.root}{asked.path}?n=1000&last=b>; rel="next"'
        return Reply(reply.status, reply.data + b"\n" * is_changed, headers)

    def _forget(self, asked: Asked) -> None:
        repository = self.repositories[_require(_PATH.fullmatch(asked.path))["name"]]
        repository.delete(_require(repository.find(asked.path.rpartition("/")[2])))

    def _performed(self, asked: Asked, order: Order | None) -> Reply:
        found = _PATH.fullmatch(asked.path)
        if not found:
            raise Refusal(404, "NAME_INVALID")
        actions = frozenset(["pull"] if asked.method in {"GET", "HEAD"} else ["pull", "push"])
        self._admit(asked, found["name"], actions)
        repository = self.repository(found["name"])
        match found["what"]:
            case "manifests":
                return self._manifest(asked, repository, found["name"], found["at"], order)
            case "blobs":
                return self._blob(asked, repository, found["at"])
            case "blobs/uploads":
                return self._upload(asked, repository, found["name"], found["at"])
        return self._tags(asked, repository, found["name"])

    def _admit(self, asked: Asked, name: str, actions: frozenset[str]) -> None:
        given = _header(asked, "Authorization")
        if not self.ways or given == self.everything()["Authorization"]:
            return
        way, _, value = given.partition(" ")
        if way == "Bearer" and value in self.tokens:
            if not actions <= self.tokens[value].get(name, frozenset()):
                raise Refusal(403, "DENIED", "permission_denied: the token does not match expected scopes")
            return
        if way == "Basic" and "basic" in self.ways and (user := self._user(value)):
            if not actions <= user.actions:
                raise Refusal(403, "DENIED")
            return
        raise Refusal(
            401, "UNAUTHORIZED", "authentication required", WWW_Authenticate=self._challenges(name, actions)
        )

    def _challenges(self, name: str, actions: frozenset[str]) -> str:
        realm = self.realm or f"{self.root}/token"
        scope = f"repository:{name}:{','.join(sorted(actions))}{self.more_scopes}"
        bearer = f'Bearer realm="{realm}",service="stand-in",scope="{scope}"'
        known = {"bearer": bearer, "basic": 'Basic realm="people, \\"all\\""'}
        return ", ".join(known.get(way, way) for way in self.ways)

    def _user(self, basic: str) -> User | None:
        name, _, password = base64.b64decode(basic).decode().partition(":")
        user = self.users.get(name)
        return user if user and user.password == password else None

    def _token_answer(self, asked: Asked) -> Answering | Drop:
        order = self._take(asked)
        early = self._before(order)
        if early:
            return early
        try:
            return self._token(asked, order)
        except Refusal as refusal:
            return refusal.reply

    def _token(self, asked: Asked, order: Order | None) -> Reply:
        """As the token specification has it: GET with the password, or POST with a refresh token as a form."""
        form = asked.body.decode() if asked.method == "POST" else asked.query
        fields = parse_qs(form)
        self.token_requests.append(f"{asked.method} {' '.join(fields.get('scope', []))}")
        scopes = [_SCOPE.fullmatch(scope) for one in fields.get("scope", []) for scope in one.split()]
        if fields.get("service") != ["stand-in"] or not scopes or None in scopes:
            self.rules.violations.append(f"{asked.method} /token {fields}")
        user = self._asking(asked, fields)
        granted: dict[str, frozenset[str]] = {}
        for scope in filter(None, scopes):
            wanted = frozenset(scope["actions"].split(","))
            public = frozenset(["pull"] if self.repository(scope["name"]).is_public else [])
            may = wanted & (user.actions if user else public)
            granted[scope["name"]] = granted.get(scope["name"], frozenset()) | may
        if user is None and not any(granted.values()):
            raise Refusal(403, "DENIED", "requested access to the resource is denied")
        made = f"token-{len(self.token_requests)}-{base64.b64encode(b'secret').decode()}"
        self.tokens[made] = granted
        body: dict[str, object] = {"token": made, "expires_in": 300}
        match order.kind if order else None:
            case Kind.NO_TOKEN:
                body = {}
            case Kind.ODD_TOKEN:
                body = {"token": "line\r\nX-Injected: header"}
        return Reply(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _asking(self, asked: Asked, fields: Mapping[str, list[str]]) -> User | None:
        if asked.method == "POST":
            if fields.get("grant_type") != ["refresh_token"] or "client_id" not in fields:
                self.rules.violations.append(f"POST /token {sorted(fields)}")
            name = self.identities.get(fields.get("refresh_token", [""])[0])
            if name is None:
                raise Refusal(401, "UNAUTHORIZED", "the refresh token is invalid")
            return self.users[name]
        given = _header(asked, "Authorization")
        if not given:
            return None
        user = self._user(given.removeprefix("Basic "))
        if user is None:
            raise Refusal(401, "UNAUTHORIZED", f"incorrect username or password: {given}")
        return user

    def _manifest(self, asked: Asked, repository: Repository, name: str, at: str, order: Order | None) -> Reply:
        if asked.method == "PUT":
            return self._put(asked, repository, name, at)
        found = repository.find(at, stale=order is not None and order.kind is Kind.STALE)
        if found is None:
            raise Refusal(404, "MANIFEST_UNKNOWN")
        if asked.method == "DELETE":
            if at != found:
                raise Refusal(405, "UNSUPPORTED")
            repository.delete(found)
            return Reply(202)
        kind, data = repository.manifests[found]
        if kind not in _header(asked, "Accept"):
            return _converted(kind, _header(asked, "Accept"))
        return Reply(200, data, {"Content-Type": kind, "Docker-Content-Digest": found})

    def _put(self, asked: Asked, repository: Repository, name: str, at: str) -> Reply:
        made = digest(asked.body)
        if ":" in at and at != made:
            raise Refusal(400, "DIGEST_INVALID")
        if ":" not in at and not re.fullmatch(TAG, at):
            raise Refusal(404, "NAME_INVALID")
        body, kind = json.loads(asked.body), _header(asked, "Content-Type")
        if kind not in MANIFEST_TYPES or body.get("mediaType", kind) != kind:
            raise Refusal(400, "MANIFEST_INVALID")
        blobs = [*([body["config"]] if "config" in body else []), *body.get("layers", [])]
        missing = [one for one in blobs if one["digest"] not in repository.blobs]
        if missing or any(one["digest"] not in repository.manifests for one in body.get("manifests", [])):
            raise Refusal(400, "MANIFEST_BLOB_UNKNOWN")
        repository.manifests[made] = (kind, asked.body)
        if at != made:
            if at in repository.tags:
                repository.before[at] = repository.tags[at]
            repository.tags[at] = made
        place = f"/v2/{name}/manifests/{made}"
        return Reply(201, b"", {"Location": place, "Docker-Content-Digest": made})

    def _blob(self, asked: Asked, repository: Repository, at: str) -> Reply:
        if at not in repository.blobs:
            raise Refusal(404, "BLOB_UNKNOWN")
        if asked.method == "DELETE":
            del repository.blobs[at]
            return Reply(202)
        if self.blobs_lie_elsewhere:
            return Reply(307, b"", {"Location": f"{self._store.root}/{at}"})
        headers = {"Content-Type": "application/octet-stream", "Docker-Content-Digest": at}
        return Reply(200, repository.blobs[at], headers)

    def _stored(self, asked: Asked) -> Answering:
        """Where blobs lie that are not in the registry itself."""
        if _header(asked, "Authorization"):
            self.rules.violations.append("the login was sent to the host that only stores blobs")
        if self.store_wants_a_login:
            return Reply(401, b"", {"WWW-Authenticate": f'Bearer realm="{self._store.root}/token",service="x"'})
        every = {at: data for one in self.repositories.values() for at, data in one.blobs.items()}
        return Reply(200, every.get(asked.path[1:], b'{"name": "x", "tags": ["foreign"]}'))

    def _upload(self, asked: Asked, repository: Repository, name: str, session: str) -> Reply:
        if asked.method == "POST":
            made = f"session-{len(self._uploads)}"
            self._uploads[made] = name
            return Reply(202, b"", {"Location": f"/v2/{name}/blobs/uploads/{made}", "Range": "0-0"})
        wanted = parse_qs(asked.query)["digest"][0]
        if self._uploads.pop(session, None) != name:
            raise Refusal(404, "BLOB_UPLOAD_UNKNOWN")
        if digest(asked.body) != wanted:
            raise Refusal(400, "DIGEST_INVALID")
        repository.blobs[wanted] = asked.body
        return Reply(201, b"", {"Location": f"/v2/{name}/blobs/{wanted}"})

    def _tags(self, asked: Asked, repository: Repository, name: str) -> Reply:
        if not repository.manifests:
            raise Refusal(404, "NAME_UNKNOWN")
        query = {key: value[0] for key, value in parse_qs(asked.query).items()}
        size = min(int(query.get("n", 50)), 3)  # small pages, whatever is asked for
        left = sorted(tag for tag in repository.tags if tag > query.get("last", ""))
        headers = {"Content-Type": "application/json"}
        if len(left) > size:
            last = quote(left[size - 1], safe="")
            headers["Link"] = f'</v2/{name}/tags/list?n={query.get("n", 50)}&last={last}>; rel="next"'
        body = {"name": name, "tags": left[:size] or None}
        return Reply(200, json.dumps(body).encode(), headers)


def _converted(kind: str, accept: str) -> Reply:
    """What comes without the right Accept: nothing for OCI, and a manifest made on the fly for docker's."""
    if kind == DOCKER or (kind == DOCKER_LIST and DOCKER in accept):
        data = b'{"schemaVersion": 1}'
        return Reply(200, data, {"Content-Type": SCHEMA_1, "Docker-Content-Digest": digest(data)})
    raise Refusal(404, "MANIFEST_UNKNOWN", f"{'index' if kind == OCI_INDEX else 'manifest'} of another type")


def _header(asked: Asked, name: str) -> str:
    return {key.lower(): value for key, value in asked.headers.items()}.get(name.lower(), "")


def _require(found: T | None) -> T:
    assert found is not None
    return found
