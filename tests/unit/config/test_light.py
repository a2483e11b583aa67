"""The light reader says what the tables say, or nothing."""

from itertools import product
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipit.config import light, load, sources
from shipit.config.light import Light
from shipit.errors import UsageError
from tests.unit.config.conftest import PROJECT, Tree

OWN = (
    "",
    'version.tag-format = "{version}"',
    'version.tag-format = "pkg/v{version}-x"',
    "version.major-on-zero = true",
    "version.squash-bodies = false",
    'changelog.style = "conventional"',
    'forge.kind = "none"',
    'forge.repository = "acme/tool"',
    'branches.follow = "auto"',
    'branches.follow = "never"\nforge.kind = "github"\nforge.repository = "acme/tool"',
    'forge = {kind = "github", repository = "a_b/c-d"}\nversion.major-on-zero = false',
)
OTHERS = (
    "",
    "[tool]\ncommitizen = 1",
)
PROJECTS = (
    PROJECT,
    "",
    '[tool.poetry]\nversion = "1"\n',
    '[project]\nname = "acme"\ndynamic = ["version"]\n',
)
LEFT_TO_THE_TABLES = (
    'version.tag-format = "v{version}{version}"',
    'version.tag-format = "v"',
    'version.tag-format = "-v{version}"',
    'version.tag-format = "ä{version}"',
    "version.tag-format = 1",
    'version.initial = "1.0.0"',
    "version.major-on-zero = 1",
    'changelog.style = "mine"',
    "changelog.style = []",
    'changelog.template = "notes.md"',
    'forge.repository = "tool"',
    "forge.repository = 1",
    'forge.kind = "gitlab"',
    'gates.tests.run = "pytest"',
    "nonsense = {}",
    "version = {}",
    "version = 1",
    'branches.remote = "upstream"',
    'branches.follow = "sometimes"',
    "branches.follow = true",
    "branches.follow = []",
    'branches = {main = "trunk", follow = "always"}',
)
LEFT_OF_OTHERS = (
    '[tool.semantic_release]\ntag_format = "r{version}"',
    '[tool.commitizen]\nname = "cz_conventional_commits"',
    '[tool.commitizen]\ntag_format = "c$version"\nversion_provider = "scm"',
    '[tool.commitizen]\nversion_provider = "uv"\n[tool.semantic_release]\ntag_format = "r{version}"',
    "[tool.commitizen]\n[tool.semantic_release]",
    "[tool.semantic_release]\nmajor_on_zero = true",
    "[tool.semantic_release]\ntag_format = 1",
    '[tool.commitizen]\ntag_format = "$major.$minor.$patch$prerelease"',
    '[tool.commitizen]\ntag_format = "${version}"',
    '[tool.commitizen]\ntag_format = "v{version}"',
    "[tool.commitizen]\ntag_format = 1",
    '[tool.commitizen]\nname = "cz_jira"',
    '[tool.commitizen]\nversion_provider = "npm"',
    '[tool.commitizen]\nversion = "1.0.0"',
    "[tool]\nshipit = 1",
)


def same(tree: Tree) -> None:
    """Every value of the light reader is that of the tables."""
    found, config = light.read(sources.read(tree.top)), load(tree.top)[1]
    assert found is not None
    assert light.read(sources.read(tree.top)) == cast("object", light.load(tree.top)[1])
    for table in Light.__struct_fields__:
        for name in getattr(found, table).__struct_fields__:
            assert getattr(getattr(found, table), name) == getattr(getattr(config, table), name), (table, name)


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize(("own", "others"), list(product(OWN, OTHERS)))
def test_what_is_read_lightly_is_what_the_tables_say(tree: Tree, own: str, others: str, project: str) -> None:
    if project.startswith("[tool.poetry]") and "[tool]" in others:
        others = ""  # TOML wants [tool] first
    tree.write(others, project=project)
    if own:
        tree.write(own=own)
    same(tree)


@pytest.mark.parametrize("own", LEFT_TO_THE_TABLES)
def test_everything_else_is_left_to_the_tables(tree: Tree, own: str) -> None:
    tree.write("", own)
    assert light.read(sources.read(tree.top)) is None
    assert outcome(light.load, tree) == outcome(load, tree)


@pytest.mark.parametrize("others", LEFT_OF_OTHERS)
def test_what_other_tools_say_is_left_to_the_tables(tree: Tree, others: str) -> None:
    tree.write(others)
    assert light.read(sources.read(tree.top)) is None
    assert outcome(light.load, tree) == outcome(load, tree)


def test_a_project_without_its_version_is_a_mistake_that_the_tables_name(tree: Tree) -> None:
    tree.write("", project='[project]\nname = "acme"\n')
    assert light.read(sources.read(tree.top)) is None
    assert outcome(light.load, tree) == outcome(load, tree)


def test_outside_of_a_repository_both_refuse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        light.load(tmp_path)


@given(st.text(alphabet="v{}r-/.$a1_ version", max_size=8), st.sampled_from(["tag-format", "repository"]))
def test_no_text_is_taken_that_the_tables_would_not_take(
    tmp_path_factory: pytest.TempPathFactory, text: str, key: str
) -> None:
    tree = Tree(tmp_path_factory.mktemp("tree"))
    value = f"{text}{{version}}" if key == "tag-format" else f"{text}/{text}"
    tree.write("", f'{"version" if key == "tag-format" else "forge"}.{key} = "{value}"')
    if light.read(sources.read(tree.top)) is not None:
        same(tree)


def outcome(read: object, tree: Tree) -> object:
    """The configuration, or what is wrong with it."""
    try:
        return read(tree.top)  # type: ignore[operator]
    except UsageError as error:
        return error.what, error.evidence, error.hint
