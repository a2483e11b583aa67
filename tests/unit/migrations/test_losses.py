"""What is destroyed, and what rolling back would destroy."""

import pytest

from shipit.migrations.judgement import prepare
from shipit.migrations.losses import Risk, lossy, makes, risks
from shipit.migrations.model import Prepared
from tests.unit.migrations.reading import SQLITE, judged, migration, read, read_sqlite


def of(up: str, down: str | None = None, **directives: object) -> Prepared:
    return judged(up, down, **directives)[0]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("DROP TABLE a, s.b", ("table a with its rows", "table s.b with its rows")),
        ("DROP SEQUENCE a", ("sequence a with its number",)),
        ("DROP TYPE public.e CASCADE", ("type e and all that depends on it",)),
        ("DROP SCHEMA s CASCADE", ("schema s and all that depends on it",)),
        ("DROP TYPE e; DROP VIEW v; DROP FUNCTION f", ()),
        ("ALTER TABLE a DROP b", ("column a.b with its values",)),
        ("ALTER TABLE a ALTER b TYPE int", ("the former type of a.b and what does not fit the new one",)),
        ("ALTER TABLE a ADD b int", ()),
        ("TRUNCATE a", ("all rows of a",)),
        ("TRUNCATE a CASCADE", ("all rows of a", "all rows of every table that refers to them")),
        ("DELETE FROM a WHERE b", ("rows of a",)),
        ("UPDATE a SET b = 1, c = 2 WHERE d", ("former values of a.b", "former values of a.c")),
        ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", ("former values of a",)),
        ("INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 1", ("former values of a",)),
        ("INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING", ()),
        ("WITH x AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM x", ("rows of a",)),
        ("DROP DATABASE a", ("database a",)),
        ("DROP OWNED BY a", ("everything that the roles own",)),
        ("CREATE TABLE a (b int); UPDATE a SET b = 1; ALTER TABLE a DROP b; DROP TABLE a", ()),
        ("DROP TABLE a; CREATE TABLE a ()", ("table a with its rows",)),
        ("CREATE TABLE IF NOT EXISTS a (); DROP TABLE a", ("table a with its rows",)),
    ],
)
def test_what_a_script_destroys(text: str, lost: tuple[str, ...]) -> None:
    assert lossy(read(text)) == lost


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("DROP TABLE IF EXISTS [a]", ("table a with its rows",)),
        ("ALTER TABLE a DROP COLUMN b", ("column a.b with its values",)),
        ("DELETE FROM a", ("rows of a",)),
        ("WITH x AS (SELECT 1)\nUPDATE OR IGNORE a SET b = 1", ("former values of a",)),
        ("REPLACE INTO a VALUES (1)", ("former values of a",)),
        ("INSERT OR REPLACE INTO main.a VALUES (1)", ("former values of a",)),
        ("CREATE TABLE a (b); DROP TABLE a; INSERT INTO c VALUES (1)", ()),
        ("CREATE TABLE IF NOT EXISTS a (b); DROP TABLE a", ("table a with its rows",)),
        ("CREATE TABLE new (b); DROP TABLE a; ALTER TABLE new RENAME TO a", ("table a with its rows",)),
    ],
)
def test_what_a_script_for_sqlite_destroys(text: str, lost: tuple[str, ...]) -> None:
    assert lossy(read_sqlite(text)) == lost


