"""SQLite's grammar: statements with places, and faults that no missing table is taken for."""

import pytest

from shipit.adapters.sqlite.grammar import SqliteGrammar

GRAMMAR = SqliteGrammar()


def faults(text: str) -> list[str]:
    return [f"{each.place} {each.rule}: {each.what}" for each in GRAMMAR.read("a.sql", text, 3).findings]


def spans(text: str) -> list[tuple[str, int, int]]:
    read = GRAMMAR.read("a.sql", text, 3)
    assert read.findings == ()
    return [(words, line, column) for words, line, column, _ in read.statements]


def test_semicolons_inside_of_a_trigger_end_nothing() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1; DELETE FROM c; END"
    assert spans(f"{trigger};\n SELECT 1") == [(trigger, 3, 1), ("SELECT 1", 4, 2)]


def test_semicolons_in_literals_and_comments_end_nothing() -> None:
    text = "-- ;\nINSERT INTO a VALUES ('x;y', \"z;\"); /* ; /* */ SELECT `a;b`, [c;d]; ;\n;"
    assert spans(text) == [("INSERT INTO a VALUES ('x;y', \"z;\")", 4, 1), ("SELECT `a;b`, [c;d]", 4, 48)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("SELECT 1;\nCREATE TABEL a (b);", 'a.sql:4:8 syntax: near "TABEL": syntax error'),
        ("UPDATE a SET b = ';' WHERE;", 'a.sql:3:27 syntax: near ";": syntax error'),
        ("SELECT 'a", "a.sql:3:8 syntax: the quotation that ' begins here does not end"),
        ("SELECT 1;\nSELECT [a; b", "a.sql:4:8 syntax: the quotation that [ begins here does not end"),
        ("SELECT 1 /* no end", "a.sql:3:10 syntax: the comment that begins here does not end"),
        ("-- /*\n/* a */ SELECT '/*';\n/*/ b", "a.sql:5:1 syntax: the comment that begins here does not end"),
        (
            "SELECT 1;\n.read b.sql\nSELECT 2;",
            "a.sql:4:1 meta-command: .read is a command of the program sqlite3, not of SQLite",
        ),
        (
            "SELECT\u200b 1",
            "a.sql:3:7 syntax: an unseen character (U+200B ZERO WIDTH SPACE) stands here, which is no space for SQLite",  # noqa: E501 - the message
        ),
        ("CREATE TABLE", "a.sql:3:13 syntax: incomplete input"),
        ("CREATE TABLE a (b); ALTER TABLE a RENAM TO c;", 'a.sql:3:35 syntax: near "RENAM": syntax error'),
        ("CREATE TABLE a (b, at TEXT DEFAULT now());", 'a.sql:3:39 syntax: near "(": syntax error'),
        ("SELECT 1;\0", "a.sql:3:10 syntax: a NUL character cannot stand in SQL"),
    ],
)
def test_a_fault_has_its_place(text: str, fault: str) -> None:
    assert faults(text) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO missing VALUES (1); UPDATE missing SET a = 1; ALTER TABLE missing ADD COLUMN a",
        "CREATE TABLE a (b); CREATE TABLE a (b); DROP TABLE a; DROP TABLE a",
        "CREATE TABLE a AS SELECT 1; CREATE TABLE b AS SELECT x FROM nowhere; ALTER TABLE b DROP COLUMN x",
        "CREATE TABLE a (b); ALTER TABLE a ADD COLUMN c; CREATE INDEX i ON a (c); SELECT d FROM a",
        "PRAGMA foreign_keys = off; VACUUM; ATTACH 'nowhere' AS x; EXPLAIN QUERY PLAN SELECT 1",
        "CREATE VIRTUAL TABLE t USING unheard(a); SELECT ?, :a, @b; SELECT unheard(1)",
        "SELECT 1 /* -- */",
        "CREATE TABLE [a/*] (b)",
        "SELECT '/*' -- /*",
        "",
    ],
)
def test_what_is_only_missing_here_is_no_fault(text: str) -> None:
    assert faults(text) == []


def test_a_definition_that_never_ends_is_not_waited_for() -> None:
    endless = "WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r"
    assert faults(f"CREATE TABLE a AS {endless}; INSERT INTO a {endless}") == []


def test_nothing_of_it_happens_anywhere(tmp_path: object) -> None:
    assert spans(f"ATTACH '{tmp_path}/made.db' AS made; CREATE TABLE made.a (b)")
    assert not list(tmp_path.iterdir())  # type: ignore[attr-defined]
