"""Values of rows stay in the database: no error shows them, whatever kind it is, and what helps is still there."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from shipit import masking
from shipit.adapters.postgres import address, reticence
from shipit.adapters.postgres.scripts import shown
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.troubles import explained
from shipit.errors import ExternalError
from tests.support.postgres import Server

SECRET = "ada@example.com"
TABLES = f"""
CREATE TABLE people (email text, age text, note jsonb, during int4range);
INSERT INTO people VALUES ('{SECRET}', '{SECRET}', '{{"a": "{SECRET}"}}', '[1,5)');
INSERT INTO people VALUES ('{SECRET}', '{SECRET}', '{{"a": "{SECRET}"}}', '[2,6)');
CREATE TABLE pets (owner text);
INSERT INTO pets VALUES ('{SECRET}');
CREATE TABLE parts (email text) PARTITION BY LIST (email);
CREATE TYPE mood AS ENUM ('good');
CREATE FUNCTION repeats(email text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT %L::int', email);
    RETURN 1;
END $$;
"""
CASES = {
    "unique index": (
        "CREATE UNIQUE INDEX people_by_email ON people (email)",
        "23505",
        "CONSTRAINT: people_by_email",
    ),
    "foreign key": (
        "ALTER TABLE pets ADD CONSTRAINT owned FOREIGN KEY (owner) REFERENCES unique_people (email)",
        "23503",
        "CONSTRAINT: owned",
    ),
    "not null": ("INSERT INTO strict SELECT email, NULL FROM people", "23502", "COLUMN: age"),
    "check": ("INSERT INTO strict SELECT email, 7 FROM people", "23514", "CONSTRAINT: strict_age_check"),
    "exclusion": ("ALTER TABLE people ADD EXCLUDE USING gist (during WITH &&)", "23P01", "RELATION: public.people"),
    "partition": ("INSERT INTO parts SELECT email FROM people", "23514", "no partition of relation"),
    "type": ("ALTER TABLE people ALTER age TYPE int USING age::int", "22P02", "for type integer: …"),
    "enum": ("SELECT email::mood FROM people", "22P02", "for enum mood: …"),
    "json": ("SELECT email::json FROM people", "22P02", "for type json"),
    "date": ("SELECT email::date FROM people", "22007", "for type date: …"),
    "number": ("SELECT ('9999999999' || length(email))::int FROM people", "22003", "value … is out of range"),
    "array": ("SELECT email::text[] FROM people", "22P02", "malformed array literal: …"),
    "dynamic SQL": (
        "SELECT repeats(email) FROM people",
        "22P02",
        "PL/pgSQL function repeats(text) line 3 at EXECUTE",
    ),
    "view": ("INSERT INTO checked SELECT email FROM people", "44000", "check option"),
}


@pytest.fixture
def session(server: Server, database: str) -> Iterator[Session]:
    with closing(Session(address.read(server.url(database)))) as session:
        session.connection.execute(TABLES.encode())
        session.ask("CREATE TABLE unique_people (email text UNIQUE)")
        session.ask("CREATE TABLE strict (email text, age int NOT NULL CHECK (age > 17))")
        session.ask("CREATE VIEW checked AS SELECT email FROM strict WHERE email = 'nobody' WITH CHECK OPTION")
        session.ask("ALTER TABLE strict ALTER age SET DEFAULT 18")
        yield session


@pytest.mark.parametrize("case", CASES)
def test_no_error_shows_a_value(session: Session, case: str) -> None:
    statement, code, helps = CASES[case]
    with pytest.raises(ExternalError) as stopped:
        session.ask(statement)
    reported = "\n".join((stopped.value.what, *stopped.value.evidence))
    assert f"(SQLSTATE {code})" in reported
    assert SECRET not in reported
    assert "9999999999" not in reported
    assert helps in reported
    assert reticence.REMARK in stopped.value.evidence


def test_a_line_of_copied_data_is_not_shown(session: Session) -> None:
    session.ask("CREATE TABLE numbers (n int)")
    with (
        pytest.raises(psycopg.Error) as failed,
        session.connection.cursor() as cursor,
        cursor.copy("COPY numbers FROM STDIN") as copy,
    ):
        copy.write(f"{SECRET}\n")
    assert SECRET in (failed.value.diag.context or "")
    assert SECRET not in "\n".join(explained(failed.value, session.address, "copy").evidence)


def test_what_a_client_cannot_read_is_not_shown() -> None:
    error = psycopg.DataError(f"can't parse date '{SECRET}'")
    evidence = explained(error, address.read("postgresql://h/d").address, "read").evidence
    assert SECRET not in "\n".join(evidence)


def test_what_depends_on_an_object_is_still_told(session: Session) -> None:
    with pytest.raises(ExternalError) as stopped:
        session.ask("DROP TABLE strict")
    assert "DETAIL: view checked depends on table strict" in stopped.value.evidence
    assert reticence.REMARK not in stopped.value.evidence


def test_a_division_by_zero_is_told_whole(session: Session) -> None:
    with pytest.raises(ExternalError) as stopped:
        session.ask("SELECT 1/0")
    assert list(stopped.value.evidence) == ["ERROR: division by zero (SQLSTATE 22012)"]


@pytest.mark.parametrize(
    ("said", "reported"),
    [
        (f"ungültige Eingabesyntax für Typ integer: »{SECRET}«", "ungültige Eingabesyntax für Typ integer: …"),
        (f"syntaxe en entrée invalide pour le type integer : « {SECRET} »", None),
        (f'整数型の入力構文が不正です："{SECRET}"', None),  # noqa: RUF001 - as the server writes it
        (f'value "a" {SECRET} "b" is out of range', "value … is out of range"),
    ],
)
def test_in_any_language(said: str, reported: str | None) -> None:
    assert SECRET not in reticence.message(said, "22P02")
    assert reported in {None, reticence.message(said, "22P02")}


def test_of_what_pg_restore_says_the_rows_are_left_out() -> None:
    said = (
        "pg_restore: from TOC entry 5; 0 0 TABLE DATA people postgres\n"
        f'pg_restore: error: COPY failed for table "people": ERROR:  invalid input syntax: "{SECRET}"\n'
        f'CONTEXT:  COPY people, line 1, column n: "{SECRET}"\n'
        'pg_restore: error: could not execute query: ERROR:  could not create unique index "i"\n'
        f"DETAIL:  Key (email)=({SECRET}) is duplicated.\n"
        "Command was: CREATE UNIQUE INDEX i ON people (email);\n"
    )
    assert reticence.of_restore(said) == [
        "pg_restore: from TOC entry 5; 0 0 TABLE DATA people postgres",
        'pg_restore: error: COPY failed for table "people"',
        'pg_restore: error: could not execute query: ERROR:  could not create unique index "i"',
    ]


def test_a_secret_at_the_end_of_what_is_shown_is_not_cut_in_two() -> None:
    masking.register("a-secret-of-some-length")
    for before in range(20, 80):
        said = shown(f"SELECT '{'x' * before}', 'a-secret-of-some-length'")
        assert "a-secret" not in said
        assert len(said) <= 80
