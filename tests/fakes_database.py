"""A database in memory that plays every port of shipit.migrate.ports; statements are `make X`, `drop X`, `fail`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, LeaseLost, Refused
from shipit.migrate.ports import Database
from shipit.migrations.drift import Schema
from shipit.migrations.losses import Risk
from shipit.migrations.model import Directives, Footprint, Group, Migration, Position, Prepared, Script, Statement
from shipit.migrations.records import Address, Applied, Backup, Baseline, Needs, Restored, Run

ADDRESS = Address("db.example", 5432, "acme", "ada")


@dataclass(frozen=True)
class Ports:
    """Plays migrate.ports.Database."""

    close: Callable[[], None]
    health: Any
    ledger: Any
    guard: Any
    runner: Any
    catalog: Any
    rehearsal: Any
    backups: Any
    restorer: Any
    adoption: Any
    emptying: Any
    dialect: str = "postgresql"


@dataclass
class FakeDatabase:
    """`tables` maps names to rows; `foreign` counts what others wrote; `fails` maps a port's word to trouble."""

    tables: dict[str, int] = field(default_factory=dict)
    rows: list[Applied] = field(default_factory=list)
    runs_: list[Run] = field(default_factory=list)
    bound: str | None = None
    holder_: str | None = None
    foreign: int = 0
    backups_: list[Backup] = field(default_factory=list)
    saved: dict[str, tuple[dict[str, int], list[Applied]]] = field(default_factory=dict)
    fails: dict[str, BaseException] = field(default_factory=dict)
    no_rehearsal: str = ""
    no_restore: str = ""
    server_problems: tuple[Problem, ...] = ()
    backup_problems: tuple[Problem, ...] = ()
    others_tools: dict[str, Sequence[str]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    clock: float = 1000.0
    closed: int = 0
    pooled: bool = False
    kept_schema: Schema | None = None

    def ports(self) -> Database:
        """The same database as the steps get it."""
        # one object plays all parts here, so that a test can look at everything
        one: Any = self
        return Ports(self.close, one, one, one, one, one, one, one, one, one, one)

    def close(self) -> None:
        self.closed += 1
        self.holder_ = None

    def _do(self, what: str) -> None:
        self.log.append(what)
        trouble = self.fails.get(what.partition(" ")[0])
        if trouble is not None:
            raise trouble

    # health
    address = ADDRESS

    def server(self) -> str:
        return "PostgreSQL 15.18"

    def size(self) -> int:
        self._do("size")
        return 80_000_000

    def remarks(self, needs: Needs) -> Sequence[str]:
        return [f"a long transaction on {name}" for name in sorted(needs.relations)]

    def problems(self, needs: Needs | None = None) -> Sequence[Problem]:
        return self.server_problems if needs else self.backup_problems

    # ledger
    def identity(self) -> str | None:
        return self.bound

    def bind(self, environment: str) -> None:
        self.bound = environment

    def applied(self) -> Sequence[Applied]:
        return tuple(self.rows)

    def runs(self) -> Sequence[Run]:
        return tuple(reversed(self.runs_))

    def open_run(self, run: Run) -> None:
        self._do("open_run")
        self.runs_.append(run)

    def close_run(self, run: Run, schema: Schema | None = None) -> None:
        self._do("close_run")
        self.runs_ = [run if one.id == run.id else one for one in self.runs_]
        if schema and self.rows and schema.fingerprint == self.rows[-1].fingerprint:
            self.kept_schema = schema

    def left(self) -> Schema | None:
        return self.kept_schema

    def adopt(self, rows: Sequence[Applied]) -> None:
        self.rows.extend(rows)

    # emptying
    def content(self) -> Sequence[str]:
        return [f"table {name}" for name in self.tables]

    def empty(self, environment: str) -> None:
        self._do("empty")
        assert (self.bound, self.holder_) == (environment, "me")
        self.tables.clear()
        self.rows.clear()

    # guard
    def take(self, *arguments: Any) -> Any:
        """Both Guard.take(patience, say) and Backups.take(run, say): the first argument tells."""
        if isinstance(arguments[0], str):
            return self._back_up(arguments[0])
        self._do("lock")
        if self.holder_ not in {None, "me"}:
            raise LeaseLost("another run holds the lock", evidence=[self.holder_ or ""])
        self.holder_ = "me"
        return None

    def is_held(self) -> bool:
        return self.holder_ == "me"

    def lasts(self) -> bool:
        return not self.pooled

    def release(self) -> None:
        self.holder_ = None

    def holder(self) -> str | None:
        return self.holder_

    def break_(self) -> str | None:
        former, self.holder_ = self.holder_, None
        return former

    # runner
    def apply(self, migrations: Sequence[Prepared], run: str, say: Say, *, last: bool = False) -> None:
        self._do(f"apply {' '.join(one.version for one in migrations)}")
        tables, rows = dict(self.tables), list(self.rows)
        for one in migrations:
            if one.version not in {row.version for row in rows}:
                self._script(one.up, tables, say)
                rows.append(self._row(one, run))
        if rows:
            rows[-1] = replace(rows[-1], fingerprint=_fingerprint(tables))
        self.tables, self.rows = tables, rows

    def apply_solo(self, migration: Prepared, run: str, say: Say) -> None:
        self._do(f"apply_solo {migration.version}")
        self.apply([migration], run, say)
        self.begun.discard(migration.version)

    def settled(self, migration: Prepared) -> bool | None:
        if migration.version in self.begun:
            return None
        return migration.version in {row.version for row in self.rows}

    def revert(
        self,
        migrations: Sequence[Prepared],
        run: str,
        say: Say,
        expected: str | None = None,
        empty: Sequence[Risk] = (),
    ) -> None:
        self._do(f"revert {' '.join(one.version for one in migrations)}")
        filled = [risk.relation for risk in empty if self.tables.get(risk.relation)]
        if filled:
            raise Refused(f"{filled[0]} is not empty any more")
        tables = dict(self.tables)
        for one in migrations:
            self._script(one.down, tables, say)
        if expected is not None and _fingerprint(tables) != expected:
            raise Refused("the schema would not be as it was")
        self.tables = tables
        gone = {one.version for one in migrations}
        self.rows = [row for row in self.rows if row.version not in gone]

    # catalog
    def fingerprint(self) -> str:
        return _fingerprint(self.tables)

    def describe(self) -> Mapping[str, str]:
        return dict.fromkeys(self.tables, "")

    def schema(self) -> Schema:
        return Schema(self.fingerprint(), self.describe())

    def counts(self, only: Collection[str] | None = None) -> Mapping[str, int]:
        return {table: rows for table, rows in self.tables.items() if only is None or table in only}

    def baseline(self) -> Baseline:
        return Baseline(self.fingerprint(), self.counts(), "mark")

    def foreign_since(self, mark: str) -> int:
        self._do("foreign_since")
        return self.foreign

    # rehearsal, and restorer: both are asked whether they are possible
    def possible(self) -> str:
        return self.no_rehearsal or self.no_restore

    def rehearse(self, migrations: Sequence[Sequence[Prepared]], say: Say) -> None:
        self._do(f"rehearse {' '.join(one.version for group in migrations for one in group)}")

    def restore(self, backup: Backup, accepted: int, say: Say) -> Restored:
        self._do("restore")
        if self.foreign > accepted:
            raise Refused(f"{self.foreign} transactions of others would be lost")
        tables, rows = self.saved[backup.run]
        self.tables, self.rows = dict(tables), list(rows)
        return Restored("acme_kept", 0.02, self.foreign)

    # backups
    def seconds(self, size: int) -> float:
        return size / 40e6

    def find(self, run: str) -> Backup | None:
        self._do("find")
        return next((one for one in self.backups_ if one.run == run), None)

    def all(self) -> Sequence[Backup]:
        return tuple(reversed(self.backups_))

    def prune(self, keep: int) -> Sequence[str]:
        gone, self.backups_ = self.backups_[:-keep], self.backups_[-keep:]
        return [one.path for one in gone]

    def _back_up(self, run: str) -> Backup:
        self._do("backup")
        self.saved[run] = (dict(self.tables), list(self.rows))
        made = Backup(
            run, f"{run}.dump", 1234, "ab" * 32, "mark", self.clock, 0.5, self.fingerprint(), self.counts()
        )
        self.backups_.append(made)
        return made

    # adoption
    def found(self) -> Mapping[str, Sequence[str]]:
        return self.others_tools

    def _script(self, statements: Sequence[Statement], tables: dict[str, int], say: Say) -> None:
        for statement in statements:
            say(statement.text)
            verb, _, name = statement.text.partition(" ")
            if verb == "fail":
                raise ExternalError("division by zero", where=str(statement.place), evidence=["SQLSTATE 22012"])
            if verb == "make":
                tables[name] = 0
            elif verb == "drop":
                tables.pop(name, None)
            elif verb == "empty":
                tables[name] = 0

    def _row(self, one: Prepared, run: str) -> Applied:
        self.clock += 1
        return Applied(one.version, one.migration.name, one.migration.up.sha256, run, self.clock, 7)


def _fingerprint(tables: Mapping[str, int]) -> str:
    return "catalog:" + ",".join(sorted(tables))


def made(version: str, up: str = "", down: str | None = "", **more: Any) -> Prepared:
    """A migration that makes table tN: scripts are `;`-separated words for the fake."""
    up = up or f"make t{version}"
    down = f"drop t{version}" if down == "" else down
    directives = Directives(irreversible=more.pop("irreversible", ""))
    script = Script(f"{version}_step.sql", up, f"sha-{up}")
    back = (
        Script(f"{version}_step.down.sql", down, f"sha-{down}", language=more.pop("language", "sql"))
        if down
        else None
    )
    migration = Migration(version, "step", script, back, directives=directives)
    footprint = more.pop("footprint", Footprint({}, created=frozenset({f"t{version}"})))
    return Prepared(migration, _statements(script), _statements(back), footprint=footprint, **more)


def group(*migrations: Prepared, solo: bool = False) -> Group:
    return Group(migrations, solo)


def _statements(script: Script | None) -> tuple[Statement, ...]:
    words = [word.strip() for word in script.text.split(";")] if script else []
    return (
        tuple(Statement(word, Position(script.path, line)) for line, word in enumerate(words, 1)) if script else ()
    )


Question = Callable[[str], bool]
