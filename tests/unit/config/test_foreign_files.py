"""commitizen's own files: which of them is read, as what, and what is said of one that cannot be understood."""

from itertools import pairwise

import pytest

from shipit.config.sources import COMMITIZEN
from tests.unit.config.conftest import Tree

TABLES = {
    "toml": '[tool.commitizen]\ntag_format = "{0}$version"\n',
    "json": '{{"commitizen": {{"tag_format": "{0}$version"}}}}',
    "yaml": "commitizen:\n  tag_format: {0}$version\n",
}


def content(name: str, prefix: str) -> str:
    return TABLES[name.rpartition(".")[2]].format(prefix)


@pytest.mark.parametrize("name", COMMITIZEN)
def test_each_of_them_goes_before_pyproject(tree: Tree, name: str) -> None:
    tree.write('[tool.commitizen]\ntag_format = "p$version"\nchangelog_file = "P.md"')
    (tree.top / name).write_text(content(name, "x"))
    assert tree.config.version.tag_format == "x{version}"
    assert tree.config.changelog.file == "CHANGELOG.md"


@pytest.mark.parametrize(("former", "latter"), list(pairwise(COMMITIZEN)))
def test_the_first_of_them_is_taken_whole(tree: Tree, former: str, latter: str) -> None:
    tree.write("")
    (tree.top / former).write_text(content(former, "a"))
    (tree.top / latter).write_text(content(latter, "b"))
    assert tree.config.version.tag_format == "a{version}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".cz.toml", ""),
        (".cz.toml", "[tool]\ncommitizen = 1"),
        ("cz.toml", '[commitizen]\ntag_format = "x$version"'),
        (".cz.json", "{}"),
        (".cz.json", '{"commitizen": null}'),
        ("cz.json", "[1]"),
        (".cz.yaml", ""),
        ("cz.yaml", "commitizen:"),
        ("cz.yaml", "just a text"),
    ],
)
def test_one_without_the_table_is_passed_over(tree: Tree, name: str, text: str) -> None:
    tree.write('[tool.commitizen]\ntag_format = "p$version"')
    (tree.top / name).write_text(text)
    assert tree.config.version.tag_format == "p{version}"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (".cz.toml", ".cz.toml:tool.commitizen.version"),
        ("cz.json", "cz.json:commitizen.version"),
        ("cz.yaml", "cz.yaml:version"),
    ],
)
def test_a_version_that_stands_there_is_a_version_location(tree: Tree, name: str, place: str) -> None:
    tree.write("")
    (tree.top / name).write_text(content(name, "").replace("tag_format", "version").replace("$version", "1.0.0"))
    assert tree.config.version.files == (place,)


def test_a_key_that_is_not_taken_over_is_named_with_its_file(tree: Tree) -> None:
    tree.write("")
    (tree.top / "cz.json").write_text('{"commitizen": {"name": "cz_jira"}}')
    assert [one.key for one in tree.settings.not_taken] == ["cz.json: commitizen.name"]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (".cz.toml", "a =", "invalid value"),
        (".cz.json", "{", "expecting property name"),
        ("cz.json", "[" * 100_000, "nests too deep"),
        ("cz.json", "1" * 5000, "digits"),
        ("cz.json", " " * 1_100_000 + "{}", "larger than 1 mib"),
        (".cz.yaml", "a: [1", "did not find expected"),
        (".cz.yaml", "a: !!python/object:x {}", "could not determine a constructor"),
        (".cz.yaml", "? [a]\n: b", "unhashable key"),
        ("cz.yaml", "a: &a [*a]", "nests too deep"),
        (
            "cz.yaml",
            "a0: &a0 [1, 2]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(40)),
            "more values",
        ),
    ],
)
def test_one_that_cannot_be_understood_is_refused_with_its_name(tree: Tree, name: str, text: str, why: str) -> None:
    tree.write("")
    (tree.top / name).write_text(text)
    refusal = tree.refusal
    assert name in refusal.what
    assert why in " ".join(refusal.evidence).lower()


def test_one_that_is_no_text_is_refused_with_its_name(tree: Tree) -> None:
    tree.write("")
    (tree.top / "cz.json").write_bytes(b'{"commitizen": "\xff"}')
    assert tree.refusal.what == "cz.json is not UTF-8"


def test_keys_that_are_no_texts_do_no_harm(tree: Tree) -> None:
    tree.write("")
    (tree.top / "cz.yaml").write_text("1: 2\ncommitizen:\n  3: 4\n  2020-01-01: x\n  version_files: [1, {a: b}]\n")
    assert {one.key for one in tree.settings.not_taken} == {
        "cz.yaml: commitizen.3",
        "cz.yaml: commitizen.2020-01-01",
        "cz.yaml: commitizen.version_files",
    }


def test_a_mark_of_the_byte_order_is_no_part_of_it(tree: Tree) -> None:
    tree.write("")
    (tree.top / "cz.json").write_text("\ufeff" + content("cz.json", "x"))
    assert tree.config.version.tag_format == "x{version}"
