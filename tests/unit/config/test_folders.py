"""The folders of packages: what is no folder, or says no version, and which one may be meant."""

from pathlib import Path

import pytest

from shipit.config.folders import bad_folders, line_of, refusal
from shipit.errors import UsageError
from tests.unit.config.conftest import PROJECT, Tree


def refused(tree: Tree, asked: str = "") -> UsageError:
    return refusal(tree.top, list(bad_folders(tree.top, tree.settings.config.packages, asked)))


def project(tree: Tree, folder: str, text: str = PROJECT) -> None:
    (tree.top / folder).mkdir(parents=True, exist_ok=True)
    (tree.top / folder / "pyproject.toml").write_text(text)


class TestTheLine:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('[tool.shipit.packages.tiny]\nname = "x"\npath = "a"\n', 3),
            ('# path\n[tool.shipit]\npackages.tiny = { path = "a" }\n', 3),
            ('[tool.shipit.packages]\ntiny.name = """\npath\n"""\ntiny.path = "a"\n', 5),
            ('[tool.shipit.packages.other]\npath = "a"\n\n[tool.shipit.packages."tiny"]\n"path" = "b"\n', 5),
            ("[tool]\nshipit = 1\npath = 1\n", 1),
        ],
    )
    def test_of_a_key_is_found_however_it_is_written(self, text: str, line: int) -> None:
        assert line_of(text, "tool", "shipit", "packages", "tiny", "path") == line


class TestAFolder:
    def test_that_is_there_is_no_mistake(self, tree: Tree) -> None:
        project(tree, "packages/tiny")
        tree.write('[tool.shipit.packages.tiny]\npath = "packages/tiny/"\n')
        assert not list(bad_folders(tree.top, tree.settings.config.packages, "tiny"))

    def test_that_is_not_there_is_named_with_its_line_and_the_nearest(self, tree: Tree) -> None:
        project(tree, "packages/tiny")
        project(tree, ".hidden/tiny")
        tree.write('[tool.shipit.packages.tiny]\nname = "tiny"\npath = "packages/tinny"\n')
        stop = refused(tree)
        assert (stop.exit_code, stop.what, stop.where) == (
            2,
            "the configuration has 1 mistake",
            "pyproject.toml",
        )
        said = "pyproject.toml:6: tool.shipit.packages.tiny.path: packages/tinny is not there; "
        assert stop.evidence == (f"{said}did you mean packages/tiny?",)
        assert stop.hint == 'set packages.tiny.path = "packages/tiny"'

    def test_that_lies_deeper_is_found_by_its_name(self, tree: Tree) -> None:
        project(tree, "python/packages/tiny")
        tree.write(own='[packages.tiny]\npath = "tiny"\n')
        assert refused(tree).evidence == (
            "shipit.toml:2: packages.tiny.path: tiny is not there; did you mean python/packages/tiny?",
        )

    def test_that_is_a_file_leads_to_the_folder_of_that_file(self, tree: Tree) -> None:
        project(tree, "tiny")
        tree.write(own='[packages.tiny]\npath = "tiny/pyproject.toml"\n')
        assert refused(tree).evidence == (
            "shipit.toml:2: packages.tiny.path: tiny/pyproject.toml is a file, not a folder; did you mean tiny?",
        )

    def test_of_another_package_is_not_what_was_meant(self, tree: Tree) -> None:
        project(tree, "packages/a")
        tree.write(own='[packages.a]\npath = "packages/a"\n[packages.b]\npath = "packages/b"\n')
        stop = refused(tree)
        assert stop.evidence == ("shipit.toml:4: packages.b.path: packages/b is not there",)
        assert stop.hint == "set packages.b.path to the folder of the package"

    def test_all_of_them_are_named_together(self, tree: Tree) -> None:
        tree.write(own='[packages.a]\npath = "a"\n[packages."b.c"]\npath = "b"\n')
        stop = refused(tree)
        assert stop.what == "the configuration has 2 mistakes"
        assert stop.evidence[1] == 'shipit.toml:4: packages."b.c".path: b is not there'


class TestAFolderWithoutAVersion:
    @pytest.mark.parametrize("text", [None, "", "[build-system]\n"])
    def test_is_a_mistake_for_who_asks_for_it(self, tree: Tree, text: str | None) -> None:
        project(tree, "packages/tiny")
        if text is not None:
            (tree.top / "packages" / "pyproject.toml").write_text(text)
        tree.write(own='[packages.tiny]\npath = "packages"\n')
        assert not list(bad_folders(tree.top, tree.settings.config.packages, ""))
        stop = refused(tree, "tiny")
        said = "shipit.toml:2: packages.tiny.path: packages has no pyproject.toml with a [project] in it, "
        assert stop.evidence == (f"{said}and `files` is not set; did you mean packages/tiny?",)
        assert stop.hint == 'set packages.tiny.files = ["PATH:KEY"], or to [] if only the tag holds the version'

    @pytest.mark.parametrize(
        ("text", "files"),
        [
            ('[project]\nname = "tiny"\ndynamic = ["version"]\n', ""),
            ('[tool.poetry]\nversion = "1.0.0"\n', ""),
            ("", "files = []\n"),
            ("", 'files = ["tiny.py:version"]\n'),
        ],
    )
    def test_is_none_where_something_says_where_it_is(self, tree: Tree, text: str, files: str) -> None:
        project(tree, "tiny", text)
        tree.write(own=f'[packages.tiny]\npath = "tiny"\n{files}')
        assert not list(bad_folders(tree.top, tree.settings.config.packages, "tiny"))


def test_a_folder_too_deep_is_not_searched(tree: Tree, tmp_path: Path) -> None:
    project(tree, "a/b/c/tiny")
    tree.write(own='[packages.tiny]\npath = "tiny"\n')
    assert refused(tree).evidence == ("shipit.toml:2: packages.tiny.path: tiny is not there",)
