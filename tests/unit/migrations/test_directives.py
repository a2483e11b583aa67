"""The `-- shipit:` lines at the head of a script."""

from typing import Literal

import pytest

from shipit.migrations.directives import SHAPES, Head, read_head
from shipit.migrations.model import Directives, Script
from shipit.migrations.sections import head


def read(text: str, line: int = 1) -> Head:
    return read_head(Script("m/1_a.sql", text, "", line), head(text, "postgresql"))


def said(text: str) -> Directives:
    found = read(text)
    assert found.findings == ()
    return found.directives


def wrong(text: str, language: Literal["sql", "python"] = "sql") -> tuple[str, str, str]:
    (found,) = read_head(Script("m/1_a.sql", text, "", language=language), text).findings
    assert found.level == "error"
    return f"{found.place.line}:{found.place.column} {found.rule}", found.what, found.rewrite


def test_every_directive_is_read_at_the_head_of_a_file() -> None:
    text = """-- Add an index
-- shipit: depends 0003, 0004_users,V1_2 1.5 V7__x
-- shipit: solo
--shipit:idempotent
  --  Shipit : contract
-- shipit: irreversible "the rows are gone"
-- shipit: allow not-null "the table is empty"
-- shipit: allow lock-heavy "at night "

create index;
"""
    assert said(text) == Directives(
        ("0003", "0004", "1.2", "1.5", "7"),
        solo=True,
        idempotent=True,
        contract=True,
        irreversible="the rows are gone",
        allowed={"not-null": "the table is empty", "lock-heavy": "at night"},
    )


def test_nothing_is_said_without_directives() -> None:
    assert said("-- shipit is the tool that runs this\n-- a shipit: b\nselect 1;") == Directives(allowed={})


def test_a_directive_that_is_commented_out_is_not_read() -> None:
    assert not said("/*\n-- shipit: solo\n*/ select 1;").solo


def test_each_dependency_has_its_place() -> None:
    found = read("\n-- shipit: depends 1, 2\n-- shipit: depends 3\n", line=4)
    assert {version: str(place) for version, place in found.depends_at.items()} == {
        "1": "m/1_a.sql:5:20",
        "2": "m/1_a.sql:5:23",
        "3": "m/1_a.sql:6:20",
    }


@pytest.mark.parametrize(
    "line", ["-- flyway:executeInTransaction=false", "-- flyway:executeInTransaction = false "]
)
def test_the_line_by_which_flyway_leaves_the_transaction_out_means_solo(line: str) -> None:
    assert said(f"-- a\n{line}\nselect 1;").solo
    assert not said(f"select 1;\n{line}\n").solo
    assert not said(line.replace("false", "true")).solo


def test_directives_in_python_are_comments_of_python() -> None:
    text = "# shipit: solo\n-- shipit: contract\n# flyway:executeInTransaction=false\n"
    found = read_head(Script("m/1_a.py", text, "", language="python"), text)
    assert found.directives == Directives(solo=True, allowed={})
    assert wrong("# shipit: sol", "python")[2] == "# shipit: solo"


@pytest.mark.parametrize(
    ("line", "told", "rewrite"),
    [
        ("-- shipit: depend 3", "1:12 `depend` is no directive", "-- shipit: depends 3"),
        ("-- shipit: SOLO", "1:12 `SOLO` is no directive", "-- shipit: solo"),
        ("-- shipit: xyzzy", "1:12 `xyzzy` is no directive", f"known: {', '.join(SHAPES)}"),
        ("-- shipit:", "1:1 no directive stands here", f"known: {', '.join(SHAPES)}"),
    ],
)
def test_an_unknown_directive_is_an_error_with_the_nearest_known_one(line: str, told: str, rewrite: str) -> None:
    at, what, better = wrong(line)
    assert (f"{at.removesuffix(' unknown-directive')} {what}", better) == (told, rewrite)


@pytest.mark.parametrize(
    "line",
    [
        *("solo now", "contract yes", "depends", "depends ,", "depends x", "depends 1_2", "depends 3 users"),
        *("irreversible", "irreversible why", 'irreversible ""', 'irreversible " "', "irreversible 'why'"),
        *("allow", "allow rule", 'allow "why"', 'allow rule ""', 'allow Rule "why"', 'allow rule "a" "b"'),
    ],
)
def test_a_directive_that_cannot_be_read_is_an_error_that_shows_its_shape(line: str) -> None:
    word = line.split(maxsplit=1)[0]
    shape = f"-- shipit: {SHAPES[word]}"
    assert wrong(f"-- shipit: {line}") == ("1:12 unreadable-directive", f"`{word}` cannot be read", shape)


def test_a_directive_without_its_colon_is_an_error_and_a_sentence_is_none() -> None:
    assert wrong("-- shipit solo") == ("1:11 unreadable-directive", "the colon is missing", "-- shipit: solo")
    assert wrong('-- shipit allow a "b"')[1] == "the colon is missing"
    assert read("-- shipit depends on PostgreSQL 15\n-- shipit\n").findings == ()


def test_a_directive_behind_the_first_statement_is_warned_of() -> None:
    found = read("select 1;\n  -- shipit: solo\nselect 2; -- shipit: contract\n")
    assert not found.directives.solo
    assert [(str(each.place), each.level, each.rule) for each in found.findings] == [
        ("m/1_a.sql:2:3", "warning", "late-directive"),
        ("m/1_a.sql:3:11", "warning", "late-directive"),
    ]
