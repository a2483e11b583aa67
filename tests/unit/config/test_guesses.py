"""What shipit takes for the places of the version where nobody has named them."""

import pytest

from shipit.config import Project
from shipit.config.guesses import Guess, guess
from shipit.config.second_places import second_places
from tests.unit.config.conftest import Tree

UNKNOWN = '[build-system]\nbuild-backend = "own"\n[project]\nname = "acme"\ndynamic = ["version"]\n'


def guessed(tree: Tree, package: str = "") -> Guess | None:
    return guess(Project(tree.top, tree.config, package))


def test_the_usual_place_is_a_guess_as_well(tree: Tree) -> None:
    found = guessed(tree.write(""))
    assert found
    assert (found.key, found.file, found.doubt) == ("version.files", "pyproject.toml", "")
    assert found.files == ("pyproject.toml:project.version",)
    assert "src/acme/__init__.py:__version__" in found.others


def test_what_cannot_be_known_says_why(tree: Tree) -> None:
    found = guessed(tree.write("", project=UNKNOWN))
    assert found
    assert found.doubt == "the build backend own is not known to shipit"


@pytest.mark.parametrize(
    "named",
    ["[tool.shipit]\nversion.files = []\n", '[tool.semantic_release]\nversion_variables = ["a.py:__version__"]\n'],
)
def test_places_that_are_named_are_no_guess(tree: Tree, named: str) -> None:
    assert guessed(tree.write(named, project=UNKNOWN)) is None


@pytest.mark.parametrize(("files", "is_guess"), [("", True), ("files = []\n", False)])
def test_a_package_has_a_key_and_a_file_of_its_own(tree: Tree, files: str, is_guess: bool) -> None:
    tree.write("", f'[packages.back]\npath = "backend"\n{files}')
    (tree.top / "backend").mkdir()
    (tree.top / "backend" / "pyproject.toml").write_text(UNKNOWN)
    found = guessed(tree, "back")
    assert bool(found) is is_guess
    if found:
        assert (found.key, found.file) == ("packages.back.files", "backend/pyproject.toml")
        assert "backend/acme/__init__.py:__version__" in found.others


def test_a_second_place_is_none_that_is_written() -> None:
    places = second_places(["./VERSION", "pyproject.toml:project.version"], "acme-tool")
    assert "VERSION" not in places
    assert "pyproject.toml:project.version" not in places
    assert {"setup.cfg:metadata.version", "src/acme_tool/_version.py:__version__", "acme_tool.py:VERSION"} <= {
        *places
    }


def test_a_file_in_which_the_version_is_renewed_anyway_is_no_second_place(tree: Tree) -> None:
    found = guessed(tree.write("", 'version.mentions = ["src/acme/__init__.py", "VERSION:^1"]'))
    assert found
    assert not {one for one in found.others if one.startswith(("src/acme/__init__.py", "VERSION:"))}
    assert "VERSION" not in found.others
    assert "setup.cfg:metadata.version" in found.others
