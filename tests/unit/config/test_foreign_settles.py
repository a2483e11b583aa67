"""Which keys of other tools make a difference, so that they are named wherever a version is decided."""

import json

import pytest

from shipit.config.peers import peers
from shipit.config.sources import may_have_peers
from tests.unit.config.conftest import Tree

PSR, CZ = "[tool.semantic_release]\n", "[tool.commitizen]\n"


def said(tree: Tree) -> list[str]:
    assert may_have_peers(tree.top)
    found = peers(tree.top)
    return list(found.not_taken()) if found else []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f'{PSR}build_command = "make dist"', "distribution.run"),
        (f'{PSR}build_command = "pip install build && make x && python -m build"', "distribution.run"),
        (f'{PSR}build_command = "pip install -e . && python -m build"', "distribution.run"),
        (f'{PSR}build_command = "pip install build"', "distribution.run"),
        (f'{PSR}build_command = "python -m build && pip install build"', "distribution.run"),
        (f'{PSR}build_command = ["make", "dist"]', "distribution.run"),
        (f'{PSR}assets = ["src/generated.py"]', "version.files and version.mentions"),
        (f"{PSR}add_partial_tags = true", "version.tag-format"),
        (f'{PSR}repo_dir = "lib"', "packages.NAME.path"),
        (f"{PSR}publish.upload_to_vcs_release = false", "forge.kind"),
        (f'{PSR}remote.type = "gitlab"', "forge.kind"),
        (f'{PSR}commit_parser = "my.parser:Parser"', "version.commit-style"),
        (f'{PSR}commit_parser = "emoji"\ncommit_parser_options.minor_tags = [":x:"]', "version.commit-style"),
        (f'{PSR}commit_parser_options.path_filters = ["lib"]', "packages.NAME.path"),
        (f"{PSR}commit_parser_options.default_bump_level = 2", "version.patch-types and version.minor-types"),
        (f'{PSR}tag_format = "{{version}}-{{version}}"', "version.tag-format"),
        (f'{PSR}version_variables = ["a.json:version:tf"]', "version.files"),
        (f'{PSR}branches.main.match = "(develop|next)"', "branches.main"),
        (f'{CZ}name = "cz_jira"', "version.commit-style"),
        (f'{CZ}version_provider = "mine"', "version.files"),
        (f'{CZ}version_provider = "scm"', "version.files"),
        (f'{CZ}version_files = ["src/*.py"]', "version.mentions"),
        (f'{CZ}version_files = ["a.py:("]', "version.mentions"),
        (f'{CZ}legacy_tag_formats = ["old-$version"]', "version.tag-format"),
        (f'{CZ}pre_bump_hooks = ["make"]', "gates.NAME.run or distribution.run"),
        (f'{CZ}post_bump_hooks = ["make"]', "notify.run"),
        (f'{CZ}name = "cz_customize"\ncustomize.bump_map = 5', "version.minor-types"),
        (f'{CZ}name = "cz_customize"\ncustomize.bump_map = {{"fix" = ["PATCH"]}}', "version.minor-types"),
        (f'{CZ}name = "cz_customize"\ncustomize.bump_map = {{"(a+)" = "PATCH"}}', "version.patch-types"),
        (f'{CZ}name = "cz_customize"\ncustomize.bump_map = {{"a.*b" = "MINOR"}}', "version.minor-types"),
        (f'{CZ}name = "cz_customize"\ncustomize.bump_map = {{"break" = "MAJOR"}}', "version.minor-types"),
        (f'{CZ}name = "cz_customize"\ncustomize.bump_map = {{"fix" = "SMALL"}}', "version.minor-types"),
        (
            f'{CZ}name = "cz_customize"\ncustomize.bump_pattern = "x: (.*)"',
            "version.minor-types and version.patch-types",
        ),
    ],
)
def test_what_makes_a_difference_is_named_with_the_key_that_settles_it(tree: Tree, text: str, key: str) -> None:
    [line] = said(tree.write(text))
    assert line.startswith(("tool.semantic_release.", "tool.commitizen."))
    assert line.endswith(f"; set {key}")


