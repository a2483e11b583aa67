"""A statement without parameters, sent past psycopg's cursor: that costs half as much as the statement itself."""

from psycopg import errors, generators
from psycopg.pq import ExecStatus

from shipit.adapters.postgres.session import Connection

_COPY = {ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH}


def send(connection: Connection, text: bytes) -> int:
    """Returns how many rows it changed or found; raises psycopg.Error as a cursor does."""
    connection.pgconn.send_query(text)
    return answered(connection)


def answered(connection: Connection) -> int:
    """Wait until it is carried out."""
    rows = 0
    for result in connection.wait(generators.execute(connection.pgconn)):
        if result.status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result, encoding=connection.info.encoding)
        if result.status in _COPY:
            raise errors.NotSupportedError("COPY from or to the client has nobody to talk to")
        rows = result.command_tuples or 0
    return rows
