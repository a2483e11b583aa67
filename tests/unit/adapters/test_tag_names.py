"""Names of tags, as git's files tell them."""

from pathlib import Path

import pytest

from shipit.adapters.git import tag_names

ID = "1" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "refs" / "tags" / "pkg").mkdir(parents=True)
    (tmp_path / "config").write_text("[core]\n")
    for name in ("v1.0.0", "pkg/v2.0.0"):
        (tmp_path / "refs" / "tags" / name).write_text(ID)
    return tmp_path


def test_loose_and_packed_ones_are_found(folder: Path) -> None:
    (folder / "packed-refs").write_bytes(
        b"# pack-refs with: peeled fully-peeled sorted \n"
        + f"{ID} refs/heads/main\n{ID} refs/tags/v0.1.0\n^{ID}\n{ID} refs/tags/v1.0.0\n".encode()
        + ID.encode()
        + b" refs/tags/\xff\n"
    )
    assert tag_names.read(folder, {}) == frozenset({"v1.0.0", "pkg/v2.0.0", "v0.1.0", "\udcff"})


def test_without_packed_ones_the_loose_ones_are_all(folder: Path) -> None:
    assert tag_names.read(folder, {}) == frozenset({"v1.0.0", "pkg/v2.0.0"})


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_COMMON_DIR", "GIT_REFERENCE_BACKEND"])
def test_who_sends_git_elsewhere_must_ask_git(folder: Path, name: str) -> None:
    assert tag_names.read(folder, {name: "x"}) is None


def test_another_store_of_refs_is_left_to_git(folder: Path) -> None:
    (folder / "config").write_text("[extensions]\n\trefStorage = reftable\n")
    assert tag_names.read(folder, {}) is None


def test_symbolic_links_are_left_to_git(folder: Path) -> None:
    (folder / "refs" / "tags" / "link").symlink_to("pkg")
    assert tag_names.read(folder, {}) is None


def test_what_cannot_be_read_is_left_to_git(tmp_path: Path) -> None:
    assert tag_names.read(tmp_path, {}) is None
