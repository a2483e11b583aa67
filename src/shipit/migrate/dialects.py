"""Which SQL the migrations are written in: PostgreSQL's or SQLite's, as the address of a database says."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shipit.errors import UsageError
from shipit.migrations.model import Dialect

if TYPE_CHECKING:
    from shipit.config import Project

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"
ENGINE = "{engine}"
"""In migrations.path: stands for the dialect."""

_ADDRESS = re.compile(r"sqlite:|postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
_SQLITE_FILE = re.compile(r"sqlite:///(?P<path>/?[^/?#\x00-\x20:][^?#\x00-\x1f]*)")
_HINT = "sqlite:///relative.db, sqlite:////absolute.db or postgresql://USER:PASSWORD@HOST/DATABASE"


def is_address(reference: str) -> bool:
    """Whether it is an address itself, and not where one is (env:, file:, command:)."""
    return _ADDRESS.match(reference) is not None


def dialect_of(address: str) -> Dialect:
    """The dialect of an address; whatever is not SQLite's is left to PostgreSQL's driver."""
    return SQLITE if address.strip().lower().startswith("sqlite:") else POSTGRESQL


def sqlite_path(address: str) -> str:
    """The file of sqlite:///relative.db or sqlite:////absolute.db; raises UsageError for another form."""
    found = _SQLITE_FILE.fullmatch(address.strip())
    if found is None:
        raise UsageError(
            "the address of the SQLite database cannot be read", evidence=[address.strip()], hint=_HINT
        )
    return found["path"]


def without_database(project: "Project", variables: Mapping[str, str]) -> tuple[Dialect, ...]:
    """The dialects of a project's files, as far as they are known before any database is asked; may be empty.

    `variables` is the environment: of a reference env:NAME the scheme is looked at if NAME is set. A path with
    {engine} has those whose folder is there.
    """
    path = project.config.migrations.path
    known: tuple[Dialect, ...] = (POSTGRESQL, SQLITE)
    if ENGINE in path:
        found = {one for one in known if Path(project.top, path.replace(ENGINE, one)).is_dir()}
        if found:
            return tuple(one for one in known if one in found)
    configured = set(_configured(project, variables))
    return tuple(one for one in known if one in configured)


def _configured(project: "Project", variables: Mapping[str, str]) -> Iterator[Dialect]:
    for environment in project.config.environments.values():
        reference = environment.database.url if environment.database else ""
        address = variables.get(reference.removeprefix("env:"), "") if reference.startswith("env:") else reference
        if is_address(address):
            yield dialect_of(address)
