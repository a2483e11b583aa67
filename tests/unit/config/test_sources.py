"""Finding the top, reading TOML, and what is said when that does not work."""

import os
from pathlib import Path

import pytest

from shipit.config import light, load, read
from shipit.config.sources import find_top, overlooked, parse_toml
from shipit.errors import UsageError
from tests.unit.config.conftest import Tree


def test_the_top_is_found_from_a_folder_far_below(tree: Tree) -> None:
    below = tree.top / "a" / "b"
    below.mkdir(parents=True)
    assert load(below)[0] == tree.top


def test_a_linked_worktree_with_a_git_file_is_a_top_too(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    assert find_top(tmp_path) == tmp_path


def test_a_relative_start_is_taken_from_the_current_folder(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.top)
    assert find_top(Path()) == tree.top


def test_outside_of_a_repository_it_is_a_usage_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert caught.value.what == "not a git repository"
    assert caught.value.where == str(tmp_path)
    assert "git init" in (caught.value.hint or "")


class TestWithoutNeedOfGit:
    @pytest.mark.parametrize(
        ("name", "text"), [("shipit.toml", ""), ("pyproject.toml", '[tool.shipit]\nname = "acme"\n')]
    )
    def test_a_folder_with_the_configuration_is_a_top(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        assert find_top(tmp_path, git=False) == tmp_path
        assert load(tmp_path, git=False)[0] == tmp_path
        with pytest.raises(UsageError, match=r"^not a git repository$"):
            find_top(tmp_path)

    def test_a_folder_below_it_is_none_and_neither_is_one_without_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "below").mkdir()
        (tmp_path / "shipit.toml").write_text("")
        (tmp_path / "below" / "pyproject.toml").write_text('[project]\nname = "acme"\n')
        with pytest.raises(UsageError, match="no folder with shipit's configuration") as caught:
            find_top(tmp_path / "below", git=False)
        assert "shipit.toml" in (caught.value.hint or "")

    def test_a_repository_around_it_comes_first(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "below").mkdir()
        (tmp_path / "below" / "shipit.toml").write_text("")
        assert find_top(tmp_path / "below", git=False) == tmp_path


class TestConfigurationBelowTheTop:
    @pytest.fixture
    def below(self, tree: Tree) -> Path:
        folder = tree.top / "below" / "deep"
        folder.mkdir(parents=True)
        return folder

    @pytest.mark.parametrize(
        ("name", "text"), [("shipit.toml", ""), ("pyproject.toml", '[tool.shipit]\nname = "acme"\n')]
    )
    def test_is_refused_where_the_top_has_none(self, tree: Tree, below: Path, name: str, text: str) -> None:
        tree.write("")
        (below.parent / name).write_text(text)
        for load_it in (load, read, light.load):
            with pytest.raises(UsageError, match="is not at the top of the repository") as caught:
                load_it(below)
            assert caught.value.where == f"below/{name}"
            assert caught.value.hint == "move its keys to pyproject.toml or shipit.toml at the top"
        assert load(tree.top)[0] == tree.top

    def test_is_passed_over_and_named_where_the_top_has_its_own(self, tree: Tree, below: Path) -> None:
        tree.write('[tool.shipit]\nname = "whole"\n')
        (below / "pyproject.toml").write_text('[tool.shipit]\nname = "part"\n')
        assert load(below)[1].name == "whole"
        assert overlooked(below, tree.top) == "below/deep/pyproject.toml"
        assert overlooked(tree.top, tree.top) == overlooked(below.parent, tree.top) == ""

    def test_is_nobodys_where_it_cannot_be_read_or_is_not_shipits(self, tree: Tree, below: Path) -> None:
        tree.write("")
        (below / "pyproject.toml").write_text("[")
        (below.parent / "pyproject.toml").write_text('[project]\nname = "part"\n')
        assert load(below)[0] == tree.top


def test_keys_of_shipit_toml_stand_at_its_top(tree: Tree) -> None:
    tree.write("", 'name = "other"\n[branches]\nmain = "trunk"\n')
    assert (tree.config.name, tree.config.branches.main) == ("other", "trunk")


def test_shipit_toml_works_without_a_pyproject(tree: Tree) -> None:
    assert tree.write(own='name = "x"').config.name == "x"


def test_two_places_with_shipit_keys_are_refused(tree: Tree) -> None:
    refusal = tree.write('[tool.shipit]\nname = "a"', 'name = "b"').refusal
    assert refusal.what == "shipit is configured in two places"
    assert refusal.evidence == ("pyproject.toml: [tool.shipit]", "shipit.toml")


def test_an_empty_shipit_toml_does_not_count(tree: Tree) -> None:
    assert tree.write('[tool.shipit]\nname = "a"', "").config.name == "a"


def test_an_empty_table_in_pyproject_does_not_count(tree: Tree) -> None:
    assert tree.write("[tool.shipit]\n", 'name = "b"').config.name == "b"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[tool.shipit\n", "pyproject.toml:1:13"),
        ('[tool.shipit]\nname = "a\n', "pyproject.toml:2:10"),
        ("[tool.shipit]\nname = [1,\n2", "pyproject.toml:3:2"),
        ("a = 1\n\na = 2\n", "pyproject.toml:3:6"),
    ],
)
def test_malformed_toml_is_named_with_file_line_and_column(tree: Tree, text: str, place: str) -> None:
    refusal = tree.write(text, project="").refusal
    assert refusal.what == "pyproject.toml is not valid TOML"
    assert refusal.where == place
    assert refusal.evidence[0].startswith(f"{place}: ")


