"""Keys of python-semantic-release and commitizen are used where shipit's own keys are not set, and nowhere else."""

from typing import Any

import pytest

from tests.unit.config.conftest import Tree

SEMANTIC_RELEASE = """
[tool.semantic_release]
tag_format = "r{version}"
version_toml = ["pyproject.toml:project.version:nf"]
version_variables = ["src/acme/__init__.py:__version__", "../b.py:c", "b.py:v:tf", 5]
allow_zero_version = false
major_on_zero = true
commit_parser = "angular"
build_command = "python -m build"
[tool.semantic_release.commit_parser_options]
minor_tags = ["feat", "add"]
patch_tags = ["fix"]
parse_squash_commits = false
[tool.semantic_release.branches.main]
match = "trunk"
[tool.semantic_release.remote]
name = "upstream"
token = { env = "GH_TOKEN" }
[tool.semantic_release.changelog.default_templates]
changelog_file = "NEWS.md"
"""
COMMITIZEN = """
[tool.commitizen]
name = "cz_conventional_commits"
tag_format = "v$version"
version_provider = "pep621"
version_files = ["src/acme/__init__.py:__version__", "pyproject.toml:^version", "README.md"]
changelog_file = "HISTORY.md"
major_version_zero = false
"""


def values(tree: Tree) -> dict[str, Any]:
    config = tree.config
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in {
            "tag-format": config.version.tag_format,
            "files": config.version.files,
            "initial": config.version.initial,
            "major-on-zero": config.version.major_on_zero,
            "style": config.version.commit_style,
            "minor": config.version.minor_types,
            "patch": config.version.patch_types,
            "squash": config.version.squash_bodies,
            "main": config.branches.main,
            "remote": config.branches.remote,
            "token": config.forge.token,
            "changelog": config.changelog.file,
        }.items()
    }


def reasons(tree: Tree) -> list[tuple[str, str]]:
    return [(one.key, one.why) for one in tree.settings.not_taken]


def test_semantic_releases_keys_are_taken_over_one_by_one(tree: Tree) -> None:
    assert values(tree.write(SEMANTIC_RELEASE)) == {
        "tag-format": "r{version}",
        "files": ["pyproject.toml:project.version", "src/acme/__init__.py:__version__"],
        "initial": "1.0.0",
        "major-on-zero": True,
        "style": "angular",
        "minor": ["feat", "add"],
        "patch": ["fix"],
        "squash": False,
        "main": "trunk",
        "remote": "upstream",
        "token": "env:GH_TOKEN",
        "changelog": "NEWS.md",
    }


def test_what_shipit_cannot_honour_is_listed_with_the_reason(tree: Tree) -> None:
    place = "path:key with a path inside the repository, without `..`"
    assert reasons(tree.write(SEMANTIC_RELEASE)) == [
        ("tool.semantic_release.version_variables", f'expected {place}, found "../b.py:c"'),
        ("tool.semantic_release.version_variables", "shipit writes the version, not the tag"),
        ("tool.semantic_release.version_variables", f"expected {place}, found 5"),
        ("tool.semantic_release.build_command", "shipit has no such setting"),
    ]


def test_shipits_own_keys_always_win(tree: Tree) -> None:
    tree.write(SEMANTIC_RELEASE, 'version.tag-format = "v{version}"\nversion.files = ["a.toml:b"]')
    assert (tree.config.version.tag_format, tree.config.version.files) == ("v{version}", ("a.toml:b",))
    assert tree.config.version.commit_style == "angular"
    assert ("tool.semantic_release.tag_format", "shipit's own version.tag-format wins") in reasons(tree)


def test_commitizens_keys_are_taken_over_one_by_one(tree: Tree) -> None:
    tree.write(COMMITIZEN)
    assert values(tree) | {} == values(tree) | {
        "tag-format": "v{version}",
        "files": ["pyproject.toml:project.version", "src/acme/__init__.py:__version__"],
        "style": "conventional",
        "major-on-zero": True,
        "changelog": "HISTORY.md",
    }
    assert tree.config.version.mentions == ("README.md",)
    assert reasons(tree) == []


def test_commitizens_default_tag_format_is_taken_over_with_its_table(tree: Tree) -> None:
    tree.write('[tool.commitizen]\nversion = "1.0.0"')
    assert tree.config.version.tag_format == "{version}"
    assert tree.config.version.files == ("pyproject.toml:tool.commitizen.version",)


def test_commitizens_default_is_not_listed_when_it_does_not_count(tree: Tree) -> None:
    tree.write('[tool.commitizen]\nchangelog_file = "A.md"\n[tool.shipit]\nversion.tag-format = "v{version}"')
    assert tree.config.version.tag_format == "v{version}"
    assert reasons(tree) == []


def test_the_first_tool_that_has_a_key_is_followed(tree: Tree) -> None:
    tree.write(SEMANTIC_RELEASE + COMMITIZEN)
    assert tree.config.version.tag_format == "r{version}"
    ignored = dict(reasons(tree))
    assert ignored["tool.commitizen.tag_format"] == "version.tag-format is taken from semantic_release already"
    assert ignored["tool.commitizen.version_provider"] == "version.files is taken from semantic_release already"


