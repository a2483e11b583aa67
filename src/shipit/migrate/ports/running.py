"""What a run asks of a database: how it stands, what it remembers, who may, and to apply."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from shipit.engine.plan import Problem, Say
from shipit.migrations.drift import Schema
from shipit.migrations.model import Prepared
from shipit.migrations.records import Address, Applied, Baseline, Needs, Run

if TYPE_CHECKING:
    from shipit.migrations.losses import Risk


class Health(Protocol):
    """Read-only questions before anything is touched. All methods raise Unavailable or Denied."""

    @property
    def address(self) -> Address: ...

    def server(self) -> str:
        """What it is, in words for the plan: `PostgreSQL 15.18, behind a transaction pooler`."""
        ...

    def size(self) -> int:
        """Bytes of data, for the predicted time of a backup."""
        ...

    def problems(self, needs: Needs) -> Sequence[Problem]:
        """What would make the run fail or hurt: rights, version, read-only, solo behind a pooler."""
        ...

    def remarks(self, needs: Needs) -> Sequence[str]:
        """What a person should know: long transactions and a foreign pg_dump with pid and age."""
        ...


class Ledger(Protocol):
    """What the database itself remembers, in its schema `shipit`; reading one that is not there finds nothing."""

    def identity(self) -> str | None:
        """The environment that this database was first bound to."""
        ...

    def bind(self, environment: str) -> None:
        """Create the ledger if need be and bind the database, once; raises Refused if it is another's."""
        ...

    def applied(self) -> Sequence[Applied]:
        """In the order in which they were applied."""
        ...

    def runs(self) -> Sequence[Run]:
        """Newest first."""
        ...

    def open_run(self, run: Run) -> None:
        """Remember that a run began, committed by itself."""
        ...

    def close_run(self, run: Run, schema: Schema | None = None) -> None:
        """Write the end of the run down, failures too, committed by itself.

        With it goes `schema`, if its fingerprint is the one that the newest migration left; else it is not kept.
        """
        ...

    def left(self) -> Schema | None:
        """The schema that was kept last: the newest migration may have left another; None if there is none."""
        ...

    def adopt(self, rows: Sequence[Applied]) -> None:
        """Record these as applied without running anything, all or none; rows that are there stay."""
        ...


class Guard(Protocol):
    """Mutual exclusion of runs: an advisory lock that dies with its session."""

    def take(self, patience: float, say: Say) -> None:
        """Poll until it is ours or `patience` seconds are over, saying who holds it; raises LeaseLost then."""
        ...

    def is_held(self) -> bool:
        """Whether this very session holds it now, asked of the database."""
        ...

    def lasts(self) -> bool:
        """Whether holding it lasts from one transaction to the next; not so behind a transaction pooler."""
        ...

    def release(self) -> None: ...

    def holder(self) -> str | None:
        """Who holds it, with pid, address, application and age; None if nobody does."""
        ...

    def break_(self) -> str | None:
        """End the session that holds it and say whose it was; for `shipit migrate unlock`."""
        ...


class Runner(Protocol):
    """Applies and rolls back. Nothing of a call is there if it raises ExternalError, except where it says so.

    A lost reply to COMMIT is settled inside: a call that returns has committed, one that raises has not.
    Raises Unavailable when that could not be found out.
    """

    def apply(self, migrations: Sequence[Prepared], run: str, say: Say, *, last: bool = False) -> Schema | None:
        """All that the ledger does not have yet, in one transaction with their rows and verify scripts.

        Where it is the `last` of a run, it may give back the schema that it left: nobody need read that again.

        Tries again with back-off while a lock cannot be had within lock_timeout, until the configured patience
        is over. When the batch is too big for the lock table (53200), or is asked for what cannot be in one
        transaction (55P04, 55006), it is applied one by one, once; then what was committed stays, and
        the ledger has them.
        """
        ...

    def apply_solo(self, migration: Prepared, run: str, say: Say) -> None:
        """The one statement outside of a transaction: intent → statement → seen in the catalog → row.

        Residue of ours (an invalid index) is removed first, and after a failure; at most three attempts.
        """
        ...

    def settled(self, migration: Prepared) -> bool | None:
        """A solo migration: True recorded, False absent, None begun by a run that died (an intent is left)."""
        ...

    def revert(
        self,
        migrations: Sequence[Prepared],
        run: str,
        say: Say,
        expected: str | None = None,
        empty: "Sequence[Risk]" = (),
    ) -> None:
        """The down scripts in this order in one transaction, rows deleted with them.

        The relations in `empty` are locked first, if they are there; Refused is raised if one of them holds a row
        by then, or for a column a value that is neither null nor its constant default.
        With `expected` the fingerprint inside the transaction must be that one, or all is rolled back and
        Refused is raised.
        """
        ...


class Catalog(Protocol):
    """What the schema is, and how much is in it; shipit's own schema does not count."""

    def fingerprint(self) -> str:
        """sha256 of every object's definition as the catalog prints it: the same schema, the same text."""
        ...

    def describe(self) -> Mapping[str, str]:
        """Each object (`table public.a`, `index public.a_b`) with the sha256 of its definition, to name drift.

        The order of a table's columns does not count here, as it does in the fingerprint.
        """
        ...

    def schema(self) -> Schema:
        """Fingerprint and objects, by one look."""
        ...

    def counts(self, only: Collection[str] | None = None) -> Mapping[str, int]:
        """Rows of each table (`public.a`), exact, in one snapshot; with `only` of those that are still there."""
        ...

    def baseline(self) -> Baseline:
        """Fingerprint, counts and mark, in one snapshot."""
        ...

    def foreign_since(self, mark: str) -> int:
        """How many transactions of others wrote since the mark; our own, as the ledger names them, aside.

        Raises Refused when it cannot be known any more.
        """
        ...


class Emptying(Protocol):
    """Takes everything out of a database that is there for tests; raises Unavailable or Denied."""

    def content(self) -> Sequence[str]:
        """What is in it, each object by kind and name; shipit's own tables do not count."""
        ...

    def empty(self, environment: str) -> None:
        """Drop all of it, and forget what was applied, in one transaction; the binding to the environment stays.

        Raises Refused if it is not bound to this environment by then, or if something cannot be dropped: then
        everything is as before.
        """
        ...