@pytest.mark.parametrize("text", ["a = {\n  b = 1\n}\n", "a = {b = 1, }\n"])
def test_toml_of_the_newer_version_is_named_as_such_with_what_helps(tree: Tree, text: str) -> None:
    refusal = tree.write(text, project="").refusal
    assert refusal.what == "pyproject.toml is not valid TOML"
    assert refusal.evidence[1:] == (
        "it is valid TOML 1.1, which uv and ruff read; pip, build and Python itself read 1.0",
    )
    assert refusal.hint == (
        "write that line as TOML 1.0 has it: an inline table in one line, without a comma at its end"
    )


@pytest.mark.parametrize("text", ["[tool.shipit\n", "a = 1\na = 2\n"])
def test_what_no_version_of_toml_allows_is_not_said_to_be_newer(tree: Tree, text: str) -> None:
    refusal = tree.write(text, project="").refusal
    assert len(refusal.evidence) == 1
    assert refusal.hint == "correct that line; https://toml.io has the rules"


def test_the_end_of_the_document_is_a_place_too() -> None:
    with pytest.raises(UsageError) as caught:
        parse_toml('a = 1\nb = """x', "shipit.toml")
    assert caught.value.where == "shipit.toml:2:9"


def test_a_file_that_is_not_utf8_is_named_with_its_line(tree: Tree) -> None:
    (tree.top / "shipit.toml").write_bytes(b'name = "a"\n# \xff\n')
    assert tree.refusal.where == "shipit.toml:2"


def test_a_folder_in_place_of_the_file_is_a_usage_error(tree: Tree) -> None:
    (tree.top / "pyproject.toml").mkdir()
    assert tree.refusal.what == "pyproject.toml cannot be read"
    assert tree.mistakes == (os.strerror(21),)


@pytest.mark.parametrize("text", ["tool = 5", "[tool]\ncommitizen = 1", "[tool]\nsemantic_release = []"])
def test_a_value_where_another_tools_table_belongs_is_ignored(tree: Tree, text: str) -> None:
    assert tree.write(text, project="").settings.not_taken == ()


def test_a_value_where_our_table_belongs_is_a_mistake(tree: Tree) -> None:
    [line] = tree.write("[tool]\nshipit = 5", project="").mistakes
    assert line == "pyproject.toml: tool.shipit: expected a table, found 5"


def test_a_value_where_the_project_table_belongs_has_no_version(tree: Tree) -> None:
    [line] = tree.write('project = "x"', project="").mistakes
    assert line.endswith("found no version in pyproject.toml")
