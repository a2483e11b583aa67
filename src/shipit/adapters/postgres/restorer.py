"""The way back: a backup is restored beside the live database, and both names are swapped at once."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from shipit.adapters.backup_folder import BackupFolder, megabytes
from shipit.adapters.postgres import fence, obstacles, side, tools
from shipit.adapters.postgres.backups import SUFFIX
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.side import Side
from shipit.adapters.postgres.surroundings import Surroundings
from shipit.adapters.postgres.tools import Tools
from shipit.adapters.postgres.troubles import is_lost
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused
from shipit.migrations.records import Backup, Restored

_KEPT = "_kept_"
_DISTANCE = """
SELECT txid_snapshot_xmax(txid_current_snapshot()) - txid_snapshot_xmin(%s::text::txid_snapshot)
"""
# The first bounds how long newcomers wait for nothing, the others end the fence if we vanish without a word
_LIMITS = """
SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '10s';
SET LOCAL idle_in_transaction_session_timeout = '5s'
"""


class PostgresRestorer:
    """Plays databases.Restorer; `catalog` makes the catalog that a session sees.

    A restore ends every session in the live database, those of this process too.
    """

    def __init__(self, session: Session, catalog: Callable[[Session], Catalog]) -> None:
        self._session = session
        self._catalog = catalog

    def possible(self) -> str:
        return obstacles.first(self._session)

    def restore(self, backup: Backup, accepted: int, say: Say) -> Restored:
        """See the port.

        The long work comes first, while everybody goes on working; who wrote is asked before it, so that it is not
        done for nothing, and again when nobody is in the database any more.
        """
        if why := self.possible():
            raise Refused("the backup cannot be restored beside the live database", evidence=[why])
        backup, like = _verified(backup)
        since = fence.moment(self._session)
        before = self._foreign(backup, accepted)
        programs = tools.find_tools(self._session.version)
        assert programs is not None  # noqa: S101 - or it would not be possible
        live = obstacles.name_of(self._session)
        with closing(obstacles.elsewhere(self._session)) as elsewhere:
            _clear(elsewhere, live)
            beside = Side(session=elsewhere, catalog=self._catalog, name=side.beside(live, backup.run))
            try:
                _restore_aside(beside, backup, like, programs, say)
                self._session.close()
                return _Swap(
                    elsewhere=elsewhere, beside=beside, live=live, backup=backup, accepted=accepted, before=before
                ).carry_out(since, say)
            finally:
                _tidy(beside, say)

    def _foreign(self, backup: Backup, accepted: int) -> int:
        """How many wrote since the backup; where that is not known any more, how many at most."""
        try:
            count = self._catalog(self._session).foreign_since(backup.mark)
        except Refused:
            with suppress(ExternalError):
                [[most]] = self._session.ask(_DISTANCE, [backup.mark])
                if 0 < most <= accepted:
                    return int(most)
            raise
        _refuse_more(count, accepted, backup.run)
        return count


def _verified(backup: Backup) -> tuple[Backup, Surroundings]:
    """As the record beside the file has it, with its sha256 checked once more: nothing else is restored."""
    folder = BackupFolder(Path(backup.path).parent, SUFFIX)
    found = folder.find(backup.run)
    if found is None:
        raise Refused("there is no such backup", where=backup.path)
    return found, Surroundings.of_record(folder.noted(backup.run)["surroundings"])


def _restore_aside(beside: Side, backup: Backup, like: Surroundings, programs: Tools, say: Say) -> None:
    say(f"restoring {megabytes(backup.size)} into {beside.name}, the live database stays in use")
    beside.make(like)
    beside.fill(programs, backup)
    say("comparing the schema and the rows of each table with the backup")
    beside.compare(backup)
    beside.furnish(like)


@dataclass(frozen=True, kw_only=True)
class _Swap:
    """Fence, ask, rename twice, open: one transaction."""

    elsewhere: Session
    beside: Side
    live: str
    backup: Backup
    accepted: int
    before: int

    def carry_out(self, since: str, say: Say) -> Restored:
        """The counts overlap rather than leave a moment out: never too few."""
        until = fence.moment(self.elsewhere)
        count = self.before + fence.written_since(self.elsewhere, since, self.beside.own)
        self._refuse_more(count)
        if who := fence.unendable(self.elsewhere, self.live):
            raise Refused("sessions are in the database that this role may not end", evidence=who)
        kept = self._free_name()
        say(f"swapping: {self.live} becomes {kept}, {self.beside.name} becomes {self.live}")
        began = time.monotonic()
        with fence.ending(self.elsewhere.another(), [self.live, self.beside.name]):
            count += self._swap(kept, until, count)
        gap = time.monotonic() - began
        say(f"{self.live} is open again after {gap:.2f} s")
        return Restored(kept, gap, count)

    def _swap(self, kept: str, until: str, count: int) -> int:
        """Returns how many more wrote until the fence was closed."""
        more = 0
        try:
            with self.elsewhere.transaction("swap the names of the databases") as connection:
                connection.execute(_LIMITS)
                _rename(connection, self.live, kept)  # from here on nobody is in it, and nobody comes in
                more = fence.written_since(self.elsewhere, until, self.beside.own)
                self._refuse_more(count + more)
                _rename(connection, self.beside.name, self.live)
                connection.execute(_comment(kept, self.backup))
        except ExternalError as error:
            if not (is_lost(error) and self._is_swapped(kept)):
                raise
        return more

    def _refuse_more(self, count: int) -> None:
        own = "of these some are of the restore itself, which did not fit into one transaction"
        _refuse_more(count, self.accepted, self.backup.run, [own] if self.beside.scattered else [])

    def _is_swapped(self, kept: str) -> bool:
        """The link broke at the last word: both names were swapped, or neither."""
        self.elsewhere.reconnect()
        return kept in _databases(self.elsewhere)

    def _free_name(self) -> str:
        taken = _databases(self.elsewhere)
        return next(name for name in self._names() if name not in taken)

    def _names(self) -> Iterator[str]:
        yield side.named(self.live, _KEPT, self.backup.run)
        for number in range(2, 1000):
            yield side.named(self.live, _KEPT, f"{self.backup.run}_{number}")


def _refuse_more(count: int, accepted: int, run: str, remarks: Sequence[str] = ()) -> None:
    if count > accepted:
        counted = f"{count:,} transactions of others since the backup of {run}, {accepted:,} may be lost"
        raise Refused(
            "others wrote to the database since the backup, so it is left as it is",
            evidence=[counted, *remarks],
            hint=f"shipit migrate restore {run} --env NAME --accept-loss {count}",
        )


def _tidy(beside: Side, say: Say) -> None:
    """After a swap there is no database of that name; a failure here must not hide another."""
    try:
        beside.drop()
    except ExternalError as error:
        say(f"{beside.name} is left, the next restore drops it: {error.what}")


def _clear(session: Session, live: str) -> None:
    for name in side.left_over(session, live):
        side.drop(session, name)


def _databases(session: Session) -> set[str]:
    return {name for (name,) in session.ask("SELECT datname FROM pg_database")}


def _rename(connection: Connection, old: str, new: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def _comment(kept: str, backup: Backup) -> sql.Composed:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    text = (
        f"what was live until shipit restored the backup of {backup.run} at {when}; drop it when nobody misses it"
    )
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(kept), sql.Literal(text))
