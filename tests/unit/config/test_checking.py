"""Mistakes are named all at once, with file, key path, expectation, finding and the nearest known key."""

from typing import Annotated

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipit.config import Config, checking
from shipit.config.tables.values import Command
from shipit.config.wording import expected, is_secret, plain_types, show_value
from tests.unit.config.conftest import Tree

ALL_WRONG = """
[tool.shipit]
tag-format = "a"
[tool.shipit.index]
knd = "url"
kind = "urll"
password = "ghp_hunter2"
url = "https://me:hunter2@index.example/"
[tool.shipit.version]
files = ["a:b", 3, "../x:y", "-x:y"]
tag_format = "v{version}"
[tool.shipit.changelog]
file = "/etc/passwd"
sections = { feat = 1, fix = "Fixes" }
[tool.shipit.gates.tests]
coverage = 101
timeout = "10"
[tool.shipit.gates."a b"]
run = "pytest 'x"
[tool.shipit.gates]
foo = 5
[tool.shipit.branches]
main = "x"
develop = "x"
"""


def test_every_mistake_is_named_at_once(tree: Tree) -> None:
    refusal = tree.write(ALL_WRONG).refusal
    address = "an http or https address without user and password"
    reference = "env:NAME, file:PATH or command:ARGV (where the secret is, never the secret)"
    inside = "a path inside the repository, without `..`"
    wanted = {
        "tag-format: unknown key; nearest known: version.tag-format",
        "version.tag_format: unknown key; nearest known: version.tag-format",
        f"version.files[1]: expected path:key with {inside}, found 3",
        f'version.files[2]: expected path:key with {inside}, found "../x:y"',
        f'version.files[3]: expected path:key with {inside}, found "-x:y"',
        f'changelog.file: expected {inside}, or an empty text, found "/etc/passwd"',
        "changelog.sections.feat: expected a text, found 1",
        "gates.tests.run: missing, expected a command or a list of program and arguments",
        "gates.tests.coverage: expected a number from 0 to 100, found 101",
        'gates.tests.timeout: expected a whole number above 0, found "10"',
        'gates."a b": expected a name of letters, digits, `.`, `_` and `-`, found "a b"',
        'gates."a b".run: expected a command that can be split into words, found no closing quotation',
        "gates.foo: expected a table, found 5",
        "index.knd: unknown key; nearest known: index.kind",
        'index.kind: expected one of directory, none, pypi, testpypi, url, found "urll"; nearest known: url',
        f'index.url: expected {address}, found "https://***@index.example/"',
        f"index.password: expected {reference}, found something that is not shown",
        'branches.develop: expected another branch than branches.main, found "x" for both',
    }
    assert set(refusal.evidence) == {f"pyproject.toml: tool.shipit.{line}" for line in wanted}
    assert refusal.what == "the configuration has 18 mistakes"
    assert refusal.where == "pyproject.toml"


@pytest.mark.parametrize(
    ("branches", "other"),
    [
        ('release = "develop/{tag}"\ndevelop = "develop"', "develop"),
        ('release = "main/{version}"', "main"),
        ('release = "release"\ndevelop = "release/next"', "release/next"),
        ('release = "main"', "main"),
    ],
)
def test_a_release_branch_that_git_cannot_keep_beside_the_others_is_a_mistake(
    tree: Tree, branches: str, other: str
) -> None:
    (mistake,) = tree.write(own=f"[branches]\n{branches}").mistakes
    assert mistake.startswith(f"shipit.toml: branches.release: expected names beside the branch {other}, found ")
    beside = tree.write(own='[branches]\nrelease = "development/{tag}"\ndevelop = "develop"')
    assert beside.config.branches.release == "development/{tag}"


def test_a_single_mistake_in_shipit_toml_is_named_without_the_table_prefix(tree: Tree) -> None:
    refusal = tree.write(own="[release]\nsing = true").refusal
    assert refusal.what == "the configuration has 1 mistake"
    assert refusal.evidence == ("shipit.toml: release.sing: unknown key; nearest known: release.sign",)


def test_a_key_like_no_other_has_no_nearest_one(tree: Tree) -> None:
    assert tree.write(own="zzzzzz = 1").mistakes == ("shipit.toml: zzzzzz: unknown key",)


def test_a_value_that_is_no_table_is_refused_where_a_table_belongs(tree: Tree) -> None:
    assert tree.write(own="gates = 1\nversion = [1]").mistakes == (
        "shipit.toml: version: expected a table, found a list",
        "shipit.toml: gates: expected a table, found 1",
    )


@pytest.mark.parametrize("name", ["check", "install", "lock", "back-merge", "security"])
def test_a_gate_is_not_named_like_a_built_in_step(tree: Tree, name: str) -> None:
    [line] = tree.write(own=f'gates.{name}.run = "make"').mistakes
    wanted = f'expected a name that no built-in step has, found "{name}"; call it e.g. "own-{name}"'
    assert line == f"shipit.toml: gates.{name}: {wanted}"


