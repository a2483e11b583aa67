"""SQLite and several processes: killed ones, five at once, and writers that stand in the way."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.sqlite.database import open_database
from shipit.engine.plan import Say
from shipit.errors import LeaseLost, Signalled, Unavailable
from shipit.migrate.ports import Database
from shipit.migrations.model import Prepared
from shipit.migrations.records import Needs
from tests.contract.migrations.contracts import NOTES, RUN, migration, options, python, silent
from tests.support.forks import forked

TOP = Path(__file__).parents[3]
STEPS = (
    migration("0001", NOTES, "INSERT INTO notes VALUES (1, 'one')"),
    migration("0002", "INSERT INTO notes VALUES (2, 'two')", "UPDATE notes SET title = title || '!'"),
    migration("0003", "VACUUM"),
    migration("0004", "INSERT INTO notes VALUES (4, 'four')"),
)
AFTER = [(1, "one!"), (2, "two!"), (4, "four")]
PATIENCE = 30.0
NEEDS = Needs()

CHILD = """
import os, signal, sys
from pathlib import Path
from tests.contract.migrations import test_sqlite_processes as here
path, fatal = Path(sys.argv[1]), int(sys.argv[2])
here.work(path, fatal)
"""


def work(path: Path, fatal: int = 0) -> int:
    """A whole run that kills itself at the moment `fatal`, counted from 1; else it prints how many there are."""
    moments = 0

    def moment(_: str = "") -> None:
        nonlocal moments
        moments += 1
        if moments == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    _at_every_commit(moment)
    whole_run(path, moment)
    print(moments)
    return 0


def whole_run(path: Path, say: Say) -> None:
    """Lock, bind, apply in groups."""
    with using(opened(path)) as database:
        database.guard.take(PATIENCE, silent)
        database.ledger.bind("staging")
        database.runner.apply(STEPS[:2], RUN.id, say)
        database.runner.apply_solo(STEPS[2], RUN.id, say)
        database.runner.apply(STEPS[3:], RUN.id, say)


def _at_every_commit(moment: Any) -> None:
    """Also right before and right after each COMMIT and each solo statement."""
    from shipit.adapters.sqlite import scripts, session

    commit, alone = session.Session._commit, scripts.Scripts.alone

    def watched_commit(self: session.Session, connection: sqlite3.Connection) -> None:
        moment()
        commit(self, connection)
        moment()

    def watched_alone(self: scripts.Scripts, statement: Any) -> Any:
        moment()
        rows = alone(self, statement)
        moment()
        return rows

    session.Session._commit = watched_commit  # type: ignore[method-assign]
    scripts.Scripts.alone = watched_alone  # type: ignore[method-assign]


def opened(path: Path, patience: float = PATIENCE, limit: float = 0) -> Database:
    return open_database(path, options(patience, limit), path.parent / "backups")


def child(path: Path, fatal: int = 0) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-c", CHILD, str(path), str(fatal)]
    return subprocess.Popen(argv, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def rows(path: Path, sql: str) -> Sequence[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as connection:
        return connection.execute(sql).fetchall()


@contextmanager
def using(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.close()


def test_killed_at_any_moment_the_next_run_makes_every_effect_exactly_once(tmp_path: Path) -> None:
    out, _ = child(tmp_path / "whole.db").communicate(timeout=60)
    moments = int(out)
    assert moments >= 15
    victims = []
    for fatal in range(1, moments + 1):
        path = tmp_path / f"{fatal}.db"
        if fatal % 2:
            rows(path, "PRAGMA journal_mode = wal")
        victims.append(forked(partial(work, path, fatal)))
        with using(opened(path)) as database:
            assert database.guard.holder() is None  # the lock died with its process
            versions = [row.version for row in database.ledger.applied()]
            assert versions in ([], ["0001", "0002"], ["0001", "0002", "0003"], [f"000{n}" for n in range(1, 5)])
        whole_run(path, silent)
        assert rows(path, "SELECT id, title FROM notes ORDER BY id") == AFTER, fatal
        assert rows(path, "SELECT count(*), count(DISTINCT version) FROM shipit_migration") == [(4, 4)]
        assert rows(path, "SELECT * FROM shipit_intent") == []
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert set(victims) == {-signal.SIGKILL}


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_of_five_at_once_one_applies_and_all_succeed(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "acme.db"
    rows(path, f"PRAGMA journal_mode = {mode}")
    runs = [child(path) for _ in range(5)]
    answers = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0] * 5, answers
    assert rows(path, "SELECT id, title FROM notes ORDER BY id") == AFTER
    assert not path.with_name("acme.db.shipit-lock").exists()


def test_without_the_lock_two_runs_still_apply_once(tmp_path: Path) -> None:
    path, faults = tmp_path / "acme.db", list[Exception]()

    def run() -> None:
        try:
            with using(opened(path)) as database:
                database.runner.apply(STEPS[:2], RUN.id, silent)
        except Exception as error:  # noqa: BLE001 - a thread's error fails the test below
            faults.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert rows(path, "SELECT id, title FROM notes ORDER BY id") == AFTER[:2]


def test_a_lock_that_a_dead_process_left_is_named_when_it_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    victim = child(path, 1)
    victim.communicate(timeout=60)
    left = path.with_name("acme.db.shipit-lock")
    assert left.exists()
    with using(opened(path)) as database:
        assert str(victim.pid) in (database.guard.break_() or "")
    assert not left.exists()


def test_a_living_holder_is_not_ended(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    with using(opened(path)) as first, using(opened(path)) as second:
        first.guard.take(0, silent)
        with pytest.raises(LeaseLost) as caught:
            second.guard.break_()
        assert str(os.getpid()) in " ".join(caught.value.evidence)
        assert first.guard.is_held()


def test_two_names_of_one_database_have_one_lock(tmp_path: Path) -> None:
    path, link = tmp_path / "acme.db", tmp_path / "link.db"
    link.symlink_to(path)
    with using(opened(path)) as first, using(opened(link)) as second:
        first.guard.take(0, silent)
        with pytest.raises(LeaseLost):
            second.guard.take(0, silent)


def test_a_lock_file_that_somebody_removed_holds_no_longer(tmp_path: Path) -> None:
    with using(opened(tmp_path / "acme.db")) as database:
        database.guard.take(0, silent)
        (tmp_path / "acme.db.shipit-lock").unlink()
        assert not database.guard.is_held()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_writer_is_waited_for(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "acme.db"
    rows(path, f"PRAGMA journal_mode = {mode}")
    with using(opened(path)) as database, closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("CREATE TABLE theirs (a)")
        thread = threading.Thread(target=lambda: database.runner.apply(STEPS[:2], RUN.id, silent))
        thread.start()
        time.sleep(0.6)
        assert thread.is_alive()
        writer.execute("COMMIT")
        thread.join()
        assert set(database.catalog.counts()) == {"notes", "theirs"}


def test_a_writer_that_does_not_end_is_told_after_the_patience(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    with (
        using(opened(path, patience=0.3)) as database,
        closing(sqlite3.connect(path, isolation_level=None)) as writer,
    ):
        writer.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(Unavailable, match="locked") as caught:
            database.runner.apply(STEPS[:2], RUN.id, silent)
        assert time.monotonic() - began < 3
        assert caught.value.where == str(path)


def test_a_reader_holds_a_commit_up_and_does_not_undo_it(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    rows(path, "CREATE TABLE theirs (a)")
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM theirs").fetchall()
        timer = threading.Timer(0.6, lambda: reader.execute("ROLLBACK"))
        timer.start()
        with using(opened(path)) as database:
            database.runner.apply(STEPS[:2], RUN.id, silent)
            assert [row.version for row in database.ledger.applied()] == ["0001", "0002"]
        timer.join()


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_a_statement_that_takes_too_long_is_ended_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    with using(opened(path, limit=0.2)) as database:
        with pytest.raises(Unavailable, match=r"longer than 0\.2 s") as caught:
            database.runner.apply([migration("0001", NOTES, ENDLESS)], RUN.id, silent)
        assert (caught.value.where or "").startswith("migrations/0001_step.sql:2")
        assert database.catalog.counts() == {}


@pytest.fixture
def _alarm() -> Iterator[None]:
    """A signal arrives in 0.3 s; its handler raises what those of the command line raise."""

    def on_alarm(*_: object) -> None:
        raise Signalled("SIGALRM")

    before = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


PYTHON = f"def up(connection):\n    connection.execute({NOTES!r})\n    connection.execute({ENDLESS!r})\n"


@pytest.mark.usefixtures("_alarm")
@pytest.mark.parametrize("one", [migration("0001", NOTES, ENDLESS), python("0001", PYTHON)], ids=["sql", "python"])
def test_a_signal_ends_a_long_statement_and_nothing_is_left(tmp_path: Path, one: Prepared) -> None:
    with using(opened(tmp_path / "acme.db")) as database:
        with pytest.raises(Signalled):
            database.runner.apply([one], RUN.id, silent)
        assert database.catalog.counts() == {}


@pytest.mark.usefixtures("_alarm")
def test_a_signal_ends_the_waiting_for_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    with using(opened(path)) as database, closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(Signalled):
            database.runner.apply(STEPS[:2], RUN.id, silent)


def test_in_wal_mode_a_restore_is_refused_while_others_have_the_database_open(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    rows(path, "PRAGMA journal_mode = wal")
    rows(path, NOTES)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with using(opened(path, patience=0.3)) as database:
            backup = database.backups.take(RUN.id, silent)
            with pytest.raises(LeaseLost) as caught:
                database.restorer.restore(backup, 0, silent)
            assert f"pid {holder.pid} " in " ".join(caught.value.evidence)
            assert f"pid {holder.pid} " in " ".join(database.health.remarks(NEEDS))
            rows(path, "INSERT INTO notes VALUES (1, 'the fence is open again')")
    finally:
        holder.communicate(b"\n", timeout=30)


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM notes").fetchall()
print("open", flush=True)
sys.stdin.readline()
connection.close()
"""


