"""The promises on SQLite, each through the real command on a real file, with others at work where it names them.

`MUTANTS` takes away, one after the other, what keeps each promise: then its check must fail, or it would prove
nothing. A kill at every single call of SQLite, and five runs as processes, are in tests/faults/migrations_sqlite.
P4, P7, P8 and P13 are about a server; P15 is measured in bench, and P16 is in test_sqlite_restores.py.
"""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from shipit import masking
from shipit.adapters import backup_folder
from shipit.adapters.sqlite import checks as sqlite_checks
from shipit.adapters.sqlite import copies, ledger, restorer, runner, session
from shipit.adapters.sqlite.backups import Backups
from shipit.adapters.sqlite.catalog import Catalog
from shipit.adapters.sqlite.guard import Guard
from shipit.adapters.sqlite.scripts import Scripts, shortened
from shipit.engine.plan import Look, Say, Step, done
from shipit.errors import ExternalError
from shipit.migrate import files as migration_files
from shipit.migrate.checks import RightDatabase
from shipit.migrate.run import MigrationJob
from shipit.migrate.steps.way_back import WayBack
from shipit.migrations import checksum
from shipit.migrations.agreement import Standing, agree
from shipit.migrations.records import Backup
from tests.support.forks import at_once, forked
from tests.support.inside import Ended, shipit

CONFIGURATION = """\
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.migrations]
rehearse = "{rehearse}"
{settings}

[tool.shipit.environments.staging.database]
url = "{url}"
on-failure = "down"
lock-patience = 3
{staging}

[tool.shipit.environments.production.database]
url = "sqlite:///var/acme.db"
"""
NOTES: Mapping[str, str] = {
    "0001_notes.sql": "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);\n",
    "0001_notes.down.sql": "DROP TABLE notes;\n",
}
FILL = """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50)
    INSERT INTO notes (body) SELECT 'ours' FROM n"""
THEIRS = "INSERT INTO notes (body) VALUES ('theirs')"
# two transactions, and no way back for the first
TWO_GROUPS = {"0002_more.sql": "CREATE TABLE more (id INTEGER);\n", "0003_swept.sql": "VACUUM;\n"}
FAILS = {"0004_fails.sql": "CREATE UNIQUE INDEX one_body ON notes (body);\n"}
SLOW = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT max(i) FROM n;\n"
WRITES = """
import sqlite3
connection = sqlite3.connect('var/acme.db', isolation_level=None, timeout=20)
connection.execute({!r})
connection.close()
"""
MARKED = "\ufeff"
Check = Callable[["Product", pytest.MonkeyPatch], None]
TakeOut = Callable[[pytest.MonkeyPatch], None]


@dataclass
class Product:
    """A repository with migrations whose database is var/acme.db, for both environments.

    `staging` are lines of its table, `settings` those of the migrations, `variables` the environment.
    """

    folder: Path
    rehearse: str = "never"
    settings: str = ""
    staging: str = ""
    url: str = "sqlite:///var/acme.db"
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        subprocess.run(["git", "init", "--quiet", str(self.folder)], check=True)
        (self.folder / "migrations").mkdir()
        self.configure()

    def configure(self, **fields: str) -> None:
        """Change what the configuration says."""
        for name, value in fields.items():
            setattr(self, name, value)
        text = CONFIGURATION.format(
            rehearse=self.rehearse, settings=self.settings, staging=self.staging, url=self.url
        )
        (self.folder / "pyproject.toml").write_text(text)

    def after_the_backup(self, statement: str) -> None:
        """Somebody else, a process of their own, does this between the backup and the first migration."""
        argv = json.dumps([sys.executable, "-I", "-S", "-c", WRITES.format(statement)])
        self.configure(staging=f"backup.store = {argv}")

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / "migrations" / name).write_bytes(text.encode())

    def run(self, *argv: str) -> Ended:
        return shipit(self.folder, *argv, **self.variables)

    def migrate(self, *argv: str, env: str = "staging") -> Ended:
        return self.run("migrate", *argv, "--env", env)

    @property
    def path(self) -> Path:
        return self.folder / "var" / "acme.db"

    def query(self, statement: str, timeout: float = 20) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=timeout)) as connection:
            return connection.execute(statement).fetchall()

    def applied(self) -> list[object]:
        return [version for (version,) in self.query("SELECT version FROM shipit_migration ORDER BY position")]

    def keys(self) -> set[object]:
        return {key for (key,) in self.query("SELECT id FROM notes")}

    def look(self) -> Sequence[str]:
        """The database as SQLite dumps it, rows and all, without shipit's own tables."""
        with closing(sqlite3.connect(self.path)) as connection:
            return [line for line in connection.iterdump() if "shipit_" not in line]

    def backups(self) -> list[Path]:
        return sorted((self.folder / ".git" / "shipit" / "backups").glob("*/*"))

    def backed_up(self, env: str = "staging") -> dict[str, str]:
        """Take a backup; its run and its path."""
        taken: dict[str, str] = json.loads(self.migrate("backup", "--json", env=env).out.splitlines()[-1])[
            "outputs"
        ]
        return taken

    def unwritten(self) -> tuple[bytes, list[Path]]:
        """What a command that only refuses must leave as it is."""
        return self.path.read_bytes(), self.backups()


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(tmp_path / "product")


