"""Names as SQL writes them, and what stands in nodes."""

import pytest

from shipit.migrations import tree
from shipit.migrations.model import Position, Statement
from tests.unit.migrations.reading import read


@pytest.mark.parametrize(
    ("name", "written"),
    [("a_1", "a_1"), ("Order", '"Order"'), ("order", '"order"'), ('a"b', '"a""b"'), ("1a", '"1a"'), ("é", '"é"')],
)
def test_a_name_is_quoted_where_it_must_be(name: str, written: str) -> None:
    assert tree.quoted(name) == written


def test_a_schema_is_named_where_it_is_written() -> None:
    first, second = read('TRUNCATE shop."User"; TRUNCATE a')
    names = [tree.relation(tree.fields(each)["relations"][0]["RangeVar"]) for each in (first, second)]
    assert names == ['shop."User"', "a"]


def test_public_is_the_schema_that_nobody_writes() -> None:
    assert (tree.unquoted("public.a"), tree.unquoted("a"), tree.unquoted("shop.a")) == ("a", "a", "shop.a")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("DROP TABLE s.a, b", [("s", "a"), ("b",)]),
        ("DROP SCHEMA s", [("s",)]),
        ("DROP TYPE s.t", [("s", "t")]),
        ("DROP FUNCTION s.f(int)", [("s", "f")]),
    ],
)
def test_what_is_dropped_is_named_in_its_parts(text: str, names: list[tuple[str, ...]]) -> None:
    assert list(tree.objects(tree.fields(read(text)[0]))) == names


def test_options_have_values_or_are_true() -> None:
    (one,) = read("ALTER TABLE a SET (fillfactor = 70, autovacuum_enabled = false, user_catalog_table)")
    ((_, command),) = tree.commands(tree.fields(one))
    given = tree.options(tree.definition(command, "List")["items"])
    assert given == {"fillfactor": "70", "autovacuum_enabled": "false", "user_catalog_table": "true"}


def test_without_a_tree_there_is_nothing_to_read() -> None:
    one = Statement("SELECT 1", Position("a.sql"))
    assert (dict(tree.fields(one)), one.kind, tree.body(one), list(tree.walk(one.tree))) == ({}, "", "", [])


def test_every_node_below_is_met_in_the_order_of_the_text() -> None:
    (one,) = read("SELECT a, b FROM c, d")
    assert [tree.relation(node) for key, node in tree.walk(one.tree) if key == "RangeVar"] == ["c", "d"]


@pytest.mark.parametrize(
    "text",
    [
        "DO LANGUAGE x $$ it $$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ' it '",
        "CREATE PROCEDURE p() AS $x$ it $x$",
    ],
)
def test_a_body_is_what_stands_between_its_quotes(text: str) -> None:
    assert tree.body(read(text)[0]) == " it "


def test_a_body_in_the_new_style_has_no_quotes() -> None:
    assert tree.body(read("CREATE FUNCTION f() RETURNS int RETURN 1")[0]) == ""
