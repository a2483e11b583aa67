"""Whether taking something back would destroy what somebody wrote since; asked while nobody can write."""

from collections.abc import Sequence

from psycopg import sql

from shipit.adapters.postgres.session import Connection
from shipit.errors import Refused
from shipit.migrations.losses import Risk

_TABLE = "SELECT oid::regclass::text FROM pg_class WHERE oid = to_regclass(%s) AND relkind IN ('r', 'p')"
# A default is constant when its expression has no node but constants and casts that always give the same
_COLUMN = r"""
SELECT format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid),
  d.adbin IS NOT NULL
  AND NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, '\{([A-Z]+)', 'g') node
    WHERE node[1] NOT IN ('CONST', 'FUNCEXPR', 'RELABELTYPE'))
  AND NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, ':funcid (\d+)', 'g') function
    JOIN pg_proc p ON p.oid = function[1]::oid WHERE p.provolatile <> 'i')
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(%s) AND a.attname = %s AND NOT a.attisdropped AND a.attgenerated = ''
"""


def insist_on_nothing_written(connection: Connection, risks: Sequence[Risk], what: str) -> None:
    """Keep everybody out of these tables until the transaction ends; raises Refused if somebody wrote there."""
    for table in dict.fromkeys(risk.relation for risk in risks):
        for (name,) in connection.execute(_TABLE, [table]).fetchall():
            connection.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE".encode())
    with connection.transaction(force_rollback=True):  # the locks are older than this, and stay
        connection.execute("SET LOCAL row_security = off")
        written = [_in_words(risk) for risk in risks if _is_written(connection, risk)]
    if written:
        raise Refused(
            f"the way back of {what} would destroy what was written since",
            evidence=written,
            hint="write a new migration that brings the data where it belongs",
        )


def _is_written(connection: Connection, risk: Risk) -> bool:
    tables = connection.execute(_TABLE, [risk.relation]).fetchall()
    where: sql.Composable = sql.SQL("")
    if risk.column:
        columns = connection.execute(_COLUMN, [risk.relation, risk.column]).fetchall()
        if not columns:
            return False
        where = _other_than_default(risk.column, *columns[0])
    return any(
        connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {} {})").format(_verbatim(name), where)).fetchall()[
            0
        ][0]
        for (name,) in tables
    )


def _other_than_default(column: str, kind: str, default: str | None, is_constant: bool) -> sql.Composable:
    name = sql.Identifier(column)
    where = sql.SQL("WHERE {} IS NOT NULL").format(name)
    if not is_constant:
        return where
    # as text: json has no equality
    other = sql.SQL(" AND {}::text IS DISTINCT FROM (({})::{})::text")
    return where + other.format(name, _verbatim(str(default)), _verbatim(kind))


def _verbatim(printed: str) -> sql.SQL:
    """What the server printed, as it printed it."""
    return sql.SQL(printed)


def _in_words(risk: Risk) -> str:
    return f"{risk.relation}.{risk.column} holds values" if risk.column else f"{risk.relation} holds rows"
