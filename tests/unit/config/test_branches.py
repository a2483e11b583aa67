"""Whether the clone's branch follows the remote's after a release."""

import pytest

from shipit.config import schema
from tests.unit.config.conftest import Tree


def test_by_default_the_branch_follows_on_a_terminal_only(tree: Tree) -> None:
    assert tree.write("").config.branches.follow == "auto"


@pytest.mark.parametrize("follow", ["auto", "always", "never"])
def test_it_can_be_chosen(tree: Tree, follow: str) -> None:
    assert tree.write(own=f'branches.follow = "{follow}"').config.branches.follow == follow


@pytest.mark.parametrize("value", ['"alway"', "true", "1", "[]"])
def test_anything_else_is_a_mistake_that_names_the_choices(tree: Tree, value: str) -> None:
    [line] = tree.write(own=f"branches.follow = {value}").mistakes
    assert line.startswith("shipit.toml: branches.follow: expected one of always, auto, never, found ")


def test_the_schema_names_the_choices_and_the_default() -> None:
    key = schema()["$defs"]["Branches"]["properties"]["follow"]
    assert (sorted(key["enum"]), key["default"]) == (["always", "auto", "never"], "auto")
    assert "only on a terminal" in key["description"]
