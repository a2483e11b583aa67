"""Defaults, name and version of the project, and where each value comes from."""

from pathlib import Path

import pytest

from shipit import config
from shipit.config import Config, Settings, listing, load, project_name, settings
from shipit.config.sources import Documents
from shipit.errors import UsageError
from tests.unit.config.conftest import Tree

DYNAMIC = '[project]\nname = "acme"\ndynamic = ["version"]\n'
NO_VERSION = '[project]\nname = "acme"\n'


def test_without_any_configuration_the_defaults_hold(tree: Tree) -> None:
    assert tree.write("").config == Config()


@pytest.mark.parametrize(
    ("text", "fast"),
    [
        ("", True),
        ('[tool.shipit]\nbranches.develop = "develop"\nversion.minor-types = ["feat", "ui"]', True),
        ('[tool.shipit.gates.tests]\nrun = "pytest -q"', True),
        ('[tool.semantic_release]\ntag_format = "{version}"', False),
        ('[tool.commitizen]\nname = "cz_conventional_commits"', False),
        ('[tool.shipit.packages.core]\npath = "core"', False),
    ],
)
def test_the_fast_path_is_for_shipits_own_keys(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, text: str, fast: bool
) -> None:
    tree.write(text)
    expected = load(tree.top)[1]
    slow: list[Path] = []

    def make_settings(top: Path, documents: Documents) -> Settings:
        slow.append(top)
        return Settings(top=top, config=expected, origins={}, not_taken=())

    monkeypatch.setattr(settings, "make_settings", make_settings)
    assert load(tree.top) == (tree.top, expected)
    assert slow == ([] if fast else [tree.top])


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        config.unknown  # noqa: B018


def test_a_frozen_configuration_cannot_be_changed(tree: Tree) -> None:
    with pytest.raises(AttributeError):
        tree.write("").config.branches.main = "x"  # type: ignore[misc]


def test_a_dynamic_version_may_be_in_the_tag_alone(tree: Tree) -> None:
    tree.write("[tool.setuptools_scm]\n", project=DYNAMIC)
    assert tree.config.version.files == ()
    assert tree.settings.origins["version.files"] == "setuptools-scm: from the tag"


def test_a_dynamic_version_may_be_in_a_named_file(tree: Tree) -> None:
    tree.write('[tool.shipit.version]\nfiles = ["src/acme/__init__.py:__version__"]', project=DYNAMIC)
    assert tree.config.version.files == ("src/acme/__init__.py:__version__",)


@pytest.mark.parametrize("path", ["pyproject.toml", ".//pyproject.toml"])
def test_naming_a_dynamic_project_version_as_its_location_is_a_mistake(tree: Tree, path: str) -> None:
    [line] = tree.write(f'[tool.shipit]\nversion.files = ["{path}:project.version"]', project=DYNAMIC).mistakes
    assert "found pyproject.toml:project.version, which is dynamic" in line


def test_a_project_without_a_version_is_a_mistake_that_says_what_to_do(tree: Tree) -> None:
    [line] = tree.write("", project=NO_VERSION).mistakes
    assert "expected `version` in [project] of pyproject.toml, or version.files to name other locations" in line


def test_a_project_without_a_version_may_keep_it_elsewhere(tree: Tree) -> None:
    tree.write("[tool.shipit]\nversion.files = []", project=NO_VERSION)
    assert tree.config.version.files == ()


def test_without_a_project_table_the_tag_alone_holds_the_version(tree: Tree) -> None:
    assert tree.write("[tool.other]\n", project="").config.version.files == ()


def test_poetrys_own_table_holds_the_version_where_there_is_no_project_table(tree: Tree) -> None:
    tree.write('[tool.poetry]\nversion = "1.0.0"', project="")
    assert tree.config.version.files == ("pyproject.toml:tool.poetry.version",)


def test_a_wrong_type_of_version_files_does_not_hide_behind_the_version_check(tree: Tree) -> None:
    [line] = tree.write("[tool.shipit]\nversion.files = 5", project=NO_VERSION).mistakes
    assert "version.files: expected a list" in line


def test_the_configured_name_wins_over_the_project_name(tree: Tree) -> None:
    tree.write('[tool.shipit]\nname = "other"')
    assert project_name(tree.top, tree.config) == "other"


