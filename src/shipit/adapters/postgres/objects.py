"""The objects of the schema as the newest migration left it, kept in the ledger to name what drifted since."""

import msgspec

from shipit.adapters.postgres.ledger_rows import write
from shipit.adapters.postgres.session import Connection, Session
from shipit.migrations.drift import Schema

# json and not jsonb: it is only ever read as a whole. Both belong together, so they are in one row
TABLE = """
CREATE TABLE shipit.schema (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fingerprint text NOT NULL,
    objects json NOT NULL
);
ALTER TABLE shipit.schema ALTER COLUMN objects SET STORAGE EXTERNAL;
COMMENT ON TABLE shipit.schema IS 'every object that the migration with this fingerprint left, with its sha256';
"""
_KEEP = """
INSERT INTO shipit.schema (fingerprint, objects)
SELECT seen.fingerprint, seen.objects FROM (SELECT %s::text AS fingerprint, %s::json AS objects) seen
WHERE seen.fingerprint = (SELECT m.fingerprint FROM shipit.migration m ORDER BY m.position DESC LIMIT 1)
ON CONFLICT (one) DO UPDATE SET fingerprint = excluded.fingerprint, objects = excluded.objects
"""


def keep(connection: Connection, schema: Schema) -> None:
    """Replace what was kept, in the open transaction, unless the newest migration left another schema."""
    # without escapes, which a server with another encoding than UTF-8 may not read; and a fifth of json's time
    write(connection, _KEEP, [schema.fingerprint, msgspec.json.encode(schema.objects).decode()])


def kept(session: Session) -> Schema | None:
    """None in a ledger of an older shipit too; the ledger must be there."""
    if session.ask("SELECT to_regclass('shipit.schema') IS NULL", doing="read the ledger")[0][0]:
        return None
    rows = session.ask("SELECT fingerprint, objects FROM shipit.schema", doing="read the ledger")
    return Schema(*rows[0]) if rows else None
