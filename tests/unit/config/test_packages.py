"""One of several packages as a configuration of its own."""

from pathlib import Path

import pytest

from shipit.config import Config, Package, Project, Versioning, for_package
from shipit.errors import UsageError
from tests.unit.config.conftest import Tree


def package(top: Path, **more: object) -> Config:
    config = Config(packages={"tool": Package(path="packages/tool/", **more)})  # type: ignore[arg-type]
    return for_package(top, config, "tool")


def test_it_has_its_own_tag_files_changelog_and_name(tmp_path: Path) -> None:
    found = package(tmp_path, name="acme-tool", files=("tool.py:version",), changelog="NEWS.md")
    assert (found.name, found.version.tag_format) == ("acme-tool", "tool-v{version}")
    assert found.version.files == ("packages/tool/tool.py:version",)
    assert found.changelog.file == "packages/tool/NEWS.md"
    assert found.version.minor_types == ("feat",)


@pytest.mark.parametrize(("path", "folder"), [("./packages//tool/", "packages/tool/"), ("./", ""), (".", "")])
def test_its_files_have_one_spelling_wherever_it_lies(tmp_path: Path, path: str, folder: str) -> None:
    config = Config(packages={"tool": Package(path=path, files=("./tool.py:version",), changelog="./NEWS.md")})
    found = for_package(tmp_path, config, "tool")
    assert (found.version.files, found.changelog.file) == ((f"{folder}tool.py:version",), f"{folder}NEWS.md")


def test_what_it_does_not_say_is_read_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "packages" / "tool"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "acme-tool"\nversion = "1.0.0"\n')
    found = package(tmp_path)
    assert (found.name, found.version.files) == ("acme-tool", ("packages/tool/pyproject.toml:project.version",))
    assert found.changelog.file == "packages/tool/CHANGELOG.md"


def test_without_a_project_there_its_own_name_and_the_tag_alone_must_do(tmp_path: Path) -> None:
    found = package(tmp_path, tag_format="{name}/{version}", changelog="")
    assert (found.name, found.version.files, found.version.tag_format) == ("tool", (), "tool/{version}")
    assert found.changelog.file is None


def test_its_first_version_is_its_own_or_that_of_the_repository(tmp_path: Path) -> None:
    assert package(tmp_path, initial="2.0.0").version.initial == "2.0.0"
    config = Config(packages={"tool": Package(path="tool")}, version=Versioning(initial="3.0.0"))
    assert for_package(tmp_path, config, "tool").version.initial == "3.0.0"


def test_a_first_version_that_is_none_is_a_mistake(tree: Tree) -> None:
    tree.write(own='[packages.a]\npath = "a"\ninitial = "1.0"\n')
    assert tree.mistakes == (
        'shipit.toml: packages.a.initial: expected a version like 1.2.3 (SemVer), found "1.0"',
    )


def test_an_unknown_package_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no package is named `b`") as caught:
        for_package(tmp_path, Config(packages={"a": Package(path="a")}), "b")
    assert caught.value.evidence == ("packages: a",)
    assert "[tool.shipit.packages.b]" in (caught.value.hint or "")
    with pytest.raises(UsageError) as caught:
        for_package(tmp_path, Config(), "b")
    assert caught.value.evidence == ("packages: none",)


def test_tags_that_could_be_those_of_two_packages_are_a_mistake(tree: Tree) -> None:
    tree.write(
        own='[packages.a]\npath = "a"\n[packages.b]\npath = "b"\ntag-format = "a-v{version}"\n'
        '[packages.c]\npath = "c"\ntag-format = "v{version}"\n'
    )
    own = "tag-format: expected tags of its own, found"
    assert tree.mistakes == (
        f'shipit.toml: packages.b.{own} "a-v{{version}}", which is also that of a',
        f'shipit.toml: packages.c.{own} "v{{version}}", which is also that of the repository',
    )


def test_a_package_without_a_path_and_one_that_is_no_table_are_mistakes(tree: Tree) -> None:
    tree.write(own="[packages]\nb = 1\n[packages.a]\n")
    assert tree.mistakes == (
        "shipit.toml: packages.b: expected a table, found 1",
        "shipit.toml: packages.a.path: missing, expected a path inside the repository, without `..`",
    )


SOLE = '[packages.a]\npath = "a"\ntag-format = "v{version}"\n'


def test_a_sole_package_may_have_the_tags_of_the_repository(tree: Tree) -> None:
    tree.write(own=SOLE)
    assert Project(tree.top, tree.config, "a").foreign_formats == ()


@pytest.mark.parametrize("more", ["", '[packages.b]\npath = "b"\n'])
def test_beside_another_project_it_may_not(tree: Tree, more: str) -> None:
    tree.write(own=SOLE + more, pyproject=None if more else "")
    [line] = tree.mistakes
    assert "which is also that of the repository" in line


def test_its_name_is_that_of_whatever_file_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "packages" / "tool"
    folder.mkdir(parents=True)
    (folder / "setup.cfg").write_text("[metadata]\nname = acme-tool\nversion = 1.0.0\n")
    found = package(tmp_path)
    assert (found.name, found.version.files) == ("acme-tool", ("packages/tool/setup.cfg:metadata.version",))


def test_the_version_of_a_workspace_lies_above_the_package(tmp_path: Path) -> None:
    folder = tmp_path / "packages" / "tool"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nbuild-backend = "maturin"\n[project]\nname = "t"\ndynamic = ["version"]\n'
    )
    (folder / "Cargo.toml").write_text('[package]\nname = "t"\nversion.workspace = true\n')
    (tmp_path / "Cargo.toml").write_text('[workspace.package]\nversion = "1.0.0"\n')
    assert package(tmp_path).version.files == ("Cargo.toml:workspace.package.version",)
