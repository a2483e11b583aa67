"""The version tables that other tools keep in a PostgreSQL database, read as those tools read them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from shipit.adapters.postgres.session import Session
from shipit.errors import Refused
from shipit.migrations.version_tables import NAMES, HalfDone, VersionTable, owner

_TABLES = """
SELECT n.nspname, c.relname, array_agg(a.attname::text), array_position(current_schemas(false), n.nspname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema'
  AND c.relname = ANY (%s)
GROUP BY n.nspname, c.relname
ORDER BY 4 NULLS LAST, 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Somebody's version table; `near`: its schema is on the search path, so a bare name may mean it."""

    form: VersionTable
    schema: str
    near: bool

    def __str__(self) -> str:
        return f"{self.schema}.{self.form.name}"

    def select(self) -> sql.Composed:
        return sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
            sql.SQL(", ").join(map(sql.Identifier, self.form.columns)),
            sql.Identifier(self.schema, self.form.name),
            sql.Identifier(self.form.order),
        )


class PostgresAdoption:
    """Plays databases.Adoption; every schema is searched, those of the search path first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def found(self) -> Mapping[str, Sequence[str]]:
        """Raises Refused when a tool's last run failed half-way, or its tables in two schemas disagree.

        golang-migrate keeps its last version alone; Flyway's baseline is `up to VERSION`; of Flyway's
        repeatable scripts nothing is said.
        """
        tables: dict[str, list[_Table]] = {}
        for table in self._tables():
            tables.setdefault(table.form.tool, []).append(table)
        return {tool: self._agreed(of_tool) for tool, of_tool in tables.items()}

    def _tables(self) -> Iterator[_Table]:
        for schema, name, columns, position in self._session.ask(_TABLES, [list(NAMES)]):
            form = owner(name, set(columns))
            if form:
                yield _Table(form=form, schema=schema, near=position is not None)

    def _agreed(self, tables: Sequence[_Table]) -> Sequence[str]:
        """The first on the search path decides; elsewhere all must say the same."""
        if tables[0].near:
            return self._versions(tables[0])
        said = {str(table): self._versions(table) for table in tables}
        if len({tuple(versions) for versions in said.values()}) > 1:
            raise Refused(
                f"{tables[0].form.tool} has tables in several schemas, and they disagree",
                where=str(self._session.address),
                evidence=[f"{table}: {_shortly(versions)}" for table, versions in said.items()],
                hint="name the schema in the address: …?options=-csearch_path%3DSCHEMA",
            )
        return self._versions(tables[0])

    def _versions(self, table: _Table) -> Sequence[str]:
        rows = self._session.ask(table.select(), doing=f"read {table}")
        try:
            return table.form.read(rows)
        except HalfDone as half:
            where = str(self._session.address)
            raise Refused(half.what, where=where, evidence=[f"in {table}"], hint=half.hint) from None


def _shortly(versions: Sequence[str]) -> str:
    return f"{len(versions)} applied, the last is {versions[-1]}" if versions else "nothing applied"
