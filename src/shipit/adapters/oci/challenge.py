"""What a registry asks for before it answers: the header WWW-Authenticate, read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PART = re.compile(
    r"""(?P<scheme>[A-Za-z][\w-]*)(?=\s+[\w-]+\s*=|\s*(?:,|$))"""
    r"""|(?P<name>[\w-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]+))"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One way to say who asks; `scheme` in small letters, `error` is why the last way was not enough."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""
    error: str = ""


def read(headers: Sequence[str]) -> tuple[Challenge, ...]:
    """Every challenge of these headers in their order; what cannot be read is left out."""
    return tuple(challenge for header in headers for challenge in _challenges(header))


def _challenges(header: str) -> Iterator[Challenge]:
    scheme, found = "", dict[str, str]()
    for part in _PART.finditer(header):
        if part["scheme"]:
            if scheme:
                yield _made(scheme, found)
            scheme, found = part["scheme"], {}
        else:
            quoted = part["quoted"]
            found[part["name"].lower()] = part["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if scheme:
        yield _made(scheme, found)


def _made(scheme: str, found: dict[str, str]) -> Challenge:
    known = {name: found.get(name, "") for name in ("realm", "service", "scope", "error")}
    return Challenge(scheme=scheme.lower(), **known)
