"""Tags for images: of a branch, of a commit on it, of a version; never two meanings for one tag."""

import pytest

from shipit.images.model import Names
from shipit.images.tags import names, safe

COMMIT = "abc123def4567890abc123def4567890abc123de"


def test_a_branch_gives_a_tag_that_moves_and_one_of_the_commit_alone() -> None:
    assert names(COMMIT, "develop", ()) == Names(own="develop-abc123def", moving=("develop",))


def test_a_version_tag_never_moves() -> None:
    found = names(COMMIT, "main", ("v1.0.0",))
    assert found == Names(own="main-abc123def", fixed=("v1.0.0",), moving=("main",))
    assert found.lasting == ("main-abc123def", "v1.0.0")


def test_without_a_branch_the_version_is_the_commits_own_tag() -> None:
    assert names(COMMIT, None, ("v1.0.0", "v1.0.0-rc.1")) == Names(own="v1.0.0", fixed=("v1.0.0", "v1.0.0-rc.1"))
    assert names(COMMIT, None, ()) is None


@pytest.mark.parametrize("name", ["develop", "v1.0.0", "_x", "1.x"])
def test_a_name_that_a_registry_takes_stays_as_it_is(name: str) -> None:
    assert safe(name, 128) == name


def test_others_are_made_safe_and_no_two_are_the_same() -> None:
    found = [safe(name, 128) for name in ("a/b", "a-b", "a+b", "-a", ".a", "/", "é", "x" * 200, "x" * 201)]
    assert len(set(found)) == len(found)
    assert all(safe(one, 128) == one for one in found)
    assert found[0].startswith("a-b-")
    assert max(map(len, found)) == 128


def test_a_long_branch_leaves_space_for_the_commit() -> None:
    found = names(COMMIT, "x" * 200, ())
    assert found
    assert len(found.own) == 128
    assert found.own.endswith("-abc123def")
