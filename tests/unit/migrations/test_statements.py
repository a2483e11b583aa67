"""Where things stand in a text, and a text without its comments and literals."""

import pytest

from shipit.migrations.model import Position
from shipit.migrations.statements import Lines, quiet, skip_blank, statements
from tests.unit.migrations.reading import script


def test_lines_and_columns_count_from_one() -> None:
    lines = Lines("ab\n\ncd", first=5)
    assert [lines.at(offset) for offset in (0, 2, 3, 4, 5)] == [(5, 1), (5, 3), (6, 1), (7, 1), (7, 2)]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("  \n;; -- x\n/* a */ SELECT", "SELECT"),
        ("/* a /* b */ c */ SELECT", "SELECT"),
        ("/* no end", ""),
        ("SELECT", "SELECT"),
        ("-- x", ""),
    ],
)
def test_blanks_are_skipped(text: str, rest: str) -> None:
    assert text[skip_blank(text) :] == rest


def test_comments_do_not_nest_where_they_do_not() -> None:
    text = "/* a /* b */ SELECT; /* c"
    assert text[skip_blank(text, nested=False) :].startswith("SELECT")
    assert quiet(text, nested=False).strip() == "SELECT;"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a -- b", "a     "),
        ("a /* b\n */ c", "a     \n    c"),
        ("'it''s' b", "''''''' b"),
        (r"E'\';' b", "'''''' b"),
        ('"a;""b" c', "''''''' c"),
        ("$x$ ; $y$ $x$ b", "''''''''''''' b"),
        ("$$ no end ;", "'''''''''''"),
        ("a$1$b", "a$1$b"),
        ("'no end", "'''''''"),
    ],
)
def test_comments_and_literals_are_made_quiet(text: str, expected: str) -> None:
    assert quiet(text) == expected


def test_statements_know_the_file_they_stand_in() -> None:
    (one,) = statements(script("SELECT 1", "x.sql"), (("SELECT 1", 3, 4, {"SelectStmt": {}}),))
    assert (one.place, one.kind, one.text) == (Position("x.sql", 3, 4), "SelectStmt", "SELECT 1")
