"""Exit codes of `shipit migrate` on SQLite as a process of its own, and what is there afterwards.

Each test starts `python -m shipit` as a CI job would. What is said has the form that every error has, and of the
database everything but the line about the run itself is as it was.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import run
from tests.support.inside import shipit as inside
from tests.support.run import Ran

CONFIGURATION = """
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.migrations]
rehearse = "never"

[tool.shipit.environments.staging.database]
url = "sqlite:///var/staging.db"
on-failure = "down"
lock-wait = 0

[tool.shipit.environments.stopping.database]
url = "sqlite:///var/stopping.db"

[tool.shipit.environments.copied.database]
url = "sqlite:///var/staging.db"

[tool.shipit.environments.secret.database]
url = "env:ACME_DATABASE"

[tool.shipit.environments.bare]
"""
NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);\n"
TAGS = "CREATE TABLE tags (id INTEGER PRIMARY KEY);\n"
BROKEN = "INSERT INTO notes (body) VALUES ('new');\nINSERT INTO tags VALUES (1);\nINSERT INTO tags VALUES (1);\n"
SLOW = """
import pathlib
import time


def up(connection):
    connection.execute("INSERT INTO notes (body) VALUES ('half')")
    pathlib.Path("begun").touch()
    time.sleep(60)
"""
ENDLESS = """
CREATE TABLE numbers (i INTEGER);
INSERT INTO numbers
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 1000000000;
"""
# drops what lets root read and write everything, so that rights count for whoever runs the tests
WITHOUT_POWER = """
import ctypes, os, sys
for capability in (1, 2):
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "shipit", *sys.argv[1:]])
"""
MIGRATE = ("migrate", "--env", "staging")


class Product:
    """A folder with migrations; the database of staging is at version 0001 and holds a row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "var" / "staging.db"

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / "migrations" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def ends(self, code: int, *argv: str, **environment: str) -> Ran:
        """Run a child to its end, and see that it ends with this code and says so decently."""
        return decent(run.shipit(self.folder, *argv, env=run.environment(**environment)).ended(code))

    def dump(self, name: str = "staging") -> list[str]:
        """All of a database, the ledger too, but for the runs, of which one that failed is one."""
        with closing(sqlite3.connect(self.folder / "var" / f"{name}.db")) as connection:
            return [line for line in connection.iterdump() if '"shipit_run"' not in line]

    def applied(self, name: str = "staging") -> list[str]:
        return [line.split("'")[1] for line in self.dump(name) if line.startswith('INSERT INTO "shipit_migration"')]

    def outcomes(self) -> list[str]:
        with closing(sqlite3.connect(self.database)) as connection:
            return [row[0] for row in connection.execute("SELECT outcome FROM shipit_run ORDER BY started")]


def decent(ran: Ran) -> Ran:
    """An error says what, and where or with which evidence, and what to do; no traceback, and nothing on stdout."""
    if ran.code:
        *_, error = ran.stderr.partition("error: ")
        first, *others = error.strip().splitlines()
        assert first
        assert any(line.startswith("hint: ") for line in others), ran.said
        assert not first.endswith(".")
    assert "a bug in shipit" not in ran.said
    assert ran.stdout == ""
    return ran


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Product(tmp_path_factory.mktemp("codes") / "product")
    made.folder.mkdir()
    (made.folder / "pyproject.toml").write_text(CONFIGURATION)
    made.write({"0001_notes.sql": NOTES})
    assert inside(made.folder, *MIGRATE).code == 0
    with closing(sqlite3.connect(made.database, isolation_level=None)) as connection:
        connection.execute("INSERT INTO notes (body) VALUES ('kept')")
    return made.folder


@pytest.fixture
def product(_template: Path, tmp_path: Path) -> Product:
    return Product(Path(shutil.copytree(_template, tmp_path / "product")))


def test_0_and_again_0_with_nothing_to_do(product: Product) -> None:
    product.write({"0002_tags.sql": TAGS})
    assert "staging is at version 0002" in product.ends(0, *MIGRATE, "--to", "").stderr
    before = product.database.read_bytes()
    assert "nothing to migrate: staging is at 0002, 2 applied" in product.ends(0, *MIGRATE, "--to", "").stderr
    assert product.database.read_bytes() == before


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["migrate"], "which environment?"),
        (["migrate", "--env", ""], "which environment?"),
        (["migrate", "--env", "stagin"], "nearest: staging"),
        (["migrate", "--env", "bare"], "no database is configured for bare"),
        (["migrate", "--env", "secret"], "the secret env:ACME_DATABASE is missing"),
        ([*MIGRATE, "--to", "7"], "no version 7 among the migrations"),
        (["verify", "migrations", "--env", "nowhere"], "there is no environment nowhere"),
    ],
)
def test_2_for_a_mistake_on_the_command_line(product: Product, argv: list[str], line: str) -> None:
    before = product.database.read_bytes()
    assert line in product.ends(2, *argv).stderr
    assert product.database.read_bytes() == before


