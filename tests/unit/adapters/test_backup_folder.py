"""A folder of backups keeps what is whole and nothing else."""

import errno
import fcntl
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from shipit.adapters.backup_folder import BackupFolder, sha256
from shipit.errors import Denied, ExternalError, Refused
from shipit.migrations.records import Backup


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups" / "staging", ".dump")


def put(folder: BackupFolder, run: str, at: float = 1.0, data: bytes = b"content", seconds: float = 2.0) -> Backup:
    with folder.writing(run) as partial:
        partial.write_bytes(data)
        return folder.keep(partial, made(run, at, seconds), {"owner": "ada", "data": 20})


def made(run: str, at: float = 1.0, seconds: float = 2.0) -> Backup:
    return Backup(run, "", 0, "", "10:20:11", at, seconds, "f" * 64, {"public.a": 3}, "pg_dump 15.18")


def names(folder: BackupFolder) -> list[str]:
    return sorted(path.name for path in folder.folder.iterdir())


def test_a_kept_backup_is_found_again_with_all_that_was_written_down(folder: BackupFolder) -> None:
    kept = put(folder, "r1")
    assert folder.find("r1") == kept
    assert kept.size == 7
    assert kept.sha256 == sha256(Path(kept.path))
    assert kept.counts == {"public.a": 3}
    assert folder.noted("r1") == {"owner": "ada", "data": 20}
    assert names(folder) == ["r1.dump", "r1.json"]


def test_a_run_without_backup_finds_none(folder: BackupFolder) -> None:
    assert folder.find("r1") is None
    assert folder.find("../r1") is None
    assert folder.all() == []


def test_a_name_that_leaves_the_folder_is_refused(folder: BackupFolder) -> None:
    with pytest.raises(ExternalError, match="cannot name a backup"), folder.writing("../r1"):
        pass


def test_only_its_owner_may_read_a_backup(folder: BackupFolder) -> None:
    before = os.umask(0)
    try:
        kept = put(folder, "r1")
    finally:
        os.umask(before)
    assert folder.folder.stat().st_mode & 0o777 == 0o700
    assert Path(kept.path).stat().st_mode & 0o777 == 0o600
    assert (folder.folder / "r1.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:]])
def test_a_truncated_or_flipped_file_is_refused_with_both_sums(folder: BackupFolder, damage: object) -> None:
    kept = put(folder, "r1")
    assert callable(damage)
    Path(kept.path).write_bytes(damage(b"content"))
    with pytest.raises(Refused, match="not what was written") as caught:
        folder.find("r1")
    assert kept.sha256 in caught.value.evidence[0]
    assert sha256(Path(kept.path)) in caught.value.evidence[1]


def test_a_file_that_is_gone_is_refused(folder: BackupFolder) -> None:
    Path(put(folder, "r1").path).unlink()
    with pytest.raises(Refused, match="cannot be read"):
        folder.find("r1")


def test_a_record_that_is_no_record_is_refused_and_not_listed(folder: BackupFolder) -> None:
    put(folder, "r1")
    (folder.folder / "r1.json").write_text("{")
    with pytest.raises(Refused, match="record of a backup"):
        folder.find("r1")
    assert folder.all() == []


def test_the_folder_may_be_moved(folder: BackupFolder, tmp_path: Path) -> None:
    put(folder, "r1")
    shutil.move(folder.folder, tmp_path / "elsewhere")
    found = BackupFolder(tmp_path / "elsewhere", ".dump").find("r1")
    assert found
    assert found.path == str(tmp_path / "elsewhere" / "r1.dump")


def test_a_failure_while_writing_leaves_no_half_file(folder: BackupFolder) -> None:
    with pytest.raises(ZeroDivisionError), folder.writing("r1") as partial:
        partial.write_bytes(bytes(1 // 0))
    assert names(folder) == []


def test_a_full_disk_is_told_and_leaves_no_half_file(folder: BackupFolder) -> None:
    with pytest.raises(ExternalError, match="no space left for the backup") as caught, folder.writing("r1"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.where == str(folder.folder)
    assert names(folder) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Denied, match="cannot be written"), BackupFolder(tmp_path / "file", ".dump").writing("r1"):
        pass


def test_what_dead_runs_left_is_swept_and_what_a_living_one_writes_is_not(folder: BackupFolder) -> None:
    put(folder, "whole")
    for name in ("dead.dump.partial", "dead.json.partial", "unrecorded.dump"):
        (folder.folder / name).write_bytes(b"")
    with (folder.folder / "living.dump.partial").open("wb") as living:
        fcntl.flock(living, fcntl.LOCK_EX)
        put(folder, "r2")
    assert names(folder) == ["living.dump.partial", "r2.dump", "r2.json", "whole.dump", "whole.json"]


def test_the_newest_come_first_and_only_they_are_kept(folder: BackupFolder) -> None:
    for run, at in (("b", 2), ("a", 3), ("c", 1)):
        put(folder, run, at)
    assert [backup.run for backup in folder.all()] == ["a", "b", "c"]
    assert folder.prune(2) == ["c.dump"]
    assert folder.prune(0) == ["b.dump"]
    assert names(folder) == ["a.dump", "a.json"]


def test_the_rate_is_that_of_the_newest_that_tells(folder: BackupFolder) -> None:
    assert folder.rate() is None
    put(folder, "a", 1, b"12345678", seconds=2)
    put(folder, "b", 2, b"12345678", seconds=0)
    assert folder.rate() == 4
    assert folder.rate("data") == 10
    assert folder.rate("nothing") is None


def test_a_good_folder_has_no_problem_even_before_it_exists(folder: BackupFolder) -> None:
    assert folder.problems(needed=1) == ()
    assert not folder.folder.exists()


def test_too_little_space_is_a_problem(folder: BackupFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")  # noqa: PYI024 - what shutil gives
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(5_000_000))
    (problem,) = folder.problems(needed=6_000_000)
    assert problem.evidence == "about 6.0 MB are needed, 5.0 MB are free"


def test_a_file_in_the_way_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (problem,) = BackupFolder(tmp_path / "file" / "x", ".dump").problems()
    assert problem.evidence == f"{tmp_path / 'file'} is not a directory"


def test_a_folder_that_may_not_be_written_is_a_problem(
    folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (problem,) = folder.problems()
    assert "may not be written" in problem.evidence
