"""Migrations out of SQL text, read by the real grammar."""

from typing import Any

from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.adapters.sqlite.grammar import SqliteGrammar
from shipit.migrations.judgement import prepare
from shipit.migrations.model import Directives, Finding, Migration, Prepared, Script, Statement
from shipit.migrations.statements import statements

POSTGRES = PostgresGrammar()
SQLITE = SqliteGrammar()


def script(text: str, path: str = "1_a.sql") -> Script:
    return Script(path, text, "0" * 64)


def migration(up: str, down: str | None = None, version: str = "1", **directives: Any) -> Migration:
    return Migration(
        version,
        "a",
        script(up),
        script(down, "1_a.down.sql") if down is not None else None,
        directives=Directives(**directives),
    )


def judged(up: str, down: str | None = None, **directives: Any) -> tuple[Prepared, tuple[Finding, ...]]:
    return prepare(migration(up, down, **directives), POSTGRES)


def found(up: str, down: str | None = None, **directives: Any) -> list[str]:
    """`line:column rule` of every finding."""
    return [f"{each.place.line}:{each.place.column} {each.rule}" for each in judged(up, down, **directives)[1]]


def only(up: str, down: str | None = None, **directives: Any) -> Finding:
    (finding,) = judged(up, down, **directives)[1]
    return finding


def read(text: str) -> tuple[Statement, ...]:
    parsed = POSTGRES.read("1_a.sql", text)
    assert parsed.findings == ()
    return statements(script(text), parsed.statements)


def read_sqlite(text: str) -> tuple[Statement, ...]:
    parsed = SQLITE.read("1_a.sql", text)
    assert parsed.findings == ()
    return statements(script(text), parsed.statements)
