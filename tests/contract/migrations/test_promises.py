"""The promises P1 to P16, each through the real command on real servers, with others at work where it names them.

What only a kill at every single message or a pulled cable can show is in tests/faults/migrations; P12 is proved
at length in tests/scenarios/test_migrate_secrets.py.
"""

import contextlib
import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg
import pytest

from shipit.adapters.postgres import fence
from shipit.adapters.postgres.session import Session
from tests.support import pgbouncer
from tests.support.inside import Ended
from tests.support.migrations import DOWN, NO_BACKUP, NOTES, Product, Writer, writing
from tests.support.postgres import Server, wait_until
from tests.support.tcp_proxy import Cut, proxied

INSERT = "INSERT INTO notes (body) VALUES ('theirs') RETURNING id"
# two transactions, since nobody may use a new value before it is committed, and no way back for the first
TWO_GROUPS = {
    "0002_kind.sql": "CREATE TYPE kind AS ENUM ('a');\n",
    "0003_more.sql": "-- shipit: depends 0002\nALTER TYPE kind ADD VALUE 'b';\n",
}
FAILS_SLOWLY = {"0004_fails.sql": "SELECT pg_sleep(0.6);\nINSERT INTO notes (id) VALUES (NULL);\n"}
FAILS = {"0004_fails.sql": "INSERT INTO notes (id) VALUES (NULL);\n"}


@pytest.fixture
def product(tmp_path: Path, server: Server, database: str) -> Iterator[Product]:
    """A product with one table of notes, migrated and filled; its kept databases go afterwards."""
    made = Product(tmp_path / "product", server, database)
    made.write(NOTES)
    yield made
    for (name,) in server.query("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{database}\\_%'"):
        server.drop(str(name))


@pytest.fixture
def filled(product: Product) -> Product:
    ended = product.migrate()
    assert ended.code == 0, ended.err
    product.query("INSERT INTO notes (body) SELECT 'ours' FROM generate_series(1, 50)")
    return product


