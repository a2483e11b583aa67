"""The tracked files of a real git repository."""

from pathlib import Path

import pytest

from shipit.adapters.git.tracked import tracked_files
from shipit.errors import Refused, UsageError
from tests.support.acme import git

ADA = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "top"
    top.mkdir()
    git(top, "init", "--quiet")
    for name in ("a.py", "sub/ä b.py", "gone.py", "run.sh", ".gitignore"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text("build\n")
    (top / "run.sh").chmod(0o755)
    (top / "link.py").symlink_to("a.py")
    git(top, "add", ".")
    commit(top)
    return top


def commit(top: Path) -> None:
    git(top, *ADA, "commit", "--quiet", "--message=files")


def test_tracked_are_files_as_they_lie_there_without_links_and_what_git_does_not_know(top: Path) -> None:
    (top / "untracked.py").touch()
    (top / "build").mkdir()
    (top / "build" / "x.py").touch()
    (top / "gone.py").unlink()
    assert sorted(tracked_files(top)) == [".gitignore", "a.py", "run.sh", "sub/ä b.py"]


def test_a_submodule_is_not_among_them(top: Path, tmp_path: Path) -> None:
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(top), "inner")
    assert "inner" not in tracked_files(top)
    assert ".gitmodules" in tracked_files(top)


def test_a_file_in_conflict_stands_there_once(top: Path) -> None:
    start = git(top, "rev-parse", "HEAD").strip()
    for branch in ("one", "two"):
        git(top, "checkout", "--quiet", "-B", branch, start)
        (top / "a.py").write_text(branch)
        git(top, "add", "a.py")
        commit(top)
    with pytest.raises(RuntimeError, match="CONFLICT"):
        git(top, *ADA, "merge", "--quiet", "one")
    assert len(git(top, "ls-files", "--stage", "a.py").splitlines()) == 3
    assert tracked_files(top).count("a.py") == 1


def test_without_a_repository_it_is_refused_as_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in a git repository"):
        tracked_files(tmp_path)


def test_a_tree_of_which_only_a_part_is_checked_out_is_refused(top: Path) -> None:
    git(top, "sparse-checkout", "set", "--no-cone", "a.py")
    with pytest.raises(Refused, match="only a part of the files"):
        tracked_files(top)