@pytest.mark.parametrize(
    ("up", "down", "lost"),
    [
        ("CREATE TABLE a ()", "DROP TABLE a", ()),
        ("CREATE TABLE public.a ()", "DROP TABLE a", ()),
        ("ALTER TABLE a ADD b int", "ALTER TABLE a DROP b", ()),
        ("CREATE TYPE e AS ENUM ()", "DROP TYPE e CASCADE", ()),
        (
            "CREATE SCHEMA s; CREATE EXTENSION x; CREATE DOMAIN d AS int; CREATE TYPE c AS (a int)",
            "DROP SCHEMA s CASCADE",
            (),
        ),
        ("CREATE EXTENSION x; CREATE DOMAIN d AS int", "DROP DOMAIN d CASCADE; DROP EXTENSION x CASCADE", ()),
        ("CREATE TYPE s.c AS (a int)", "DROP TYPE s.c CASCADE", ()),
        ("CREATE SEQUENCE s", "DROP SEQUENCE s", ()),
        ("CREATE SCHEMA IF NOT EXISTS s", "DROP SCHEMA s CASCADE", ("schema s and all that depends on it",)),
        ("CREATE TABLE a (); ALTER TABLE a RENAME TO b", "DROP TABLE b", ()),
        ("CREATE FOREIGN TABLE a (b int) SERVER s", "DROP FOREIGN TABLE a", ()),
        ("CREATE TABLE IF NOT EXISTS a ()", "DROP TABLE a", ("table a with its rows",)),
        ("ALTER TABLE a ADD IF NOT EXISTS b int", "ALTER TABLE a DROP b", ("column a.b with its values",)),
        ("CREATE TABLE a ()", "DROP TABLE a, b", ("table b with its rows",)),
        ("ALTER TABLE a RENAME TO b", "DROP TABLE b", ("table b with its rows",)),
        ("INSERT INTO a VALUES (1)", "DELETE FROM a WHERE b = 1", ("rows of a",)),
    ],
)
def test_what_a_down_script_destroys_beyond_its_own(up: str, down: str, lost: tuple[str, ...]) -> None:
    assert of(up, down).down_loses == lost


def test_rows_of_what_it_made_decide_whether_taking_back_loses() -> None:
    one = of(
        'CREATE TABLE shop.a (); CREATE TABLE b (); ALTER TABLE c ADD "Key" int, ADD e int',
        'ALTER TABLE c DROP e, DROP "Key"; DROP TABLE b; DROP TABLE shop.a; DROP TABLE z',
    )
    assert risks(one) == (Risk("c", "e"), Risk("c", "Key"), Risk("b"), Risk("shop.a"))


def test_with_a_schema_go_its_tables() -> None:
    one = of(
        "CREATE SCHEMA s; CREATE TABLE s.a (); CREATE SEQUENCE s.b; CREATE TABLE c ()", "DROP SCHEMA s CASCADE"
    )
    assert risks(one) == (Risk("s.a"),)


def test_a_sequence_has_no_rows_that_could_be_lost() -> None:
    assert risks(of("CREATE SEQUENCE s", "DROP SEQUENCE s")) == ()


def test_sqlite_has_risks_as_well() -> None:
    one, _ = prepare(
        migration("CREATE TABLE a (b); ALTER TABLE c ADD d", "ALTER TABLE c DROP d; DROP TABLE a"), SQLITE
    )
    assert risks(one) == (Risk("c", "d"), Risk("a"))
    assert one.down_loses == ()


@pytest.mark.parametrize(
    ("up", "filled"),
    [
        ("INSERT INTO a VALUES (1); INSERT INTO a VALUES (2); INSERT INTO s.b SELECT 1", ("a", "s.b")),
        ("WITH new AS (INSERT INTO public.a VALUES (1) RETURNING b) SELECT b FROM new", ("a",)),
        ("COPY a FROM '/rows'", ("a",)),
        ("COPY a TO '/rows'; SELECT * FROM a; UPDATE a SET b = 1", ()),
        ("CREATE TABLE a (); INSERT INTO a VALUES (1); CREATE TABLE b AS SELECT * FROM c", ()),
        ("CREATE TABLE IF NOT EXISTS a (); INSERT INTO a VALUES (1)", ("a",)),
        ("CREATE TABLE a (); ALTER TABLE a RENAME TO b; INSERT INTO b VALUES (1)", ()),
    ],
)
def test_rows_in_what_it_did_not_make(up: str, filled: tuple[str, ...]) -> None:
    assert of(up).fills == filled


def test_sqlite_tells_of_rows_by_its_words() -> None:
    text = "CREATE TABLE a (b); INSERT INTO a VALUES (1); INSERT OR IGNORE INTO c VALUES (1)"
    one, _ = prepare(migration(text), SQLITE)
    assert one.fills == ("c",)


def test_what_an_earlier_migration_made_is_known() -> None:
    one = of("CREATE TABLE s.a (); CREATE TABLE IF NOT EXISTS b ()")
    assert (makes(one, "s.a"), makes(one, "b"), makes(one, "c")) == (True, False, False)
