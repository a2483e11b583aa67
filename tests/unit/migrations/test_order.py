"""The order of migrations."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.migrations.model import Position
from shipit.migrations.names import key
from shipit.migrations.order import arrange, needed
from tests.unit.migrations.shapes import migration

Graph = dict[int, tuple[int, ...]]
graphs = some.dictionaries(some.integers(1, 9), some.lists(some.integers(1, 9), max_size=3).map(tuple), max_size=9)


def order(graph: Graph) -> tuple[list[int], list[str]]:
    """(versions in order, findings as rule and text)."""
    found, findings = arrange(
        [migration(str(own), depends=tuple(map(str, others))) for own, others in graph.items()]
    )
    return [int(each.version) for each in found], [f"{each.rule}: {each.what}" for each in findings]


def test_without_dependencies_versions_ascend() -> None:
    assert order({10: (), 9: (), 1: ()}) == ([1, 9, 10], [])


def test_dependencies_on_what_comes_before_change_nothing() -> None:
    assert order({3: (1, 2), 2: (1,), 1: ()}) == ([1, 2, 3], [])


def test_a_dependency_on_what_comes_after_is_an_error_and_still_comes_first() -> None:
    assert order({1: (3,), 2: (), 3: ()}) == ([2, 3, 1], ["later-dependency: 1 depends on 3, which comes after it"])


def test_a_dependency_that_is_not_there_is_an_error_with_near_versions() -> None:
    _, (found,) = arrange([migration("0001"), migration("0002", depends=("0003",))])
    assert found.what == "it depends on 0003, and there is no such migration"
    assert found.rewrite.startswith("perhaps 000")


def test_a_dependency_whose_file_has_an_error_already_is_not_called_missing() -> None:
    assert arrange([migration("2", depends=("1",))], known=frozenset({key("1")}))[1] == ()


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({1: (2,), 2: (1,)}, ["1 → 2 → 1"]),
        ({1: (), 2: (3, 1), 3: (4,), 4: (2,), 5: (4,)}, ["2 → 3 → 4 → 2"]),
        ({1: (2,), 2: (1,), 3: (4,), 4: (3,)}, ["1 → 2 → 1", "3 → 4 → 3"]),
        ({1: (5,), 4: (5,), 5: (4,)}, ["4 → 5 → 4"]),
    ],
)
def test_a_cycle_is_named_in_full_and_only_as_a_cycle(graph: Graph, expected: list[str]) -> None:
    _, found = order(graph)
    cycles = [text for text in found if text.startswith("dependency-cycle")]
    assert cycles == [f"dependency-cycle: these depend on each other: {cycle}" for cycle in expected]
    assert [text for text in found if text not in cycles] == (
        ["later-dependency: 1 depends on 5, which comes after it"] if 1 in graph and graph[1] == (5,) else []
    )


def test_findings_stand_where_the_dependency_is_written() -> None:
    places = {
        ("1", "2"): Position("m/1.sql", 2, 20),
        ("3", "9"): Position("m/3.sql", 4, 5),
        ("2", "01"): Position("x"),
    }
    graph = [migration("1", depends=("2",)), migration("2", depends=("01",)), migration("3", depends=("9",))]
    assert [str(each.place) for each in arrange(graph, places)[1]] == ["m/1.sql:2:20", "m/3.sql:4:5"]


@given(graphs)
def test_every_migration_is_there_once_and_after_what_it_depends_on_unless_a_cycle_is_told(graph: Graph) -> None:
    found, findings = order(graph)
    assert sorted(found) == sorted(graph)
    if not any(text.startswith("dependency-cycle") for text in findings):
        place = {own: index for index, own in enumerate(found)}
        assert all(place[other] < place[own] for own, others in graph.items() for other in others if other in place)


@given(graphs)
def test_the_order_does_not_hang_on_how_files_are_listed(graph: Graph) -> None:
    backwards = dict(reversed(list(graph.items())))
    assert order(graph)[0] == order(backwards)[0]
    assert sorted(order(graph)[1]) == sorted(order(backwards)[1])


@given(graphs)
def test_where_nothing_is_wrong_versions_ascend(graph: Graph) -> None:
    found, findings = order({own: tuple(other for other in others if other < own) for own, others in graph.items()})
    if not findings:
        assert all(before < after for before, after in pairwise(found))


def test_what_is_needed_is_followed_however_far_and_around() -> None:
    all_of = [
        migration("1"),
        migration("2", depends=("1", "3")),
        migration("3", depends=("2", "9")),
        migration("4"),
    ]
    assert needed([all_of[2]], all_of) == {key("1"), key("2"), key("3")}


def test_who_depends_on_itself_is_named_alone() -> None:
    assert order({1: (1,)})[1] == ["dependency-cycle: 1 depends on itself"]
