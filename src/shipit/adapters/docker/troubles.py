"""What a builder's last words mean: which error they are, and what to do about it."""

import re
from collections.abc import Mapping

from shipit.adapters.process import Finished
from shipit.errors import Denied, ExternalError, Unavailable

_SHOWN = 12
"""lines of evidence: enough for what a failed RUN said"""

_NO_DAEMON = "start it (systemctl start docker), or set DOCKER_HOST to where it runs"
_NO_RIGHT = "add this user to the group docker and log in again, or set DOCKER_HOST to a daemon of its own"

_NO_LOGIN = (
    "set registry.username and registry.password in [tool.shipit], or run docker login {host}; that user must be"
    " allowed to read the base images and to write its own"
)
_NO_BASE = "check the name of the base image in FROM, and the login of its registry"
_NO_NETWORK = "check the network and the name of the registry {host}, then run the same command again"

_KNOWN: Mapping[str, tuple[type[ExternalError], str]] = {
    r"no space left on device|disk quota exceeded": (ExternalError, "free space on that disk: docker system prune"),
    r"executor failed running|did not complete successfully|building at step \"RUN ": (ExternalError, ""),
    r"permission denied.*(docker daemon socket|docker api)": (Denied, _NO_RIGHT),
    r"cannot connect to the docker daemon|error during connect|is the docker daemon running": (
        Unavailable,
        _NO_DAEMON,
    ),
    r"manifest unknown|name unknown|(llb definition|source metadata for \S+): \S+: not found": (
        ExternalError,
        _NO_BASE,
    ),
    r"pull access denied": (ExternalError, _NO_BASE),
    r"unauthorized|authentication required|no basic auth|denied:|access denied|insufficient_scope|403 forbidden": (
        Denied,
        _NO_LOGIN,
    ),
    r"connection (refused|reset)|no such host|timeout|network is unreachable|handshake|dial tcp|deadline": (
        Unavailable,
        _NO_NETWORK,
    ),
    r"unexpected eof|http response to https|50[0234] (internal|bad|service|gateway)": (Unavailable, _NO_NETWORK),
}
"""In this order: what a RUN said about itself is not about the network of the builder."""


def failure(finished: Finished, what: str, host: str) -> ExternalError:
    """The error for a child that failed; raised by whoever ran it."""
    lines = [line for line in f"{finished.text}\n{finished.stderr}".splitlines() if line.strip()]
    kind, hint = meaning("\n".join(lines[-_SHOWN:]), host)
    return kind(what, evidence=lines[-_SHOWN:] or [f"exit code {finished.code}, and nothing was said"], hint=hint)


def meaning(said: str, host: str) -> tuple[type[ExternalError], str | None]:
    """The class for the last lines, and a hint where one is known."""
    for pattern, (kind, hint) in _KNOWN.items():
        if re.search(pattern, said, re.IGNORECASE):
            return kind, hint.format(host=host) or None
    return ExternalError, None