def test_the_project_name_is_the_name(tree: Tree) -> None:
    tree.write("")
    assert project_name(tree.top, tree.config) == "acme"


@pytest.mark.parametrize("project", ["", "[project]\nname = 5\nversion = '1'\n"])
def test_a_project_without_a_name_is_a_usage_error(tree: Tree, project: str) -> None:
    tree.write("", project=project)
    with pytest.raises(UsageError, match="the project has no name") as caught:
        project_name(tree.top, tree.config)
    assert caught.value.hint


def test_no_pyproject_at_all_has_no_name_either(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        project_name(tmp_path, Config())


def test_each_value_knows_where_it_comes_from(tree: Tree) -> None:
    tree.write(
        '[tool.semantic_release]\ntag_format = "r{version}"\n[tool.commitizen]\nchangelog_file = "NEWS.md"\n',
        'branches.develop = "develop"\ngates.tests.run = "pytest"\n',
    )
    found = {one.key: (one.value, one.origin) for one in listing(tree.settings)}
    assert found["branches.develop"] == ("develop", "shipit.toml")
    assert found["gates.tests.run"] == ("pytest", "shipit.toml")
    assert found["gates.tests.timeout"] == (60, "default")
    assert found["version.tag-format"] == ("r{version}", "semantic_release")
    assert found["changelog.file"] == ("NEWS.md", "commitizen")
    assert found["version.files"] == (("pyproject.toml:project.version",), "default")
    assert found["branches.main"] == ("main", "default")
    assert [one.key for one in listing(tree.settings) if one.secret] == [
        "forge.token",
        "index.username",
        "index.password",
        "registry.username",
        "registry.password",
        "notify.apprise",
    ]


def test_a_table_of_free_keys_is_one_value(tree: Tree) -> None:
    tree.write(own='changelog.sections = { feat = "New" }')
    assert tree.config.changelog.sections == {"feat": "New"}
    assert tree.settings.origins["changelog.sections"] == "shipit.toml"


def test_a_table_that_may_be_left_out_has_no_values_of_its_own(tree: Tree) -> None:
    tree.write("", 'environments.bare.from = "main"\nenvironments.full.database.url = "env:A"\n')
    keys = {one.key for one in listing(tree.settings)}
    assert "environments.bare.from" in keys
    assert "environments.full.database.url" in keys
    assert not [key for key in keys if key.startswith("environments.bare.database")]


def test_a_project_in_a_sub_folder_is_named_where_the_top_has_none(tree: Tree) -> None:
    (tree.top / "backend").mkdir()
    (tree.top / "backend" / "pyproject.toml").write_text(NO_VERSION)
    with pytest.raises(UsageError) as caught:
        project_name(tree.top, Config())
    assert caught.value.evidence == (
        "there is no pyproject.toml at the top",
        "backend/pyproject.toml was not read: no package has that path",
    )
    assert '[tool.shipit.packages.backend] with path = "backend"' in (caught.value.hint or "")


def test_a_package_that_was_not_asked_for_is_named(tree: Tree) -> None:
    tree.write(own='[packages.api]\npath = "backend"\n')
    (tree.top / "backend").mkdir()
    (tree.top / "backend" / "pyproject.toml").write_text(NO_VERSION)
    with pytest.raises(UsageError, match="the project has no name") as caught:
        project_name(tree.top, tree.config)
    assert caught.value.evidence[1] == "backend/pyproject.toml was not read: api has that path"
    assert caught.value.hint == "name the package: --package api"


def test_a_byte_order_mark_is_named_as_what_nobody_reads(tree: Tree) -> None:
    refusal = tree.write("", project=f"\ufeff{DYNAMIC}").refusal
    assert (
        refusal.evidence[-1] == "it begins with a byte order mark, which pip, build and Python itself do not read"
    )
    assert refusal.hint == "save the file as UTF-8 without a byte order mark"


@pytest.mark.parametrize(
    ("project", "hint"),
    [("[project]\nversion = '1'\n", "set project.name in"), ("", 'set name = "NAME" in shipit.toml')],
)
def test_a_name_is_asked_for_where_it_breaks_nothing(tree: Tree, project: str, hint: str) -> None:
    tree.write("", project=project)
    with pytest.raises(UsageError, match="the project has no name") as caught:
        project_name(tree.top, tree.config)
    assert caught.value.hint
    assert caught.value.hint.startswith(hint)
