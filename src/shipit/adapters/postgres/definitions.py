"""The catalog as text: one query that gives every object of the schema as (kind, name, definition).

Names and not numbers: an object that is dropped and made again the same way has the same text, and so has the
same schema in another database. Left out: shipit's own schema, what an extension brings, what is data
(the position of a sequence, whether a materialized view is filled), and what the server notes for itself: since
15.20 every column has an option pg_attver, and no two databases have the same.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from shipit.adapters.postgres.definitions_beside import BESIDE
from shipit.adapters.postgres.definitions_rights import RIGHTS

# Definitions are printed by the server: these settings decide how
_SETTINGS = (
    "SET LOCAL search_path = pg_catalog; SET LOCAL datestyle = ISO; SET LOCAL intervalstyle = postgres;"
    " SET LOCAL timezone = UTC; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = hex;"
    " SET LOCAL quote_all_identifiers = off; SET LOCAL lc_monetary = 'C'; SET LOCAL xmlbinary = base64;"
    # measured: compiling this query takes five times as long as running it
    " SET LOCAL jit = off"
)

_COMMON = r"""
WITH member AS MATERIALIZED (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
space AS MATERIALIZED (
  SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'shipit')),
relation AS MATERIALIZED (
  SELECT c.*, format('%I.%I', s.nspname, c.relname) AS label,
    CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
      WHEN 'c' THEN 'type' WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index'
      ELSE 'table' END AS word
  FROM pg_class c JOIN space s ON s.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)),
sorting AS MATERIALIZED (
  SELECT oid, concat_ws('.', collnamespace::regnamespace, quote_ident(collname)) AS named FROM pg_collation),
attribute AS MATERIALIZED (
  SELECT a.attrelid, string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN 'not null' END, 'default ' || pg_get_expr(d.adbin, d.adrelid),
      'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
      CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || o.named END,
      CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
      'compression ' || {compression}, 'statistics ' || nullif(a.attstattarget, -1),
      'options ' || (SELECT array_agg(o)::text FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg\_%'),
      'foreign ' || a.attfdwoptions::text,
      CASE WHEN NOT a.attislocal THEN 'inherited' END
    ), E'\n' ORDER BY a.attnum) AS columns
  FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN sorting o ON o.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind NOT IN ('i', 'I', 'S')
  GROUP BY a.attrelid)
"""

_RELATIONS = r"""
SELECT 'schema', quote_ident(s.nspname), '' FROM space s
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = s.oid)
UNION ALL
SELECT r.word, r.label, concat_ws(E'\n', concat(r.relkind, r.relpersistence, r.relreplident),
    CASE WHEN r.relrowsecurity THEN 'row security' END, CASE WHEN r.relforcerowsecurity THEN 'forced' END,
    r.reloptions::text, (SELECT o.reloptions::text FROM pg_class o WHERE o.oid = r.reltoastrelid),
    'of ' || nullif(r.reloftype, 0)::regtype::text, 'in ' || p.spcname, 'by ' || h.amname,
    'partitioned ' || CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END,
    'partition ' || pg_get_expr(r.relpartbound, r.oid),
    'under ' || (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i
      WHERE i.inhrelid = r.oid),
    (SELECT 'server ' || f.srvname || t.ftoptions::text FROM pg_foreign_table t
      JOIN pg_foreign_server f ON f.oid = t.ftserver WHERE t.ftrelid = r.oid),
    a.columns, CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END)
FROM relation r LEFT JOIN attribute a ON a.attrelid = r.oid LEFT JOIN pg_tablespace p ON p.oid = r.reltablespace
LEFT JOIN pg_am h ON h.oid = r.relam
WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
UNION ALL
SELECT 'constraint', concat_ws('.', r.label, quote_ident(c.conname)), concat_ws(' ', pg_get_constraintdef(c.oid),
    CASE WHEN NOT c.convalidated THEN 'not valid' END, CASE WHEN NOT c.conislocal THEN 'inherited' END)
FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid
UNION ALL
SELECT 'index', r.label, concat_ws(' ', pg_get_indexdef(r.oid), CASE WHEN NOT i.indisvalid THEN 'invalid' END,
    CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'identity' END,
    'in ' || p.spcname, 'under ' || h.inhparent::regclass::text)