@pytest.mark.parametrize(
    "text",
    [
        f'{PSR}build_command = "python -m build"',
        f'{PSR}build_command = "uv build"',
        f'{PSR}build_command = "pip install build && python -m build"',
        f'{PSR}build_command = "python -m pip install -U pip build; python -m build"',
        f'{PSR}build_command = "pip install poetry==2.1 && poetry build"',
        f'{PSR}build_command = """\n pip install uv\n uv lock -P "$NAME"\n git add uv.lock\n uv build\n"""',
        f'{PSR}build_command = ""',
        f"{PSR}build_command = false",
        f'{PSR}assets = ["uv.lock"]',
        f'{PSR}commit_message = "chore: {{version}}"\nsignoff_commit = true',
        f'{PSR}remote.type = "github"\nremote.domain = "x.example"',
        f'{PSR}changelog.mode = "init"\npublish.dist_glob_patterns = ["dist/*"]',
        f'{PSR}branches.main.match = "(main|master)"',
        f'{CZ}update_changelog_on_bump = true\nannotated_tag = true\nbump_message = "x"',
        f'{CZ}version_scheme = "semver2"\nlegacy_tag_formats = []\npre_bump_hooks = []',
        f'{CZ}customize.bump_map = {{"a" = "PATCH"}}',
        f'{CZ}name = "cz_customize"\ncustomize.schema = "x"\ncustomize.bump_map_major_version_zero = {{}}',
        "[tool.other]\nname = 'commitizen'",
    ],
)
def test_what_makes_no_difference_is_not(tree: Tree, text: str) -> None:
    assert said(tree.write(text)) == []


class TestTheBumpMap:
    @pytest.mark.parametrize(
        ("bump_map", "minor", "patch"),
        [
            ({"^feat": "MINOR", "^(fix|docs)": "PATCH"}, ("feat",), ("fix", "docs")),
            ({"^.+!$": "MAJOR", "new": "MINOR", "add": "MINOR", "fix": "PATCH"}, ("new", "add"), ("fix",)),
            ({"BREAKING CHANGE": "MAJOR", "new": "MINOR", "docs": None}, ("new",), ()),
        ],
    )
    def test_names_the_types_of_each_level_and_leaves_out_what_breaks_or_counts_for_nothing(
        self, tree: Tree, bump_map: dict[str, str | None], minor: tuple[str, ...], patch: tuple[str, ...]
    ) -> None:
        raw = {"tag_format": "v$version", "name": "cz_customize", "customize": {"bump_map": bump_map}}
        (tree.write("").top / ".cz.json").write_text(json.dumps({"commitizen": raw}))
        version = tree.config.version
        assert (version.minor_types, version.patch_types) == (minor, patch)
        assert said(tree) == []

    @pytest.mark.parametrize(
        ("pattern", "level", "why", "key"),
        [
            ("break", "MAJOR", "only `!` and BREAKING CHANGE break here", "version.minor-types"),
            ("a.*b", "MINOR", "more than the name of a type", "version.minor-types"),
            ("(a+)", "PATCH", "more than the name of a type", "version.patch-types"),
        ],
    )
    def test_says_which_of_its_patterns_is_not_taken_over_and_why(
        self, tree: Tree, pattern: str, level: str, why: str, key: str
    ) -> None:
        bump_map = f'{{"{pattern}" = "{level}", "fix" = "PATCH"}}'
        [line] = said(tree.write(f'{CZ}name = "cz_customize"\ncustomize.bump_map = {bump_map}'))
        assert line.startswith("tool.commitizen.customize.bump_map.")
        assert pattern in line
        assert line.endswith(f" is not taken over: {why}; set {key}")
        assert tree.config.version.patch_types == ("fix",)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (f'{PSR}build_command = "make dist"', 'distribution.run = "make dist"'),
        (f'{PSR}tag_format = "x"', 'version.tag-format = "x{version}"'),
        (f"{PSR}commit_parser_options.default_bump_level = 2", 'version.patch-types = ["fix", "chore"]'),
        (f'{CZ}pre_bump_hooks = ["make"]', 'gates.made.run = "make"'),
        (f'{CZ}version_files = ["src/*.py"]', 'version.mentions = ["src/a.py"]'),
    ],
)
def test_a_key_of_shipits_own_settles_it(tree: Tree, text: str, own: str) -> None:
    assert said(tree.write(text))
    assert said(tree.write(own=own)) == []


def test_where_two_tools_disagree_the_second_is_named(tree: Tree) -> None:
    tree.write(f'{PSR}tag_format = "r{{version}}"\n{CZ}tag_format = "c$version"')
    [line] = said(tree)
    assert line == (
        "tool.commitizen.tag_format is not taken over: version.tag-format is taken from semantic_release already; "
        "set version.tag-format"
    )
    tree.write(f'{PSR}tag_format = "v{{version}}"\n{CZ}tag_format = "v$version"')
    assert said(tree) == []


def test_without_another_tool_there_is_nothing_to_look_for(tree: Tree) -> None:
    assert not may_have_peers(tree.top)
    assert not may_have_peers(tree.write("").top)
    assert peers(tree.top) is None
    (tree.top / "cz.yaml").write_text("")
    assert may_have_peers(tree.top)
    assert peers(tree.top) is None