@pytest.mark.parametrize(
    ("tag_format", "wanted"),
    [
        ("v$version", "v{version}"),
        ("${version}", "{version}"),
        ("v$major.$minor.$patch$prerelease", "v{version}"),
        ("${major}.${minor}.${patch}${prerelease}", "{version}"),
    ],
)
def test_commitizens_tag_formats_are_translated(tree: Tree, tag_format: str, wanted: str) -> None:
    assert tree.write(f'[tool.commitizen]\ntag_format = "{tag_format}"').config.version.tag_format == wanted


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        ("uv", "pyproject.toml:project.version"),
        ("poetry", "pyproject.toml:tool.poetry.version"),
        ("cargo", "Cargo.toml:package.version"),
        ("npm", "package.json:version"),
        ("composer", "composer.json:version"),
    ],
)
def test_commitizens_providers_are_version_locations(tree: Tree, provider: str, place: str) -> None:
    assert tree.write(f'[tool.commitizen]\nversion_provider = "{provider}"').config.version.files == (place,)


@pytest.mark.parametrize(
    ("groups", "branch", "ignored"),
    [
        ('master.match = "master"', "master", set()),
        ('stable.match = "^stable$"\nstable.prerelease = false', "stable", {"stable.prerelease"}),
        ('noop.match = "(?!master$)"\nnoop.prerelease = true\nmaster.match = "master"', "master", {"noop"}),
        ('beta.match = "beta"\nbeta.prerelease = true', "main", {"beta"}),
        ('old.match = "1.x"\nmain.match = "trunk"', "trunk", {"old.match"}),
        ('one.match = "one"\ntwo.match = "two"', "one", {"two.match"}),
        ('any.match = ".*"', "main", {"any.match"}),
        ("any = 5", "main", {"any"}),
    ],
)
def test_the_group_of_final_releases_names_the_main_branch_whatever_it_is_called(
    tree: Tree, groups: str, branch: str, ignored: set[str]
) -> None:
    tree.write(f"[tool.semantic_release.branches]\n{groups}")
    assert tree.config.branches.main == branch
    found = {name.removeprefix("tool.semantic_release.branches.") for name, _ in reasons(tree)}
    assert {name for name in found if name not in ignored and name.partition(".")[0] not in ignored} == set()
    assert bool(found) == bool(ignored)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('semantic_release.branches.main.match = "(main|master)"', "branches.main.match"),
        ('semantic_release.commit_parser = "tag"', "commit_parser"),
        ('semantic_release.commit_parser = ["x"]', "commit_parser"),
        ("semantic_release.major_on_zero = 1", "major_on_zero"),
        ('semantic_release.allow_zero_version = "x"', "allow_zero_version"),
        ('semantic_release.tag_format = "v"', "tag_format"),
        ('semantic_release.changelog.changelog_file = "../x"', "changelog.changelog_file"),
        ("semantic_release.remote.token.env = 5", "remote.token.env"),
        ('semantic_release.version_toml = "x:y:z"', "version_toml"),
        ('commitizen.version_provider = "scm"', "version_provider"),
        ('commitizen.tag_format = "$major"', "tag_format"),
        ("commitizen.tag_format = 5", "tag_format"),
        ('commitizen.major_version_zero = "x"', "major_version_zero"),
        ('commitizen.name = "cz_jira"', "name"),
        ('commitizen.version_files = ["src/*.py", "a.py:(", 5]', "version_files"),
    ],
)
def test_a_key_that_cannot_be_honoured_is_ignored_and_listed(tree: Tree, line: str, key: str) -> None:
    tree.write(f"[tool]\n{line}")
    tool = line.partition(".")[0]
    assert {name for name, _ in reasons(tree)} == {f"tool.{tool}.{key}"}


def test_a_location_that_pyproject_does_not_have_is_not_taken_over(tree: Tree) -> None:
    project = '[project]\nname = "acme"\ndynamic = ["version"]\n'
    tree.write('[tool.commitizen]\nversion_provider = "pep621"', project=project)
    assert tree.config.version.files == ()
    assert reasons(tree) == [("tool.commitizen.version_provider", "pyproject.toml has no project.version")]


def test_a_secret_of_another_tool_is_never_repeated(tree: Tree) -> None:
    tree.write('[tool.semantic_release.remote]\ntoken = "hunter2"')
    assert reasons(tree) == [("tool.semantic_release.remote.token", "shipit has no such setting")]


@pytest.mark.parametrize(
    "table",
    [
        'semantic_release]\nversion_toml = ["./pyproject.toml:project.version", "pyproject.toml:project.version"]',
        'commitizen]\nversion_provider = "pep621"\nversion_files = [".//pyproject.toml:version"]',
    ],
)
def test_a_place_in_another_spelling_is_taken_over_once(tree: Tree, table: str) -> None:
    assert tree.write(f"[tool.{table}\n").config.version.files == ("pyproject.toml:project.version",)
