"""Where a PostgreSQL database is: every way to write it, read without ever showing the password."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import psycopg
from psycopg import conninfo, pq

from shipit.errors import UsageError
from shipit.masking import register
from shipit.migrations.records import Address

_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+[a-z0-9_]+)?://", re.IGNORECASE)
_PORTS = re.compile(r"(?:\d{1,5})?(?:,(?:\d{1,5})?)*")
_HINT = (
    "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with the characters %, /, @, :, ?, # and space "
    "of the password written as %25, %2F, %40, %3A, %3F, %23 and %20"
)


@dataclass(frozen=True)
class Target:
    """A database that can be connected to: `parameters` are libpq's keywords, the password among them."""

    address: Address
    parameters: Mapping[str, str] = field(repr=False)


def read(url: str) -> Target:
    """Read an address as libpq, SQLAlchemy and Django write it, or libpq's keywords; what is secret is masked.

    Raises UsageError that shows nothing of the value.
    """
    url = url.strip()
    if not url:
        raise UsageError("the address of the database is empty", hint=_HINT)
    _hide(url)
    plain = _SCHEME.sub("postgresql://", url)
    if "://" in plain.partition("=")[0] and (not plain.startswith("postgresql://") or _is_torn(plain)):
        raise _unreadable()
    try:
        parameters = {name: str(value) for name, value in conninfo.conninfo_to_dict(plain).items()}
    except (psycopg.Error, ValueError):  # its text quotes the value
        raise _unreadable() from None
    _hide_parameters(parameters)
    if not _PORTS.fullmatch(parameters.get("port", "")):
        raise _unreadable()
    return Target(_address(parameters), parameters)


def _unreadable() -> UsageError:
    what = "the address of the database cannot be read (it is not shown, since it may hold a password)"
    return UsageError(what, hint=_HINT)


def _is_torn(url: str) -> bool:
    """Whether a part of the password would be taken for a host, a port or a database."""
    rest = url.partition("://")[2]
    user = re.match(r"[^@/]*@", rest)  # where libpq ends it
    place = rest[user.end() :] if user else rest
    host, _, path = place.partition("?")[0].partition("/")
    return "@" in host or "@" in path or "/" in path


def _hide(url: str) -> None:
    """Before anything is understood: the whole, and what stands where a password would."""
    register(url)
    scheme = _SCHEME.match(url)
    written = url[scheme.end() :].rpartition("@")[0].partition(":")[2] if scheme else ""
    for part in {written, unquote(written)} - {""}:
        register(part)


def _hide_parameters(parameters: Mapping[str, str]) -> None:
    for option in pq.Conninfo.get_defaults():
        if option.dispchar and (value := parameters.get(option.keyword.decode())):  # libpq's mark of a secret
            register(value)


def _address(parameters: Mapping[str, str]) -> Address:
    """Who and where in words; what the value leaves out comes from the environment, as for libpq itself."""
    usual = {option.keyword.decode(): (option.val or b"").decode() for option in pq.Conninfo.get_defaults()}
    known = {**usual, **parameters}
    hosts = (known["host"] or known["hostaddr"] or "localhost").split(",")
    ports = known["port"].split(",")
    user = known["user"]
    database = known["dbname"] or user
    if len(hosts) == 1:
        return Address(_bracketed(hosts[0]), int(ports[0] or usual["port"] or 5432), database, user)
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = (f"{_bracketed(host)}:{port or 5432}" for host, port in zip(hosts, ports, strict=False))
    return Address(",".join(places), None, database, user)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
