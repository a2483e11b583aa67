"""What Health asks of PostgreSQL: each text is one question, read-only, of pg_catalog alone."""

from shipit.adapters.postgres.sightings import COLUMNS

SERVER = """
SELECT current_setting('server_version'), pg_is_in_recovery(),
    current_setting('transaction_read_only') = 'on', current_user::text
"""
RIGHTS = """
SELECT has_database_privilege(d.oid, 'CREATE'),
    n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
    coalesce(has_schema_privilege(n.oid, 'CREATE'), false),
    c.oid IS NOT NULL, coalesce(has_table_privilege(c.oid, 'INSERT'), false)
FROM pg_catalog.pg_database d
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'shipit'
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'migration'
WHERE d.datname = current_database()
"""
# a name may be written with its schema or without, quoted or as the catalog has it
_WANTED = """wanted AS (
    SELECT DISTINCT c.oid, c.relowner, c.relkind, format('%%s.%%s', n.nspname, c.relname) AS label
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (VALUES (format('%%s.%%s', n.nspname, c.relname)), (format('%%I.%%I', n.nspname, c.relname)),
        (c.relname::text), (quote_ident(c.relname))) AS way (name)
    WHERE way.name = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I')
        AND (way.name LIKE '%%.%%' OR pg_table_is_visible(c.oid))
)"""


def _filled(query: str) -> str:
    return query.replace("{wanted}", _WANTED).replace("{columns}", COLUMNS)


OWNED = _filled("""
WITH {wanted}
SELECT label, pg_get_userbyid(relowner)::text,
    relkind NOT IN ('S', 'i', 'I') AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, REFERENCES, TRIGGER')
FROM wanted WHERE NOT pg_has_role(relowner, 'USAGE') ORDER BY label
""")
LONG = _filled("""
WITH {wanted}
SELECT {columns}, (
    SELECT string_agg(DISTINCT w.label, ', ') FROM pg_catalog.pg_locks l JOIN wanted w ON w.oid = l.relation
    WHERE l.pid = a.pid AND l.granted AND l.database = a.datid
)
FROM pg_catalog.pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND a.application_name NOT LIKE 'pg_dump%%' AND a.xact_start < clock_timestamp() - %s * interval '1 second'
ORDER BY a.xact_start
""")
DUMPS = _filled("""
SELECT {columns} FROM pg_catalog.pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name LIKE 'pg_dump%'
ORDER BY a.pid
""")
UNSEEN = """
SELECT count(*) FROM pg_catalog.pg_stat_activity a
WHERE a.datname = current_database() AND NOT pg_has_role(a.usesysid, 'USAGE')
    AND NOT pg_has_role('pg_read_all_stats', 'USAGE')
"""
PREPARED = """
SELECT gid, owner::text, extract(epoch FROM clock_timestamp() - prepared)::float8
FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared
"""
# only of autovacuum the query is read: it holds nobody's data
WRAPAROUND = _filled("""
WITH {wanted}
SELECT a.pid, w.label, extract(epoch FROM clock_timestamp() - a.xact_start)::float8
FROM pg_catalog.pg_stat_activity a
JOIN pg_catalog.pg_locks l ON l.pid = a.pid AND l.granted AND l.database = a.datid
JOIN wanted w ON w.oid = l.relation
WHERE a.backend_type = 'autovacuum worker' AND a.query LIKE '%%to prevent wraparound%%'
ORDER BY w.label
""")
SLOTS = """
SELECT slot_name::text, active FROM pg_catalog.pg_replication_slots
WHERE slot_type = 'logical' AND database = current_database() ORDER BY slot_name
"""
TRIGGERS = """
SELECT evtname::text, evtevent::text FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY evtname
"""
