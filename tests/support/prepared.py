"""Migrations for tests, read by PostgreSQL's grammar as a run would read them."""

from hashlib import sha256

from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.migrations.footprints import UNKNOWN, footprint
from shipit.migrations.model import Directives, Migration, Position, Prepared, Script, Statement


def prepared(version: str, up: str, down: str = "", verify: str = "", *, idempotent: bool = False) -> Prepared:
    """A migration named `m`, its statements where its scripts have them."""
    there, back, check = (
        _script(version, "", up),
        _script(version, ".down", down),
        _script(version, ".verify", verify),
    )
    directives = Directives(idempotent=idempotent)
    statements = _statements(there)
    return Prepared(
        Migration(version, "m", there, back if down else None, check if verify else None, directives),
        statements,
        _statements(back),
        _statements(check),
        footprint(statements, directives),
    )


def scripted(version: str, text: str) -> Prepared:
    """A migration in Python; it has each of the functions that it defines."""
    script = Script(f"migrations/{version}_m.py", text, _sha256(text), language="python")
    down, verify = (script if f"def {name}(" in text else None for name in ("down", "verify"))
    return Prepared(Migration(version, "m", script, down, verify), (), footprint=UNKNOWN)


def _script(version: str, role: str, text: str) -> Script:
    return Script(f"migrations/{version}_m{role}.sql", text, _sha256(text))


def _statements(script: Script) -> tuple[Statement, ...]:
    parsed = PostgresGrammar().read(script.path, script.text)
    assert not parsed.findings
    return tuple(
        Statement(text, Position(script.path, line, column), tree) for text, line, column, tree in parsed.statements
    )


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()
