"""The version tables of other tools: whose a table is, and which versions its rows call applied."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from shipit.migrations.adopted import UP_TO

Row: TypeAlias = tuple[Any, ...]


class HalfDone(Exception):
    """A tool failed in the middle of something: what it left, and what its user does about that."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class VersionTable(Struct, frozen=True):
    """The table of a tool; `read` takes rows of `columns`, ordered by `order`, and raises HalfDone."""

    tool: str
    name: str
    columns: tuple[str, ...]
    order: str
    read: Callable[[Sequence[Row]], Sequence[str]]

    def fits(self, columns: Collection[str]) -> bool:
        """Only a table that has the columns of the tool is taken for its own."""
        return {*self.columns, self.order} <= set(columns)


def owner(name: str, columns: Collection[str]) -> VersionTable | None:
    """Whose table it is, None if nobody's. Rails' table looks like dbmate's and is called dbmate's."""
    return next((table for table in _TABLES if table.name == name and table.fits(columns)), None)


def _plain(rows: Sequence[Row]) -> Sequence[str]:
    return tuple(".".join(map(str, row)) for row in rows)


def _golang_migrate(rows: Sequence[Row]) -> Sequence[str]:
    for version, dirty in rows:
        if dirty:
            raise HalfDone(
                f"golang-migrate calls version {version} dirty: it failed in the middle of it, "
                "and nobody knows how much of it is there",
                "bring the schema to a known version by hand, then: migrate force VERSION",
            )
    return tuple(str(version) for version, _ in rows)


def _flyway(rows: Sequence[Row]) -> Sequence[str]:
    """In the order in which they were installed; what was undone or deleted later does not count."""
    versions: dict[str, str] = {}
    for version, kind, success in rows:
        if not success:
            raise HalfDone(
                f"Flyway failed in {version or 'a repeatable script'}, and part of it may be there",
                "bring the schema to a known version by hand, then: flyway repair",
            )
        if version is None or kind == "SCHEMA":
            continue
        if kind == "DELETE" or kind.startswith("UNDO"):
            versions.pop(version, None)
        else:
            versions[version] = UP_TO + version if kind.endswith("BASELINE") else version
    return tuple(versions.values())


_TABLES = (
    # before dbmate, whose table has one column less
    VersionTable("golang-migrate", "schema_migrations", ("version", "dirty"), "version", _golang_migrate),
    VersionTable("dbmate", "schema_migrations", ("version",), "version", _plain),
    VersionTable("flyway", "flyway_schema_history", ("version", "type", "success"), "installed_rank", _flyway),
    VersionTable("alembic", "alembic_version", ("version_num",), "version_num", _plain),
    VersionTable("django", "django_migrations", ("app", "name"), "id", _plain),
)
NAMES = tuple(dict.fromkeys(table.name for table in _TABLES))
"""The names that such a table may have."""
