"""Two descriptions of a schema, and the objects in which they differ."""

from shipit.migrations.drift import MOST, differences


def test_what_appeared_is_gone_or_changed_is_named_in_order() -> None:
    was = {"table a": "1", "table b": "1", "index c": "1"}
    now = {"table a": "2", "index c": "1", "view d": "1"}
    assert differences(was, now) == ["changed: table a", "gone: table b", "appeared: view d"]


def test_the_same_differs_in_nothing() -> None:
    assert differences({"table a": "1"}, {"table a": "1"}) == []


def test_of_very_many_the_rest_is_counted() -> None:
    found = differences({}, {f"table t{number:02}": "" for number in range(MOST + 3)})
    assert (len(found), found[0], found[-1]) == (MOST + 1, "appeared: table t00", "and 3 more")
