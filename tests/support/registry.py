"""A real registry, Debian's package `docker-registry`, behind a front that compares with the specification."""

import contextlib
import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from examples.docker_registry import PACKAGE, program, registry

from tests.support.description import Asked
from tests.support.http_listener import Answering, Drop, Listener
from tests.support.registry_rules import Reply, Rules
from tests.support.require import require

USER, PASSWORD = "releaser", "sentinel/p+ss w&rd-9f2c"
_ENTRY = f"{USER}:$2y$04$abcdefghijklmnopqrstuuogvKsPGA29TxskRYffVzggoESdKBLdy\n"
"""The password as bcrypt has it, at the least cost: the registry takes nothing else."""
_NOT_PASSED_ON = {"connection", "transfer-encoding", "date", "content-length", "keep-alive"}


@dataclass
class RealRegistry:
    """A running one; `root` is its own address."""

    root: str
    rules: Rules = field(default_factory=Rules)

    @property
    def host(self) -> str:
        return urlsplit(self.root).netloc


@contextlib.contextmanager
def docker_registry(*, members: bool = False) -> Iterator[str]:
    """Start one that keeps everything in memory, for `members` only with a password; gives its address."""
    require(PACKAGE, program() is not None)
    with registry(_ENTRY if members else "") as root:
        yield root


@contextlib.contextmanager
def front(root: str) -> Iterator[RealRegistry]:
    """Pass everything on to the registry at this address; what is not in the specification fails the test."""
    rules = Rules()
    listener = Listener(lambda asked: rules.checked(asked, lambda one: _passed_on(root, one)))
    listener.start()
    try:
        with rules:
            yield RealRegistry(listener.root, rules)
    finally:
        listener.stop()


def _passed_on(root: str, asked: Asked) -> Answering | Drop:
    connection = http.client.HTTPConnection(urlsplit(root).netloc, timeout=30)
    try:
        path = f"{asked.path}{'?' if asked.query else ''}{asked.query}"
        connection.request(asked.method, path, asked.body or None, dict(asked.headers))
        answer = connection.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
        length = int(answer.getheader("Content-Length") or 0) if asked.method == "HEAD" else 0
        return Reply(answer.status, answer.read() or bytes(length), kept)
    finally:
        connection.close()
