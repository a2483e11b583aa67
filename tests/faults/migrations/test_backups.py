"""A backup that cannot be written or trusted: nothing is run, nothing is restored, nothing is touched."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.migrations import schema
from tests.faults.migrations.matrix import standing
from tests.faults.migrations.product import Product
from tests.support import run
from tests.support.require import require

SETTINGS = 'backup.path = "{folder}"'
LARGE = "CREATE TABLE ballast AS SELECT md5(n::text) || md5((n * 7)::text) AS text FROM generate_series(1, 40000) n"
SPACE = 512 * 1024  # bytes; the dump has about four times as many


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


def nothing_ran(product: Product, ran: run.Ran, folder: Path) -> None:
    assert ran.code in {4, 7}, ran.said
    assert "Traceback" not in ran.said
    assert "backup" in ran.said
    assert product.ask("SELECT to_regclass('customers')") == [(None,)]
    ledger = product.ask("SELECT to_regclass('shipit.migration')")
    assert ledger == [(None,)] or product.ask("SELECT version FROM shipit.migration") == []
    assert [path.name for path in folder.rglob("*.dump*")] == []


def test_a_full_disk_stops_the_backup_and_nothing_is_run(product: Product, tmp_path: Path) -> None:
    product.ask(LARGE)
    folder = product.folder / "kept"
    product.lay_out(schema.FILES, SETTINGS.format(folder="kept"))
    with small_disk(folder):
        nothing_ran(product, product.migrate(), folder)


def test_a_limit_on_the_size_of_files_stops_the_backup_and_nothing_is_run(product: Product) -> None:
    product.ask(LARGE)
    product.lay_out(schema.FILES, SETTINGS.format(folder="kept"))
    limited = [
        *("prlimit", f"--fsize={SPACE}", sys.executable, "-m", "shipit"),
        *("migrate", "--env", "staging", "--yes"),
    ]
    child = subprocess.run(
        limited,
        cwd=product.folder,
        env=run.environment(**product.variables),
        capture_output=True,
        text=True,
        check=False,
    )
    nothing_ran(product, run.Ran((), child.returncode, child.stdout, child.stderr), product.folder / "kept")


@pytest.fixture
def backed_up(product: Product) -> Product:
    """A product with a run whose backup is there."""
    product.lay_out(schema.FILES, SETTINGS.format(folder="kept"))
    product.migrate().ended(0)
    return product


def the_backup(product: Product) -> Path:
    [path] = (product.folder / "kept").rglob("*.dump")
    return path


def restore(product: Product) -> run.Ran:
    [(name,)] = product.ask("SELECT id FROM shipit.run")
    return product.migrate("restore", str(name), "--accept-loss", "1000")


def databases(product: Product) -> list[tuple[object, ...]]:
    return product.ask("SELECT oid, datname FROM pg_database ORDER BY oid")


@pytest.mark.parametrize("damage", ["truncated", "one bit flipped", "gone"])
def test_a_damaged_backup_is_never_restored(backed_up: Product, damage: str) -> None:
    path = the_backup(backed_up)
    data = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    before = databases(backed_up), standing(backed_up)

    ran = restore(backed_up).ended(4)

    assert path.name in ran.said or damage == "gone"
    assert (databases(backed_up), standing(backed_up)) == before


def test_a_sound_backup_is_restored_and_the_former_database_kept(backed_up: Product) -> None:
    before = databases(backed_up)
    restore(backed_up).ended(0)
    assert backed_up.ask("SELECT to_regclass('customers')") == [(None,)]
    kept = [name for _, name in databases(backed_up) if name not in {known for _, known in before}]
    assert len(kept) == 1
    backed_up.server.drop(str(kept[0]))
