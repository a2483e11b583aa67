"""How a PostgreSQL server stands before a run: what would stop it, and what a person should know."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from shipit.adapters.postgres import health_queries as queries
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.sightings import duration, in_words
from shipit.engine.plan import Problem
from shipit.migrations.records import Address, Needs

OLDEST, NEWEST = 12, 18
"""The major versions that are supported."""
LONG = 30.0
"""Seconds after which a transaction of somebody else is worth a word."""


class Health(Struct, frozen=True):
    """Plays the port Health; errors as in `troubles`."""

    session: Session

    @property
    def address(self) -> Address:
        return self.session.address

    def server(self) -> str:
        version = self._version()
        return f"PostgreSQL {version}{', behind a transaction pooler' if self.session.pooled else ''}"

    def size(self) -> int:
        return int(self.session.ask("SELECT pg_database_size(current_database())", doing="ask for its size")[0][0])

    def problems(self, needs: Needs) -> Sequence[Problem]:
        if self._major < OLDEST:
            supported = f"supported: {OLDEST} to {NEWEST}"
            return [Problem("this PostgreSQL is too old", f"server {self._version()}", supported)]
        return [*self._closed(), *self._rights(), *self._owners(needs), *self._pooler(needs)]

    def remarks(self, needs: Needs) -> Sequence[str]:
        return [
            *self._newer(),
            *self._shared_ownership(needs),
            *self._transactions(needs),
            *self._dumps(),
            *self._unseen(),
            *self._prepared(),
            *self._wraparound(needs),
            *self._replication(),
        ]

    @property
    def _major(self) -> int:
        return self.session.version // 10000

    def _version(self) -> str:
        found: str = self.session.ask("SHOW server_version")[0][0]
        return found.partition(" ")[0]  # a distribution appends its own

    def _closed(self) -> Iterator[Problem]:
        version, recovering, read_only, user = self.session.ask(queries.SERVER)[0]
        if recovering:
            evidence = f"{self.address} is in recovery (server {version.partition(' ')[0]})"
            yield Problem("this server is a replica", evidence, "use the address of the primary")
        elif read_only:
            hint = "look at default_transaction_read_only of the role, the database and the server"
            yield Problem("every transaction is read-only here", f"as {user} on {self.address}", hint)

    def _rights(self) -> Iterator[Problem]:
        create, schema, usage, make, tables, insert = self.session.ask(queries.RIGHTS)[0]
        user = self.address.user
        if tables and not (usage and insert):
            hint = (
                f"GRANT ALL ON SCHEMA shipit, ALL TABLES IN SCHEMA shipit to {user}, or use the role that owns it"
            )
            yield Problem("the role may not write the ledger", f"{user} on schema shipit", hint)
        elif schema and not tables and not (usage and make):
            hint = f"GRANT USAGE, CREATE ON SCHEMA shipit TO {user}"
            yield Problem("the role may not make the ledger's tables", f"{user} on schema shipit", hint)
        elif not schema and not create:
            hint = f"GRANT CREATE ON DATABASE {self.address.database} TO {user}, or make the schema shipit for it"
            yield Problem("the role may not make the schema of the ledger", str(self.address), hint)

    def _owners(self, needs: Needs) -> Iterator[Problem]:
        for label, owner, writes in self._others(needs):
            if not writes:
                evidence = f"it belongs to {owner}, and {self.address.user} may not even write to it"
                hint = f"GRANT {owner} TO {self.address.user}, or use the role that owns it"
                yield Problem(f"the role has no rights on {label}", evidence, hint)

    def _shared_ownership(self, needs: Needs) -> Iterator[str]:
        for label, owner, writes in self._others(needs):
            if writes:  # enough for INSERT or a foreign key to it: only the run can tell
                yield f"{label} belongs to {owner}: {self.address.user} may write to it, but not alter it"

    def _others(self, needs: Needs) -> Sequence[tuple[str, str, bool]]:
        """Relations that belong to a role that is not ours: label, owner, whether we may write to it."""
        if not needs.relations:
            return ()
        return [(row[0], row[1], row[2]) for row in self.session.ask(queries.OWNED, [sorted(needs.relations)])]

    def _pooler(self, needs: Needs) -> Iterator[Problem]:
        if needs.solo and self.session.pooled:
            yield Problem(
                "a statement that must run outside of a transaction cannot be run behind a transaction pooler",
                f"{self.address} is a pooler: nobody could say who still runs the statement",
                "give the address of the server itself",
            )

    def _newer(self) -> Iterator[str]:
        if self._major > NEWEST:
            yield f"PostgreSQL {self._version()} is newer than what shipit was tried with ({OLDEST} to {NEWEST})"

    def _transactions(self, needs: Needs) -> Iterator[str]:
        for row in self.session.ask(queries.LONG, [sorted(needs.relations), LONG]):
            holds = f", holding locks on {row[7]}" if row[7] else ""
            yield f"a long transaction: {in_words(row)}{holds}"

    def _dumps(self) -> Iterator[str]:
        for row in self.session.ask(queries.DUMPS):
            yield f"a pg_dump is running, which keeps its locks until it ends: {in_words(row)}"

    def _unseen(self) -> Iterator[str]:
        hidden = self.session.ask(queries.UNSEEN)[0][0]
        if hidden:
            yield (
                f"{hidden} sessions of other roles cannot be looked into, so their transactions are not named "
                f"(GRANT pg_read_all_stats TO {self.address.user} would show them)"
            )

    def _prepared(self) -> Iterator[str]:
        for name, owner, age in self.session.ask(queries.PREPARED):
            yield f"a prepared transaction keeps its locks: {name} of {owner}, prepared {duration(age)} ago"

    def _wraparound(self, needs: Needs) -> Iterator[str]:
        for pid, label, age in self.session.ask(queries.WRAPAROUND, [sorted(needs.relations)]):
            who = f"pid {pid}, for {duration(age)}"
            yield f"an autovacuum to prevent wraparound works on {label} and gives way to nobody: {who}"

    def _replication(self) -> Iterator[str]:
        for name, active in self.session.ask(queries.SLOTS):
            slot = f"{name}, {'active' if active else 'not active'}"
            yield f"a logical replication slot reads this database, and schema changes do not travel: {slot}"
        for name, event in self.session.ask(queries.TRIGGERS):
            yield f"an event trigger takes part in every schema change: {name} on {event}"