@pytest.mark.parametrize("address", ["", "sqlite:///", "sqlite:relative.db", "mysql://ada@db/acme"])
def test_2_for_an_address_that_nobody_can_read(product: Product, address: str) -> None:
    product.ends(2, "migrate", "--env", "secret", ACME_DATABASE=address)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('on-failure = "down"', 'on-failure = "perhaps"', "on-failure"),
        ("lock-wait = 0", "lock-wiat = 0", "lock-wait"),
        ("lock-wait = 0", "lock-wait = -1", "lock-wait"),
        ('url = "sqlite:///var/staging.db"\non', 'url = "sqlite://var/staging.db"\non', "sqlite:///RELATIVE"),
        ('rehearse = "never"', 'rehearse = "never', "pyproject.toml"),
        ('rehearse = "never"', 'path = "nowhere"', "there is no folder `nowhere`"),
    ],
)
def test_2_for_a_mistake_in_the_configuration(product: Product, old: str, new: str, line: str) -> None:
    assert old in CONFIGURATION
    (product.folder / "pyproject.toml").write_text(CONFIGURATION.replace(old, new))
    before = product.database.read_bytes()
    assert line in product.ends(2, *MIGRATE).stderr
    assert product.database.read_bytes() == before


def test_4_for_a_file_that_was_edited_after_it_was_applied(product: Product) -> None:
    product.write({"0001_notes.sql": NOTES + "-- a word more\n", "0002_tags.sql": TAGS})
    before = product.database.read_bytes()
    assert "0001_notes was edited after it was applied" in product.ends(4, *MIGRATE).stderr
    assert product.database.read_bytes() == before


@pytest.mark.parametrize("pending", [{}, {"0002_tags.sql": TAGS}], ids=["nothing pending", "something pending"])
def test_4_for_the_database_of_another_environment(product: Product, pending: Mapping[str, str]) -> None:
    product.write(pending)
    before = product.database.read_bytes()
    for argv in (["migrate"], ["verify", "migrations"]):
        ran = product.ends(4, *argv, "--env", "copied")
        assert "this database belongs to staging, not to copied" in ran.stderr
    assert product.database.read_bytes() == before


def text(path: Path) -> None:
    path.write_text("id,body\n1,this is no database at all\n" * 100)


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 + 512])


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to(os.devnull)


def file_as_folder(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("")


@pytest.mark.parametrize(
    ("lay", "line"),
    [
        (text, "the file is not a SQLite database"),
        (half, "the database is damaged"),
        (directory, "the database cannot be opened"),
        (pipe, "the disk failed under the database"),
        (device, "the database is no plain file"),
        (file_as_folder, "the folder of the database may not be written"),
    ],
)
def test_4_for_what_is_no_database(product: Product, lay: Callable[[Path], None], line: str) -> None:
    product.write({"0002_tags.sql": TAGS})
    lay(product.database)
    before = content(product.folder / "var")
    ran = product.ends(4, *MIGRATE)
    assert line in ran.stderr
    assert str(product.database.parent) in ran.stderr
    assert "credentials" not in ran.stderr
    assert content(product.folder / "var") == before


def content(folder: Path) -> dict[str, bytes]:
    places = [folder, *folder.rglob("*")] if folder.is_dir() else [folder]
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in places}


@pytest.mark.parametrize(
    ("place", "rights", "line"),
    [
        ("var/staging.db", 0o444, "the database may not be written"),
        ("var/staging.db", 0o000, "the database cannot be opened"),
        ("var", 0o555, "the folder of the database may not be written"),
        ("var", 0o000, "the database cannot be opened"),
        ("migrations/0002_tags.sql", 0o000, "0002_tags.sql: Permission denied"),
        ("migrations", 0o000, "migrations: Permission denied"),
        (".shipit/backups/staging", 0o555, "may not be written"),
    ],
)
def test_4_for_a_right_that_is_missing(product: Product, place: str, rights: int, line: str) -> None:
    product.write({"0002_tags.sql": TAGS})
    path, before = product.folder / place, content(product.folder / "var")
    usual = path.stat().st_mode
    path.chmod(rights)
    argv = [sys.executable, "-c", WITHOUT_POWER, *MIGRATE]
    try:
        child = subprocess.run(
            argv, cwd=product.folder, capture_output=True, text=True, check=False, timeout=60, env=run.environment()
        )
    finally:
        path.chmod(usual)
    ran = decent(Ran(MIGRATE, child.returncode, child.stdout, child.stderr).ended(4))
    assert line in ran.stderr
    assert content(product.folder / "var") == before


