"""The schema `shipit` inside the database: its tables, and that there is exactly one of each."""

from shipit.adapters.postgres import objects
from shipit.adapters.postgres.ledger_rows import write
from shipit.adapters.postgres.session import Connection, Session
from shipit.errors import Refused

LAYOUT = 2
"""The number of the form of the tables below; a later shipit moves an earlier one on."""
LOCK = (0x73686970, 0x69740001)
"""Held while the tables are made, so that two who begin at once do not make them twice; `ship`, `it`, 1."""

_FORM = """
SELECT n.nspname IS NOT NULL, c.oid IS NOT NULL
FROM (SELECT 'shipit'::name AS wanted) w
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.wanted
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'layout'
"""
_TABLES = """
CREATE TABLE shipit.layout (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL
);
CREATE TABLE shipit.identity (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    environment text NOT NULL,
    bound_at timestamptz NOT NULL DEFAULT now(),
    bound_by text NOT NULL DEFAULT session_user
);
CREATE TABLE shipit.migration (
    version text PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    algorithm text NOT NULL DEFAULT 'sha256-lf',
    run text NOT NULL,
    xid bigint NOT NULL DEFAULT txid_current(),
    applied_at timestamptz NOT NULL,
    milliseconds bigint NOT NULL,
    fingerprint text NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE
);
CREATE TABLE shipit.intent (
    version text PRIMARY KEY,
    sha256 text NOT NULL,
    run text NOT NULL,
    statement text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE shipit.run (
    id text PRIMARY KEY,
    command text NOT NULL,
    actor text NOT NULL,
    host text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL,
    detail text NOT NULL,
    backup text NOT NULL
);
CREATE TABLE shipit.own (
    xid bigint PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE shipit.own IS 'the transactions in which shipit itself wrote: all others are somebody else''s';
INSERT INTO shipit.own (xid) VALUES (txid_current());
"""
_SCHEMA = """
CREATE SCHEMA shipit;
COMMENT ON SCHEMA shipit IS 'what shipit migrate did to this database; see `shipit migrate status`';
"""
_MOVES = {2: objects.TABLE}
"""What leads to this layout from the one before."""


def are_there(session: Session) -> bool:
    """Whether the ledger exists; raises Refused when a newer shipit made it."""
    return layout(session) > 0


def layout(session: Session) -> int:
    """Of the ledger that is there, 0 if there is none; raises Refused when a newer shipit made it."""
    if not session.ask(_FORM, doing="look for the ledger")[0][1]:
        return 0
    return _known_layout(session)


def make(session: Session, connection: Connection) -> None:
    """Make what is missing, or move an older layout on, within the transaction of `connection`."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
    schema, tables = session.ask(_FORM)[0]
    there = _known_layout(session) if tables else 1
    if not schema:  # making one that exists asks for rights on the database that nobody needs then
        connection.execute(_SCHEMA)
    if not tables:
        connection.execute(_TABLES)
        connection.execute("INSERT INTO shipit.layout (version) VALUES (%s)", [there])
    for number in range(there + 1, LAYOUT + 1):
        connection.execute(_MOVES[number].encode())
        write(connection, "UPDATE shipit.layout SET version = %s", [number])


def _known_layout(session: Session) -> int:
    found = session.ask("SELECT version FROM shipit.layout", doing="read the ledger")
    number = int(found[0][0]) if found else LAYOUT
    if number > LAYOUT:
        raise Refused(
            "the ledger in this database was made by a newer shipit",
            where=str(session.address),
            evidence=[f"layout {number}, and this one knows {LAYOUT}"],
            hint="install the newer version",
        )
    return number
