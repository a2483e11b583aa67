"""Take everything out of a PostgreSQL database that is there for tests."""

from collections.abc import Sequence

from msgspec import Struct
from psycopg import sql

from shipit.adapters.postgres.guard import lock_transaction
from shipit.adapters.postgres.session import Connection, Session
from shipit.errors import Refused

# each object with its kind, its name and the statement that drops it; what an extension brings goes with that alone
_CONTENT = r"""
WITH member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
space AS (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'shipit')),
object AS (
  SELECT 'pg_class'::regclass AS class, c.oid, 1 AS step,
    CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
      WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
    format('%I.%I', s.nspname, c.relname) AS label
  FROM pg_class c JOIN space s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'))
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, 2, 'ROUTINE', p.oid::regprocedure::text
  FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 3, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
    format('%I.%I', s.nspname, t.typname)
  FROM pg_type t JOIN space s ON s.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
  UNION ALL
  SELECT 'pg_operator'::regclass, o.oid, 4, 'OPERATOR', o.oid::regoperator::text
  FROM pg_operator o JOIN space s ON s.oid = o.oprnamespace
  UNION ALL
  SELECT 'pg_collation'::regclass, c.oid, 4, 'COLLATION', format('%I.%I', s.nspname, c.collname)
  FROM pg_collation c JOIN space s ON s.oid = c.collnamespace
  UNION ALL
  SELECT 'pg_ts_config'::regclass, c.oid, 4, 'TEXT SEARCH CONFIGURATION', format('%I.%I', s.nspname, c.cfgname)
  FROM pg_ts_config c JOIN space s ON s.oid = c.cfgnamespace
  UNION ALL
  SELECT 'pg_ts_dict'::regclass, c.oid, 5, 'TEXT SEARCH DICTIONARY', format('%I.%I', s.nspname, c.dictname)
  FROM pg_ts_dict c JOIN space s ON s.oid = c.dictnamespace
  UNION ALL
  SELECT 'pg_namespace'::regclass, s.oid, 6, 'SCHEMA', quote_ident(s.nspname) FROM space s
  WHERE s.nspname <> 'public' AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = s.oid))
SELECT o.kind, o.label FROM object o
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = o.class AND m.objid = o.oid)
ORDER BY o.step, o.label
"""
_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' AND pg_has_role(extowner, 'USAGE')"
_FORGET = "DELETE FROM shipit.migration; DELETE FROM shipit.intent; DELETE FROM shipit.run"
_KEPT = "SELECT to_regclass('shipit.schema') IS NOT NULL"
_SHOWN = 5


class Emptying(Struct, frozen=True):
    """Plays migrate.ports.Emptying; errors as in `troubles`."""

    session: Session

    def content(self) -> Sequence[str]:
        with self.session.transaction("read the catalog") as connection:
            return [f"{kind.lower()} {label}" for kind, label in _content(connection)]

    def empty(self, environment: str) -> None:
        with self.session.transaction("empty the database") as connection:
            lock_transaction(connection, self.session.lock_patience, lambda _: None)
            bound = connection.execute("SELECT environment FROM shipit.identity").fetchall()
            if bound != [(environment,)]:
                raise Refused(f"this database is not bound to {environment}", where=str(self.session.address))
            _drop_all(connection)
            if left := [f"{kind.lower()} {label}" for kind, label in _content(connection)]:
                what = f"the database of {environment} could not be emptied"
                raise Refused(what, where=str(self.session.address), evidence=left[:_SHOWN])
            connection.execute(_FORGET)
            if connection.execute(_KEPT).fetchall()[0][0]:
                connection.execute("DELETE FROM shipit.schema")


def _content(connection: Connection) -> list[tuple[str, str]]:
    connection.execute("SET LOCAL search_path = pg_catalog")  # names are then printed with their schemas
    return connection.execute(_CONTENT.encode()).fetchall()


def _drop_all(connection: Connection) -> None:
    """Extensions of our own role first, then each object; what went with another one is gone already."""
    for (name,) in connection.execute(_EXTENSIONS).fetchall():
        connection.execute(sql.SQL("DROP EXTENSION {} CASCADE").format(sql.Identifier(name)))
    for kind, label in _content(connection):
        connection.execute(f"DROP {kind} IF EXISTS {label} CASCADE".encode())