@pytest.fixture
def filled(product: Product) -> Product:
    """A product with one table of notes, migrated and filled."""
    product.write(NOTES)
    ended = product.migrate()
    assert ended.code == 0, ended.err
    product.query(FILL)
    return product


def check_p01_between(filled: Product, _: pytest.MonkeyPatch) -> None:
    filled.write({**TWO_GROUPS, **FAILS})
    filled.after_the_backup(THEIRS)

    ended = filled.migrate()

    assert len(filled.keys()) == 51, "what somebody else wrote after the backup is gone"
    assert ended.code == 5, ended.err
    assert "--accept-loss" in ended.err


def check_p01_last_moment(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row comes after the look that decided to restore, and before nobody can come in."""
    filled.write({**TWO_GROUPS, **FAILS})
    possible = restorer.Restorer.possible

    def written_before(one: restorer.Restorer) -> str:
        filled.query(THEIRS)
        return possible(one)

    monkeypatch.setattr(restorer.Restorer, "possible", written_before)
    ended = filled.migrate()

    assert len(filled.keys()) == 51, "what somebody else wrote in the last moment is gone"
    assert ended.code == 5, ended.err
    assert "made since the backup" in ended.err


def check_p01_fence(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can write from the last count on: whoever tries is told so, and has been promised nothing."""
    filled.write({**TWO_GROUPS, **FAILS})
    acknowledged: list[str] = []
    keep = restorer.Restorer._keep

    def written_meanwhile(one: restorer.Restorer, live: sqlite3.Connection, backup: Backup) -> Path:
        kept = keep(one, live, backup)
        with contextlib.suppress(sqlite3.OperationalError):
            filled.query(THEIRS, timeout=0)
            acknowledged.append("theirs")
        return kept

    monkeypatch.setattr(restorer.Restorer, "_keep", written_meanwhile)
    ended = filled.migrate()

    assert ended.code == 7, ended.err
    assert len(filled.query("SELECT 1 FROM notes WHERE body = 'theirs'")) == len(acknowledged)
    filled.query(THEIRS)


def check_p01_down(filled: Product, _: pytest.MonkeyPatch) -> None:
    """A row of somebody else in a table that this run made: the down script would drop it."""
    filled.write(
        {
            "0002_tags.sql": "CREATE TABLE tags (id INTEGER PRIMARY KEY);\n",
            "0002_tags.down.sql": "DROP TABLE tags;\n",
            "0003_swept.sql": "VACUUM;\n",
            "0003_swept.down.sql": "SELECT 1;\n",
            "0004_theirs.py": "import os, sqlite3\n\ndef up(connection):\n    raise ValueError('it fails')\n",
        }
    )
    filled.configure(staging="restore = false")
    alone = Scripts.alone

    def written_before(scripts: Any, statement: Any) -> Any:
        filled.query("INSERT INTO tags VALUES (7)")
        return alone(scripts, statement)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Scripts, "alone", written_before)
        ended = filled.migrate()

    assert filled.query("SELECT name FROM sqlite_schema WHERE name = 'tags'") == [("tags",)]
    assert filled.query("SELECT id FROM tags") == [(7,)]
    assert ended.code == 5, ended.err


