"""A database beside the live one, into which a backup is restored and compared before anybody sees it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from psycopg import conninfo, sql

from shipit.adapters import process
from shipit.adapters.postgres import reticence, surroundings, tools
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.surroundings import Surroundings
from shipit.adapters.postgres.tools import Tools
from shipit.errors import ExternalError, Refused
from shipit.migrations.records import Backup

_LONGEST = 63  # bytes of a name
_WORD = "_shipit_side_"
_SHOWN = 5
# Who appears as the maker of anything in a database was in that database, so it was not in the live one
_MAKERS = """
SELECT xmin::text::bigint FROM pg_class WHERE oid >= 16384
UNION SELECT xmin::text::bigint FROM pg_type WHERE oid >= 16384
UNION SELECT xmin::text::bigint FROM pg_proc WHERE oid >= 16384
UNION SELECT xmin::text::bigint FROM pg_namespace WHERE oid >= 16384
"""
_MADE = "SELECT xmin::text::bigint FROM pg_database WHERE datname = %s"
_LAST_WORDS = 5
_TOO_MANY_LOCKS = "max_locks_per_transaction"


@dataclass(kw_only=True)
class Side:
    """`own` are the transactions (modulo 2³²) of all this, none of which touched the live database.

    They are all known unless the restore is `scattered` over many.
    """

    session: Session  # in another database than either
    catalog: Callable[[Session], Catalog]
    name: str
    own: set[int] = field(default_factory=set)
    scattered: bool = False

    def make(self, like: Surroundings) -> None:
        self.session.ask(surroundings.creation(like, self.name), doing="create a database beside the live one")
        self._note(self.session.ask(_MADE, [self.name]))

    def fill(self, programs: Tools, backup: Backup) -> None:
        """In one transaction, so that all of it has one id; then statistics, without which it would be slow."""
        ended = self._restore(programs, backup, "--single-transaction")
        if ended.code and _TOO_MANY_LOCKS in ended.stderr:
            self.scattered = True
            ended = self._restore(programs, backup)
        if ended.code:
            evidence = reticence.of_restore(ended.stderr)[-_LAST_WORDS:]
            raise ExternalError("pg_restore failed", where=self.name, evidence=evidence)
        with closing(self.session.another(self.name)) as inside:
            self._note(inside.ask(_MAKERS))
            with inside.transaction("gather statistics") as connection:
                connection.execute("SET LOCAL statement_timeout = 0")
                connection.execute("ANALYZE")
                self._note(connection.execute("SELECT txid_current()").fetchall())

    def compare(self, backup: Backup) -> None:
        """Raises Refused when schema or rows are not those of the backup."""
        with closing(self.session.another(self.name)) as inside:
            catalog = self.catalog(inside)
            counts, fingerprint = catalog.counts(), catalog.fingerprint()
        evidence = list(_uneven(backup.counts, counts))
        if fingerprint != backup.fingerprint:
            evidence.append(f"the schema's fingerprint is {fingerprint[:12]}, it was {backup.fingerprint[:12]}")
        if evidence:
            raise Refused("what was restored is not what was backed up", where=backup.path, evidence=evidence)

    def furnish(self, like: Surroundings) -> None:
        """Raises Refused when owner, rights or settings could not be made the same."""
        with self.session.transaction("set up the restored database") as connection:
            for statement in surroundings.furnishing(like, self.name):
                connection.execute(statement)
            self._note(connection.execute("SELECT txid_current()").fetchall())
            if found := like.differences(surroundings.read(connection, self.name)):
                raise Refused("the restored database cannot be set up like the former one", evidence=found)

    def drop(self) -> None:
        """Whatever the session is in the middle of."""
        self.session.reconnect()
        drop(self.session, self.name)

    def _restore(self, programs: Tools, backup: Backup, *more: str) -> process.Finished:
        place = conninfo.make_conninfo(dbname=self.name)
        argv = [str(programs.restore), "--exit-on-error", *more, f"--dbname={place}", backup.path]
        return process.run(argv, env=tools.environment(self.session.target))

    def _note(self, rows: Sequence[Sequence[int]]) -> None:
        self.own.update(xid % 2**32 for (xid,) in rows)


def named(live: str, word: str, run: str) -> str:
    """A database's name that says whose it is: the live one's name is cut where it would be too long."""
    tail = f"{word}{run}".encode()[:_LONGEST]
    return (live.encode()[: _LONGEST - len(tail)] + tail).decode(errors="ignore")


def beside(live: str, run: str) -> str:
    return named(live, _WORD, run)


def left_over(session: Session, live: str) -> list[str]:
    """The databases of this kind that runs left which died; there is never one of a living run but ours."""
    names = [name for (name,) in session.ask("SELECT datname FROM pg_database ORDER BY 1")]
    return [name for name in names if _WORD in name and name == beside(live, name.rpartition(_WORD)[2])]


def drop(session: Session, name: str) -> None:
    """If it is there; a pg_restore that outlived its run is ended with it."""
    session.ask("SET lock_timeout = '10s'")
    if session.ask("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [name]):
        session.ask(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(name)))
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    session.ask(statement, doing="drop a database that is not needed any more")


def _uneven(was: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    names = [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]
    lines = [f"{name}: {now.get(name, 'no')} rows, there were {was.get(name, 'none')}" for name in names[:_SHOWN]]
    return [*lines, f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else lines
