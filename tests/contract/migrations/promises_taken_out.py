"""What keeps each promise on PostgreSQL, to be taken out: one function for each."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeAlias

import pytest
from msgspec.structs import replace

from shipit import masking
from shipit.adapters import backup_folder
from shipit.adapters.postgres import fence, ledger, runner, scripts, solo, traces, transaction
from shipit.adapters.postgres.backups import PostgresBackups
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.guard import Guard
from shipit.adapters.postgres.health import Health
from shipit.adapters.postgres.inner import Inner
from shipit.adapters.postgres.ledger_rows import insert_applied
from shipit.adapters.postgres.session import Connection, Session
from shipit.adapters.postgres.side import Side
from shipit.adapters.postgres.traces import Trace
from shipit.engine.plan import Look, Step, done
from shipit.errors import ExternalError
from shipit.migrate import files as migration_files
from shipit.migrate.checks import RightDatabase
from shipit.migrate.run import MigrationJob
from shipit.migrate.steps.way_back import WayBack
from shipit.migrations import checksum
from shipit.migrations.agreement import Standing, agree

TakeOut: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def nobody_asks_who_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Catalog, "foreign_since", lambda *_: 0)
    nobody_asks_after_the_backup_is_restored(monkeypatch)


def nobody_asks_after_the_backup_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "written_since", lambda *_: 0)


def nobody_asks_behind_the_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    written_since, times = fence.written_since, itertools.count()
    monkeypatch.setattr(fence, "written_since", lambda *asked: 0 if next(times) else written_since(*asked))


def all_during_a_solo_statement_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of those that the server reports as our session's own."""
    listening = Inner.listening
    first: dict[int, object] = {}

    @contextmanager
    def from_here(one: Inner) -> Iterator[None]:
        [[first[id(one)]]] = one.session.ask("SELECT txid_snapshot_xmax(txid_current_snapshot())")
        with listening(one):
            yield

    def note(one: Inner, connection: Connection) -> None:
        every = "INSERT INTO shipit.own SELECT generate_series(%s::bigint, txid_current()) ON CONFLICT DO NOTHING"
        connection.execute(every, [first[id(one)]])

    monkeypatch.setattr(Inner, "listening", from_here)
    monkeypatch.setattr(Inner, "note", note)


def rows_are_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "insist_on_nothing_written", lambda *_: None)


def no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """No BEGIN: every statement stands for itself, and so do the rows of the ledger."""
    begin = transaction._BEGIN.replace("BEGIN; ", "").replace("'{mark}', true", "'{mark}', false")
    monkeypatch.setattr(transaction, "_BEGIN", begin)
    monkeypatch.setattr(scripts, "in_transaction", lambda *_: None)


def no_down_script_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.Runner, "revert", lambda *_: None)


def no_fingerprint_after_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "require_success", lambda *_: None)


def down_scripts_are_always_a_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipit.migrations.ladder._objection", lambda *_: "")
    no_fingerprint_after_down(monkeypatch)


def no_backup_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WayBack, "_restore", lambda *_: None)


def what_was_restored_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Side, "compare", lambda *_: None)


def nobody_compares_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WayBack, "_compare", lambda *_: None)


def the_ledger_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are written in a transaction of their own, after that of the migrations."""
    apply = runner.Runner.apply

    def apart(one: runner.Runner, *arguments: Any, **more: Any) -> None:
        late: list[Any] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(runner, "insert_applied", lambda _, rows: late.extend(rows))
            apply(one, *arguments, **more)
        with one.session.transaction("record them") as connection:
            insert_applied(connection, late)

    monkeypatch.setattr(runner.Runner, "apply", apart)


def no_intent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solo, "put_intent", lambda *_: None)


def the_server_does_not_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """client_connection_check_interval is not set."""
    monkeypatch.setattr(Session, "_is_watched", lambda *_: False)


def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    no_lock_of_the_session(monkeypatch)
    no_lock_in_transactions(monkeypatch)


def no_lock_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guard, "take", lambda *_: None)
    monkeypatch.setattr(Guard, "is_held", lambda _: True)


def no_lock_in_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "lock_transaction", lambda *_: None)
    monkeypatch.setattr(solo, "lock_transaction", lambda *_: None)


def nobody_looks_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does the adapter look into the ledger, nor the engine at the step."""
    monkeypatch.setattr(transaction, "_came_through", lambda *_: False)
    the_engine_does_not_look(monkeypatch)


def the_engine_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_again(step: Step, error: ExternalError | None) -> Look:
        if error:
            raise error
        return step.look()

    monkeypatch.setattr("shipit.engine.run._look_again", look_again)


def every_commit_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def came_through(opened: transaction.Transaction, _: object) -> bool:
        opened.session.reconnect()
        return True

    monkeypatch.setattr(transaction, "_came_through", came_through)
    monkeypatch.setattr("shipit.engine.run._look_again", lambda *_: done("it was sent"))


def what_still_runs_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether the server still works on the transaction, so it looks as if it were not there."""
    monkeypatch.setattr(transaction, "_is_running", lambda *_, **__: False)
    the_engine_does_not_look(monkeypatch)


def nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "remove", lambda *_: None)


def a_ruin_is_good_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether an index is valid."""
    look = traces.look

    def seen(connection: Connection, statement: Any) -> Trace:
        trace = look(connection, statement)
        return Trace.DONE if trace is Trace.HALF else trace

    monkeypatch.setattr(traces, "look", seen)


def the_answer_of_the_server_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solo.Solo, "_insist_on_effect", lambda *_: None)


def no_lock_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "_BEGIN", transaction._BEGIN.replace("{lock}", "0"))
    monkeypatch.setattr(solo.Solo, "_timeouts", lambda *_, **__: nullcontext())


def a_backup_is_kept_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostgresBackups, "_read_back", lambda *_: None)


def no_sha256(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_folder.BackupFolder, "_check", lambda *_: None)


def line_ends_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksum, "_tidy", lambda text: text.lstrip("\ufeff"))
    monkeypatch.setattr(checksum, "_CONTROL", re.compile("(?!)"))


def marks_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksum, "_tidy", lambda text: text.replace("\r\n", "\n"))


def nobody_compares_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def agreeing(*known: Any, **more: Any) -> Standing:
        return replace(agree(*known, **more), findings=())

    monkeypatch.setattr(migration_files, "agree", agreeing)


def mistakes_are_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_files, "refuse", lambda _: None)


def nothing_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "mask", lambda text: text)


def the_pooler_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "pooled", False)


def the_pooler_is_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where the server is named nor where the lock is taken."""
    take, server = Guard.take, Health.server
    monkeypatch.setattr(Health, "server", lambda one: server(one).partition(",")[0])
    monkeypatch.setattr(Guard, "take", lambda one, patience, _: take(one, patience, lambda _: None))


def nobody_asks_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RightDatabase, "problems", lambda _: ())
    monkeypatch.setattr(MigrationJob, "refuse_wrong_database", lambda _: None)
    monkeypatch.setattr(ledger.Ledger, "bind", lambda *_: None)