TAKEN_BACK: Mapping[str, Mapping[str, str]] = {
    "rolled back": {
        "0002_more.sql": "ALTER TABLE notes ADD COLUMN more TEXT;\nUPDATE notes SET body = 'x';\n",
        **FAILS,
    },
    "rolled back with a table rebuilt": {
        "0002_child.sql": "CREATE TABLE child (note INTEGER REFERENCES notes (id) ON DELETE CASCADE);\n"
        "INSERT INTO child SELECT id FROM notes;\n",
        "0003_rebuilt.sql": "CREATE TABLE new (id INTEGER PRIMARY KEY, body TEXT);\n"
        "INSERT INTO new SELECT id, body FROM notes;\nDROP TABLE notes;\nALTER TABLE new RENAME TO notes;\n",
        **FAILS,
    },
    "down scripts": {
        "0002_index.sql": "CREATE INDEX by_body ON notes (body);\n",
        "0002_index.down.sql": "DROP INDEX by_body;\n",
        "0003_swept.sql": "VACUUM;\n",
        "0003_swept.down.sql": "SELECT 1;\n",
        **FAILS,
    },
    "backup, since a down script leaves something": {
        "0002_more.sql": "CREATE TABLE more (id INTEGER);\nCREATE TABLE left_over (id INTEGER);\n",
        "0002_more.down.sql": "DROP TABLE more;\n",
        "0003_swept.sql": "VACUUM;\n",
        "0003_swept.down.sql": "SELECT 1;\n",
        **FAILS,
    },
    "backup, since a down script leaves rows": {
        "0002_rows.sql": "INSERT INTO notes (body) VALUES ('left');\n",
        "0002_rows.down.sql": "SELECT 1;\n",
        "0003_swept.sql": "VACUUM;\n",
        "0003_swept.down.sql": "SELECT 1;\n",
        **FAILS,
    },
    "backup, since there is no down script": {**TWO_GROUPS, **FAILS},
    "backup, also after another journal": {
        "0002_more.sql": "CREATE TABLE more (id INTEGER);\nDELETE FROM notes;\n",
        "0003_journal.sql": "PRAGMA user_version = 3;\n",
        "0004_fails.sql": "INSERT INTO more SELECT id FROM nowhere;\n",
    },
}


