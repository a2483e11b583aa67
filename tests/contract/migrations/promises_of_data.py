"""Checks of the promises about what is there afterwards: P1 to P3, P7 and P9."""

import contextlib
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
import pytest

from shipit.adapters.postgres import fence
from shipit.adapters.postgres.session import Session
from tests.contract.migrations.promises import (
    FAILS,
    FAILS_SLOWLY,
    INSERT,
    ONCE,
    TWO_GROUPS,
    assert_code,
    commit_slowly,
    forgetful,
    harmed,
    keys,
    runs,
    struck,
)
from tests.support.migrations import DOWN, Product, Writer, writing
from tests.support.postgres import wait_until

LOST = "a row that somebody else was promised is gone"


def check_p01_writer(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Somebody writes without a pause from before the backup until after the failure."""
    filled.write({**TWO_GROUPS, **FAILS_SLOWLY})

    with writing(Writer(filled.address, INSERT)) as writer:
        ended = filled.migrate()
        acknowledged = writer.end()

    [[theirs]] = filled.query("SELECT count(*) FROM notes WHERE body = 'theirs'")
    # a restored sequence gives the same keys again, so keys alone would not show it
    assert theirs == len(acknowledged), LOST
    assert keys(filled) >= set(acknowledged), LOST
    assert len(acknowledged) > 50
    assert_code(ended, 5)
    assert "--accept-loss" in ended.err


def check_p01_during_the_restore(filled: Product, _: pytest.MonkeyPatch) -> None:
    filled.write({**TWO_GROUPS, **FAILS})
    side = f"SELECT 1 FROM pg_database WHERE datname LIKE '{filled.database}\\_shipit%'"

    with writing(Writer(filled.address, INSERT, lambda: bool(filled.query(side)), limit=1)) as writer:
        ended = filled.migrate()
        acknowledged = writer.end()

    assert keys(filled) >= set(acknowledged), LOST
    assert len(acknowledged) == 1, ended.err
    assert_code(ended, 5)


def check_p01_last_moment(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row comes after the last look at an open database, and before nobody can come in."""
    filled.write({**TWO_GROUPS, **FAILS})
    acknowledged: list[object] = []
    ending = fence.ending

    def written_before(session: Session, databases: Sequence[str]) -> contextlib.AbstractContextManager[None]:
        acknowledged.extend(key for (key,) in filled.query(INSERT))
        return ending(session, databases)

    monkeypatch.setattr(fence, "ending", written_before)
    ended = filled.migrate()

    assert keys(filled) >= set(acknowledged), LOST
    assert len(acknowledged) == 1, ended.err
    assert_code(ended, 5)
    assert "others wrote to the database since the backup" in ended.err
    assert "--accept-loss 1" in ended.err


def check_p01_solo(filled: Product, _: pytest.MonkeyPatch) -> None:
    """One row among the transactions that CREATE INDEX CONCURRENTLY makes by itself."""
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

    assert keys(filled) >= set(acknowledged), LOST
    assert len(acknowledged) == 1, ended.err
    assert_code(ended, 5)
    assert "1 transactions of others since the backup" in ended.err


def check_p01_down(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Rows of somebody else in a table that this run made: the down script would drop it."""
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

    assert filled.query("SELECT to_regclass('tags')") == [("tags",)], LOST
    assert filled.query("SELECT id FROM tags ORDER BY id") == [(key,) for key in acknowledged], LOST
    assert len(acknowledged) == 3
    assert_code(ended, 5)


TAKEN_BACK: Mapping[str, Mapping[str, str]] = {
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
OTHERWISE = "the database is not as it was before"


def check_p02(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    filled.write(TAKEN_BACK[case])
    before = filled.look()

    ended = filled.migrate()

    assert filled.look() == before, OTHERWISE
    assert_code(ended, 7)
    assert filled.applied() == ["0001"]


def check_p02_no_restore(filled: Product, _: pytest.MonkeyPatch, what: str) -> None:
    """Where a down script leaves something, and no backup may come back, nothing is called taken back."""
    filled.configure(staging=f"{DOWN}\nrestore = false")
    filled.write(TAKEN_BACK[f"backup, since a down script leaves {what}"])

    ended = filled.migrate()

    assert_code(ended, 5)
    assert filled.applied()[:2] == ["0001", "0002"]


def check_p02_forgetful(filled: Product, _: pytest.MonkeyPatch) -> None:
    """What pg_restore brings is less than what was backed up."""
    filled.write({**TWO_GROUPS, **FAILS})
    programs = forgetful(filled.server.bin, filled.folder.parent / "bin")
    filled.environment["SHIPIT_PG_BIN"] = str(programs)

    ended = filled.migrate()

    assert len(keys(filled)) == 50, "rows are gone that were there before"
    assert_code(ended, 5)
    assert "what was restored is not what was backed up" in ended.err
    assert filled.applied() == ["0001", "0002", "0003"]


def check_p02_changed(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Somebody else makes a table while the run is at work."""
    filled.write(FAILS_SLOWLY)

    def act() -> None:
        wait_until(lambda: filled.is_doing("pg_sleep"))
        filled.query("CREATE TABLE theirs (id int)")

    thread = threading.Thread(target=act)
    thread.start()

    ended = filled.migrate()
    thread.join()

    assert filled.query("SELECT to_regclass('theirs')") == [("theirs",)]
    assert_code(ended, 5)
    assert "somebody else changed it" in ended.err


NOT_ONCE = "an effect is not there exactly once"
WRONG_RECORD = "the record does not say what is there"
KILLED: Mapping[str, tuple[str, str]] = {
    "transaction": ("pg_sleep", "INSERT INTO notes (body) VALUES ('once');\nSELECT pg_sleep(20);\n"),
    "solo": ("CONCURRENTLY", "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n"),
}
"""While which word of the migration the run is killed, and the migration."""


def check_p03_killed(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    word, up = KILLED[case]
    filled.write({"0002_more.sql": up})
    with filled.server.connect(filled.database) as other, other.transaction():
        other.execute("INSERT INTO notes (body) VALUES ('open')")  # CONCURRENTLY waits for it
        struck(filled, word)
    filled.write({"0002_more.sql": up.replace("20", "0")})

    ended = filled.migrate()

    assert filled.query(ONCE) == [("once" in up,)], NOT_ONCE
    assert_code(ended, 0)
    assert filled.applied() == ["0001", "0002"]
    assert filled.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
    assert [run_[1] for run_ in runs(filled)][-2:] == ["killed", "complete"]


def check_p03_commit(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Killed while the server commits, effect and record are there or neither is."""
    commit_slowly(filled)
    filled.write({"0002_more.sql": "INSERT INTO notes (body) VALUES ('once');\n"})

    struck(filled, "COMMIT")

    assert filled.query(ONCE) == [(filled.applied()[1:] == ["0002"],)], WRONG_RECORD
    assert_code(filled.migrate(), 0)
    assert filled.applied() == ["0001", "0002"]
    assert filled.query(ONCE) == [(1,)], NOT_ONCE


UNIQUE = "-- shipit: solo\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_body ON notes (body);\n"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('one_body')"
RUIN = "an invalid index is left"
RECORDED = "a version is recorded whose index is not there"


def check_p07_failed(filled: Product, _: pytest.MonkeyPatch) -> None:
    """An index that could not be built leaves nothing in the ledger, and nothing of itself."""
    filled.write({"0002_unique.sql": UNIQUE})

    ended = filled.migrate()

    assert filled.query(VALID) == [], RUIN
    assert filled.applied() == ["0001"], RECORDED
    assert_code(ended, 7)

    filled.query("UPDATE notes SET body = id")
    assert_code(filled.migrate(), 0)
    assert (filled.applied(), filled.query(VALID)) == (["0001", "0002"], [(True,)])


def check_p07_killed(filled: Product, _: pytest.MonkeyPatch) -> None:
    """The ruin of a run that was killed is built anew."""
    filled.query("UPDATE notes SET body = id")
    filled.write({"0002_unique.sql": UNIQUE})
    with filled.server.connect(filled.database) as other, other.transaction():
        other.execute("INSERT INTO notes (body) VALUES ('open')")
        struck(filled, "CONCURRENTLY")
    assert filled.query(VALID) == [(False,)], "nothing was left half-built"

    ended = filled.migrate()

    assert filled.query(VALID) == [(True,)], RUIN
    assert_code(ended, 0)
    assert filled.applied() == ["0001", "0002"]


def check_p07_of_somebody_else(filled: Product, _: pytest.MonkeyPatch) -> None:
    with filled.server.connect(filled.database) as other, contextlib.suppress(psycopg.errors.UniqueViolation):
        other.execute("CREATE UNIQUE INDEX CONCURRENTLY one_body ON notes (body)")
    filled.write({"0002_unique.sql": UNIQUE})

    ended = filled.migrate()

    assert filled.applied() == ["0001"], RECORDED
    assert ended.code in {4, 7}, ended.err


def check_p07_other_table(filled: Product, _: pytest.MonkeyPatch) -> None:
    """An index of that name on another table, with which IF NOT EXISTS is content."""
    filled.query("CREATE TABLE other (body text)")
    filled.query("CREATE INDEX one_body ON other (body)")
    filled.write({"0002_unique.sql": UNIQUE})

    ended = filled.migrate()

    assert filled.applied() == ["0001"], RECORDED
    assert filled.query(VALID) == [(True,)], "the index of the other table is gone"
    assert_code(ended, 7)
    assert "its effect cannot be seen" in ended.err


HARMS: Mapping[str, str] = {"cut": "head -c 6000", "flipped": "tr A B"}
"""What becomes of what pg_dump writes."""
UNSEEN = "flipped where no program looks"


def check_p09_taken(filled: Product, _: pytest.MonkeyPatch, harm: str) -> None:
    """The backup is harmed while it is taken."""
    filled.query("INSERT INTO notes (body) SELECT md5(g::text) FROM generate_series(1, 5000) g")
    filled.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
    programs = harmed(filled.server.bin, filled.folder.parent / "bin", HARMS[harm])
    filled.environment["SHIPIT_PG_BIN"] = str(programs)
    before = filled.look(), len(filled.backups())

    ended = filled.migrate()

    assert filled.applied() == ["0001"], "a migration was run whose backup cannot be read"
    assert_code(ended, 7)
    assert "cannot be read back" in ended.err
    assert (filled.look(), len(filled.backups())) == before


def check_p09_restored(filled: Product, _: pytest.MonkeyPatch, harm: str) -> None:
    """The backup is harmed later, and somebody wants it back."""
    taken = json.loads(filled.migrate("backup", "--json").out.splitlines()[-1])["outputs"]
    file = Path(taken["backup"])
    data = bytearray(file.read_bytes())
    unseen = data.index(filled.database.encode())  # the header names the database that was dumped
    data[len(data) // 2 if harm == "flipped" else unseen] ^= 1
    file.write_bytes(data[:-20] if harm == "cut" else data)
    before = filled.look()

    ended = filled.migrate("restore", taken["run"], "--accept-loss", "1000")

    assert_code(ended, 4)
    assert "a backup is not what was written" in ended.err
    assert filled.look() == before
