"""Who we are, said to a registry as it asks for it: a token for each scope, the password itself, or nothing."""

import threading
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

import httpx

from shipit import masking
from shipit.adapters.http.client import PASSING, Client, Request
from shipit.adapters.oci import challenge, refusals
from shipit.adapters.oci.challenge import Challenge
from shipit.adapters.oci.login import Login, Source
from shipit.errors import Denied, ExternalError

_CLIENT = "shipit"
_REFUSALS = tuple(status for status in range(400, 500) if status not in PASSING)


class Authorization:
    """What is sent as Authorization to one registry, by repository and actions; threads may share it."""

    def __init__(self, registry: str, http: Client, source: Source, *, may_be_plain: bool) -> None:
        self._registry = registry
        self._http = http
        self._source = source
        self._schemes = ("https", "http") if may_be_plain else ("https",)
        self._login: Login | None = None
        self._is_asked = False
        self._sent: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    @property
    def is_known(self) -> bool:
        """Whether there is a login, as far as anybody asked for one."""
        return self._login is not None

    def header(self, repository: str, actions: str) -> str | None:
        """What the registry wanted when it was last asked for this; None before it wanted anything."""
        return self._sent.get((repository, actions))

    def renewed(self, answer: httpx.Response, repository: str, actions: str) -> str:
        """What to send instead after a 401; raises Denied where there is nothing else, and as `Client.ask`.

        An expired token is a reason for a new one; a password that was refused stays refused.
        """
        used = answer.request.headers.get("Authorization")
        with self._lock:
            known = self._sent.get((repository, actions))
            if known is None or known == used:
                known = self._made(answer, repository, actions)
            if known == used:
                raise self._refuse(answer, repository, actions)
            self._sent[repository, actions] = known
            return known

    def _made(self, answer: httpx.Response, repository: str, actions: str) -> str:
        asked = {one.scheme: one for one in challenge.read(answer.headers.get_list("WWW-Authenticate"))}
        if not self._is_asked:
            self._login, self._is_asked = self._source(), True
        if bearer := asked.get("bearer"):
            return f"Bearer {self._token(bearer, repository, actions)}"
        if "basic" in asked and self._login and self._login.password:
            return self._login.basic
        if asked and "basic" not in asked:
            raise Denied(
                f"the registry {self._registry} wants to know who asks in a way that is not supported",
                evidence=[refusals.request_line(answer), *sorted(asked)],
            )
        raise self._refuse(answer, repository, actions)

    def _token(self, asked: Challenge, repository: str, actions: str) -> str:
        realm = self._checked(asked.realm)
        scopes = dict.fromkeys([f"repository:{repository}:{actions}", *asked.scope.split()])
        answer = self._http.ask(self._question(realm, asked.service, [*scopes]), accept=_REFUSALS)
        if not answer.is_success:
            raise self._refuse(answer, repository, actions)
        body = self._http.decoded(answer)
        token = (body.get("token") or body.get("access_token")) if isinstance(body, dict) else None
        if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
            raise ExternalError(f"the token service of the registry {self._registry} sent no token", where=realm)
        masking.register(token)
        return token

    def _question(self, realm: str, service: str, scopes: Sequence[str]) -> Request:
        fields = [*([("service", service)] if service else []), *(("scope", scope) for scope in scopes)]
        if self._login and self._login.identity:
            # a refresh token is sent as OAuth 2 has it, in the body: addresses stand in logs
            grant = {"grant_type": "refresh_token", "refresh_token": self._login.identity, "client_id": _CLIENT}
            form = urlencode([*grant.items(), ("service", service), ("scope", " ".join(scopes))])
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return Request(method="POST", path=realm, content=form.encode(), headers=headers)
        address = f"{realm}{'&' if '?' in realm else '?'}{urlencode(fields)}"
        return Request(
            method="GET", path=address, headers={"Authorization": self._login.basic} if self._login else {}
        )

    def _checked(self, realm: str) -> str:
        """The address of the token service; no password goes there unencrypted for a registry that is not."""
        if urlsplit(realm).scheme in self._schemes:
            return realm
        raise Denied(
            f"the registry {self._registry} names a token service that is not asked",
            evidence=[masking.mask(f"realm {realm!a}: not an address with {' or '.join(self._schemes)}")],
            hint="ask who runs the registry",
        )

    def _refuse(self, answer: httpx.Response, repository: str, actions: str) -> Denied:
        return refusals.refuse(answer, self._registry, repository, actions, is_known=self.is_known)
