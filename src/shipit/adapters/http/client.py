"""HTTP with time limits: reads are tried again, failures become shipit's own, secrets are masked."""

import functools
import random
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import httpx

import shipit
from shipit import masking
from shipit.adapters.http.answers import asked_pause, evidence, json_of, masked_url, summary_of, whole
from shipit.adapters.http.limits import Limits, OverLimit, Patience, Watch
from shipit.errors import Denied, Unavailable, UsageError

READS = frozenset({"GET", "HEAD"})
LONGEST_WAIT = 60.0
"""Seconds: a server that asks for a longer pause gets a new run, not a sleeping one."""
PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that say: later."""

_LIMITS, _PATIENCE = Limits(), Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as a value: `path` is relative to the client's root, or a whole address."""

    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: object | None = None
    content: bytes | IO[bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What is particular to one service: its name in messages, and how it says no.

    `hint` makes of a refusal what a person can do about it; `limited` recognises one that only asks for time.
    """

    name: str
    hint: Callable[[httpx.Response], str | None] = lambda _answer: None
    limited: Callable[[httpx.Response], bool] = lambda _answer: False


class Client:
    """Sends requests to one service; every request goes through `ask`.

    `may_be_proxied` is for all but this machine, to which no proxy leads.
    """

    def __init__(
        self,
        root: str,
        dialect: Dialect,
        *,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
        limits: Limits = _LIMITS,
        patience: Patience = _PATIENCE,
        may_be_proxied: bool = True,
    ) -> None:
        self.dialect = dialect
        self.limits = limits
        self._tries = patience.tries
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._root = root.rstrip("/")
        self._pause = pause
        try:
            self._http = httpx.Client(
                headers={"User-Agent": f"shipit/{shipit.__version__}", **(headers or {})},
                timeout=httpx.Timeout(patience.answer, connect=patience.connect),
                verify=_trust(),
                transport=transport,
                trust_env=may_be_proxied,
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise UsageError(
                "the proxy settings in the environment cannot be used",
                evidence=[masking.mask(str(error))],
                hint="look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY",
            ) from None

        # nobody ends a client in the middle of a run; what is left open is closed with it
        weakref.finalize(self, self._http.close)

    def ask(self, request: Request, *, accept: Sequence[int] = (), stream: bool = False) -> httpx.Response:
        """Return the answer, if its status is 2xx or one of `accept`; with `stream`, its body is still to be read.

        An answer that takes longer or is larger than `limits` allow is Unavailable at once.

        Reads are tried again, within limits, when no answer came or it said "later". A write never is: its
        effect may be there although the answer got lost, so the caller looks it up by its natural key.
        Raises Unavailable (no answer, 5xx, 408, 429, rate limit) or Denied (every other refusal).
        """
        pauses = iter(self._pauses(request))
        while True:
            outcome = self._attempt(request, accept, stream=stream)
            if isinstance(outcome, httpx.Response):
                return outcome
            pause = next(pauses, None)
            if pause is None or outcome.asked > LONGEST_WAIT:
                raise outcome.failure
            self._pause(max(pause, outcome.asked))

    def json(self, request: Request, *, accept: Sequence[int] = ()) -> Any:
        """Return the body of the answer, decoded; raises as `ask` and `decoded`."""
        return self.decoded(self.ask(request, accept=accept))

    def decoded(self, answer: httpx.Response) -> Any:
        """Return the JSON of an answer; raises Unavailable when it is none (a proxy's page)."""
        try:
            return json_of(answer)
        except (ValueError, RecursionError):
            what = f"{self.dialect.name} answered with something that is no JSON"
            raise Unavailable(what, evidence=evidence(answer)) from None

    def denial(self, answer: httpx.Response) -> Denied:
        """Make the error for an answer that will be the same next time."""
        return Denied(
            f"{self.dialect.name} refused: {summary_of(answer)}",
            where=masked_url(answer.request),
            evidence=evidence(answer),
            hint=self.dialect.hint(answer),
        )

    def close(self) -> None:
        self._http.close()

    def _attempt(self, request: Request, accept: Sequence[int], *, stream: bool) -> "httpx.Response | _Later":
        """Send once: an answer to go on with, or a reason to wait; raises Denied or UsageError."""
        watch = Watch(limits=self.limits, sockets=self._sockets)
        sent = self._built(request, watch)
        try:
            # a redirected write would turn into a read, or be sent twice
            answer = self._http.send(sent, follow_redirects=sent.method in READS, stream=True)
            if not (stream and answer.is_success):
                answer = whole(answer, watch)
        except OverLimit as error:
            raise self.endless(sent, str(error)) from None
        except httpx.UnsupportedProtocol as error:
            if error.request.url != sent.url:
                return _Later(self._unanswered(sent, error))
            raise _no_address(request.path, self._root) from None
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
            if watch.is_over:
                raise self.endless(sent, watch.late) from None
            return _Later(self._unanswered(sent, error))
        finally:
            watch.end()
        if answer.is_success or answer.status_code in accept:
            return answer
        if not self._is_passing(answer):
            raise self.denial(answer)
        asked = asked_pause(answer)
        return _Later(self._failing(answer, asked), asked)

    def endless(self, sent: httpx.Request, why: str) -> Unavailable:
        """Make the error for an answer that is over a limit: to ask again would take as long."""
        return Unavailable(
            f"the answer of {self.dialect.name} has no end",
            where=masked_url(sent),
            evidence=[f"{sent.method} {masked_url(sent)}: {why}"],
            hint="open that address yourself: it may not be what it should be",
        )

    def _built(self, request: Request, watch: Watch) -> httpx.Request:
        try:
            return self._http.build_request(
                request.method,
                request.path if "://" in request.path else self._root + request.path,
                params=request.params or None,  # {} would cut the query off an address that has one
                headers=dict(request.headers),
                json=request.json,
                content=request.content,
                extensions={"trace": watch.trace},
            )
        except (httpx.InvalidURL, ValueError):
            raise _no_address(request.path, self._root) from None

    def _pauses(self, request: Request) -> list[float]:
        """Seconds to wait before each further try, spread so that many machines do not knock at once."""
        tries = range(self._tries - 1) if request.method in READS else ()
        return [0.5 * 2**n * random.uniform(1, 1.5) for n in tries]  # noqa: S311 - guards nothing

    def _is_passing(self, answer: httpx.Response) -> bool:
        return answer.is_server_error or answer.status_code in PASSING or self.dialect.limited(answer)

    def _unanswered(self, sent: httpx.Request, error: Exception) -> Unavailable:
        reason = masking.mask(str(error)) or type(error).__name__
        what = next((words for kind, words in _CAUSES.items() if isinstance(error, kind)), "did not answer")
        failure = Unavailable(
            f"{self.dialect.name} {what}{' in time' if isinstance(error, httpx.TimeoutException) else ''}",
            where=masked_url(sent),
            evidence=[f"{sent.method} {masked_url(sent)}: {reason}"],
            hint=_NETWORK if what == "did not answer" else "ask who runs it, then run the same command again",
        )
        failure.__cause__ = error  # whether anything was sent is a question that some ask
        return failure

    def _failing(self, answer: httpx.Response, asked: float) -> Unavailable:
        limited = answer.status_code == 429 or self.dialect.limited(answer)
        state = "is rate-limiting us" if limited else f"is failing ({answer.status_code})"
        moment = f"in {asked:.0f} s" if asked else "later"
        return Unavailable(
            f"{self.dialect.name} {state}: {summary_of(answer)}",
            where=masked_url(answer.request),
            evidence=evidence(answer),
            hint=f"run the same command again {moment}",
        )


_NETWORK = "check the network and any proxy settings, then run the same command again"
_CAUSES: Mapping[type[Exception], str] = {
    httpx.DecodingError: "answered with something that cannot be unpacked",
    httpx.TooManyRedirects: "sends in circles",
    httpx.UnsupportedProtocol: "sends to an address that is none of HTTP",
    httpx.InvalidURL: "sends to an address that is none",
    UnicodeError: "sends to an address that is none",
    httpx.RemoteProtocolError: "did not answer as HTTP asks, or broke off",
}
"""What is known of a failure, beside that no answer came."""


@functools.cache
def _trust() -> ssl.SSLContext:
    """Read the certificate authorities once: that takes 50 ms for each client otherwise."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class _Later:
    """Not now: `asked` is the pause in seconds that the server asks for, 0 when it says nothing."""

    failure: Unavailable
    asked: float = 0.0


def _no_address(path: str, root: str) -> UsageError:
    address = masking.mask(path if "://" in path else root + path)
    return UsageError(f"`{address}` is no HTTP address", hint="check the addresses in the configuration")
