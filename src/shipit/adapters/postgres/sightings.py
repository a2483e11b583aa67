"""Other sessions of the server, as a person may know them: who and since when, never what they say."""

from collections.abc import Iterator, Sequence
from typing import Any

COLUMNS = """a.pid, a.application_name, a.usename::text, host(a.client_addr), a.state,
    extract(epoch FROM clock_timestamp() - a.backend_start)::float8,
    extract(epoch FROM clock_timestamp() - a.xact_start)::float8"""
"""Of pg_stat_activity as `a`; PostgreSQL shows other people's state only to superusers and pg_read_all_stats."""


def in_words(row: Sequence[Any]) -> str:
    """A row of COLUMNS: `pid 4711, application app, user ada, from 10.0.0.7, active, connected for 3 min`."""
    return ", ".join(_parts(*row[:7]))


def _parts(
    pid: int,
    application: str | None,
    user: str | None,
    client: str | None,
    state: str | None,
    session: float | None,
    transaction: float | None,
) -> Iterator[str]:
    yield f"pid {pid}"
    if application:
        yield f"application {application}"
    if user:
        yield f"user {user}"
    if client:
        yield f"from {client}"
    if state:
        yield state
    if session is not None:
        yield f"connected for {duration(session)}"
    if transaction is not None:
        yield f"in a transaction for {duration(transaction)}"


def duration(seconds: float) -> str:
    """In the unit that a person would use: 45 s, 12 min, 3 h, 5 days."""
    if seconds < 120:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172800 else f"{seconds / 86400:.0f} days"
