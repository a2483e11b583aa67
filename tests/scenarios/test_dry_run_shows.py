"""What a dry run shows is what the release does: notes byte for byte, patches that give its very tree."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.acme import git
from tests.support.place import BUILD, Place

TINY = "packages/tiny"
LOCK = 'version = 1\n\n[[package]]\nname = "{0}"\nversion = "{1}"\nsource = {{ editable = "." }}\n'
FILES = {
    f"{TINY}/pyproject.toml": '[project]\nname = "tiny"\nversion = "0.0.0"\n',
    f"{TINY}/tiny.py": 'word = "tiny"\n',
    f"{TINY}/build_quickly.py": BUILD.decode().replace("small", "tiny"),
    f"{TINY}/uv.lock": LOCK.format("tiny", "0.0.0"),
    "CHANGELOG.md": "# Changelog\r\n\r\nOurs.\r\n\r\n## Unreleased\r\n\r\n- by\thand \r\n",
    ".gitattributes": "*.lock -diff\n*.md binary\n*.toml text eol=crlf\n",
}
LOCK_REF = "refs/shipit/lock/"
TEXT = (
    "feat: `code`, <b>, 数据库, a tab\there\n\nBREAKING CHANGE: it is another one, as a long sentence says here\n"
)


@pytest.fixture
def many(place: Place) -> Place:
    """The product with a package in a folder, lock files, a changelog with CRLF, and attributes that hide them."""
    pyproject = git(place.laid.remote, "show", "develop:pyproject.toml")
    table = f'\n\n[tool.shipit.packages.tiny]\npath = "{TINY}"\n'
    place.push_something(TEXT, {**FILES, "pyproject.toml": pyproject + table})
    place.push_something("fix: the top", {"README.md": "# top\n"})
    place.fresh_clone("many")
    return place


def previewed(place: Place, *words: str) -> dict[str, Any]:
    ran = place.shipit("release", "--dry-run", "--json", *words, where=place.laid.folder / "many").ended(0)
    return ran.events("preview")[0]


def released(place: Place, *words: str) -> dict[str, Any]:
    """The decision of a release that is carried out, from its evidence."""
    ran = place.shipit("release", "--json", *words, where=place.laid.folder / "many").ended(0)
    tag = ran.events("outcome")[0]["outputs"]["tag"]
    decision: dict[str, Any] = json.loads(
        git(place.laid.remote, "show", f"refs/shipit/release/{tag}:release.json")
    )["release"]
    return decision


def tree_of(place: Place, commit: str, diffs: list[dict[str, str]], folder: Path) -> str:
    git(folder, "clone", "--quiet", "--no-checkout", str(place.laid.remote), "applied")
    there = folder / "applied"
    git(there, "read-tree", commit)
    patch = "".join(one["diff"] for one in diffs).encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "--cached"], cwd=there, input=patch, check=True, timeout=60)
    return git(there, "write-tree").strip()


PACKAGES = {
    "the whole, with a changelog": (("--type", "minor"), {"CHANGELOG.md", "pyproject.toml"}),
    "a package, without one": (
        ("--package", "tiny"),
        {f"{TINY}/CHANGELOG.md", f"{TINY}/pyproject.toml", f"{TINY}/uv.lock"},
    ),
}


@pytest.mark.parametrize(("words", "files"), PACKAGES.values(), ids=PACKAGES)
def test_the_patches_applied_to_the_base_give_the_tree_of_the_release_commit_and_the_notes_are_published(
    many: Place, words: tuple[str, ...], files: set[str], tmp_path: Path
) -> None:
    before = many.outside()
    shown = previewed(many, *words)
    assert many.outside() == before

    release = released(many, *words)

    assert {one["path"] for one in shown["diffs"]} >= files
    commit = git(many.laid.remote, "rev-parse", f"{release['commit']}^{{tree}}").strip()
    assert tree_of(many, release["base"], shown["diffs"], tmp_path) == commit
    (published,) = [one for one in many.forge.releases if one.tag == release["tag"]]
    assert shown["notes"] == published.body == release["notes"]


def test_people_see_the_same_patch_and_the_same_notes_below_the_plan(many: Place) -> None:
    shown = previewed(many, "--package", "tiny")
    here = many.laid.folder / "many"

    ran = many.shipit("release", "--dry-run", "-v", "--package", "tiny", where=here).ended(0)

    plan, _, rest = ran.stderr.partition("\nnotes, as they are published\n\n")
    assert plan.endswith("; nothing was changed\n")
    notes, _, changes = rest.partition("\n\nchanges of the release commit: 3 files\n")
    assert notes == shown["notes"].expandtabs(4).rstrip("\n")
    for one in shown["diffs"]:
        assert one["diff"][one["diff"].index("--- ") :].expandtabs(4).replace("\r", "") in changes


def test_a_lock_file_is_folded_unless_all_is_asked_for(many: Place) -> None:
    here = many.laid.folder / "many"
    ran = many.shipit("release", "--dry-run", "--package", "tiny", where=here).ended(0)
    assert f"{TINY}/uv.lock: 1 line added, 1 removed\nfolded: -v shows all of it\n" in ran.stderr
    assert f"{TINY}/CHANGELOG.md: new file, " in ran.stderr


LISTEN = """
import json, os, sys
def heard(event, arguments):
    if event == "subprocess.Popen":
        with open(os.environ["HEARD"], "a") as file:
            file.write(json.dumps([os.fsdecode(word) for word in arguments[1]]) + "\\n")
sys.addaudithook(heard)
"""


def pattern(argv: list[str]) -> re.Pattern[str]:
    """What a command may look like when it runs: `<…>` is known by then, and each run has a lock of its own."""
    open_words = (re.sub("[0-9a-f]{40}", "<lock>", word) if LOCK_REF in word else word for word in argv)
    parts = re.split(r"<[a-z]+>", "\0".join(open_words))
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


def test_each_command_of_a_dry_run_is_one_that_the_release_runs(many: Place, tmp_path: Path) -> None:
    pyproject = git(many.laid.remote, "show", "develop:pyproject.toml")
    assert "install = false" in pyproject
    tried = pyproject.replace("install = false", "install = true").replace("\r\n", "\n")
    many.push_something("chore: try it", {"pyproject.toml": tried})
    git(many.laid.folder / "many", "pull", "--quiet")
    shown = {one["name"]: one["argv"] for one in previewed(many, "--type", "minor")["looked"] if "argv" in one}
    (tmp_path / "sitecustomize.py").write_text(LISTEN)
    heard = tmp_path / "heard"
    env = {**many.environment, "PYTHONPATH": str(tmp_path), "HEARD": str(heard)}

    ran = many.shipit("release", "--type", "minor", where=many.laid.folder / "many", env=env).ended(0)

    assert "is released and complete" in ran.said
    lines = ["\0".join(json.loads(line)) for line in heard.read_text().splitlines()]
    assert {"lock", "build", "check", "install", "push", "tag-here", "back-merge", "close"} <= set(shown)
    # the push has brought develop along, so that nothing is left of the back-merge
    missing = [name for name, argv in shown.items() if not any(map(pattern(argv).fullmatch, lines))]
    assert missing == ["back-merge"]