def test_killed_in_the_middle_of_a_restore_the_database_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "acme.db"
    rows(path, "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) "
               "SELECT i, hex(randomblob(200)) AS text FROM n")  # fmt: skip
    with using(opened(path)) as database:
        database.backups.take(RUN.id, silent)
        database.runner.apply([migration("0001", "UPDATE big SET text = 'new'")], RUN.id, silent)
    victim = subprocess.Popen([sys.executable, "-c", RESTORE, str(path), RUN.id], cwd=TOP)
    assert victim.wait(60) == -signal.SIGKILL
    assert rows(path, "SELECT DISTINCT text FROM big") == [("new",)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    with using(opened(path)) as database:
        backup = database.backups.find(RUN.id)
        assert backup is not None
        database.restorer.restore(backup, 10**6, silent)
        assert (database.catalog.fingerprint(), database.catalog.counts()) == (backup.fingerprint, backup.counts)


RESTORE = """
import os, signal, sys
from pathlib import Path
from shipit.adapters.sqlite import copies
from tests.contract.migrations import test_sqlite_processes as here

copies._PAGES, watched = 50, copies._watched
swap = here.opened(Path(sys.argv[1])).restorer.__class__._swap

def fatal_swap(*given):
    def killing():
        progress, calls = watched(), []
        def tell(*numbers):
            calls.append(progress(*numbers))
            if len(calls) == 20:
                os.kill(os.getpid(), signal.SIGKILL)
        return tell
    copies._watched = killing
    swap(*given)

database = here.opened(Path(sys.argv[1]))
type(database.restorer)._swap = fatal_swap
database.restorer.restore(database.backups.find(sys.argv[2]), 10**6, print)
"""