class TestP01NoAcknowledgedForeignRowIsEverDiscardedAutomatically:
    def test_p01_a_busy_writer_stops_every_automatic_way_back(self, filled: Product) -> None:
        filled.write({**TWO_GROUPS, **FAILS_SLOWLY})

        with writing(Writer(filled.address, INSERT)) as writer:
            ended = filled.migrate()
            acknowledged = writer.end()

        assert ended.code == 5, ended.err
        assert len(acknowledged) > 50
        assert keys(filled) >= set(acknowledged)
        assert "--accept-loss" in ended.err

    def test_p01_a_writer_who_begins_during_the_restore_is_not_overlooked(self, filled: Product) -> None:
        filled.write({**TWO_GROUPS, **FAILS})
        side = f"SELECT 1 FROM pg_database WHERE datname LIKE '{filled.database}\\_shipit%'"

        with writing(Writer(filled.address, INSERT, lambda: bool(filled.query(side)), limit=1)) as writer:
            ended = filled.migrate()
            acknowledged = writer.end()

        assert len(acknowledged) == 1, ended.err
        assert ended.code == 5, ended.err
        assert keys(filled) >= set(acknowledged)

    def test_p01_a_row_written_in_the_last_moment_before_nobody_can_come_in_stops_the_restore(
        self, filled: Product, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        filled.write({**TWO_GROUPS, **FAILS})
        acknowledged: list[object] = []
        ending = fence.ending

        def written_before(session: Session, databases: Sequence[str]) -> contextlib.AbstractContextManager[None]:
            acknowledged.extend(key for (key,) in filled.query(INSERT))
            return ending(session, databases)

        monkeypatch.setattr(fence, "ending", written_before)
        ended = filled.migrate()

        assert len(acknowledged) == 1, ended.err
        assert ended.code == 5, ended.err
        assert "others wrote to the database since the backup" in ended.err
        assert "--accept-loss 1" in ended.err
        assert keys(filled) >= set(acknowledged)

    def test_p01_one_row_written_while_an_index_is_built_stops_the_restore(self, filled: Product) -> None:
        filled.write(
            {"0002_index.sql": "CREATE INDEX CONCURRENTLY by_body ON notes (body, pg_sleep_too(id));\n", **FAILS}
        )
        filled.query(
            "CREATE FUNCTION pg_sleep_too(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql"
            " AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN id; END $$"
        )
        building = "SELECT 1 FROM pg_stat_progress_create_index"

        with writing(Writer(filled.address, INSERT, lambda: bool(filled.query(building)), limit=1)) as writer:
            ended = filled.migrate()
            acknowledged = writer.end()

        assert len(acknowledged) == 1, ended.err
        assert ended.code == 5, ended.err
        assert "1 transactions of others since the backup" in ended.err
        assert keys(filled) >= set(acknowledged)

    def test_p01_rows_in_a_table_of_this_run_are_not_dropped_by_its_down_script(self, filled: Product) -> None:
        filled.write(
            {
                "0002_tags.sql": "CREATE TABLE tags (id serial PRIMARY KEY);\n",
                "0002_tags.down.sql": "DROP TABLE tags;\n",
                "0003_by_body.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n",
                "0003_by_body.down.sql": "DROP INDEX by_body;\n",
                **FAILS_SLOWLY,
                "0004_fails.down.sql": "SELECT 1;\n",
            }
        )
        insert = "INSERT INTO tags DEFAULT VALUES RETURNING id"

        with writing(Writer(filled.address, insert, lambda: filled.is_doing("pg_sleep"), limit=3)) as writer:
            ended = filled.migrate()
            acknowledged = writer.end()

        assert ended.code == 5, ended.err
        assert filled.query("SELECT id FROM tags ORDER BY id") == [(key,) for key in acknowledged]
        assert len(acknowledged) == 3


class TestP02TakenBackMeansAsBefore:
    CASES: Mapping[str, Mapping[str, str]] = {
        "rolled back": {"0002_more.sql": "ALTER TABLE notes ADD COLUMN more text;\nDELETE FROM notes;\n", **FAILS},
        "down scripts": {
            "0002_index.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n",
            "0002_index.down.sql": "DROP INDEX by_body;\n",
            **FAILS,
        },
        "backup, since a down script leaves something": {
            "0002_kind.sql": "CREATE TYPE kind AS ENUM ('a');\nCREATE TABLE left_over (id int);\n",
            "0002_kind.down.sql": "DROP TYPE kind;\n",
            "0003_more.sql": "ALTER TYPE kind ADD VALUE 'b';\n",
            "0003_more.down.sql": "SELECT 1;\n",
            **FAILS,
        },
        "backup, since a down script leaves rows": {
            "0002_rows.sql": "INSERT INTO notes (body) VALUES ('left');\n",
            "0002_rows.down.sql": "SELECT 1;\n",
            "0003_index.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n",
            "0003_index.down.sql": "DROP INDEX by_body;\n",
            **FAILS,
        },
        "backup, since there is no down script": {**TWO_GROUPS, **FAILS},
        "backup, also after what no transaction can hold": {
            "0002_index.sql": "CREATE INDEX CONCURRENTLY by_body ON notes (body);\n",
            "0003_swept.sql": "-- shipit: solo\nVACUUM ANALYZE notes;\n",
            **FAILS,
        },
    }

    @pytest.mark.parametrize("case", CASES)
    def test_p02_schema_and_rows_are_those_of_before(self, filled: Product, case: str) -> None:
        filled.write(self.CASES[case])
        before = filled.look()

        ended = filled.migrate()

        assert ended.code == 7, ended.err
        assert filled.look() == before
        assert filled.applied() == ["0001"]

    @pytest.mark.parametrize("what", ["something", "rows"])
    def test_p02_where_a_way_back_would_leave_something_it_is_not_called_taken_back(
        self, filled: Product, what: str
    ) -> None:
        filled.configure(staging=f"{DOWN}\nrestore = false")
        filled.write(self.CASES[f"backup, since a down script leaves {what}"])

        ended = filled.migrate()

        assert ended.code == 5, ended.err
        assert filled.applied()[:2] == ["0001", "0002"]

    def test_p02_a_restore_that_brought_less_than_was_backed_up_is_not_put_in_place(
        self, filled: Product, tmp_path: Path
    ) -> None:
        filled.write({**TWO_GROUPS, **FAILS})
        filled.environment["SHIPIT_PG_BIN"] = str(forgetful(filled.server.bin, tmp_path / "bin"))

        ended = filled.migrate()

        assert ended.code == 5, ended.err
        assert "what was restored is not what was backed up" in ended.err
        assert filled.applied() == ["0001", "0002", "0003"]
        assert len(keys(filled)) == 50

    def test_p02_a_schema_that_somebody_changed_meanwhile_is_not_as_before(self, filled: Product) -> None:
        filled.write(FAILS_SLOWLY)

        def act() -> None:
            wait_until(lambda: filled.is_doing("pg_sleep"))
            filled.query("CREATE TABLE theirs (id int)")

        thread = threading.Thread(target=act)
        thread.start()

        ended = filled.migrate()
        thread.join()

        assert ended.code == 5, ended.err
        assert "somebody else changed it" in ended.err


class TestP03TheNextRunConverges:
    """A kill at every message, a crash of the server and a pulled cable: tests/faults/migrations."""

    @pytest.mark.parametrize(
        ("word", "up"),
        [
            ("pg_sleep", "INSERT INTO notes (body) VALUES ('once');\nSELECT pg_sleep(20);\n"),
            ("CONCURRENTLY", "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n"),
        ],
        ids=["transaction", "solo"],
    )
    def test_p03_after_a_kill_every_effect_is_there_exactly_once(self, filled: Product, word: str, up: str) -> None:
        filled.write({"0002_more.sql": up})
        with filled.server.connect(filled.database) as other, other.transaction():
            other.execute("INSERT INTO notes (body) VALUES ('open')")  # CONCURRENTLY waits for it
            struck(filled, word)
        filled.write({"0002_more.sql": up.replace("20", "0")})

        ended = filled.migrate()

        assert ended.code == 0, ended.err
        assert filled.applied() == ["0001", "0002"]
        assert filled.query("SELECT count(*) FROM notes WHERE body = 'once'") == [("once" in up,)]
        assert filled.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
        assert [run_[1] for run_ in runs(filled)][-2:] == ["killed", "complete"]

    def test_p03_killed_while_the_server_commits_effect_and_record_are_there_or_neither(
        self, filled: Product
    ) -> None:
        commit_slowly(filled)
        filled.write({"0002_more.sql": "INSERT INTO notes (body) VALUES ('once');\n"})
        once = "SELECT count(*) FROM notes WHERE body = 'once'"

        struck(filled, "COMMIT")

        assert filled.query(once) == [(filled.applied()[1:] == ["0002"],)]
        assert filled.migrate().code == 0
        assert filled.applied() == ["0001", "0002"]
        assert filled.query(once) == [(1,)]


class TestP04NothingOutlivesItsClient:
    @pytest.mark.parametrize(
        "up",
        [
            "ALTER TABLE notes ADD COLUMN more text;\nSELECT pg_sleep(30);\n",
            "DO $$BEGIN PERFORM pg_sleep(30); END$$;\n",
        ],
        ids=["statement", "function"],
    )
    def test_p04_two_seconds_after_a_kill_no_statement_and_no_lock_remains(self, filled: Product, up: str) -> None:
        filled.write({"0002_more.sql": up})

        struck(filled, "pg_sleep(30)", settled=False)
        time.sleep(2)

        assert filled.sessions() == []
        locks = (
            "SELECT locktype, relation::regclass FROM pg_locks WHERE pid <> pg_backend_pid() AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert filled.query(locks) == []


class TestP05ManyAtOnce:
    def test_p05_one_applies_and_all_succeed(self, filled: Product) -> None:
        filled.write(
            {
                "0002_more.sql": "INSERT INTO notes (body) VALUES ('once');\nSELECT pg_sleep(0.5);\n",
                "0003_index.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n",
            }
        )
        before = len(filled.backups())

        ended = filled.at_once(3)

        assert [each.code for each in ended] == [0, 0, 0], "\n".join(each.said for each in ended)
        assert filled.query("SELECT count(*) FROM notes WHERE body = 'once'") == [(1,)]
        assert filled.query("SELECT count(DISTINCT run) FROM shipit.migration WHERE version > '0001'") == [(1,)]
        assert len(filled.backups()) == before + 1


class TestP06ALostReplyToCommit:
    @pytest.mark.parametrize(("cut", "code", "there"), [("after", 0, ["0001", "0002"]), ("before", 7, ["0001"])])
    def test_p06_what_is_said_is_what_is_there(
        self, filled: Product, cut: Cut, code: int, there: list[str]
    ) -> None:
        filled.write({"0002_more.sql": "CREATE TABLE more (id int);\nSELECT pg_sleep(0.7);\n"})

        ended = self.cut_off(filled, cut)

        assert ended.code == code, ended.err
        assert filled.applied() == there
        assert filled.query("SELECT to_regclass('more') IS NOT NULL") == [(code == 0,)]
        assert "asking whether it came through" in ended.err
        assert ("0002_more was not committed" in ended.err) == (cut == "before")

    def test_p06_a_commit_that_the_server_still_works_on_is_waited_for(self, filled: Product) -> None:
        commit_slowly(filled)
        filled.write({"0002_more.sql": "INSERT INTO notes (body) VALUES ('once');\nSELECT pg_sleep(0.7);\n"})

        ended = self.cut_off(filled, "half")

        assert ended.code == 0, ended.err
        assert filled.applied() == ["0001", "0002"]
        assert filled.query("SELECT count(*) FROM notes WHERE body = 'once'") == [(1,)]

    @staticmethod
    def cut_off(product: Product, cut: Cut) -> Ended:
        """Migrate through a link that is cut at the COMMIT of what sleeps."""
        with proxied(product.server.port) as proxy:
            product.address = product.address.replace(str(product.server.port), str(proxy.port))

            def arm() -> None:
                wait_until(lambda: product.is_doing("pg_sleep"))
                proxy.cut = cut

            thread = threading.Thread(target=arm)
            thread.start()
            ended = product.migrate("--verbose")
            thread.join()
            assert proxy.cuts == 1
        return ended


class TestP07NoInvalidIndexIsRecorded:
    UNIQUE = "-- shipit: solo\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_body ON notes (body);\n"
    STATE = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('one_body')"

    def test_p07_a_failed_index_leaves_neither_row_nor_ruin(self, filled: Product) -> None:
        filled.write({"0002_unique.sql": self.UNIQUE})

        ended = filled.migrate()

        assert ended.code == 7, ended.err
        assert (filled.applied(), filled.query(self.STATE)) == (["0001"], [])

        filled.query("UPDATE notes SET body = id")
        assert filled.migrate().code == 0
        assert (filled.applied(), filled.query(self.STATE)) == (["0001", "0002"], [(True,)])

    def test_p07_the_ruin_of_a_killed_run_is_built_anew(self, filled: Product) -> None:
        filled.query("UPDATE notes SET body = id")
        filled.write({"0002_unique.sql": self.UNIQUE})
        with filled.server.connect(filled.database) as other, other.transaction():
            other.execute("INSERT INTO notes (body) VALUES ('open')")
            struck(filled, "CONCURRENTLY")
        assert filled.query(self.STATE) == [(False,)]

        assert filled.migrate().code == 0

        assert (filled.applied(), filled.query(self.STATE)) == (["0001", "0002"], [(True,)])

    def test_p07_somebody_elses_ruin_is_not_taken_for_the_index(self, filled: Product) -> None:
        with filled.server.connect(filled.database) as other, contextlib.suppress(psycopg.errors.UniqueViolation):
            other.execute("CREATE UNIQUE INDEX CONCURRENTLY one_body ON notes (body)")
        filled.write({"0002_unique.sql": self.UNIQUE})

        ended = filled.migrate()

        assert ended.code in {4, 7}, ended.err
        assert filled.applied() == ["0001"]

    def test_p07_an_index_of_that_name_on_another_table_is_not_taken_for_it(self, filled: Product) -> None:
        filled.query("CREATE TABLE other (body text)")
        filled.query("CREATE INDEX one_body ON other (body)")
        filled.write({"0002_unique.sql": self.UNIQUE})

        ended = filled.migrate()

        assert ended.code == 7, ended.err
        assert "its effect cannot be seen" in ended.err
        assert (filled.applied(), filled.query(self.STATE)) == (["0001"], [(True,)])


class TestP08NobodyWaitsLong:
    @pytest.mark.parametrize(
        ("word", "up", "code"),
        [
            ("ALTER TABLE", "ALTER TABLE notes ADD COLUMN more text;\n", 0),
            ("VACUUM", "-- shipit: solo\nVACUUM FULL notes;\n", 7),  # it tries three times, without a pause
        ],
        ids=["transaction", "solo"],
    )
    def test_p08_readers_go_first_while_the_migration_waits_for_its_lock(
        self, filled: Product, word: str, up: str, code: int
    ) -> None:
        filled.write({"0002_more.sql": up})
        longest, over = [0.0], threading.Event()

        def read() -> None:
            with filled.server.connect(filled.database) as reader:
                while not over.is_set():
                    began = time.monotonic()
                    reader.execute("SELECT count(*) FROM notes")
                    longest[0] = max(longest[0], time.monotonic() - began)
                    time.sleep(0.005)

        def hold() -> None:
            with filled.server.connect(filled.database) as holder, holder.transaction():
                holder.execute("SELECT 1 FROM notes LIMIT 1")
                held.set()
                wait_until(lambda: over.is_set() or filled.is_doing(word))
                over.wait(2.5)

        held = threading.Event()
        others = [threading.Thread(target=read), threading.Thread(target=hold)]
        for thread in others:
            thread.start()
        held.wait(10)
        ended = filled.migrate("--verbose")
        over.set()
        for thread in others:
            thread.join()

        assert longest[0] < 1.2, "lock_timeout is 0.2 s, and the others' wait was that of the whole transaction"
        assert ended.code == code, ended.err
        assert "a lock could not be had" in ended.err


class TestP09ABackupThatCannotBeReadStopsEverything:
    @pytest.mark.parametrize("harm", ["head -c 6000", "tr A B"], ids=["cut", "flipped"])
    def test_p09_nothing_is_run(self, filled: Product, tmp_path: Path, harm: str) -> None:
        filled.query("INSERT INTO notes (body) SELECT md5(g::text) FROM generate_series(1, 5000) g")
        filled.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
        filled.environment["SHIPIT_PG_BIN"] = str(harmed(filled.server.bin, tmp_path / "bin", harm))
        before = filled.look(), len(filled.backups())

        ended = filled.migrate()

        assert ended.code == 7, ended.err
        assert "cannot be read back" in ended.err
        assert (filled.look(), len(filled.backups())) == before
        assert filled.applied() == ["0001"]

    @pytest.mark.parametrize("harm", ["cut", "flipped", "flipped where no program looks"])
    def test_p09_one_that_was_harmed_later_is_not_restored(self, filled: Product, harm: str) -> None:
        taken = json.loads(filled.migrate("backup", "--json").out.splitlines()[-1])["outputs"]
        file = Path(taken["backup"])
        data = bytearray(file.read_bytes())
        unseen = data.index(filled.database.encode())  # the header names the database that was dumped
        data[len(data) // 2 if harm == "flipped" else unseen] ^= 1
        file.write_bytes(data[:-20] if harm == "cut" else data)
        before = filled.look()

        ended = filled.migrate("restore", taken["run"], "--accept-loss", "1000")

        assert ended.code == 4, ended.err
        assert "a backup is not what was written" in ended.err
        assert filled.look() == before


class TestP10LineEnds:
    def test_p10_line_ends_and_a_byte_order_mark_change_nothing(self, filled: Product) -> None:
        text = NOTES["0001_notes.sql"]
        for other in (text.replace("\n", "\r\n"), "\ufeff" + text, "\ufeff" + text.replace("\n", "\r\n")):
            filled.write({"0001_notes.sql": other})
            assert filled.run("verify", "migrations", "--env", "staging").code == 0
            assert "nothing to migrate" in filled.migrate().err
        filled.write({"0001_notes.sql": text.replace("notes", "noteS")})
        assert filled.run("verify", "migrations", "--env", "staging").code == 6


class TestP11FilesThatDoNotAgree:
    MORE: Mapping[str, str] = {"0003_more.sql": "CREATE TABLE more (id int);\n"}
    CASES: Mapping[str, Mapping[str, str]] = {
        "edited": {"0001_notes.sql": "CREATE TABLE notes (id int);\n"},
        "late": {"0000_late.sql": "CREATE TABLE late (id int);\n"},
        "duplicate": {"0003_other.sql": "CREATE TABLE other (id int);\n"},
        "cyclic": {
            "0004_a.sql": "-- shipit: depends 0005\nCREATE TABLE a (id int);\n",
            "0005_b.sql": "-- shipit: depends 0004\nCREATE TABLE b (id int);\n",
        },
        "deleted": {},
    }

    @pytest.mark.parametrize("case", CASES)
    def test_p11_they_are_refused_before_any_write(self, filled: Product, case: str) -> None:
        filled.write({**self.MORE, **self.CASES[case]})
        if case == "deleted":
            filled.remove("0001_notes.sql", "0001_notes.down.sql")
        before = filled.next_xid()

        ended = filled.migrate()

        assert ended.code == 4, ended.err
        assert filled.next_xid() == before
        assert len(filled.backups()) == 1  # of the first run


class TestP12NoPassword:
    """At length in tests/scenarios/test_migrate_secrets.py."""

    def test_p12_it_is_neither_in_words_nor_in_what_is_kept(self, product: Product, tmp_path: Path) -> None:
        password = "p#s@w:o/r d"
        role = f"{product.database}_role"
        product.server.role(role, password, "LOGIN SUPERUSER")
        address = product.server.url(product.database, role, password)
        try:
            good = product.migrate("--verbose", DATABASE_URL=address)
            product.write({"0002_tells.sql": f"SELECT '{password}'::int;\n"})
            errors_translated = product.migrate("--verbose", DATABASE_URL=address)
            bad = product.migrate(
                "--verbose", DATABASE_URL=product.server.url(product.database, role, password + "x")
            )
        finally:
            product.server.query(product.database, f"REASSIGN OWNED BY {role} TO postgres")
            product.server.query(product.database, f"DROP OWNED BY {role}")
            product.server.query("postgres", f"DROP ROLE {role}")
        assert (good.code, errors_translated.code, bad.code) == (0, 7, 4), (
            good.err + errors_translated.err + bad.err
        )
        said = (
            good.out
            + good.err
            + errors_translated.out
            + errors_translated.err
            + bad.out
            + bad.err
            + product.audit()
            + str(runs(product))
        )
        assert not any(spelling in said for spelling in (password, "p%23s%40w%3Ao%2Fr%20d", "w:o/r"))


class TestP13BehindATransactionPooler:
    @pytest.fixture
    def pooled(self, filled: Product) -> Iterator[Product]:
        with pgbouncer.before(filled.server) as pooler:
            filled.address = pooler.url(filled.database)
            filled.configure(settings='rehearse = "never"', staging=NO_BACKUP)
            yield filled

    def test_p13_it_is_said_and_one_alone_applies(self, pooled: Product) -> None:
        pooled.query("CREATE SEQUENCE tries")  # a rollback does not take a number back
        insert = "INSERT INTO notes (body) VALUES ('once ' || nextval('tries'));\n"
        pooled.write({"0002_more.sql": f"{insert}SELECT pg_sleep(1);\n"})

        ended = pooled.at_once(3)

        assert [each.code for each in ended] == [0, 0, 0], "\n".join(each.said for each in ended)
        assert any("pooler" in each.stderr for each in ended)
        assert pooled.query("SELECT body FROM notes WHERE body LIKE 'once%'") == [("once 1",)]
        assert pooled.query("SELECT last_value FROM tries") == [(1,)]
        assert pooled.applied() == ["0001", "0002"]

    def test_p13_a_statement_outside_of_transactions_is_refused_there(self, pooled: Product) -> None:
        pooled.write({"0002_index.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n"})
        before = pooled.next_xid()

        ended = pooled.migrate()

        assert ended.code == 4, ended.err
        assert "pooler" in ended.err
        assert pooled.next_xid() == before


class TestP14TheWrongDatabase:
    COMMANDS = ("", "rollback", "rollback --to 0", "backup", "restore RUN --accept-loss 9", "adopt")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_p14_the_database_of_production_is_not_that_of_staging(self, product: Product, command: str) -> None:
        assert product.migrate(env="production").code == 0
        taken = json.loads(product.migrate("backup", "--json", env="production").out.splitlines()[-1])["outputs"]
        backups = product.folder / ".git" / "shipit" / "backups"
        (backups / "production").rename(backups / "staging")
        product.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
        before = product.next_xid()

        ended = product.migrate(*(taken["run"] if word == "RUN" else word for word in command.split()))

        assert ended.code == 4, ended.err
        assert "this database belongs to production, not to staging" in ended.err
        assert product.next_xid() == before

    def test_p14_another_tool_is_not_let_in_either(self, product: Product) -> None:
        assert product.migrate(env="production").code == 0
        product.configure(settings='engine = "command"\ncommand = ["touch", "was-run"]')

        ended = product.migrate()

        assert ended.code == 4, ended.err
        assert not (product.folder / "was-run").exists()


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
        before, rows = self.errors_translated(filled), filled.look()
        taken = json.loads(filled.migrate("backup", "--json").out.splitlines()[-1])["outputs"]
        filled.write({"0002_gone.sql": "DROP TABLE notes;\n"})
        assert filled.migrate().code == 0

        ended = filled.migrate("restore", taken["run"], "--json")

        assert ended.code == 0, ended.err
        kept = json.loads(ended.out.splitlines()[-1])["outputs"]["kept"]
        assert (self.errors_translated(filled), filled.look()) == (before, rows)
        assert server.query(kept, "SELECT to_regclass('notes') IS NULL, count(*) FROM shipit.migration") == [
            (True, 2)
        ]
        for database in (kept, name):
            server.drop(database)
        for role in ("owner", "reader"):
            server.query("postgres", f"DROP ROLE {name}_{role}")

    @staticmethod
    def errors_translated(product: Product) -> object:
        """What PostgreSQL keeps of a database beside what is in it."""
        of_it = (
            "SELECT pg_get_userbyid(datdba), datacl::text, datconnlimit, shobj_description(oid, 'pg_database'),"
            " (SELECT array_agg(format('%s %s', setrole::regrole, setconfig) ORDER BY setrole)"
            "  FROM pg_db_role_setting WHERE setdatabase = d.oid)::text"
            " FROM pg_database d WHERE datname = current_database()"
        )
        return product.query(of_it)


def keys(product: Product) -> set[object]:
    return {key for (key,) in product.query("SELECT id FROM notes")}


def runs(product: Product) -> list[tuple[object, ...]]:
    return product.query("SELECT command, outcome, detail FROM shipit.run ORDER BY started_at")


def struck(product: Product, word: str, *, settled: bool = True) -> None:
    """Start a run and kill it while the server is in a statement with this word; `settled`: it noticed that."""
    child = product.start()
    try:
        wait_until(lambda: child.poll() is not None or product.is_doing(word), 30)
        assert child.poll() is None, child.communicate()
    finally:
        child.kill()
        child.communicate()
    if settled:
        wait_until(lambda: not product.sessions())


def commit_slowly(product: Product) -> None:
    """From now on a COMMIT takes its time for each new note, and does not end with its client."""
    product.query(
        "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql SET client_connection_check_interval = 0"
        " AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$"
    )
    product.query(
        "CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slowly()"
    )


def harmed(programs: Path, folder: Path, how: str) -> Path:
    """Programs of PostgreSQL of which pg_dump harms what it writes, and says that all is well."""
    folder.mkdir()
    dump = folder / "pg_dump"
    dump.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {programs}/pg_dump "$@"\n{programs}/pg_dump "$@" | {how}\n'
    )
    dump.chmod(0o755)
    (folder / "pg_restore").symlink_to(programs / "pg_restore")
    return folder


def forgetful(programs: Path, folder: Path) -> Path:
    """Programs of PostgreSQL of which pg_restore brings no rows into a database, and says that all is well."""
    folder.mkdir()
    restore = folder / "pg_restore"
    restore.write_text(
        f'#!/bin/sh\ncase "$*" in *--dbname=*) set -- --schema-only "$@";; esac\nexec {programs}/pg_restore "$@"\n'
    )
    restore.chmod(0o755)
    (folder / "pg_dump").symlink_to(programs / "pg_dump")
    return folder
