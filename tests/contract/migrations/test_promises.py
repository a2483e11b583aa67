"""The promises P1 to P16, each through the real command on real servers, with others at work where it names them.

The checks are in promises_of_data and promises_of_runs; that each fails without what keeps its promise is seen in
test_promises_mutants. What only a kill at every single message or a pulled cable can show is in
tests/faults/migrations; P12 is proved at length in tests/scenarios/test_migrate_secrets.py.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.contract.migrations import promises
from tests.contract.migrations import promises_of_data as data
from tests.contract.migrations import promises_of_runs as runs
from tests.support.migrations import NO_BACKUP, Migrated, Product
from tests.support.postgres import Server
from tests.support.tcp_proxy import Cut


@pytest.fixture
def product(tmp_path: Path, server: Server, database: str) -> Iterator[Product]:
    """A product with one table of notes that is not migrated yet."""
    with promises.product_on(tmp_path, server, database) as made:
        yield made


@pytest.fixture
def filled(product: Product, filled_ones: Migrated) -> Product:
    """The same, migrated and with fifty rows."""
    return filled_ones.fill(product)


class TestP01NoAcknowledgedForeignRowIsEverDiscardedAutomatically:
    def test_p01_a_busy_writer_stops_every_automatic_way_back(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p01_writer(filled, monkeypatch)

    def test_p01_a_writer_who_begins_during_the_restore_is_not_overlooked(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p01_during_the_restore(filled, monkeypatch)

    def test_p01_a_row_written_in_the_last_moment_before_nobody_can_come_in_stops_the_restore(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p01_last_moment(filled, monkeypatch)

    def test_p01_one_row_written_while_an_index_is_built_stops_the_restore(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p01_solo(filled, monkeypatch)

    def test_p01_rows_in_a_table_of_this_run_are_not_dropped_by_its_down_script(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p01_down(filled, monkeypatch)


class TestP02TakenBackMeansAsBefore:
    @pytest.mark.parametrize("case", data.TAKEN_BACK)
    def test_p02_schema_and_rows_are_those_of_before(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        data.check_p02(filled, monkeypatch, case)

    @pytest.mark.parametrize("what", ["something", "rows"])
    def test_p02_where_a_way_back_would_leave_something_it_is_not_called_taken_back(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        data.check_p02_no_restore(filled, monkeypatch, what)

    def test_p02_a_restore_that_brought_less_than_was_backed_up_is_not_put_in_place(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p02_forgetful(filled, monkeypatch)

    def test_p02_a_schema_that_somebody_changed_meanwhile_is_not_as_before(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p02_changed(filled, monkeypatch)


class TestP03TheNextRunConverges:
    """A kill at every message, a crash of the server and a pulled cable: tests/faults/migrations."""

    @pytest.mark.parametrize("case", data.KILLED)
    def test_p03_after_a_kill_every_effect_is_there_exactly_once(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        data.check_p03_killed(filled, monkeypatch, case)

    def test_p03_killed_while_the_server_commits_effect_and_record_are_there_or_neither(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p03_commit(filled, monkeypatch)


class TestP04NothingOutlivesItsClient:
    @pytest.mark.parametrize("case", runs.ORPHANS)
    def test_p04_two_seconds_after_a_kill_no_statement_and_no_lock_remains(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        runs.check_p04(filled, monkeypatch, case)


class TestP05ManyAtOnce:
    def test_p05_one_applies_and_all_succeed(self, filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        runs.check_p05(filled, monkeypatch)


class TestP06ALostReplyToCommit:
    @pytest.mark.parametrize("cut", runs.CUTS)
    def test_p06_what_is_said_is_what_is_there(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, cut: Cut
    ) -> None:
        runs.check_p06(filled, monkeypatch, cut)

    def test_p06_a_commit_that_the_server_still_works_on_is_waited_for(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs.check_p06_half(filled, monkeypatch)


class TestP07NoInvalidIndexIsRecorded:
    def test_p07_a_failed_index_leaves_neither_row_nor_ruin(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p07_failed(filled, monkeypatch)

    def test_p07_the_ruin_of_a_killed_run_is_built_anew(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p07_killed(filled, monkeypatch)

    def test_p07_somebody_elses_ruin_is_not_taken_for_the_index(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p07_of_somebody_else(filled, monkeypatch)

    def test_p07_an_index_of_that_name_on_another_table_is_not_taken_for_it(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.check_p07_other_table(filled, monkeypatch)


class TestP08NobodyWaitsLong:
    @pytest.mark.parametrize("case", runs.WAITING)
    def test_p08_readers_go_first_while_the_migration_waits_for_its_lock(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        runs.check_p08(filled, monkeypatch, case)


class TestP09ABackupThatCannotBeReadStopsEverything:
    @pytest.mark.parametrize("harm", data.HARMS)
    def test_p09_nothing_is_run(self, filled: Product, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
        data.check_p09_taken(filled, monkeypatch, harm)

    @pytest.mark.parametrize("harm", [*data.HARMS, data.UNSEEN])
    def test_p09_one_that_was_harmed_later_is_not_restored(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, harm: str
    ) -> None:
        data.check_p09_restored(filled, monkeypatch, harm)


class TestP10LineEnds:
    def test_p10_line_ends_and_a_byte_order_mark_change_nothing(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs.check_p10(filled, monkeypatch)


class TestP11FilesThatDoNotAgree:
    @pytest.mark.parametrize("case", runs.DISAGREEING)
    def test_p11_they_are_refused_before_any_write(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        runs.check_p11(filled, monkeypatch, case)


class TestP12NoPassword:
    """At length in tests/scenarios/test_migrate_secrets.py."""

    def test_p12_it_is_neither_in_words_nor_in_what_is_kept(
        self, product: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs.check_p12(product, monkeypatch)


class TestP13BehindATransactionPooler:
    @pytest.fixture
    def pooled(self, filled: Product) -> Iterator[Product]:
        with promises.pooled(filled) as behind:
            yield behind

    def test_p13_it_is_said_and_one_alone_applies(self, pooled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        runs.check_p13(pooled, monkeypatch)

    def test_p13_a_statement_outside_of_transactions_is_refused_there(
        self, pooled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs.check_p13_solo(pooled, monkeypatch)


class TestP14TheWrongDatabase:
    @pytest.mark.parametrize("command", runs.COMMANDS)
    def test_p14_the_database_of_production_is_not_that_of_staging(
        self, product: Product, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        runs.check_p14(product, monkeypatch, command)

    def test_p14_another_tool_is_not_let_in_either(self, product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
        runs.check_p14_other_tool(product, monkeypatch)


class TestP15Speed:
    """Against dbmate and Alembic in seconds: bench. Here what no machine changes: how often the server is asked."""

    def test_p15_a_small_migration_costs_few_questions_and_nothing_pending_no_more_for_many(
        self, product: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        product.configure(settings='rehearse = "never"', staging=NO_BACKUP)
        asked = itertools.count()
        whole = psycopg.Connection.wait

        def counted(*arguments: object, **more: object) -> object:
            next(asked)
            return whole(*arguments, **more)  # type: ignore[arg-type]

        def cost() -> int:
            before = next(asked)
            ended = product.migrate()
            assert ended.code == 0, ended.err
            return next(asked) - before - 1

        monkeypatch.setattr(psycopg.Connection, "wait", counted)
        few, nothing = cost(), cost()
        product.write({f"{number:04}_t.sql": f"CREATE TABLE t{number} (id int);\n" for number in range(2, 12)})
        ten = cost()
        product.write({f"{number:04}_t.sql": f"CREATE TABLE t{number} (id int);\n" for number in range(12, 112)})
        hundred, nothing_again = cost(), cost()
        assert (hundred - ten) / 90 <= 1.5
        assert few <= 100
        assert nothing_again == nothing <= 8


class TestP16WhatARestoreKeeps:
    def test_p16_owner_rights_and_settings_stay_and_the_failed_database_is_kept(self, filled: Product) -> None:
        name, server = filled.database, filled.server
        for role in ("owner", "reader"):
            server.role(f"{name}_{role}", "pass")
        for statement in (
            f"ALTER DATABASE {name} OWNER TO {name}_owner",
            f"REVOKE CONNECT ON DATABASE {name} FROM public",
            f"GRANT CONNECT ON DATABASE {name} TO {name}_reader",
            f"ALTER DATABASE {name} SET work_mem = '7MB'",
            f"ALTER ROLE {name}_reader IN DATABASE {name} SET search_path = 'shop'",
            f"ALTER DATABASE {name} CONNECTION LIMIT 23",
            f"COMMENT ON DATABASE {name} IS 'the live one'",
        ):
            server.query("postgres", statement)
        filled.query(f"ALTER TABLE notes OWNER TO {name}_owner")
        filled.query(f"GRANT SELECT ON notes TO {name}_reader")
        before, rows = kept_beside(filled), filled.look()
        taken = json.loads(filled.migrate("backup", "--json").out.splitlines()[-1])["outputs"]
        filled.write({"0002_gone.sql": "DROP TABLE notes;\n"})
        assert filled.migrate().code == 0

        ended = filled.migrate("restore", taken["run"], "--json")

        assert ended.code == 0, ended.err
        kept = json.loads(ended.out.splitlines()[-1])["outputs"]["kept"]
        assert (kept_beside(filled), filled.look()) == (before, rows)
        assert server.query(kept, "SELECT to_regclass('notes') IS NULL, count(*) FROM shipit.migration") == [
            (True, 2)
        ]
        for database in (kept, name):
            server.drop(database)
        for role in ("owner", "reader"):
            server.query("postgres", f"DROP ROLE {name}_{role}")


def kept_beside(product: Product) -> object:
    """What PostgreSQL keeps of a database beside what is in it."""
    of_it = (
        "SELECT pg_get_userbyid(datdba), datacl::text, datconnlimit, shobj_description(oid, 'pg_database'),"
        " (SELECT array_agg(format('%s %s', setrole::regrole, setconfig) ORDER BY setrole)"
        "  FROM pg_db_role_setting WHERE setdatabase = d.oid)::text"
        " FROM pg_database d WHERE datname = current_database()"
    )
    return product.query(of_it)
