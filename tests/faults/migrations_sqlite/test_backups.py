"""A backup that cannot be written or trusted: nothing is run, nothing is restored, nothing is left."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shipit.adapters.sqlite.database import open_database
from shipit.config import DatabaseOptions
from shipit.errors import Refused
from tests.faults.migrations_sqlite.matrix import MODES
from tests.faults.migrations_sqlite.product import Product
from tests.support import run
from tests.support.require import require

SETTINGS = 'backup.path = "kept"'
LARGE = """
CREATE TABLE ballast AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)
SELECT hex(randomblob(200)) AS text FROM n"""
SPACE = 512 * 1024  # bytes; the database has more than twice as many
modes = pytest.mark.parametrize("mode", MODES)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SPACE}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    require("the right to mount a tmpfs", mounted.returncode == 0)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def large(product: Product) -> Product:
    product.configure(SETTINGS)
    product.backups = product.folder / "kept" / "staging"
    return product


def nothing_ran(product: Product, ran: run.Ran, before: object) -> None:
    assert ran.code in {4, 7}, ran.said
    assert "Traceback" not in ran.said
    assert "backup" in ran.said
    standing = product.standing()
    assert (standing["schema"], standing["orders"]) == before
    assert standing["ledger"] == []
    assert [path.name for path in product.backups.glob("*")] == []
    assert product.left_over() == []


def ballasted(product: Product, mode: str) -> object:
    """A database with more in it than the disk can hold; returns what is there."""
    product.begin(mode)
    product.ask(LARGE)
    standing = product.standing()
    return standing["schema"], standing["orders"]


@modes
@pytest.mark.parametrize("is_foreseen", [True, False])
def test_a_full_disk_stops_the_backup_and_nothing_is_run(large: Product, mode: str, *, is_foreseen: bool) -> None:
    before = ballasted(large, mode)
    with small_disk(large.folder / "kept"):
        ran = large.migrate() if is_foreseen else unforeseen(large)
        nothing_ran(large, ran, before)
    assert ("no space left" in ran.said) is not is_foreseen


def unforeseen(product: Product) -> run.Ran:
    """A run whose first look saw space enough, since somebody else filled the disk later."""
    code = (
        "import shutil, sys, types\n"
        "shutil.disk_usage = lambda _: types.SimpleNamespace(free=10**12)\n"
        "from shipit.cli.startup import main\n"
        "sys.argv = ['shipit', 'migrate', '--env', 'staging', '--yes']\n"
        "main()\n"
    )
    return ran_with(product, [sys.executable, "-c", code])


@modes
def test_a_limit_on_the_size_of_files_stops_the_backup_and_nothing_is_run(large: Product, mode: str) -> None:
    before = ballasted(large, mode)
    words = ["prlimit", f"--fsize={SPACE}", sys.executable, "-m", "shipit", "migrate", "--env", "staging", "--yes"]
    nothing_ran(large, ran_with(large, words), before)


def ran_with(product: Product, words: list[str]) -> run.Ran:
    child = subprocess.run(
        words, cwd=product.folder, env=run.environment(), capture_output=True, text=True, check=False, timeout=60
    )
    return run.Ran(tuple(words), child.returncode, child.stdout, child.stderr)


@pytest.mark.parametrize("damage", ["truncated", "one bit flipped", "one bit flipped where nobody looks", "gone"])
def test_a_damaged_backup_is_never_restored(large: Product, damage: str) -> None:
    large.migrate().ended(0)
    [path] = large.backups.glob("*.sqlite3")
    data = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[70 if "nobody" in damage else len(data) // 2] ^= 1  # the header has twenty bytes that mean nothing
        path.write_bytes(data)
    before = large.path.read_bytes()

    database = open_database(large.path, DatabaseOptions(url="sqlite:///x"), large.backups)
    with closing(database), pytest.raises(Refused, match="backup"):
        database.backups.find(path.stem)
    ran = large.migrate("restore", path.stem, "--accept-loss", "100000").ended(4)

    assert path.name in ran.said
    assert large.path.read_bytes() == before
    assert [each.name for each in large.path.parent.iterdir()] == [large.path.name]


@modes
def test_a_sound_backup_is_restored_and_the_former_database_kept(large: Product, mode: str) -> None:
    large.begin(mode)
    before = large.standing()["schema"]
    large.migrate().ended(0)
    [path] = large.backups.glob("*.sqlite3")
    after = large.standing()["schema"]
    ran = large.migrate("restore", path.stem, "--accept-loss", "100000", "--json").ended(0)
    kept = Path(json.loads(ran.stdout.splitlines()[-1])["outputs"]["kept"])
    assert large.standing()["schema"] == before
    assert large.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'worth'", kept) == [(1,)]
    assert after != before
    assert large.left_over() == []


def test_what_a_killed_backup_left_goes_with_the_next(large: Product) -> None:
    large.backups.mkdir(parents=True)
    for end in (".partial", ".partial-journal", ".partial-wal", ".partial-shm", ""):
        (large.backups / f"dead.sqlite3{end}").write_bytes(b"half")
    (large.backups / "gone.sqlite3.partial-journal").write_bytes(b"half")
    large.migrate().ended(0)
    assert large.left_over() == []
    assert len([*large.backups.glob("*")]) == 2
