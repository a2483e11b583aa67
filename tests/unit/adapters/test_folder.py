from pathlib import Path

from shipit.adapters.git.folder import git_folder


def _repository(folder: Path) -> Path:
    (folder / "objects").mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    return folder


def test_a_clone_keeps_it_beside_its_files(tmp_path: Path) -> None:
    assert git_folder(tmp_path) is None
    assert git_folder(_repository(tmp_path / ".git").parent) == tmp_path / ".git"


def test_a_linked_work_tree_shares_that_of_its_clone(tmp_path: Path) -> None:
    clone = _repository(tmp_path / "clone" / ".git")
    own = clone / "worktrees" / "beside"
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / ".git").write_text(f"gitdir: {own}\n")
    assert git_folder(tmp_path / "beside") == clone


def test_a_submodule_names_its_folder_from_where_it_stands(tmp_path: Path) -> None:
    folder = _repository(tmp_path / ".git" / "modules" / "part")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / ".git").write_text("gitdir: ../.git/modules/part\n")
    assert git_folder(tmp_path / "part") == folder


def test_what_is_not_understood_is_left_to_git(tmp_path: Path) -> None:
    (tmp_path / ".git").write_bytes(b"\xff\xfe")
    assert git_folder(tmp_path) is None
