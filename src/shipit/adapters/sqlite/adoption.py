"""Plays databases.Adoption: the version tables that other tools keep in a SQLite database."""

import sqlite3
from collections.abc import Mapping, Sequence

from shipit.adapters.sqlite.definitions import quoted
from shipit.adapters.sqlite.session import Session
from shipit.errors import Refused
from shipit.migrations.version_tables import NAMES, HalfDone, VersionTable, owner


class Adoption:
    """See the port."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def found(self) -> Mapping[str, Sequence[str]]:
        """Raises Refused when a tool's last run failed half-way."""
        with self.session.snapshot() as connection:
            tables = [owner(name, _columns(connection, name)) for name in NAMES]
            return {table.tool: self._versions(connection, table) for table in tables if table}

    def _versions(self, connection: sqlite3.Connection, table: VersionTable) -> Sequence[str]:
        columns = ", ".join(table.columns)
        sql = f"SELECT {columns} FROM {quoted(table.name)} ORDER BY {table.order}"  # noqa: S608 - constants
        try:
            return table.read(connection.execute(sql).fetchall())
        except HalfDone as half:
            raise Refused(
                half.what, where=str(self.session.path), evidence=[f"in {table.name}"], hint=half.hint
            ) from None


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}
