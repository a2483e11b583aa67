"""shipit migrate on databases and servers that are set up otherwise, and scripts that go their own way."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.migrations.conftest import database, debian, embedded, server
from tests.support import run
from tests.support.inside import Ended
from tests.support.migrations import NO_BACKUP, NOTES, Migrated, Product
from tests.support.pgbouncer import before
from tests.support.postgres import Server, wait_until

__all__ = ["database", "debian", "embedded", "server"]

MORE = {"0002_more.sql": "CREATE TABLE more (name text);\nINSERT INTO more VALUES ('a\\');\n"}


@pytest.fixture(scope="module")
def at_one(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    return Migrated(tmp_path_factory.mktemp("at_one"), "at_one")


@pytest.fixture
def product(tmp_path: Path, server: Server, database: str, at_one: Migrated) -> Product:
    """A product at version 0001."""
    made = Product(tmp_path / "product", server, database)
    made.write(NOTES)
    return at_one.fill(made)


def well(ended: Ended, code: int) -> Ended:
    assert "Traceback" not in ended.out + ended.err
    assert ended.code == code, ended.err
    return ended


class TestSettings:
    @pytest.mark.parametrize(
        "setting",
        [
            "DateStyle = 'German'",
            "standard_conforming_strings = off",
            "client_encoding = 'LATIN1'",
            "quote_all_identifiers = on",
        ],
    )
    def test_a_database_may_have_its_own(self, product: Product, setting: str) -> None:
        product.server.query("postgres", f"ALTER DATABASE {product.database} SET {setting}")
        product.write({"0002_fails.sql": "CREATE TABLE a_table_with_a_name_so_long_that_it_is_cut (id nowhere);\n"})
        well(product.migrate("--yes"), 7)
        product.remove("0002_fails.sql")
        product.write(MORE)

        well(product.migrate("--yes"), 0)

        assert len(product.backups()) >= 2
        well(product.run("verify", "migrations", "--env", "staging"), 0)
        assert "shipit" not in well(product.migrate("status"), 0).err
        assert product.query("SELECT length(name) FROM more") == [(2,)]

    def test_a_statement_that_takes_too_long_is_no_trouble_of_the_network(self, product: Product) -> None:
        product.configure(staging=f"{NO_BACKUP}\nstatement-timeout = 1")
        product.write({"0002_slow.sql": "SELECT pg_sleep(5);\n"})
        ended = well(product.migrate("--yes"), 7)
        assert "canceling statement due to statement timeout" in ended.err
        assert "the network" not in ended.err
        assert "statement_timeout" in ended.err.rpartition("hint: ")[2]

    def test_a_transaction_that_may_write_nothing_is_not_taken_for_a_replica(self, product: Product) -> None:
        product.write({"0002_closed.sql": "SET transaction_read_only = on;\n"})
        ended = well(product.migrate("--yes"), 7)
        assert "transaction_read_only" in ended.err.rpartition("hint: ")[2]

    def test_an_idle_session_that_the_server_ends_is_explained_once(self, product: Product) -> None:
        product.server.query(
            "postgres", f"ALTER DATABASE {product.database} SET idle_in_transaction_session_timeout = 300"
        )
        product.write({"0002_slow.py": "import time\n\ndef up(connection):\n    time.sleep(1)\n"})
        ended = well(product.migrate("--yes"), 7)
        assert "idle_in_transaction_session_timeout" in ended.err.rpartition("hint: ")[2]

    def test_a_host_that_has_no_address_is_not_a_lost_link(self, product: Product) -> None:
        product.address = "postgresql://ada@no-such-host.invalid/acme"
        ended = well(product.migrate("--yes"), 4)
        assert "hint: check the address and the network" in ended.err


class TestEncodings:
    def test_how_a_run_failed_is_written_down_where_its_words_do_not_fit(
        self, tmp_path: Path, debian: Server
    ) -> None:
        debian.query(
            "postgres", "CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        product = Product(tmp_path / "product", debian, "narrow")
        product.write({**NOTES, "0002_größe.sql": "INSERT INTO notes (body) VALUES ('日本 €');\n"})
        try:
            ended = well(product.migrate("--yes"), 7)
            told = well(product.migrate("history"), 0).out
        finally:
            debian.drop("narrow")
        assert "encoding" in ended.err.rpartition("hint: ")[2]
        assert "rolled back after" in told
        assert "could not apply 0002_größe" in told
        assert "('?? ?')" in told


class TestRights:
    def test_a_schema_that_somebody_else_made_for_the_ledger_is_enough(
        self, tmp_path: Path, server: Server, database: str
    ) -> None:
        server.role(f"app_{database}", "a word", "LOGIN")
        product = Product(tmp_path / "product", server, database, staging=NO_BACKUP)
        product.address = server.url(database, f"app_{database}", "a word")
        product.write(NOTES)
        product.query(f"GRANT ALL ON SCHEMA public TO app_{database}")
        product.query("CREATE SCHEMA shipit")
        product.query(f"GRANT USAGE, CREATE ON SCHEMA shipit TO app_{database}")
        try:
            well(product.migrate("--yes"), 0)
            well(product.run("verify", "migrations", "--env", "staging"), 0)
        finally:
            product.query(f"DROP OWNED BY app_{database}")
            server.query("postgres", f"DROP ROLE app_{database}")


class TestPooler:
    def test_a_backup_can_be_taken_behind_it(self, product: Product) -> None:
        product.write(MORE)
        with before(product.server) as pooler:
            product.address = f"postgresql://postgres@127.0.0.1:{pooler.port}/{product.database}"
            ended = well(product.migrate("--yes"), 0)
        assert "behind a transaction pooler" in ended.err
        assert len(product.backups()) == 2
        assert product.query("SELECT length(name) FROM more") == [(2,)]


class TestWhatCommitsByItself:
    """Outside of a transaction a script may commit: then it is not true that everything is as before."""

    TWO = "-- shipit: solo\nDO $$ BEGIN INSERT INTO notes (body) VALUES ('one'); COMMIT; {} END $$;\n"

    @pytest.fixture
    def failed(self, product: Product) -> Product:
        product.configure(staging=NO_BACKUP)
        product.write({"0002_two.sql": self.TWO.format("PERFORM 1/0;")})
        ended = well(product.migrate("--yes"), 5)
        assert "everything is as before" not in ended.err
        assert "committed" in ended.err
        assert "shipit.intent" in ended.err
        return product

    def test_what_stays_is_said_and_it_is_not_done_again(self, failed: Product) -> None:
        for text in (self.TWO.format("PERFORM 1/0;"), self.TWO.format("")):
            failed.write({"0002_two.sql": text})
            ended = well(failed.migrate("--yes"), 4)
            assert "DELETE FROM shipit.intent WHERE version = '0002'" in ended.err
            assert failed.query("SELECT body FROM notes") == [("one",)]

    def test_a_person_may_say_that_it_can_be_run_again(self, failed: Product) -> None:
        failed.write({"0002_two.sql": "-- shipit: idempotent\n" + self.TWO.format("")})
        well(failed.migrate("--yes"), 0)
        assert failed.query("SELECT body FROM notes") == [("one",), ("one",)]
        assert failed.query("SELECT count(*) FROM shipit.intent") == [(0,)]

    def test_what_it_committed_is_not_taken_for_somebody_elses(self, product: Product) -> None:
        product.write(
            {"0002_more.sql": "CREATE TABLE more (id int);\n", "0003_two.sql": self.TWO.format("PERFORM 1/0;")}
        )
        ended = well(product.migrate("--yes"), 5)
        assert "0 transactions of others since the backup" in ended.err
        assert "last good version: 0002" in ended.err
        assert "DELETE FROM shipit.intent WHERE version = '0003'" in ended.err

    def test_a_person_may_undo_it(self, failed: Product) -> None:
        failed.query("DELETE FROM notes")
        failed.query("DELETE FROM shipit.intent WHERE version = '0002'")
        failed.write({"0002_two.sql": self.TWO.format("")})
        well(failed.migrate("--yes"), 0)
        assert failed.query("SELECT body FROM notes") == [("one",)]

    def test_what_failed_before_its_first_commit_is_as_before(self, product: Product) -> None:
        product.configure(staging=NO_BACKUP)
        product.write({"0002_two.sql": "-- shipit: solo\nDO $$ BEGIN DELETE FROM notes; PERFORM 1/0; END $$;\n"})
        ended = well(product.migrate("--yes"), 7)
        assert "everything is as before" in ended.err
        assert product.query("SELECT count(*) FROM notes") == [(0,)]
        assert product.query("SELECT count(*) FROM shipit.intent") == [(0,)]

    def test_a_verify_script_that_says_no_does_not_take_it_back(self, product: Product) -> None:
        product.configure(staging=NO_BACKUP)
        product.write(
            {
                "0002_two.sql": "-- shipit: solo\nINSERT INTO notes (body) VALUES ('a');\n",
                "0002_two.verify.sql": "SELECT count(*) = 2 FROM notes;\n",
            }
        )
        ended = well(product.migrate("--yes"), 5)
        assert "everything is as before" not in ended.err
        assert product.query("SELECT count(*) FROM notes") == [(1,)]


class TestWaiting:
    @pytest.mark.parametrize(
        "argv", ["migrate --yes", "migrate --dry-run", "migrate status", "verify migrations"], ids=lambda argv: argv
    )
    def test_who_lets_nobody_look_at_a_table_is_not_waited_for_without_end(
        self, product: Product, argv: str
    ) -> None:
        product.configure(staging=f"{NO_BACKUP}\nlock-patience = 0.5")
        product.write(MORE)
        with closing(product.server.connect(product.database)) as other:
            other.execute("BEGIN; LOCK TABLE notes")
            ended = well(product.run(*argv.split(), "--env", "staging"), 4)
            assert "somebody holds a lock on it" in ended.err
        well(product.migrate("--yes"), 0)

    @pytest.fixture
    def reader(self, product: Product) -> Iterator[str]:
        """Somebody whose snapshot is older than the index; returns how a person would know them."""
        product.configure(staging=NO_BACKUP)
        with closing(product.server.connect(product.database)) as other:
            other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            other.execute("SELECT count(*) FROM notes")
            yield f"pid {other.info.backend_pid}, user postgres"

    def test_an_index_that_waits_for_somebody_says_for_whom(self, product: Product, reader: str) -> None:
        product.configure(staging=f"{NO_BACKUP}\nstatement-timeout = 2")
        product.write({"0002_by_body.sql": "CREATE INDEX CONCURRENTLY by_body ON notes (body);\n"})
        ended = well(product.migrate("--yes", "--verbose"), 5)
        assert f"0002_by_body waits for {reader}" in ended.err
        assert f"in the way: {reader}" in ended.err

    def test_it_is_said_while_it_waits(self, product: Product, reader: str) -> None:
        product.write({"0002_by_body.sql": "CREATE INDEX CONCURRENTLY by_body ON notes (body);\n"})
        child = product.start("--verbose")
        wait_until(lambda: product.is_doing("CONCURRENTLY"), 20)
        time.sleep(1)
        pid = reader.partition(",")[0].removeprefix("pid ")
        product.query(f"SELECT pg_terminate_backend({pid})")
        ended = run.wait(child)
        assert (ended.code, f"0002_by_body waits for {reader}" in ended.stderr) == (0, True), ended.stderr
