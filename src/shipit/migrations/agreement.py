"""Whether the folder and the ledger of a database tell the same story, and what is left to apply."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shipit.migrations.model import Finding, Migration, Position
from shipit.migrations.names import Key, key
from shipit.migrations.records import Applied
from shipit.migrations.selection import file_of, up_to

Late = Literal["refuse", "apply"]


class Standing(Struct, frozen=True):
    """How a database stands to the folder; with an error among the findings nothing may be applied.

    `pending` is in order; `edited` were applied as something else, `missing` have lost their file, and `late` are
    not applied although something newer is.
    """

    pending: tuple[Migration, ...] = ()
    edited: tuple[Migration, ...] = ()
    missing: tuple[Applied, ...] = ()
    late: tuple[Migration, ...] = ()
    findings: tuple[Finding, ...] = ()


def agree(
    migrations: Sequence[Migration],
    applied: Sequence[Applied],
    *,
    late: Late = "refuse",
    to: str | None = None,
    folder: str = "migrations",
) -> Standing:
    """Compare the whole folder with the ledger; only `pending` ends at `to`. Raises UsageError for an unknown `to`.

    An applied row without a checksum (adopted from a tool that keeps none) fits every file. `folder` is where a
    file that is gone would be.
    """
    rows = {key(row.version): row for row in applied}
    files = {key(migration.version): migration for migration in migrations}
    newest = max(rows, default=())
    pending = tuple(migration for migration in up_to(migrations, to) if key(migration.version) not in rows)
    edited = tuple(migration for own, migration in files.items() if own in rows and _differs(migration, rows[own]))
    missing = tuple(row for own, row in rows.items() if own not in files)
    older = tuple(migration for own, migration in files.items() if own not in rows and own < newest)
    last = max(files, default=())
    findings = (
        *(_edited(migration, rows[key(migration.version)]) for migration in edited),
        *(_missing(row, folder, last) for row in missing),
        *(_late(migration, rows[newest], late) for migration in older),
    )
    return Standing(pending, edited, missing, older, findings)


def _differs(migration: Migration, row: Applied) -> bool:
    return bool(row.sha256) and row.sha256 != migration.up.sha256


def _edited(migration: Migration, row: Applied) -> Finding:
    what = (
        f"{migration.label} was edited after it was applied: "
        f"sha256 {row.sha256[:12]}… is applied, {migration.up.sha256[:12]}… is in the file"
    )
    rewrite = "bring the file back as it was (git log -p FILE), and write the change into a new migration"
    return Finding(Position(migration.up.path, migration.up.line), "edited-file", what, rewrite)


def _missing(row: Applied, folder: str, last: Key) -> Finding:
    where = file_of(row, folder)
    if key(row.version) > last:
        what = f"{row.version}_{row.name} is applied, and this checkout does not know it: the database is newer"
        return Finding(where, "missing-file", what, "check out the commit that brought it, or a later one")
    what = f"{row.version}_{row.name} is applied, but its file is gone"
    rewrite = f"bring it back: git log --diff-filter=D -- '{where.path}' names the commit that deleted it"
    return Finding(where, "missing-file", what, rewrite)


def _late(migration: Migration, newest: Applied, late: Late) -> Finding:
    where = Position(migration.up.path, migration.up.line)
    what = f"{migration.label} is not applied, but {newest.version}_{newest.name}, which comes after it, is"
    if late == "apply":
        return Finding(where, "late-file", f"{what}: it is applied out of order", level="warning")
    rewrite = (
        f'give it a version above {newest.version}, or set migrations.late to "apply" if the order is no matter'
    )
    return Finding(where, "late-file", what, rewrite)