FROM pg_index i JOIN relation r ON r.oid = i.indexrelid JOIN relation t ON t.oid = i.indrelid
LEFT JOIN pg_tablespace p ON p.oid = r.reltablespace LEFT JOIN pg_inherits h ON h.inhrelid = r.oid
UNION ALL
SELECT 'sequence', r.label, concat_ws(' ', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin,
    q.seqmax, q.seqcache, q.seqcycle, r.relpersistence, (
      SELECT concat_ws(' ', 'owned by', d.deptype, d.refobjid::regclass, quote_ident(a.attname)) FROM pg_depend d
      JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i')))
FROM pg_sequence q JOIN relation r ON r.oid = q.seqrelid
UNION ALL
SELECT 'trigger', concat_ws('.', r.label, quote_ident(t.tgname)), pg_get_triggerdef(t.oid) || t.tgenabled::text
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule', concat_ws('.', r.label, quote_ident(w.rulename)), pg_get_ruledef(w.oid) || w.ev_enabled::text
FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', concat_ws('.', r.label, quote_ident(p.polname)), concat_ws(' ', p.polcmd, p.polpermissive,
    (SELECT string_agg(CASE role WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(role)) END, ',' ORDER BY
      pg_get_userbyid(role) COLLATE "C") FROM unnest(p.polroles) role),
    'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
"""

# in UTF-8 whatever the encoding of the database is: bytes in their order are code points in theirs
_DIGEST = rb"""
SELECT encode(sha256(coalesce(string_agg(kind || '\x00' || name || '\x00' || definition, '\x01'
    ORDER BY kind, name, definition), '')), 'hex')
FROM (
  SELECT convert_to(kind, 'UTF8'), convert_to(name, 'UTF8'), convert_to(definition, 'UTF8')
  FROM ({objects}) AS object (kind, name, definition)
) AS encoded (kind, name, definition)
"""


def read(connection: Connection[Any]) -> list[tuple[str, str, str]]:
    """Every object as (kind, name, definition), in the order of their code points.

    Sees what the transaction sees, if there is one, and leaves nothing behind in it, not even a setting.
    """
    return sorted(_answered(connection, query(connection.info.server_version)))


def digest(connection: Connection[Any]) -> str:
    """sha256 over the same in the same order, as the server computes it: thousands of definitions stay there."""
    [[found]] = _answered(connection, _DIGEST.replace(b"{objects}", query(connection.info.server_version)))
    return str(found)


def _answered(connection: Connection[Any], query: bytes) -> Sequence[tuple[Any, ...]]:
    with connection.transaction(force_rollback=True):
        connection.execute(_SETTINGS)
        return connection.execute(query).fetchall()


def query(version: int) -> bytes:
    """The query for a server of this version (150018): the catalog has grown a few columns since 12."""
    text = _COMMON + "\nUNION ALL\n".join((_RELATIONS, *BESIDE, *RIGHTS))
    text = text.replace(
        "{compression}", "nullif(a.attcompression::text, '')" if version >= 140000 else "NULL::text"
    )
    text = text.replace("{published}", _PUBLISHED_FROM_15 if version >= 150000 else _PUBLISHED)
    return text.replace("{collation}", _COLLATION[next(v for v in _COLLATION if version >= v)]).encode()


_PUBLISHED = "SELECT t.prrelid::regclass::text AS one FROM pg_publication_rel t WHERE t.prpubid = p.oid"
_PUBLISHED_FROM_15 = """
SELECT concat_ws(' ', t.prrelid::regclass, '(' || (SELECT string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = t.prrelid AND a.attnum = ANY (t.prattrs)) || ')',
    'where ' || pg_get_expr(t.prqual, t.prrelid)) AS one
FROM pg_publication_rel t WHERE t.prpubid = p.oid
UNION ALL
SELECT 'schema ' || t.pnnspid::regnamespace FROM pg_publication_namespace t WHERE t.pnpubid = p.oid
"""
_COLLATION = {
    170000: "c.colllocale",
    150000: "c.colliculocale",
    0: "NULL",
}