def check_p02(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    filled.write(TAKEN_BACK[case])
    before = filled.look()

    ended = filled.migrate()

    assert ended.code == 7, ended.err
    assert filled.look() == before
    assert filled.applied() == ["0001"]
    assert filled.query("PRAGMA foreign_key_check") == []


def check_p02_kept_references(filled: Product, _: pytest.MonkeyPatch) -> None:
    """A table is rebuilt, and the rows stay that refer to its rows with ON DELETE CASCADE."""
    rebuilt = TAKEN_BACK["rolled back with a table rebuilt"]
    filled.write({"0002_child.sql": rebuilt["0002_child.sql"]})
    assert filled.migrate().code == 0
    filled.write({"0003_rebuilt.sql": rebuilt["0003_rebuilt.sql"]})

    ended = filled.migrate()

    assert filled.query("SELECT count(*) FROM child") == [(50,)]
    assert ended.code == 0, ended.err


def check_p02_forgetful(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back is less than what was backed up, and SQLite says that all is well."""
    filled.write({**TWO_GROUPS, **FAILS})
    make = copies.make

    def forgetful(source: sqlite3.Connection, path: Path) -> None:
        make(source, path)
        if path.name.endswith("shipit-restore"):
            with closing(sqlite3.connect(path, isolation_level=None)) as copy:
                copy.execute("DELETE FROM notes")

    monkeypatch.setattr(copies, "make", forgetful)
    ended = filled.migrate()

    assert len(filled.keys()) == 50
    assert ended.code == 5, ended.err
    assert filled.applied() == ["0001", "0002", "0003"]


def check_p02_changed(filled: Product, _: pytest.MonkeyPatch) -> None:
    filled.write(FAILS)
    filled.after_the_backup("CREATE TABLE theirs (id INTEGER)")

    ended = filled.migrate()

    assert ended.code == 5, ended.err
    assert "somebody else changed it" in ended.err


def check_p03(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Killed before and after each COMMIT, each statement outside of a transaction, and some inside."""
    filled.write(
        {
            "0002_once.sql": "INSERT INTO notes (body) VALUES ('once');\n",
            "0003_swept.sql": "VACUUM;\n",
            "0004_more.sql": "CREATE TABLE more (id INTEGER);\nINSERT INTO more SELECT id FROM notes;\n",
        }
    )
    start, number = filled.path.read_bytes(), 0
    while True:
        filled.path.write_bytes(start)
        number += 1
        code = forked(partial(killed, filled, number))
        there = "0002" in filled.applied()
        assert filled.query("SELECT count(*) FROM notes WHERE body = 'once'") == [(there,)]
        ended = filled.migrate()
        assert ended.code == 0, ended.err
        assert filled.applied() == ["0001", "0002", "0003", "0004"]
        assert filled.query("SELECT count(*) FROM notes WHERE body = 'once'") == [(1,)]
        assert filled.query("SELECT count(*) FROM more") == [(51,)]
        assert filled.query("SELECT * FROM shipit_intent") == []
        assert filled.query("SELECT * FROM shipit_run WHERE ended IS NULL") == []
        if code != -signal.SIGKILL:
            break
    assert number > 12
    assert code == 0


def killed(product: Product, moment: int) -> int:
    """Migrate, and die at this of all the moments around a COMMIT, a VACUUM and an INSERT."""
    moments = 0

    class Fatal(session.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            nonlocal moments
            counts = arguments[0].startswith(("COMMIT", "VACUUM", "INSERT"))
            for is_after in (False, True):
                answer = super().execute(*arguments) if is_after else None
                moments += counts
                if counts and moments == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
            assert answer is not None
            return answer

    session.Connection = Fatal  # type: ignore[misc]
    return product.migrate().code


def check_p05(filled: Product, _: pytest.MonkeyPatch) -> None:
    filled.write(
        {"0002_more.sql": f"INSERT INTO notes (body) VALUES ('once');\n{SLOW}", "0003_swept.sql": "VACUUM;\n"}
    )
    before = len(filled.backups())

    codes = at_once(5, lambda: filled.migrate().code)

    assert codes == [0] * 5
    assert filled.query("SELECT count(*) FROM notes WHERE body = 'once'") == [(1,)]
    assert filled.query("SELECT count(DISTINCT run) FROM shipit_migration WHERE version > '0001'") == [(1,)]
    assert len(filled.backups()) == before + 2, "one backup, with its record"
    assert filled.query("SELECT count(*) FROM shipit_run WHERE outcome != 'complete'") == [(0,)]


def check_p06_there(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = unclear(filled, monkeypatch, "COMMIT")

    assert ended.code == 0, ended.err
    assert filled.applied() == ["0001", "0002"]
    assert filled.query("SELECT count(*) FROM more") == [(0,)]


def check_p06_not_there(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = unclear(filled, monkeypatch, "ROLLBACK")

    assert ended.code == 7, ended.err
    assert filled.applied() == ["0001"]
    assert filled.query("SELECT name FROM sqlite_schema WHERE name = 'more'") == []


def unclear(product: Product, monkeypatch: pytest.MonkeyPatch, what_happens: str) -> Ended:
    """A run whose COMMIT is answered with an error of the disk, whatever became of it."""
    product.write({"0002_more.sql": "CREATE TABLE more (id INTEGER);\n"})

    class Unclear(session.Connection):
        is_next = False

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            if arguments[0] == "COMMIT" and self.is_next:
                self.is_next = False
                super().execute(what_happens)
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise error
            self.is_next = self.is_next or "TABLE more" in arguments[0]
            return super().execute(*arguments)

    monkeypatch.setattr(session, "Connection", Unclear)
    return product.migrate()


def check_p09_taken(filled: Product, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None]) -> None:
    """The copy is harmed behind SQLite's back while the backup is taken."""
    filled.write({"0002_more.sql": "CREATE TABLE more (id INTEGER);\n"})
    before, make = (filled.look(), filled.backups()), copies.make

    def harmed(source: sqlite3.Connection, path: Path) -> None:
        make(source, path)
        harm(path)

    monkeypatch.setattr(copies, "make", harmed)
    ended = filled.migrate()

    assert filled.applied() == ["0001"]
    assert ended.code == 7, ended.err
    assert (filled.look(), filled.backups()) == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-4096] ^= 1  # what kind of page it is
    path.write_bytes(data)


def flip_unseen(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[75] ^= 1  # of the header, where SQLite keeps nothing
    path.write_bytes(data)


def forget_rows(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM notes")


HARMS = (cut, flip, forget_rows)


def check_p09_restored(filled: Product, _: pytest.MonkeyPatch, harm: Callable[[Path], None]) -> None:
    taken = filled.backed_up()
    harm(Path(taken["backup"]))
    before = filled.path.read_bytes()

    ended = filled.migrate("restore", taken["run"], "--accept-loss", "1000")

    assert ended.code == 4, ended.err
    assert "a backup is not what was written" in ended.err
    assert filled.path.read_bytes() == before


def check_p10(filled: Product, _: pytest.MonkeyPatch) -> None:
    text = NOTES["0001_notes.sql"]
    for other in (text.replace("\n", "\r\n"), MARKED + text, MARKED + text.replace("\n", "\r\n")):
        filled.write({"0001_notes.sql": other})
        verified, ended = filled.run("verify", "migrations", "--env", "staging"), filled.migrate()
        assert verified.code == 0, verified.err
        assert "nothing to migrate" in ended.err
    filled.write({"0001_notes.sql": text.replace("notes", "noteS")})
    assert filled.run("verify", "migrations", "--env", "staging").code == 6


DISAGREEING: Mapping[str, Mapping[str, str]] = {
    "edited": {"0001_notes.sql": "CREATE TABLE notes (id INTEGER);\n"},
    "late": {"0000_late.sql": "CREATE TABLE late (id INTEGER);\n"},
    "duplicate": {"0003_other.sql": "CREATE TABLE other (id INTEGER);\n"},
    "cyclic": {
        "0004_a.sql": "-- shipit: depends 0005\nCREATE TABLE a (id INTEGER);\n",
        "0005_b.sql": "-- shipit: depends 0004\nCREATE TABLE b (id INTEGER);\n",
    },
    "deleted": {},
}


def check_p11(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    filled.write({"0003_more.sql": "CREATE TABLE more (id INTEGER);\n", **DISAGREEING[case]})
    if case == "deleted":
        for name in NOTES:
            (filled.folder / "migrations" / name).unlink()
    before = filled.unwritten()

    ended = filled.migrate()

    assert ended.code == 4, ended.err
    assert filled.unwritten() == before


PASSWORD = "p#s@w:o/r d'é"
SPELLINGS = (PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""), "w:o/r", "w%3Ao", "p%23s", "p#s@")
SECRET = "sqlite:///var/../var/acme.db"
"""An address that is used; from a variable, it is a secret as a whole."""


def check_p12_address(filled: Product, _: pytest.MonkeyPatch) -> None:
    """SQLite has no use for a password, and whoever wrote one into the address does not see it again."""
    filled.configure(url="env:DATABASE_URL")
    for address in (f"sqlite://ada:{PASSWORD}@host/acme.db", f"sqlite:///acme.db?key={quote(PASSWORD, safe='')}"):
        filled.variables = {"DATABASE_URL": address}
        for words in ([], ["status"], ["--verbose"], ["backup"]):
            ended = filled.migrate(*words)
            assert ended.code == 2, ended.err
            assert [spelling for spelling in SPELLINGS if spelling in ended.out + ended.err] == []


def check_p12_kept(filled: Product, _: pytest.MonkeyPatch) -> None:
    """A secret that a migration holds, also where only the beginning of its statement is shown."""
    filled.configure(url="env:DATABASE_URL")
    filled.variables = {"DATABASE_URL": SECRET}
    said = ""
    for text in (
        f"INSERT INTO nowhere (one, two) VALUES (1, '{SECRET}');\n",
        f"INSERT INTO notes (id, body, nowhere) VALUES (1, '{SECRET}');\n",
        f"def up(connection):\n    raise ValueError('{SECRET}')\n",
    ):
        name = "0002_says.py" if text.startswith("def") else "0002_says.sql"
        for old in (filled.folder / "migrations").glob("0002*"):
            old.unlink()
        filled.write({name: text})
        ended = filled.migrate("--verbose")
        assert ended.code == 7, ended.err
        said += ended.out + ended.err
    kept = [*(filled.folder / "reports").rglob("*"), *filled.backups(), filled.path]
    said += b"".join(path.read_bytes() for path in kept).decode(errors="replace")
    assert SECRET[:14] not in said


COMMANDS = ("", "rollback", "rollback --to 0", "backup", "restore RUN --accept-loss 9", "adopt")


def check_p14(product: Product, _: pytest.MonkeyPatch, command: str) -> None:
    product.write(NOTES)
    assert product.migrate(env="production").code == 0
    taken = product.backed_up("production")
    backups = product.folder / ".git" / "shipit" / "backups"
    (backups / "production").rename(backups / "staging")
    product.write({"0002_more.sql": "CREATE TABLE more (id INTEGER);\n"})
    before = product.unwritten()

    ended = product.migrate(*(taken["run"] if word == "RUN" else word for word in command.split()))

    assert ended.code == 4, ended.err
    assert "this database belongs to production, not to staging" in ended.err
    assert product.unwritten() == before


def check_p14_other_tool(product: Product, _: pytest.MonkeyPatch) -> None:
    product.write(NOTES)
    assert product.migrate(env="production").code == 0
    product.configure(settings='engine = "command"\ncommand = ["touch", "was-run"]')

    ended = product.migrate()

    assert not (product.folder / "was-run").exists()
    assert ended.code == 4, ended.err


class TestP01NoAcknowledgedForeignRowIsEverDiscardedAutomatically:
    def test_p01_a_row_written_after_the_backup_stops_every_automatic_way_back(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p01_between(filled, monkeypatch)

    def test_p01_a_row_written_in_the_last_moment_before_nobody_can_come_in_stops_the_restore(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p01_last_moment(filled, monkeypatch)

    def test_p01_nobody_can_write_while_the_backup_is_put_in_place(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p01_fence(filled, monkeypatch)

    def test_p01_rows_in_a_table_of_this_run_are_not_dropped_by_its_down_script(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p01_down(filled, monkeypatch)


class TestP02TakenBackMeansAsBefore:
    @pytest.mark.parametrize("case", TAKEN_BACK)
    def test_p02_schema_and_rows_are_those_of_before(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        check_p02(filled, monkeypatch, case)

    def test_p02_a_table_that_is_rebuilt_keeps_what_refers_to_it(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p02_kept_references(filled, monkeypatch)

    def test_p02_a_restore_that_brought_less_than_was_backed_up_is_not_put_in_place(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p02_forgetful(filled, monkeypatch)

    def test_p02_a_schema_that_somebody_changed_meanwhile_is_not_as_before(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p02_changed(filled, monkeypatch)


class TestP03TheNextRunConverges:
    def test_p03_after_a_kill_around_any_commit_every_effect_is_there_exactly_once(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p03(filled, monkeypatch)


class TestP05ManyAtOnce:
    def test_p05_one_applies_and_all_succeed(self, filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        check_p05(filled, monkeypatch)


class TestP06AnUnclearAnswerToCommit:
    def test_p06_what_came_through_is_not_called_failed(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p06_there(filled, monkeypatch)

    def test_p06_what_did_not_come_through_is_not_called_applied(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p06_not_there(filled, monkeypatch)


class TestP09ABackupThatCannotBeReadStopsEverything:
    @pytest.mark.parametrize("harm", HARMS)
    def test_p09_nothing_is_run(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None]
    ) -> None:
        check_p09_taken(filled, monkeypatch, harm)

    @pytest.mark.parametrize("harm", [*HARMS, flip_unseen])
    def test_p09_one_that_was_harmed_later_is_not_restored(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None]
    ) -> None:
        check_p09_restored(filled, monkeypatch, harm)


class TestP10LineEnds:
    def test_p10_line_ends_and_a_byte_order_mark_change_nothing(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p10(filled, monkeypatch)


class TestP11FilesThatDoNotAgree:
    @pytest.mark.parametrize("case", DISAGREEING)
    def test_p11_they_are_refused_before_any_write(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        check_p11(filled, monkeypatch, case)


class TestP12NoPassword:
    def test_p12_one_in_an_address_is_never_shown(self, filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        check_p12_address(filled, monkeypatch)

    def test_p12_a_secret_is_neither_in_words_nor_in_what_is_kept(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check_p12_kept(filled, monkeypatch)


class TestP14TheWrongDatabase:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_p14_the_database_of_production_is_not_that_of_staging(
        self, product: Product, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        check_p14(product, monkeypatch, command)

    def test_p14_another_tool_is_not_let_in_either(self, product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        check_p14_other_tool(product, monkeypatch)


def nobody_asks_who_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Catalog, "foreign_since", lambda *_: 0)
    nobody_asks_again(monkeypatch)


def nobody_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restorer, "changes_since", lambda *_: 0)


def no_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restorer.Restorer, "_exclude", lambda *_: None)


def rows_are_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "check_empty", lambda *_: None)


def no_fingerprint_after_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "check_fingerprint", lambda *_: None)


def down_scripts_are_always_a_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipit.migrations.ladder.why_not_down", lambda _: "")
    no_fingerprint_after_down(monkeypatch)


def no_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed transaction is committed as far as it came."""
    monkeypatch.setattr(session, "_roll_back", lambda connection: connection.in_transaction and connection.commit())


def nobody_reads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def bring(_: restorer.Restorer, backup: Backup, copy: Path) -> None:
        with copies.reading(Path(backup.path)) as source:
            copies.make(source, copy)

    monkeypatch.setattr(restorer.Restorer, "_bring", bring)


def nobody_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WayBack, "_compare", lambda *_: None)


def the_ledger_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are written in a transaction of their own, after that of the migrations."""
    apply, record = runner.Runner.apply, ledger.record

    def apart(one: runner.Runner, migrations: Any, run: str, say: Say) -> None:
        late: list[Any] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ledger, "record", lambda _, rows: late.extend(rows))
            apply(one, migrations, run, say)
        with one.session.write() as connection:
            record(connection, late)

    monkeypatch.setattr(runner.Runner, "apply", apart)


def no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither BEGIN IMMEDIATE nor COMMIT: every statement stands for itself."""

    @contextlib.contextmanager
    def write(one: session.Session) -> Iterator[session.Connection]:
        yield one._made()
        one.connection.execute("COMMIT") if one.connection.in_transaction else None

    monkeypatch.setattr(session.Session, "write", write)
    monkeypatch.setattr(Scripts, "_still_open", lambda *_: None)


def nobody_is_locked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guard, "take", lambda *_: None)
    monkeypatch.setattr(Guard, "is_held", lambda _: True)


def nobody_looks_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does the adapter look into the ledger, nor the engine at the step."""

    def look_again(step: Step, error: ExternalError | None) -> Look:
        if error:
            raise error
        return step.look()

    monkeypatch.setattr(runner.Runner, "_versions", lambda _: set())
    monkeypatch.setattr("shipit.engine.run._look_again", look_again)


def every_commit_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def commit(_: session.Session, connection: sqlite3.Connection) -> None:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("COMMIT")

    monkeypatch.setattr(session.Session, "_commit", commit)
    monkeypatch.setattr("shipit.engine.run._look_again", lambda *_: done("it was sent"))


def a_backup_is_kept_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(one: Backups, run: str, _: Say) -> Backup:
        with one.folder.writing(run) as partial:
            return one.folder.keep(partial, one._timed(one._dump(run, partial), time.time()))

    monkeypatch.setattr(Backups, "take", take)


def no_sha256(monkeypatch: pytest.MonkeyPatch) -> None:
    def written(path: Path) -> str:
        digest: str = json.loads(path.with_suffix(".json").read_text())["backup"]["sha256"]
        return digest

    monkeypatch.setattr(backup_folder.BackupFolder, "_check", lambda *_: None)
    monkeypatch.setattr(restorer, "sha256", written)


def the_text_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksum, "_tidy", lambda text: text)
    monkeypatch.setattr(checksum, "_CONTROL", re.compile("(?!)"))


def nobody_compares_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def agreeing(*known: Any, **more: Any) -> Standing:
        return replace(agree(*known, **more), findings=())

    monkeypatch.setattr(migration_files, "agree", agreeing)


def mistakes_are_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_files, "refuse", lambda _: None)


def nothing_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "mask", lambda text: text)


def nothing_is_masked_before_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    def unmasked(text: str) -> str:
        with pytest.MonkeyPatch.context() as patched:
            nothing_is_masked(patched)
            return shortened(text)

    monkeypatch.setattr("shipit.adapters.sqlite.scripts.shortened", unmasked)


def nobody_asks_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RightDatabase, "problems", lambda _: ())
    monkeypatch.setattr(MigrationJob, "refuse_wrong_database", lambda _: None)
    monkeypatch.setattr(ledger.Ledger, "bind", lambda *_: None)


def references_are_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a connection would that does not turn them off: rebuilding a table then takes the rows of its children."""

    class Enforcing(session.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            return super().execute(arguments[0].replace("foreign_keys = OFF", "foreign_keys = ON"), *arguments[1:])

    monkeypatch.setattr(session, "Connection", Enforcing)
    monkeypatch.setattr(sqlite_checks, "check_references", lambda *_: None)


MUTANTS: Mapping[str, tuple[Check, TakeOut]] = {
    "p01 between": (check_p01_between, nobody_asks_who_wrote),
    "p01 last moment": (check_p01_last_moment, nobody_asks_again),
    "p01 fence": (check_p01_fence, no_fence),
    "p01 down": (check_p01_down, rows_are_no_hindrance),
    "p02 rolled back": (partial(check_p02, case="rolled back"), no_rollback),
    "p02 rebuilt": (check_p02_kept_references, references_are_enforced),
    "p02 leaves something": (
        partial(check_p02, case="backup, since a down script leaves something"),
        no_fingerprint_after_down,
    ),
    "p02 leaves rows": (
        partial(check_p02, case="backup, since a down script leaves rows"),
        down_scripts_are_always_a_way_back,
    ),
    "p02 forgetful": (check_p02_forgetful, nobody_reads_back),
    "p02 changed": (check_p02_changed, nobody_compares),
    "p03 ledger apart": (check_p03, the_ledger_comes_later),
    "p03 no transaction": (check_p03, no_transaction),
    "p05 no lock": (check_p05, nobody_is_locked_out),
    "p06 there": (check_p06_there, nobody_looks_what_came_of_it),
    "p06 not there": (check_p06_not_there, every_commit_is_believed),
    **{f"p09 {harm.__name__}": (partial(check_p09_taken, harm=harm), a_backup_is_kept_unread) for harm in HARMS},
    # cut or flipped elsewhere it is still found, by reading the copy back
    "p09 later": (partial(check_p09_restored, harm=flip_unseen), no_sha256),
    "p10": (check_p10, the_text_is_taken_as_it_is),
    **{
        f"p11 {case}": (
            partial(check_p11, case=case),
            mistakes_are_let_pass if case in {"duplicate", "cyclic"} else nobody_compares_files,
        )
        for case in DISAGREEING
    },
    "p12 address": (check_p12_address, nothing_is_masked),
    "p12 kept": (check_p12_kept, nothing_is_masked),
    "p12 cut": (check_p12_kept, nothing_is_masked_before_it_is_cut),
    **{f"p14 {command}": (partial(check_p14, command=command), nobody_asks_whose_it_is) for command in COMMANDS},
    "p14 other tool": (check_p14_other_tool, nobody_asks_whose_it_is),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_without_what_keeps_it_the_promise_is_broken(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    check, take_out = MUTANTS[name]
    product = request.getfixturevalue("product" if name.startswith("p14") else "filled")
    take_out(monkeypatch)
    with pytest.raises(AssertionError) as broken:
        check(product, monkeypatch)
    print(f"{name}: {str(broken.value)[:200]}")
