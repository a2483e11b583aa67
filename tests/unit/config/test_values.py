"""What one value may be: secrets, tag formats, paths, branch names, commands."""

import json

import pytest
from msgspec import inspect

from shipit.config.checking import leaves
from shipit.config.listing import listing
from shipit.config.wording import expected
from tests.unit.config.conftest import Tree

ODD = {"./x/y": "x/y", "x//y": "x/y", "x/./y": "x/y", "x/y/": "x/y", ".//./x///y/.//": "x/y", "./": ".", "x/.": "x"}
FREE = {
    "index.path": "[index]",
    "environments.NAME.targets.NAME.path": "[environments.a.targets.b]\nkind = 'directory'\nsource = 'site'",
    "environments.NAME.database.backup.path": "[environments.a.database]\nurl = 'sqlite:///x.db'\n[environments.a.database.backup]",
}
"""keys of paths that may lead out of the repository, with the table around them"""
INSIDE = {
    key: field for key, field in leaves() if "inside the repository" in expected(inspect.type_info(field.type))
}
LISTED = frozenset({"files", "mentions"})
"""names of keys that hold a list of paths, each perhaps with more after a colon"""
TABLES = {
    "gates.NAME.coverage-file": "[gates.a]\nrun = 'true'",
    "gates.NAME.junit-file": "[gates.a]\nrun = 'true'",
    "images.NAME.context": "[images.a]\nfile = 'Dockerfile'",
    "environments.NAME.targets.NAME.source": FREE["environments.NAME.targets.NAME.path"].replace(
        "source = 'site'", "path = 'x'"
    ),
}


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


@pytest.mark.parametrize("path", ODD)
@pytest.mark.parametrize("key", [*INSIDE, *FREE])
def test_every_path_has_one_spelling_whatever_was_written(tree: Tree, key: str, path: str) -> None:
    table, _, name = key.rpartition(".")
    head = FREE.get(key) or TABLES.get(key) or (f"[{table.replace('NAME', 'a')}]" if table else "")
    more = "" if name == "path" or not key.startswith("packages") else "path = 'x'\n"
    value = [f"{path}:KEY"] if name in LISTED else path
    tree.write(own=f"{head}\n{more}{name} = {json.dumps(value)}\n")
    assert tree.config
    shown = {one.key: one.value for one in listing(tree.settings)}
    found = next(shown[one] for one in shown if one.rpartition(".")[2] == name and matches(one, key))
    assert found == ((f"{ODD[path]}:KEY",) if name in LISTED else ODD[path])


def matches(key: str, pattern: str) -> bool:
    words, names = key.split("."), pattern.split(".")
    return len(words) == len(names) and all(one in (name, "a", "b") for one, name in zip(words, names, strict=True))


def test_a_path_out_of_the_repository_is_told_by_its_own_spelling_too(tree: Tree) -> None:
    tree.write(own='[index]\npath = "/var//index/../x/"')
    assert tree.config.index.path == "/var/index/../x"


@pytest.mark.parametrize(
    "path", ["./-x", "././--output=x", ".//-x", "./~/x", "./../x", ".//..", ".git/x", "a/.GIT/x"]
)
def test_what_its_plain_spelling_would_be_is_refused_in_every_other_one(tree: Tree, path: str) -> None:
    assert "expected a path inside the repository" in tree.write(own=f'changelog.file = "{path}"').mistakes[0]
    assert "expected path:key" in tree.write(own=f'version.files = ["{path}:x"]').mistakes[0]


def test_an_empty_changelog_path_means_no_changelog(tree: Tree) -> None:
    assert tree.write(own='changelog.file = ""').config.changelog.file is None


@pytest.mark.parametrize("place", ["x.toml", "a/x.py", "x:", ":y", "x:y:z", "x:a b", "/x:y"])
def test_version_files_have_a_path_and_most_of_them_a_key(tree: Tree, place: str) -> None:
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
