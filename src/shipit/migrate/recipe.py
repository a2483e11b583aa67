"""Which steps a migration, a rollback and a backup consist of: lists to read from top to bottom."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from shipit.config import DatabaseOptions, Migrations
from shipit.engine.plan import Check, End, Hints, Plan, Problem, Step
from shipit.migrate.checks import BackupPossible, LedgerAgrees, RehearsalPossible, RightDatabase, ServerReady
from shipit.migrate.ports import BackupStore, Database, Guard
from shipit.migrate.steps.migration import Apply, Rehearse, TakeBackup, TakeDown, VerifyRows
from shipit.migrate.steps.run import Begin, HoldLock, Notebook, Record
from shipit.migrate.steps.way_back import WayBack
from shipit.migrations.ladder import Policy, Rung, point_of_no_return, predictions
from shipit.migrations.model import Group, Prepared
from shipit.migrations.records import Needs


class MigrationContext(Struct, frozen=True, kw_only=True):
    """Everything that the steps of one run are made of; `groups` are pending, `back` is to be rolled back."""

    environment: str
    settings: Migrations
    options: DatabaseOptions
    store: BackupStore | None = None
    policy: Policy
    database: Database
    notebook: Notebook
    objections: Callable[[], Sequence[Problem]]
    groups: tuple[Group, ...] = ()
    back: tuple[Prepared, ...] = ()

    @property
    def pending(self) -> tuple[Prepared, ...]:
        return tuple(one for group in self.groups for one in group.migrations)


def migrate(parts: MigrationContext) -> Plan:
    """Lock, rehearse, begin, back up, apply group by group, verify, record."""
    number = point_of_no_return(parts.groups, parts.policy)
    applied = apply(parts)
    turn = "verify" if number is None else applied[number].name
    steps: tuple[Step, ...] = (
        lock(parts),
        # first of all: its commits elsewhere on the server would count as those of somebody else
        *rehearsal(parts),
        begin(parts),
        *backup(parts),
        *applied,
        verify(parts),
        record(parts),
    )
    count = len(parts.pending)
    todo = (
        f"{count} migration{'s' if count != 1 else ''} in {_groups(parts.groups)}"
        if count
        else "nothing is pending"
    )
    title = f"Migrate {parts.environment}: {todo}"
    return plan(parts, "migrate", title, steps, checks(parts), turn)


def rollback(parts: MigrationContext) -> Plan:
    """Lock, begin, back up, all down scripts in one transaction, record."""
    down = TakeDown(database=parts.database, notebook=parts.notebook, migrations=parts.back)
    steps: tuple[Step, ...] = (lock(parts), begin(parts), *backup(parts), down, record(parts))
    title = f"Roll back {len(parts.back)} migration{'s' if len(parts.back) != 1 else ''} of {parts.environment}"
    return plan(parts, "rollback", title, steps, checks(parts), down.name)


def backup_only(parts: MigrationContext) -> Plan:
    """A backup by itself; nothing else is touched."""
    steps: tuple[Step, ...] = (lock(parts), begin(parts), *backup(parts, always=True), record(parts))
    wanted = (
        RightDatabase(database=parts.database, environment=parts.environment),
        BackupPossible(database=parts.database),
    )
    return plan(parts, "backup", f"Back up {parts.environment}", steps, wanted, "record")


class DatabaseLock(Struct, frozen=True):
    """Plays engine.plan.Guard: the advisory lock in the database, which ends with its session at the latest."""

    guard: Guard

    def free(self, end: End) -> None:
        """After a failure it is held until the run has written down how it ended; then its session ends."""
        if end is End.COMPLETE:
            self.guard.release()


def plan(
    parts: MigrationContext,
    command: str,
    title: str,
    steps: tuple[Step, ...],
    checks: tuple[Check, ...],
    point_of_no_return: str,
) -> Plan:
    fix = again(parts, command)
    return Plan(
        title=title,
        steps=steps,
        checks=checks,
        point_of_no_return=point_of_no_return,
        hints=Hints(resume=fix, stuck=fix),
        guard=DatabaseLock(parts.database.guard),
    )


def checks(parts: MigrationContext) -> tuple[Check, ...]:
    needs = Needs(
        frozenset(relation for one in (*parts.pending, *parts.back) for relation in one.footprint.locks),
        backup=parts.options.backup.enabled,
        solo=any(group.solo for group in parts.groups),
    )
    asked: list[Check] = [
        RightDatabase(database=parts.database, environment=parts.environment),
        LedgerAgrees(objections=parts.objections),
        ServerReady(database=parts.database, needs=needs),
    ]
    if needs.backup:
        asked.append(BackupPossible(database=parts.database))
    if parts.settings.rehearse == "always":
        asked.append(RehearsalPossible(database=parts.database))
    return tuple(asked)


def lock(parts: MigrationContext) -> HoldLock:
    return HoldLock(database=parts.database, patience=parts.options.lock_wait)


def begin(parts: MigrationContext) -> Begin:
    return Begin(
        database=parts.database,
        notebook=parts.notebook,
        environment=parts.environment,
        objections=parts.objections,
        way_back=way_back(parts),
    )


def way_back(parts: MigrationContext) -> WayBack:
    return WayBack(
        database=parts.database,
        policy=parts.policy,
        environment=parts.environment,
        run=parts.notebook.run.id,
        migrations=parts.pending,
    )


def backup(parts: MigrationContext, *, always: bool = False) -> tuple[Step, ...]:
    if not parts.options.backup.enabled and not always:
        return ()

    def is_needed() -> bool:
        recorded = {row.version for row in parts.database.ledger.applied()}
        left = any(one.version not in recorded for one in parts.pending)
        return always or left or any(one.version in recorded for one in parts.back)

    return (TakeBackup(database=parts.database, notebook=parts.notebook, is_needed=is_needed, store=parts.store),)


def rehearsal(parts: MigrationContext) -> tuple[Step, ...]:
    wanted = parts.settings.rehearse
    if wanted == "never" or (wanted == "auto" and parts.database.rehearsal.possible()):
        return ()
    return (Rehearse(database=parts.database, notebook=parts.notebook, groups=parts.groups),)


def apply(parts: MigrationContext) -> tuple[Apply, ...]:
    expected = predictions(parts.groups, parts.policy)
    return tuple(
        Apply(
            database=parts.database,
            notebook=parts.notebook,
            group=group,
            lock=lock(parts),
            detail=detail(group, expected[number]),
            last=number == len(parts.groups) - 1,
        )
        for number, group in enumerate(parts.groups)
    )


def verify(parts: MigrationContext) -> VerifyRows:
    touched = {name for one in parts.pending for name in (*one.footprint.locks, *one.footprint.created)}
    return VerifyRows(
        database=parts.database,
        notebook=parts.notebook,
        touched=frozenset(touched),
        may_cascade=any(map(_changes_rows, parts.pending)),
    )


def _changes_rows(one: Prepared) -> bool:
    footprint = one.footprint
    return not footprint.known or bool(footprint.lossy) or "ROW EXCLUSIVE" in footprint.locks.values()


def record(parts: MigrationContext) -> Record:
    return Record(database=parts.database, notebook=parts.notebook)


def detail(group: Group, rung: Rung) -> str:
    """What running a group means for others, in a few words for the plan."""
    statements = sum(len(one.up) for one in group.migrations)
    words = [f"{statements} statement{'s' if statements != 1 else ''}"]
    strong = sorted(
        {
            f"{mode} on {relation}"
            for one in group.migrations
            for relation, mode in one.footprint.locks.items()
            if mode in {"ACCESS EXCLUSIVE", "EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE"}
        }
    )
    words += strong[:3] + ([f"and {len(strong) - 3} more"] if len(strong) > 3 else [])
    words += ["outside of a transaction"] if group.solo else []
    words += ["moves data"] if any(one.footprint.long for one in group.migrations) else []
    words += [f"destroys {loss}" for one in group.migrations for loss in one.footprint.lossy][:2]
    return f"{', '.join(words)}; if it fails: {rung.partition(':')[0]}"


def again(parts: MigrationContext, command: str) -> str:
    words = ["shipit migrate", *([command] if command != "migrate" else []), f"--env {parts.environment}"]
    return f"fix that, then run {' '.join(words)} again"


def _groups(groups: Sequence[Group]) -> str:
    return f"{len(groups)} transaction{'s' if len(groups) != 1 else ''}"