class TestTheDefaults:
    def test_of_commitizen_count_where_its_table_is_empty(self, tree: Tree) -> None:
        version = tree.write(CZ).config.version
        assert (version.tag_format, version.major_on_zero) == ("{version}", True)
        assert version.patch_types == ("fix", "refactor", "perf")

    def test_of_semantic_release_count_where_its_table_is_empty(self, tree: Tree) -> None:
        version = tree.write(PSR).config.version
        assert (version.tag_format, version.major_on_zero, version.initial) == ("v{version}", True, "1.0.0")
        assert version.patch_types == ("fix", "perf")

    def test_of_the_first_tool_go_before_those_of_the_second_but_behind_what_is_written(self, tree: Tree) -> None:
        assert tree.write(PSR + CZ).config.version.tag_format == "v{version}"
        assert tree.write(f'{PSR}{CZ}tag_format = "c$version"').config.version.tag_format == "c{version}"

    def test_are_shown_as_such(self, tree: Tree) -> None:
        assert tree.write(CZ).settings.origins["version.major-on-zero"] == "default of commitizen"

    def test_give_way_to_shipits_own_keys(self, tree: Tree) -> None:
        version = tree.write(CZ, 'version = {major-on-zero = false, patch-types = ["fix"]}').config.version
        assert (version.major_on_zero, version.patch_types) == (False, ("fix",))


@pytest.mark.parametrize(
    ("written", "files", "mentions"),
    [
        ("README.md", (), ("README.md",)),
        ("./docs//a.md", (), ("docs/a.md",)),
        ("a.py:__version__", ("a.py:__version__",), ()),
        ("setup.cfg:^version", ("setup.cfg:version",), ()),
        ("Chart.yaml:appVersion:", ("Chart.yaml:appVersion",), ()),
        ("a.py:x|y", (), ("a.py:x|y",)),
        ("Cargo.toml:version", (), ("Cargo.toml:version",)),
        ("docs/a.rst::Release:", (), ("docs/a.rst::Release:",)),
        ("package.json:version", ("package.json:version",), ()),
        ("pyproject.toml:^version", ("pyproject.toml:project.version",), ()),
    ],
)
def test_each_form_of_version_files_has_its_place(
    tree: Tree, written: str, files: tuple[str, ...], mentions: tuple[str, ...]
) -> None:
    tree.write(f'{CZ}version_files = ["{written}"]')
    taken = tree.config.version.files if "version.files" in tree.settings.origins else ()
    origin = tree.settings.origins["version.files"]
    assert (taken if origin == "commitizen" else ()) == files
    assert tree.config.version.mentions == mentions


@pytest.mark.parametrize(
    ("written", "files", "mentions"),
    [
        ("a.py:__version__", ("a.py:__version__",), ()),
        ("./a.py:__version__:tf", ("a.py:__version__",), ()),
        ("VERSION:*", ("VERSION",), ()),
        ("pyproject.toml:version", ("pyproject.toml:project.version",), ()),
        ("Dockerfile:VERSION", (), (r"Dockerfile:(?<![\w.-])VERSION",)),
        ("a.yml:acme/x:tf", (), (r"a.yml:(?<![\w.-])acme/x",)),
    ],
)
def test_each_form_of_version_variables_has_its_place(
    tree: Tree, written: str, files: tuple[str, ...], mentions: tuple[str, ...]
) -> None:
    tree.write(f'{PSR}version_variables = ["{written}"]')
    assert (tree.config.version.files if files else ()) == files
    assert tree.config.version.mentions == mentions


@pytest.mark.parametrize(
    ("tag_format", "expected"),
    [
        ("v$major.$minor.$patch", "v{version}"),
        ("${major}.${minor}.${patch}${prerelease}${devrelease}-x", "{version}-x"),
        ("a/$version", "a/{version}"),
    ],
)
def test_a_tag_of_commitizen_may_name_the_numbers(tree: Tree, tag_format: str, expected: str) -> None:
    assert tree.write(f'{CZ}tag_format = "{tag_format}"').config.version.tag_format == expected


def test_a_place_in_a_pyproject_of_poetry_is_a_mention(tree: Tree) -> None:
    tree.write(f'{CZ}version_files = ["pyproject.toml:version"]', project='[tool.poetry]\nversion = "1.0.0"\n')
    assert tree.config.version.mentions == ("pyproject.toml:version",)


def test_a_mention_with_a_bad_pattern_is_a_mistake(tree: Tree) -> None:
    [line] = tree.write(own='version.mentions = ["a.md:("]').mistakes
    assert "version.mentions: expected path:PATTERN with a regular expression" in line
