"""The folder of migrations on a real disk."""

import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shipit.adapters.migration_files import MigrationFiles
from shipit.errors import Refused, UsageError
from shipit.migrate.ports import Files
from shipit.migrations.agreement import agree
from shipit.migrations.folder import read
from shipit.migrations.records import Applied


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "top/db/migrations"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def files(tmp_path: Path, folder: Path) -> MigrationFiles:
    return MigrationFiles(tmp_path / "top", "db/migrations")


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file may grow beyond 8 bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def content(files: Files) -> dict[str, bytes]:
    return dict(files.read()[0])


def test_files_that_say_anything_about_migrations_are_read_byte_by_byte(
    files: MigrationFiles, folder: Path
) -> None:
    wanted = {
        "0001_a.sql": b"\xef\xbb\xbfselect 1;\r\n",
        "2_b.PY": b"x",
        "V1__c.sql.conf": b"y",
        "script.py.mako": b"",
    }
    others = {"README.md": b"", ".gitkeep": b"", ".0001_a.sql.swp": b"", "all.dump.gz": b"", "0001_a.sql~": b""}
    for name, data in {**wanted, **others}.items():
        (folder / name).write_bytes(data)
    assert content(files) == wanted
    assert files.read()[1] == folder


def test_sub_folders_are_not_read_and_their_scripts_are_named(files: MigrationFiles, folder: Path) -> None:
    (folder / "old/older").mkdir(parents=True)
    (folder / "old/0001_a.sql").write_text("select 1;")
    (folder / "old/README.md").write_text("")
    (folder / "old/older/0000_a.sql").write_text("select 1;")
    assert content(files) == {"old/0001_a.sql": b""}


def test_a_folder_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("nowhere", "file"):
        with pytest.raises(UsageError, match=f"there is no folder `{name}`") as caught:
            MigrationFiles(tmp_path, name).read()
        assert caught.value.where == "migrations.path"


def test_links_inside_of_the_repository_are_followed(files: MigrationFiles, folder: Path) -> None:
    (folder.parent / "shared.sql").write_bytes(b"select 1;")
    (folder / "1_a.sql").symlink_to("../shared.sql")
    assert content(files) == {"1_a.sql": b"select 1;"}


def test_a_repository_that_is_itself_reached_by_a_link_is_no_way_out(tmp_path: Path, folder: Path) -> None:
    (folder / "1_a.sql").write_bytes(b"select 1;")
    (tmp_path / "link").symlink_to(tmp_path / "top")
    assert content(MigrationFiles(tmp_path / "link", "db/migrations")) == {"1_a.sql": b"select 1;"}


@pytest.mark.parametrize("name", ["1_a.sql", "old", "README.md"])
def test_a_link_out_of_the_repository_is_refused(
    files: MigrationFiles, folder: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "top-secret").mkdir()
    (folder / name).symlink_to(tmp_path / "top-secret")
    with pytest.raises(Refused, match=f"^db/migrations/{name} leads out of the repository$") as caught:
        files.read()
    assert caught.value.evidence == (f"it is a link to {tmp_path / 'top-secret'}",)


def test_a_folder_that_leads_out_of_the_repository_is_refused_for_reading_and_writing(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "top/migrations").symlink_to("../elsewhere")
    files = MigrationFiles(tmp_path / "top", "migrations")
    for attempt in (files.read, lambda: files.write("1_a.sql", "")):
        with pytest.raises(Refused, match="migrations leads out of the repository"):
            attempt()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_to_nowhere_and_a_pipe_are_no_files(files: MigrationFiles, folder: Path) -> None:
    (folder / ".#1_a.sql").symlink_to("somebody@host:1")  # an editor's lock harms nobody
    assert content(files) == {}
    (folder / "1_a.sql").symlink_to("gone.sql")
    with pytest.raises(Refused, match=r"db/migrations/1_a\.sql is no file"):
        files.read()
    (folder / "1_a.sql").unlink()
    os.mkfifo(folder / "1_a.sql")
    with pytest.raises(Refused, match=r"db/migrations/1_a\.sql is no file"):
        files.read()


def test_what_cannot_be_read_is_refused_by_name(files: MigrationFiles, folder: Path) -> None:
    (folder / "1_a.sql").symlink_to("1_a.sql")
    with pytest.raises(Refused, match="db/migrations cannot be read") as caught:
        files.read()
    assert caught.value.evidence == ("1_a.sql: Too many levels of symbolic links",)


def test_a_new_file_is_written_and_its_folder_if_need_be(tmp_path: Path) -> None:
    files = MigrationFiles(tmp_path, "db/migrations")
    path = files.write("0001_größe.sql", "-- ä\n")
    assert path.read_bytes() == "-- ä\n".encode()
    assert content(files) == {"0001_größe.sql": "-- ä\n".encode()}


def test_a_file_that_is_there_is_never_overwritten(files: MigrationFiles, folder: Path, tmp_path: Path) -> None:
    (folder / "1_a.sql").write_text("mine")
    (folder / "2_b.sql").symlink_to(tmp_path / "target")
    for name in ("1_a.sql", "2_b.sql"):
        with pytest.raises(Refused, match=f"db/migrations/{name} is there already"):
            files.write(name, "theirs")
    assert (folder / "1_a.sql").read_text() == "mine"
    assert not (tmp_path / "target").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "migrations").write_text("")
    with pytest.raises(Refused, match="migrations is no folder"):
        MigrationFiles(tmp_path, "migrations").write("1_a.sql", "")


def test_a_disk_without_room_leaves_no_half_of_a_file(
    files: MigrationFiles, folder: Path, little_room: None
) -> None:
    with pytest.raises(Refused, match=r"db/migrations/1_a\.sql cannot be written") as caught:
        files.write("1_a.sql", "select 1;\n" * 10)
    assert caught.value.evidence == ("File too large",)
    assert list(folder.iterdir()) == []


def test_a_thousand_files_are_read_and_judged_within_a_blink(files: MigrationFiles, folder: Path) -> None:
    for number in range(1, 501):
        table = f"t{number}"
        (folder / f"{number:04}_{table}.sql").write_text(
            f"-- shipit: depends {max(number - 1, 1):04}\nCREATE TABLE {table} (id int);\n"
            if number > 1
            else "SELECT 1;"
        )
        (folder / f"{number:04}_{table}.down.sql").write_text(f"DROP TABLE {table};\n")
    seconds = []
    for _ in range(3):
        start = time.process_time()
        found = read(files.read()[0], "postgresql", "db/migrations")
        rows = [Applied(each.version, each.name, each.up.sha256, "r", 0.0, 1) for each in found.migrations[:-1]]
        standing = agree(found.migrations, rows)
        seconds.append(time.process_time() - start)
    assert (len(found.migrations), found.findings, standing.findings) == (500, (), ())
    assert [each.version for each in standing.pending] == ["0500"]
    print(f"{min(seconds):.3f} s")
    assert min(seconds) < 0.3


@pytest.mark.parametrize("name", ["0002_b.sql", "0002_b.py"])
def test_a_folder_that_is_named_like_a_migration_is_no_file(files: MigrationFiles, folder: Path, name: str) -> None:
    (folder / name).mkdir()
    with pytest.raises(Refused, match=f"{name} is no file"):
        files.read()
