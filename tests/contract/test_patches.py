"""Patches of a commit are what `git apply` takes: whatever files, attributes and settings there are."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from shipit.adapters.git.objects import GitObjects
from shipit.model import Identity
from tests.support.acme import git

ADA = Identity("Ada", "ada@acme.example")
NOON = 1_741_003_200
BEFORE = {
    ".gitattributes": b"*.lock -diff\n*.md binary\nwide.txt diff=other\n*.ini text eol=crlf\n",
    "uv.lock": b'version = "1.0.0"\n',
    "CHANGELOG.md": b"# Changelog\n",
    "wide.txt": b"1\n",
    "dos.json": b'{\r\n\t"version": "1.0.0"\r\n}\r\n',
    "mixed.ini": b"a = 1\r\nb = 2\n",
    "latin.txt": "é 1\n".encode("latin-1"),
    "no-end": b"1",
    "blob": bytes(range(256)),
    "apps/my app/a\ttab.txt": b"1\n",
    'quo"te.txt': b"1\n",
    "ünïcode.txt": b"diff --git a/x b/x\n",
    "star[1]*.txt": b"1\n",
    "stays": b"1\n",
}
AFTER = {
    "uv.lock": b'version = "1.1.0"\n',
    "CHANGELOG.md": b"# Changelog\n\n## 1.1.0\n",
    "wide.txt": b"2\n",
    "dos.json": b'{\r\n\t"version": "1.1.0"\r\n}\r\n',
    "mixed.ini": b"a = 2\r\nb = 2\n",
    "latin.txt": "é 2\n".encode("latin-1"),
    "no-end": b"2",
    "blob": bytes(reversed(range(256))),
    "apps/my app/a\ttab.txt": b"2\n",
    'quo"te.txt': b"2\n",
    "ünïcode.txt": b"diff --git a/y b/y\n",
    "star[1]*.txt": b"2\n",
    "new/deep/file.txt": b"\n\n1\n",
    "empty": b"",
}
SETTINGS = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.suppressBlankEmpty": "true",
    "diff.external": "false",
    "diff.other.textconv": "false",
    "diff.context": "0",
    "diff.renames": "copies",
    "color.ui": "always",
    "core.autocrlf": "true",
    "core.quotePath": "true",
    "apply.whitespace": "fix",
}


@pytest.fixture(params=["plain", "settings", "attributes"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> GitObjects:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "repository")
    top = tmp_path / "repository"
    for name, value in SETTINGS.items() if request.param == "settings" else ():
        git(top, "config", name, value)
    if request.param == "attributes":
        (top / ".gitattributes").write_bytes(BEFORE[".gitattributes"])
    return GitObjects(top)


def commits(objects: GitObjects, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[str, str]:
    first = objects.commit(objects.change_tree(None, before), [], "one\n", ADA, NOON)
    return first, objects.commit(objects.change_tree(first, after), [first], "two\n", ADA, NOON)


def applied(top: Path, commit: str, patches: bytes) -> str:
    """The tree that comes of a commit with these patches, in a fresh repository without settings."""
    git(top, "init", "--quiet", "fresh")
    fresh = top / "fresh"
    (fresh / ".git" / "objects" / "info" / "alternates").write_text(f"{top / '.git' / 'objects'}\n")
    git(fresh, "read-tree", commit)
    file = top / "all.patch"
    file.write_bytes(patches)
    git(fresh, "apply", "--cached", str(file))
    return git(fresh, "write-tree").strip()


def test_applied_to_the_first_commit_they_give_the_second_whatever_the_files_and_settings(
    objects: GitObjects,
) -> None:
    first, second = commits(objects, BEFORE, AFTER)

    found = objects.patches(first, second)

    assert set(found) == set(AFTER)
    assert applied(objects.top, first, b"".join(found.values())) == objects.tree(second)


def test_each_is_of_its_own_file_and_can_be_applied_alone(objects: GitObjects) -> None:
    first, second = commits(objects, BEFORE, AFTER)
    patch = objects.patches(first, second)["star[1]*.txt"]
    wanted = objects.change_tree(first, {"star[1]*.txt": AFTER["star[1]*.txt"]})
    assert applied(objects.top, first, patch) == wanted


def test_attributes_hide_no_text_and_a_file_with_nul_bytes_is_a_binary_one(objects: GitObjects) -> None:
    first, second = commits(objects, BEFORE, AFTER)
    found = objects.patches(first, second)
    assert b'+version = "1.1.0"\n' in found["uv.lock"]
    assert b"+## 1.1.0\n" in found["CHANGELOG.md"]
    assert b"GIT binary patch\n" in found["blob"]
    assert [name for name, data in found.items() if b"binary" in data] == ["blob"]
    assert b"\x1b" not in b"".join(found.values())


def test_the_same_commit_changes_nothing(objects: GitObjects) -> None:
    first, _ = commits(objects, BEFORE, AFTER)
    assert objects.patches(first, first) == {}
