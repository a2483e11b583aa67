"""What one value may be: secrets, tag formats, paths, branch names, commands."""

import pytest

from tests.unit.config.conftest import Tree


@pytest.mark.parametrize(
    "reference", ["hunter2", "env:", "env:9X", "env:A-B", "file:", "file: ", "command:", "vault:x", "ENV:X"]
)
def test_a_secret_that_is_no_reference_is_refused_and_never_shown(tree: Tree, reference: str) -> None:
    [line] = tree.write(own=f'[forge]\ntoken = "{reference}"').mistakes
    assert "env:NAME, file:PATH or command:ARGV" in line
    assert line.endswith("found something that is not shown")


@pytest.mark.parametrize("reference", ["env:GH_TOKEN", "file:~/.token", "file:a b", "command:pass show x"])
def test_a_secret_reference_is_kept_as_it_is(tree: Tree, reference: str) -> None:
    assert tree.write(own=f'[forge]\ntoken = "{reference}"').config.forge.token == reference


@pytest.mark.parametrize(
    "tag_format",
    [
        "v",
        "{version}{version}",
        "v{version",
        "-{version}",
        "v {version}",
        "v{version}~",
        "v{tag}{version}",
        "v{version}\\n",
    ],
)
def test_a_tag_format_holds_the_version_exactly_once_and_names_a_possible_ref(tree: Tree, tag_format: str) -> None:
    [line] = tree.write(own=f'[version]\ntag-format = "{tag_format}"').mistakes
    assert "expected a tag name with {version} in it exactly once" in line


@pytest.mark.parametrize("tag_format", ["{version}", "v{version}", "release/{version}", "acme-{version}-final"])
def test_usual_tag_formats_are_accepted(tree: Tree, tag_format: str) -> None:
    assert tree.write(own=f'[version]\ntag-format = "{tag_format}"').config.version.tag_format == tag_format


@pytest.mark.parametrize(
    "path", ["/x", "~/x", "-x", "--output=x", "..", "../x", "a/../x", "a/..", "a\\\\b", "a\\nb", "x\\n"]
)
@pytest.mark.parametrize("key", ["changelog.file", "distribution.directory", "gates.tests.coverage-file"])
def test_paths_that_leave_the_repository_are_refused(tree: Tree, path: str, key: str) -> None:
    required = 'gates.tests.run = "true"\n' if key.startswith("gates") else ""
    [line] = tree.write(own=f'{required}{key} = "{path}"').mistakes
    assert f"{key}: expected a path inside the repository" in line


@pytest.mark.parametrize("path", ["x", "docs/x.md", "a..b", "..x", "x/..y", "a b", "ä"])
def test_paths_inside_the_repository_are_accepted(tree: Tree, path: str) -> None:
    assert tree.write(own=f'changelog.file = "{path}"').config.changelog.file == path


def test_an_empty_changelog_path_means_no_changelog(tree: Tree) -> None:
    assert tree.write(own='changelog.file = ""').config.changelog.file is None


@pytest.mark.parametrize("place", ["x", "x:", ":y", "x:y:z", "x:a b", "/x:y"])
def test_version_files_have_a_path_and_a_key(tree: Tree, place: str) -> None:
    [line] = tree.write(own=f'version.files = ["{place}"]').mistakes
    assert "version.files[0]: expected path:key" in line


@pytest.mark.parametrize("name", ["-x", "a..b", "a b", "x/", "/x", "x.lock", "a//b", "@{x", "x.", "x\\n"])
def test_impossible_branch_names_are_refused(tree: Tree, name: str) -> None:
    [line] = tree.write(own=f'branches.main = "{name}"').mistakes
    assert "branches.main: expected a branch name" in line


@pytest.mark.parametrize("name", ["main", "release/1.x", "feature/a-b_c", "1.2.x"])
def test_possible_branch_names_are_accepted(tree: Tree, name: str) -> None:
    assert tree.write(own=f'branches.main = "{name}"').config.branches.main == name


@pytest.mark.parametrize("run", ["[]", '""', '"  "', "5", "[1]"])
def test_an_empty_command_is_refused(tree: Tree, run: str) -> None:
    [line] = tree.write(own=f"gates.tests.run = {run}").mistakes
    assert line.startswith("shipit.toml: gates.tests.run")


def test_a_command_may_be_a_text_or_a_list(tree: Tree) -> None:
    tree.write(own='gates.a.run = "pytest -q"\ngates.b.run = ["pytest", "-q"]')
    assert {name: gate.run for name, gate in tree.config.gates.items()} == {
        "a": "pytest -q",
        "b": ("pytest", "-q"),
    }