def test_5_at_the_last_good_version_where_a_failure_stops(product: Product) -> None:
    product.write({"0002_tags.sql": TAGS, "0003_vacuum.sql": "VACUUM;\n", "0004_broken.sql": BROKEN})
    ran = product.ends(5, "migrate", "--env", "stopping")
    assert "migrations/0004_broken.sql:3:1" in ran.stderr
    assert "last good version: 0003" in ran.stderr
    assert product.applied("stopping") == ["0001", "0002", "0003"]
    assert not [line for line in product.dump("stopping") if "'new'" in line]
    product.write({"0004_broken.sql": "CREATE TABLE better (id INTEGER);\n"})
    assert "stopping is at version 0004" in product.ends(0, "migrate", "--env", "stopping").stderr


def test_6_for_a_schema_that_somebody_changed(product: Product) -> None:
    product.ends(0, "verify", "migrations", "--env", "staging")
    with closing(sqlite3.connect(product.database)) as connection:
        connection.execute("CREATE INDEX by_hand ON notes (body)")
    before = product.database.read_bytes()
    ran = product.ends(6, "verify", "migrations", "--env", "staging")
    assert "appeared: index by_hand" in ran.stderr
    assert product.database.read_bytes() == before


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"0002_tags.sql": TAGS, "0003_broken.sql": BROKEN}, "migrations/0003_broken.sql:3:1"),
        ({"0002_tags.sql": TAGS, "0002_tags.verify.sql": "SELECT 0;\n"}, "migrations/0002_tags.verify.sql:1:1"),
        ({"0002_tags.py": "def up(connection):\n    raise SystemExit(0)\n"}, "migrations/0002_tags.py:2"),
    ],
    ids=["up", "verify", "Python"],
)
def test_7_for_a_migration_that_fails_and_all_is_as_before(
    product: Product, files: Mapping[str, str], place: str
) -> None:
    product.write(files)
    before = product.dump()
    ran = product.ends(7, *MIGRATE)
    assert f"where: {place}\n" in ran.stderr
    assert "everything is as before" in ran.stderr
    assert product.dump() == before
    assert product.outcomes() == ["complete", "rolled back"]


def test_7_for_a_backup_that_nobody_takes_away(product: Product) -> None:
    product.write({"0002_tags.sql": TAGS})
    text = CONFIGURATION.replace("lock-wait = 0", 'lock-wait = 0\nbackup.store = "false"')
    (product.folder / "pyproject.toml").write_text(text)
    before = product.dump()
    assert "everything is as before" in product.ends(7, *MIGRATE).stderr
    assert product.dump() == before


@pytest.fixture
def begun(product: Product) -> Iterator[Callable[[str, str], subprocess.Popen[str]]]:
    """Starts a run whose last migration does not end, and waits until that has begun."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str, text: str) -> subprocess.Popen[str]:
        product.write({"0002_tags.sql": TAGS, name: text})
        child = run.start(product.folder, *MIGRATE)
        started.append(child)
        journal = product.database.with_name("staging.db-journal")
        until(lambda: (product.folder / "begun").exists() if name.endswith(".py") else large(journal))
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


def large(path: Path) -> bool:
    """Whether the statement is running: the journal is there, and the file has grown by what it inserts."""
    return path.exists() and path.with_name("staging.db").stat().st_size > 1_000_000


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_9_while_another_run_holds_the_lock(
    product: Product, begun: Callable[[str, str], subprocess.Popen[str]]
) -> None:
    child = begun("0003_slow.py", SLOW)
    ran = product.ends(9, *MIGRATE)
    assert "another run holds the lock of the database" in ran.stderr
    assert f"pid {child.pid} on " in ran.stderr
    assert "staging.db.shipit-lock" in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: str(number.name))
@pytest.mark.parametrize(
    ("name", "text"), [("0003_slow.py", SLOW), ("0003_slow.sql", ENDLESS)], ids=["Python", "SQL"]
)
def test_130_for_a_signal_in_the_middle_and_all_is_as_before(
    product: Product,
    begun: Callable[[str, str], subprocess.Popen[str]],
    number: signal.Signals,
    name: str,
    text: str,
) -> None:
    before = product.dump()
    child = begun(name, text)
    child.send_signal(number)
    ran = decent(run.wait(child, MIGRATE).ended(130))
    assert "everything is as before" in ran.stderr
    assert product.dump() == before
    assert product.outcomes()[-1] == "interrupted"
    assert not product.database.with_name("staging.db.shipit-lock").exists()
    product.write({name: "def up(connection): ...\n" if name.endswith(".py") else "CREATE TABLE numbers (i);\n"})
    assert "staging is at version 0003" in product.ends(0, *MIGRATE).stderr


def test_without_a_database_there_is_one_after_the_first_run(product: Product) -> None:
    shutil.rmtree(product.folder / "var")
    product.ends(0, *MIGRATE)
    assert product.applied() == ["0001"]
