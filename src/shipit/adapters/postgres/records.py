"""What the ledger says about single migrations, asked within a run's own transactions."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipit.adapters.postgres.session import Connection
from shipit.errors import Refused
from shipit.migrations.model import Prepared
from shipit.migrations.records import Applied

_ROWS = "SELECT version, sha256 FROM shipit.migration WHERE version = ANY (%s)"
_OURS = "SELECT count(*) FROM shipit.migration WHERE version = ANY (%s) AND run = %s"
_INTENT = "SELECT sha256, statement FROM shipit.intent WHERE version = %s"


@dataclass
class Records:
    """The rows that a transaction writes or deletes, to ask whether it came through."""

    run: str
    versions: Sequence[str]

    def are_there(self, connection: Connection) -> bool:
        """Ours, and not those of a run that came after us and did the same."""
        [[count]] = connection.execute(_OURS, [list(self.versions), self.run]).fetchall()
        return bool(count == len(self.versions))

    def are_gone(self, connection: Connection) -> bool:
        return not connection.execute(_ROWS, [list(self.versions)]).fetchall()


def recorded(connection: Connection, migrations: Sequence[Prepared]) -> Mapping[str, str]:
    """Those of them that are applied, version to sha256; raises Refused when the content was another."""
    rows: list[tuple[str, str]] = connection.execute(_ROWS, [[one.version for one in migrations]]).fetchall()
    there = dict(rows)
    for one in migrations:
        digest = there.get(one.version, one.migration.up.sha256)
        if digest != one.migration.up.sha256:
            raise Refused(
                f"{one.label} was applied with another content",
                where=one.migration.up.path,
                evidence=[f"applied: sha256 {digest}", f"the file: sha256 {one.migration.up.sha256}"],
                hint="bring the file back as it was, and write a new migration for what is to change",
            )
    return there


def intent(connection: Connection, version: str) -> tuple[str, str] | None:
    """The sha256 and the statement that a run began; None if nothing is left open."""
    rows: list[tuple[str, str]] = connection.execute(_INTENT, [version]).fetchall()
    return rows[0] if rows else None


def applied(one: Prepared, run: str, milliseconds: int, fingerprint: str = "") -> Applied:
    """The row for a migration that was applied just now."""
    migration = one.migration
    return Applied(one.version, migration.name, migration.up.sha256, run, time.time(), milliseconds, fingerprint)


def require_success(found: str, expected: str, what: str) -> None:
    """Raise Refused unless the schema is the one that it was before."""
    if found != expected:
        raise Refused(
            f"the way back of {what} does not lead to the schema that was there before",
            evidence=[f"fingerprint before: {expected}", f"after the down scripts: {found}"],
            hint="compare both schemas, and fix the down scripts",
        )