def test_an_index_by_address_needs_the_address(tree: Tree) -> None:
    [line] = tree.write(own='[index]\nkind = "url"').mistakes
    assert line.startswith("shipit.toml: index.url: missing")


def test_an_index_by_address_with_an_address_is_fine(tree: Tree) -> None:
    tree.write(own='[index]\nkind = "url"\nurl = "http://localhost:8080/"')
    assert tree.config.index.url == "http://localhost:8080/"


def test_a_secret_command_must_be_splittable_and_is_not_shown(tree: Tree) -> None:
    tree.write(own='[index]\nusername = "command:pass \'hunter2"\n[forge]\ntoken = "env:TOKEN"')
    [line] = tree.mistakes
    assert line.startswith("shipit.toml: index.username: expected a command that can be split")
    assert "hunter2" not in line


def test_a_whole_number_counts_as_a_percentage(tree: Tree) -> None:
    assert tree.write(own='gates.a = { run = "x", coverage = 80 }').config.gates["a"].coverage == 80.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        ([1], "a list"),
        ({}, "a table"),
        ("x" * 70, '"' + "x" * 60 + '…"'),
        ("https://a:b@c/d", '"https://***@c/d"'),
    ],
)
def test_what_was_found_is_shown_as_toml_writes_it(value: object, words: str) -> None:
    assert show_value(value) == words


def test_every_pattern_is_put_into_words() -> None:
    for key, field in checking.leaves():
        assert "regex" not in expected(msgspec.inspect.type_info(field.type)), key
        for info in plain_types(msgspec.inspect.type_info(field.type)):
            pattern = getattr(info, "pattern", None)
            assert pattern is None or expected(msgspec.inspect.type_info(field.type)) != "a text", key


def test_every_key_has_a_description() -> None:
    for key, field in checking.leaves():
        info = msgspec.inspect.type_info(field.type)
        assert isinstance(info, msgspec.inspect.Metadata), key
        assert (info.extra_json_schema or {}).get("description"), key


def test_no_key_has_a_type_that_is_a_list_or_a_text_with_a_pattern() -> None:
    for key, field in checking.leaves():
        members = plain_types(msgspec.inspect.type_info(field.type))
        if any(isinstance(member, msgspec.inspect.VarTupleType) for member in members):
            assert not any(getattr(member, "pattern", None) for member in members), key


def test_secrets_are_the_keys_that_hold_references() -> None:
    secrets = {key for key, field in checking.leaves() if is_secret(msgspec.inspect.type_info(field.type))}
    assert secrets == {
        "environments.NAME.database.url",
        "environments.NAME.targets.NAME.url",
        "environments.NAME.targets.NAME.token",
        "forge.token",
        "index.username",
        "index.password",
        "registry.username",
        "registry.password",
        "notify.apprise",
    }


def test_bounds_are_put_into_words() -> None:
    kind = Annotated[int, msgspec.Meta(ge=1, lt=5)]
    assert expected(msgspec.inspect.type_info(kind)) == "a whole number from 1 below 5"
    assert expected(msgspec.inspect.type_info(Config)) == "a table"
    assert expected(msgspec.inspect.type_info(Command)) == "a command or a list of program and arguments"


TOML_VALUES = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = [key.replace(".NAME", ".some") for key, _ in checking.leaves()]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(KEYS), TOML_VALUES)
def test_whatever_stands_there_the_check_and_msgspec_agree(key: str, value: object) -> None:
    raw: object = value
    for name in reversed(key.split(".")):
        raw = {name: raw}
    try:
        msgspec.convert(raw, Config)
        fits = True
    except msgspec.ValidationError:
        fits = False
    assert fits == (not list(checking.mistakes(raw)))


def test_the_tables_of_a_list_are_checked_each_with_its_number() -> None:
    raw = {
        "environments": {
            "staging": {"smoke": {"checks": [{"get": "https://a.example/"}, {"url": 1, "status": 9}, 3]}}
        }
    }
    found = {f"{one.key}: {one.what}" for one in checking.mistakes(raw)}
    at = "environments.staging.smoke.checks"
    assert found == {
        f"{at}[1].url: unknown key",
        f"{at}[1].get: missing, expected an http or https address without user and password",
        f"{at}[1].status: expected a whole number from 100 to 599, found 9",
        f"{at}[2]: expected a table, found 3",
    }


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('images.web = { file = "Dockerfile", build-args = { A = "x\\u0000" } }', "images.web.build-args.A"),
        ('gates.tests.run = ["true", "\\u0000"]', "gates.tests.run"),
        ('environments.a.smoke.run = "true \\u0000"', "environments.a.smoke.run"),
    ],
)
def test_no_program_can_be_given_a_nul(tree: Tree, table: str, key: str) -> None:
    tree.write(f"[tool.shipit]\n{table}\n")
    refusal = tree.refusal
    assert f"{key}: expected a text without the character NUL" in "\n".join([refusal.what, *refusal.evidence])
