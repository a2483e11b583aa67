"""Which migrations a person means: those up to a version, and those to roll back."""

from collections.abc import Sequence

from msgspec import Struct

from shipit.errors import UsageError
from shipit.migrations.model import Finding, Migration, Position
from shipit.migrations.names import Key, key, near
from shipit.migrations.order import needed
from shipit.migrations.records import Applied

ADOPTED = "adopted"
"""The run of rows that came from another tool's table: nothing was run for them."""
START = "0"
"""What `rollback --to` calls the state before the first migration."""


class Reversal(Struct, frozen=True):
    """What is to be rolled back, newest first; with an error among the findings nothing may be."""

    migrations: tuple[Migration, ...]
    findings: tuple[Finding, ...] = ()


def up_to(migrations: Sequence[Migration], to: str | None) -> tuple[Migration, ...]:
    """Those up to `to` (a version or 0003_name), and what they depend on; raises UsageError if it is not there."""
    if to is None:
        return tuple(migrations)
    last = _found(to, {migration.label: migration.version for migration in migrations}, "migrations")
    wanted = [migration for migration in migrations if key(migration.version) <= last]
    keys = needed(wanted, migrations)
    return tuple(migration for migration in migrations if key(migration.version) in keys)


def back(
    migrations: Sequence[Migration], applied: Sequence[Applied], to: str | None = None, folder: str = "migrations"
) -> Reversal:
    """What `rollback` rolls back: all that is above `to` (`0`: everything), or else the last run.

    `applied` is in the order of application; a file that is gone would be in `folder`.
    Raises UsageError for a version that is not applied.
    """
    rows = _last_run(applied) if to is None else _above(applied, to)
    by_key = {key(migration.version): migration for migration in migrations}
    taken = tuple(by_key[own] for row in reversed(rows) if (own := key(row.version)) in by_key)
    found = [finding for row in reversed(rows) if (finding := _obstacle(row, by_key.get(key(row.version)), folder))]
    staying = {key(row.version) for row in applied} - {key(row.version) for row in rows}
    users = [by_key[own] for own in sorted(staying & by_key.keys())]
    return Reversal(taken, (*found, *_still_needed(taken, users)))


def file_of(row: Applied, folder: str) -> Position:
    """Where the file of an applied migration would be."""
    name = f"{row.version}_{row.name}.sql"
    return Position(f"{folder}/{name}" if folder else name)


def _last_run(applied: Sequence[Applied]) -> list[Applied]:
    run = applied[-1].run if applied else ""
    if run == ADOPTED:
        raise UsageError(
            "the last migrations were adopted from another tool: no run of ours can be rolled back",
            evidence=[f"newest: {applied[-1].version}_{applied[-1].name}"],
            hint="name what is to stay: shipit migrate rollback --env NAME --to VERSION",
        )
    return [row for row in applied if row.run == run]


def _above(applied: Sequence[Applied], to: str) -> list[Applied]:
    labels = {f"{row.version}_{row.name}": row.version for row in applied}
    if to == START and key(START) not in map(key, labels.values()):
        return list(applied)
    last = _found(to, labels, "applied migrations")
    return [row for row in applied if key(row.version) > last]


def _found(wanted: str, labels: dict[str, str], kind: str) -> Key:
    """The key of a version or label; raises UsageError naming similar ones."""
    for label, version in labels.items():
        if wanted == label or key(wanted) == key(version):
            return key(version)
    known = near(wanted, labels.values())
    raise UsageError(
        f"no version {wanted} among the {kind}",
        where="--to",
        hint=f"perhaps {' or '.join(known)} is meant" if known else "there are none",
    )


def _obstacle(row: Applied, migration: Migration | None, folder: str) -> Finding | None:
    """Why one migration cannot be rolled back."""
    if migration is None:
        what = f"{row.version} is applied, but its file is gone: nobody knows how to roll it back"
        return Finding(file_of(row, folder), "missing-file", what, "bring the file back from the history of git")
    where, label = Position(migration.up.path, migration.up.line), migration.label
    if row.sha256 and row.sha256 != migration.up.sha256:
        what = f"{label} was edited after it was applied: its down script may not fit"
        return Finding(where, "edited-file", what, "bring the file back as it was applied")
    if migration.down is None:
        reason = migration.directives.irreversible
        what = f"{label} is irreversible: {reason}" if reason else f"{label} has no down script"
        rewrite = "go forward with a new migration, or restore the backup of its run"
        return Finding(where, "no-way-back", what, rewrite)
    return None


def _still_needed(taken: Sequence[Migration], users: Sequence[Migration]) -> list[Finding]:
    found = []
    for user in users:
        for version in user.directives.depends:
            if key(version) in {key(migration.version) for migration in taken}:
                what = f"{user.label} stays and depends on {version}"
                rewrite = "take that one back as well: name a lower version with --to"
                found.append(Finding(Position(user.up.path, user.up.line), "still-needed", what, rewrite))
    return found
