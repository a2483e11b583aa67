"""A light reading of SQL by its key words."""

import pytest

from shipit.migrations.keywords import Act, acts, first_word
from shipit.migrations.model import Position, Statement


def one(text: str) -> Statement:
    return Statement(text, Position("a.sql"))


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("create temp table if not exists main.a (b)", Act("create table if not there", "a")),
        ('CREATE TABLE "a b" (c)', Act("create table", "a b")),
        ("-- first\nCREATE VIRTUAL TABLE a USING b", Act("create table", "a")),
        ("INSERT OR IGNORE INTO a VALUES (1)", Act("insert", "a")),
        ("WITH x AS (SELECT 1)\nINSERT INTO a SELECT 1", Act("insert", "a")),
        ("INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 1", Act("replace", "a")),
        ("ALTER TABLE a RENAME TO b", Act("rename table", "a", "b")),
        ("ALTER TABLE a ADD b", Act("add column", "a", "b")),
        ("ALTER TABLE `a` ADD COLUMN [b] TEXT", Act("add column", "a", "b")),
        ("ALTER TABLE a DROP COLUMN b", Act("drop column", "a", "b")),
        ("WITH x AS (SELECT 1) DELETE\nFROM a", Act("delete", "a")),
    ],
)
def test_an_act_is_named(text: str, act: Act) -> None:
    assert list(acts([one(text)])) == [act]


@pytest.mark.parametrize(
    "text", ["SELECT 'DROP TABLE a'", "ALTER TABLE a RENAME COLUMN b TO c", "CREATE INDEX i ON a (b)", ""]
)
def test_what_destroys_nothing_is_no_act(text: str) -> None:
    assert list(acts([one(text)])) == []


def test_the_first_word_is_in_capitals() -> None:
    assert [first_word(one(text)) for text in ("/* a */ begin", "(1)", "")] == ["BEGIN", "", ""]
