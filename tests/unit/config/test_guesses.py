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


def test_places_that_are_named_are_no_guess(tree: Tree) -> None:
    assert guessed(tree.write("[tool.shipit]\nversion.files = []\n", project=UNKNOWN)) is None


def test_beside_the_places_of_another_tool_others_may_be_forgotten(tree: Tree) -> None:
    named = '[tool.semantic_release]\nversion_variables = ["a.py:__version__"]\n'
    found = guessed(tree.write(named, project=UNKNOWN))
    assert found
    assert (found.files, found.doubt, found.unwritten) == (("a.py:__version__",), "", ())
    assert "src/acme/__init__.py:__version__" in found.others


@pytest.mark.parametrize(
    ("own", "unwritten"),
    [
        ('version.files = ["VERSION"]', ("pyproject.toml:project.version",)),
        ("version.files = []", ("pyproject.toml:project.version",)),
        ('version.files = ["pyproject.toml:tool.x.version"]', ("pyproject.toml:project.version",)),
        ('version.files = ["./pyproject.toml:project.version"]', ()),
        ('version.files = ["VERSION"]\nversion.mentions = ["pyproject.toml"]', ()),
    ],
)
def test_a_place_that_the_build_reads_and_nothing_writes_is_found(
    tree: Tree, own: str, unwritten: tuple[str, ...]
) -> None:
    found = guessed(tree.write("", own))
    assert (found.unwritten if found else ()) == unwritten


def test_packages_are_found_by_the_folders_that_are_there(tree: Tree) -> None:
    tree.write("")
    for path in ("src/other", "flat", "tests"):
        (tree.top / path).mkdir(parents=True)
        (tree.top / path / "__init__.py").write_text("")
    found = guessed(tree)
    assert found
    assert {"src/other/__init__.py:__version__", "flat/_version.py:VERSION"} <= {*found.others}
    assert not any(one.startswith("tests/") for one in found.others)


def test_other_tools_that_count_on_the_version_are_second_places() -> None:
    places = second_places([], "My.Demo")
    assert {".bumpversion.cfg:bumpversion.current_version", "codemeta.json:version", "docs/conf.py:release"} <= {
        *places
    }
    assert {"my_demo/__init__.py:__version__", "My_Demo/__init__.py:__version__"} <= {*places}


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
