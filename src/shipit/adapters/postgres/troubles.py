"""Errors of PostgreSQL and libpq as shipit's own: as exact, without passwords and rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from shipit import masking
from shipit.adapters.postgres import reticence
from shipit.errors import Denied, ExternalError, Unavailable
from shipit.migrations.records import Address

_PASSING = re.compile(r"08|53|57|40|55P03")
_NOT_ALLOWED = re.compile(r"28|42501|3D000|25006")
_ENDED = {"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"}
"""After these the server has ended the session."""
_LATER = re.compile(
    r"starting up|shutting down|recovery mode|too many (?:clients|connections)|remaining connection"
)
_OURS = re.compile(r"\binvalid [\w ]+ value|\bvalue .* for connection option|\bis not supported by this build")
_NOWHERE = re.compile(r"failed to resolve host")  # so says psycopg before libpq is asked
_ONCE_MORE = "the link to the server was lost: run the same command again"
_HINTS = {
    "28": "check user and password",
    "3D000": "check the name of the database, or create it",
    "42501": "give the role the rights, or use the role that owns the objects",
    "25006": "use the address of the primary, or see who sets transaction_read_only",
    "25P03": "raise idle_in_transaction_session_timeout for this role, then run the same command again",
    "22P05": "the encoding of the database has no such character: write it otherwise",
    "57014": "raise statement_timeout if it was too short, or ask who cancelled the statement",
    "53300": "close other connections, or run the same command again later",
    "55P03": "somebody holds a lock on it: run the same command again when they are done",
}


def state(error: BaseException | None) -> str:
    """The SQLSTATE of an error, also of the one that a Trouble was made of; empty where there is none."""
    while error is not None:
        if isinstance(error, psycopg.Error):
            return error.sqlstate or ""
        error = error.__cause__
    return ""


@contextmanager
def translated(address: Address, doing: str, statement: str = "") -> Iterator[None]:
    """Turn psycopg's errors into Unavailable, Denied or Trouble; `doing` completes "could not …".

    `statement` is the text that is sent, so that the position of a fault becomes a line of it.
    """
    try:
        yield
    except psycopg.Error as error:
        raise explained(error, address, doing, statement) from error


def explained(error: psycopg.Error, address: Address, doing: str, statement: str = "") -> ExternalError:
    """The error as a value, for who wants to go on."""
    code = error.sqlstate or ""
    kind = _kind(error, code)
    hint = _HINTS.get(code) or _HINTS.get(code[:2]) or (_ONCE_MORE if _was_lost(error, code) else None)
    evidence = _evidence(error, code, statement)
    return kind(masking.mask(f"could not {doing}"), where=str(address), evidence=evidence, hint=hint)


def line_of(error: psycopg.Error, statement: str) -> int | None:
    """The line of the statement, from 1, that the server points at."""
    position = error.diag.statement_position
    return statement.count("\n", 0, int(position) - 1) + 1 if position and statement else None


def is_lost(error: BaseException | None) -> bool:
    """Whether the link to the server is gone, so that nobody knows what the last message did."""
    while error is not None and not isinstance(error, psycopg.Error):
        error = error.__cause__
    code = state(error)
    broken = not code and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return broken or code[:2] == "08" or code in _ENDED


def _was_lost(error: psycopg.Error, code: str) -> bool:
    """Not so where none could be opened: there libpq leaves its attempt in the error."""
    return is_lost(error) and error.pgconn is None and not code.startswith("08") and not _NOWHERE.search(str(error))


def _kind(error: psycopg.Error, code: str) -> type[ExternalError]:
    if not code:
        return _kind_without_code(error)
    if _NOT_ALLOWED.match(code):
        return Denied
    return Unavailable if _PASSING.match(code) or code in _ENDED else ExternalError


def _kind_without_code(error: psycopg.Error) -> type[ExternalError]:
    """While connecting libpq gives only a text, in the language of the server: FATAL is in all of them."""
    said = str(error)
    if isinstance(error, psycopg.ProgrammingError | psycopg.NotSupportedError) or _OURS.search(said):
        return ExternalError
    refused = "FATAL" in said or "no password supplied" in said
    return Denied if refused and not _LATER.search(said) else Unavailable


def _evidence(error: psycopg.Error, code: str, statement: str) -> list[str]:
    diagnostic = error.diag
    if not diagnostic.message_primary:
        said = reticence.data_message(str(error)) if isinstance(error, psycopg.DataError) else str(error)
        lines = [line.strip() for line in said.splitlines()]
        return [masking.mask(line) for line in lines if line] or [type(error).__name__]
    line = line_of(error, statement)
    message = reticence.message(diagnostic.message_primary, code)
    detail, context = reticence.detail(diagnostic.message_detail, code), reticence.context(diagnostic.context)
    is_whole = (message, detail, context) == (
        diagnostic.message_primary,
        diagnostic.message_detail or "",
        diagnostic.context or "",
    )
    parts = [
        f"{diagnostic.severity_nonlocalized or diagnostic.severity}: {message} (SQLSTATE {code})",
        f"line {line} of the statement" if line else "",
        f"DETAIL: {detail}" if detail else "",
        f"HINT: {diagnostic.message_hint}" if diagnostic.message_hint else "",
        f"CONTEXT: {context}" if context else "",
        f"RELATION: {diagnostic.schema_name}.{diagnostic.table_name}" if diagnostic.table_name else "",
        f"COLUMN: {diagnostic.column_name}" if diagnostic.column_name else "",
        f"CONSTRAINT: {diagnostic.constraint_name}" if diagnostic.constraint_name else "",
        "" if is_whole else reticence.REMARK,
    ]
    return [masking.mask(part) for part in parts if part]
