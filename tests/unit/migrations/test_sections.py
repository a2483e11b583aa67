"""Heads of scripts, and the sections of dbmate's file."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.migrations.model import Dialect, Finding, Script
from shipit.migrations.sections import Sections, head, is_empty, place_at, split

snippets = some.lists(some.sampled_from(["/*", "*/", "--", "\n", " ", "a", ";", "\t", "'"]), max_size=12).map(
    "".join
)


def parts(text: str) -> Sections:
    found = split("m/1_a.sql", text, "postgresql")
    assert isinstance(found, Sections)
    return found


def wrong(text: str) -> tuple[str, str]:
    found = split("m/1_a.sql", text, "postgresql")
    assert isinstance(found, Finding)
    assert (found.rule, found.level) == ("dbmate-marker", "error")
    assert found.rewrite
    return str(found.place), found.what


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("select 1", "postgresql", ""),
        (" -- a\n\nselect 1 -- b", "postgresql", " -- a\n\n"),
        ("/* a\n -- b */ -- c\nselect", "postgresql", "    \n         -- c\n"),
        ("/* /* */ */ select", "postgresql", "            "),
        ("/* /* */ */ select", "sqlite", "         "),
        ("-- only", "sqlite", "-- only"),
        ("/* never ended", "sqlite", "              "),
    ],
)
def test_the_head_ends_where_the_first_statement_begins(text: str, dialect: Dialect, expected: str) -> None:
    assert head(text, dialect) == expected


@given(snippets, some.sampled_from(["postgresql", "sqlite"]))
def test_a_head_is_as_long_as_what_it_stands_for(text: str, dialect: Dialect) -> None:
    found = head(text, dialect)
    assert [index for index, letter in enumerate(found) if letter == "\n"] == [
        index for index, letter in enumerate(text[: len(found)]) if letter == "\n"
    ]
    assert not text[len(found) :].startswith((" ", "\n", "--", "/*"))


@pytest.mark.parametrize("text", ["", "\n", "-- a", "/* a */;\n;", " ; -- a"])
def test_comments_and_semicolons_alone_are_empty(text: str) -> None:
    assert is_empty(text, "postgresql")


@pytest.mark.parametrize("text", ["select 1", "-- a\nselect 1;", ";; select 1", "/* /* */ select 1 */ */"])
def test_a_statement_is_not_empty(text: str) -> None:
    assert not is_empty(text, "sqlite" if "*/ */" in text else "postgresql")


def test_a_place_counts_lines_and_columns_from_where_the_script_begins_in_its_file() -> None:
    script = Script("a.sql", "ab\ncd\n", "", line=5)
    assert [str(place_at(script, offset)) for offset in (0, 1, 3, 5)] == [
        *("a.sql:5:1", "a.sql:5:2", "a.sql:6:1", "a.sql:6:3")
    ]


def test_a_file_without_markers_is_not_one_of_dbmate() -> None:
    assert split("a.sql", "select 1; -- we migrate: upwards\n", "postgresql") is None


def test_both_sections_are_cut_out_with_the_lines_on_which_they_begin() -> None:
    found = parts("-- why\n\n-- migrate:up\nselect 1;\n\n\n-- migrate:down\nselect 2;\n")
    assert found.preamble.text == "-- why\n\n"
    assert (found.up.text, found.up.line, found.up.solo) == ("select 1;\n", 4, False)
    assert found.down
    assert (found.down.text, found.down.line, str(found.down.marker)) == ("select 2;\n", 8, "m/1_a.sql:7:1")


def test_transaction_false_means_solo() -> None:
    found = parts("--migrate:up transaction:false\nselect 1;\n--  migrate:down other:x transaction:false\n")
    assert found.up.solo
    assert found.down
    assert (found.down.solo, found.down.text) == (True, "")


def test_the_down_section_may_be_left_out() -> None:
    assert parts("-- migrate:up\nselect 1;").down is None


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("-- a\n-- migrate:down\ndrop", "2:1", "`-- migrate:down` stands without a `-- migrate:up` before it"),
        ("-- migrate:up\n-- migrate:up\n", "2:1", "`-- migrate:up` stands here once more"),
        ("-- migrate:up\n-- migrate:down\n-- migrate:down", "3:1", "`-- migrate:down` stands here once more"),
        ("-- migrate:up\n-- migrate:down\n-- migrate:up", "3:1", "`-- migrate:up` stands here once more"),
        ("-- a\n  select 1;\n-- migrate:up\n", "2:3", "a statement stands before `-- migrate:up`"),
        ("-- migrate:up\n-- migrate: down\n", "2:1", "dbmate would overlook this marker"),
        ("-- migrate:up\n-- Migrate:Down\n", "2:1", "dbmate would overlook this marker"),
        ("-- migrate:up\n -- migrate:down\n", "2:1", "dbmate would overlook this marker"),
        ("-- migrate:up\n---- migrate:down\n", "2:1", "dbmate would overlook this marker"),
    ],
)
def test_markers_that_would_run_the_wrong_statements_are_errors(text: str, place: str, what: str) -> None:
    assert wrong(text) == (f"m/1_a.sql:{place}", what)
