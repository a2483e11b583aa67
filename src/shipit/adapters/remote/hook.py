"""A webhook of a platform: one POST is the order to deploy. Its address is a secret."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx

from shipit import masking
from shipit.adapters.http.client import PASSING, Client, Dialect, Request
from shipit.adapters.remote.delivery import AnswerLost, Delivery, NotPassedOn
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError, Unavailable

_ALL = range(300, 600)
_LONG = 8
"""Characters from which on a part of the address is taken for a key."""
_LINES, _WIDTH = 3, 200
_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout)


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Plays Way. `address` gives the secret; `run` names the deployment, for whoever gets a second POST."""

    target: str
    environment: str
    run: str
    address: Callable[[], str]

    @property
    def kind(self) -> str:
        return "webhook"

    @property
    def _name(self) -> str:
        return f"the hook of {self.target}"

    def problems(self) -> Sequence[Problem]:
        try:
            address = httpx.URL(self.address())
        except (httpx.InvalidURL, ValueError):
            address = httpx.URL()
        if address.scheme in {"http", "https"} and address.host:
            return ()
        return (Problem(f"{self._name} is no http or https address", "it is not shown", "correct the secret"),)

    def needs_image(self, *, is_return: bool) -> bool:
        return True

    def deliver(self, what: Delivery, say: Say) -> None:
        """One POST; redirects are not followed, and it is never repeated."""
        address = self.address()
        for part in _secret_parts(address):
            masking.register(part)
        order = {
            "environment": self.environment,
            "target": self.target,
            "version": what.revision.version,
            "commit": what.revision.commit,
            "image": what.image or None,
            "run": self.run,
        }
        say(f"{self._name} is asked for {what.revision}{f', {what.image}' if what.image else ''}")
        client = Client("", Dialect(name=self._name))
        try:
            answer = client.ask(Request(method="POST", path=address, json=order), accept=_ALL)
        except Unavailable as why:
            raise _unanswered(why) from why
        finally:
            client.close()
        if not answer.is_success:
            raise self._refusal(answer)
        say(f"{self._name} answered {answer.status_code}")

    def _refusal(self, answer: httpx.Response) -> ExternalError:
        status = answer.status_code
        said = [masking.mask(line)[:_WIDTH] for line in answer.text.strip().splitlines()[:_LINES]]
        evidence = [f"{status} {answer.reason_phrase}", *said]
        if status in PASSING:
            return NotPassedOn(f"{self._name} asks for time", evidence=evidence)
        if answer.is_redirect or 300 <= status < 400:
            return Denied(f"{self._name} sends elsewhere", evidence=evidence, hint="name the address it sends to")
        if status < 500:
            return Denied(f"{self._name} refused", evidence=evidence)
        return Unavailable(f"{self._name} is failing", evidence=evidence)


def _unanswered(why: Unavailable) -> Unavailable:
    """Without the address, which the usual message would show."""
    kind = NotPassedOn if isinstance(why.__cause__, _UNREACHED) else AnswerLost
    reason = masking.mask(str(why.__cause__ or "")) or "no answer came to its end"
    return kind(why.what, evidence=[reason], hint=why.hint)


def _secret_parts(address: str) -> Iterator[str]:
    """What may be shown of an address is nothing: not as it is sent, and not what a server repeats of it."""
    parsed = httpx.URL(address)
    path = parsed.raw_path.decode("ascii")
    keys = [parsed.path.rpartition("/")[2], *(value for _, value in parse_qsl(parsed.query.decode("ascii")))]
    yield from (address, str(parsed))
    yield from (part for part in (path, parsed.path, *keys) if len(part) >= _LONG)
