"""Checks of the promises about runs, those at work beside them, and refusals: P4 to P6, P8, P10 to P14."""

import json
import time
from collections.abc import Mapping

import pytest

from tests.contract.migrations.promises import (
    ONCE,
    assert_code,
    at_once,
    commit_slowly,
    cut_off,
    read_and_held,
    runs,
    struck,
)
from tests.support.migrations import NOTES, Product
from tests.support.tcp_proxy import Cut

ORPHANS: Mapping[str, str] = {
    "statement": "ALTER TABLE notes ADD COLUMN more text;\nSELECT pg_sleep(30);\n",
    "function": "DO $$BEGIN PERFORM pg_sleep(30); END$$;\n",
}
_LOCKS = (
    "SELECT locktype, relation::regclass FROM pg_locks WHERE pid <> pg_backend_pid() AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)


def check_p04(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    """Two seconds after a kill no statement and no lock remains."""
    filled.write({"0002_more.sql": ORPHANS[case]})

    struck(filled, "pg_sleep(30)", settled=False)
    end = time.monotonic() + 2

    while (found := (filled.query(_LOCKS), filled.sessions())) != ([], []) and time.monotonic() < end:
        time.sleep(0.05)
    locks, sessions = found
    assert (locks, sessions) == ([], []), f"what its client left is still there: {locks} of {sessions}"


def check_p05(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Three runs at once."""
    filled.write(
        {
            "0002_more.sql": "INSERT INTO notes (body) VALUES ('once');\nSELECT pg_sleep(0.5);\n",
            "0003_index.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n",
        }
    )
    before = len(filled.backups())

    ended = at_once(filled, 3)

    said = "\n".join(each.said for each in ended)
    assert filled.query(ONCE) == [(1,)], f"it is not there exactly once:\n{said}"
    assert [each.code for each in ended] == [0, 0, 0], f"not all succeed:\n{said}"
    [[applied]] = filled.query("SELECT count(DISTINCT run) FROM shipit.migration WHERE version > '0001'")
    assert applied == 1, f"more than one run applied something:\n{said}"
    assert len(filled.backups()) == before + 1, f"more than one run had something to apply:\n{said}"


CUTS: Mapping[Cut, tuple[int, list[str]]] = {"after": (0, ["0001", "0002"]), "before": (7, ["0001"])}
"""Where the link is cut, the exit code, and what is there."""


def check_p06(filled: Product, _: pytest.MonkeyPatch, cut: Cut) -> None:
    """What is said is what is there."""
    code, there = CUTS[cut]
    filled.write({"0002_more.sql": "CREATE TABLE more (id int);\nSELECT pg_sleep(0.7);\n"})

    ended = cut_off(filled, cut)

    assert filled.applied() == there, f"what the server did was not kept:\n{ended.err}"
    assert filled.query("SELECT to_regclass('more') IS NOT NULL") == [(code == 0,)]
    assert_code(ended, code)
    assert "asking whether it came through" in ended.err
    assert ("0002_more was not committed" in ended.err) == (cut == "before")


def check_p06_half(filled: Product, _: pytest.MonkeyPatch) -> None:
    """A commit that the server still works on is waited for."""
    commit_slowly(filled)
    filled.write({"0002_more.sql": "INSERT INTO notes (body) VALUES ('once');\nSELECT pg_sleep(0.7);\n"})

    ended = cut_off(filled, "half")

    assert filled.query(ONCE) == [(1,)], f"what the server did was not kept:\n{ended.err}"
    assert_code(ended, 0)
    assert filled.applied() == ["0001", "0002"]


WAITING: Mapping[str, tuple[str, str, int, float]] = {
    "transaction": ("ALTER TABLE", "ALTER TABLE notes ADD COLUMN more text;\n", 0, 1.8),
    # it tries three times, without a pause, and must give up before it would get the lock
    "solo": ("VACUUM", "-- shipit: solo\nVACUUM FULL notes;\n", 7, 2.5),
}
"""What shipit waits in, the migration, the exit code, and for how many seconds somebody else has the lock."""


def check_p08(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    """Readers go first while the migration waits for its lock."""
    word, up, code, holds = WAITING[case]
    filled.write({"0002_more.sql": up})

    with read_and_held(filled, word, holds) as took:
        ended = filled.migrate("--verbose")

    assert max(took) < 1.2, "lock_timeout is 0.2 s, and the others' wait was that of the whole transaction"
    assert_code(ended, code)
    assert "a lock could not be had" in ended.err


def check_p10(filled: Product, _: pytest.MonkeyPatch) -> None:
    """Line ends and a byte order mark change nothing, and a letter does."""
    text = NOTES["0001_notes.sql"]
    for other in (text.replace("\n", "\r\n"), "\ufeff" + text, "\ufeff" + text.replace("\n", "\r\n")):
        filled.write({"0001_notes.sql": other})
        assert_code(filled.run("verify", "migrations", "--env", "staging"), 0)
        assert "nothing to migrate" in filled.migrate().err
    filled.write({"0001_notes.sql": text.replace("notes", "noteS")})
    assert_code(filled.run("verify", "migrations", "--env", "staging"), 6)


DISAGREEING: Mapping[str, Mapping[str, str]] = {
    "edited": {"0001_notes.sql": "CREATE TABLE notes (id int);\n"},
    "late": {"0000_late.sql": "CREATE TABLE late (id int);\n"},
    "duplicate": {"0003_other.sql": "CREATE TABLE other (id int);\n"},
    "cyclic": {
        "0004_a.sql": "-- shipit: depends 0005\nCREATE TABLE a (id int);\n",
        "0005_b.sql": "-- shipit: depends 0004\nCREATE TABLE b (id int);\n",
    },
    "deleted": {},
}


def check_p11(filled: Product, _: pytest.MonkeyPatch, case: str) -> None:
    """Files that do not agree are refused before any write."""
    filled.write({"0003_more.sql": "CREATE TABLE more (id int);\n", **DISAGREEING[case]})
    if case == "deleted":
        filled.remove(*NOTES)
    before = filled.next_xid()

    ended = filled.migrate()

    assert filled.next_xid() == before, "something was written"
    assert_code(ended, 4)
    assert len(filled.backups()) == 1  # of the first run


PASSWORD = "p#s@w:o/r d"


def check_p12(product: Product, _: pytest.MonkeyPatch) -> None:
    """The password is neither in words nor in what is kept, however the run ends."""
    role = f"{product.database}_role"
    product.server.role(role, PASSWORD, "LOGIN SUPERUSER")
    address = product.server.url(product.database, role, PASSWORD)
    wrong = product.server.url(product.database, role, PASSWORD + "x")
    try:
        complete = product.migrate("--verbose", DATABASE_URL=address)
        product.write({"0002_tells.sql": f"SELECT '{PASSWORD}'::int;\n"})
        failed = product.migrate("--verbose", DATABASE_URL=address)
        refused = product.migrate("--verbose", DATABASE_URL=wrong)
    finally:
        product.server.query(product.database, f"REASSIGN OWNED BY {role} TO postgres")
        product.server.query(product.database, f"DROP OWNED BY {role}")
        product.server.query("postgres", f"DROP ROLE {role}")
    said = "".join(each.out + each.err for each in (complete, failed, refused))
    kept = product.audit() + str(runs(product))
    seen = [spelling for spelling in (PASSWORD, "p%23s%40w%3Ao%2Fr%20d", "w:o/r") if spelling in said + kept]
    assert seen == [], "the password is shown"
    for ended, code in ((complete, 0), (failed, 7), (refused, 4)):
        assert_code(ended, code)


def check_p13(pooled: Product, _: pytest.MonkeyPatch) -> None:
    """Behind a pooler, which is said, one of three runs at once applies."""
    pooled.query("CREATE SEQUENCE tries")  # a rollback does not take a number back
    insert = "INSERT INTO notes (body) VALUES ('once ' || nextval('tries'));\n"
    pooled.write({"0002_more.sql": f"{insert}SELECT pg_sleep(1);\n"})

    ended = pooled.at_once(3)

    assert pooled.query("SELECT last_value FROM tries") == [(1,)], "more than one run applied it"
    assert pooled.query("SELECT body FROM notes WHERE body LIKE 'once%'") == [("once 1",)]
    assert [each.code for each in ended] == [0, 0, 0], "\n".join(each.said for each in ended)
    assert any("pooler" in each.stderr for each in ended), "it is not said that a pooler stands between"
    assert pooled.applied() == ["0001", "0002"]


def check_p13_solo(pooled: Product, _: pytest.MonkeyPatch) -> None:
    """A statement outside of transactions is refused there."""
    pooled.write({"0002_index.sql": "-- shipit: solo\nCREATE INDEX CONCURRENTLY by_body ON notes (body);\n"})
    before = pooled.next_xid()

    ended = pooled.migrate()

    assert pooled.next_xid() == before, "something was written"
    assert_code(ended, 4)
    assert "pooler" in ended.err


COMMANDS = ("", "rollback", "rollback --to 0", "backup", "restore RUN --accept-loss 9", "adopt")


def check_p14(product: Product, _: pytest.MonkeyPatch, command: str) -> None:
    """The database of production is not that of staging."""
    assert_code(product.migrate(env="production"), 0)
    taken = json.loads(product.migrate("backup", "--json", env="production").out.splitlines()[-1])["outputs"]
    backups = product.folder / ".git" / "shipit" / "backups"
    (backups / "production").rename(backups / "staging")
    product.write({"0002_more.sql": "CREATE TABLE more (id int);\n"})
    if command == "adopt":  # dbmate's, so that there would be something to adopt
        product.query("CREATE TABLE schema_migrations AS SELECT '0001'::varchar AS version")
    before = product.next_xid()

    ended = product.migrate(*(taken["run"] if word == "RUN" else word for word in command.split()))

    assert product.next_xid() == before, "the database of production was written to"
    assert_code(ended, 4)
    assert "this database belongs to production, not to staging" in ended.err


def check_p14_other_tool(product: Product, _: pytest.MonkeyPatch) -> None:
    assert_code(product.migrate(env="production"), 0)
    product.configure(settings='engine = "command"\ncommand = ["touch", "was-run"]')

    ended = product.migrate()

    assert not (product.folder / "was-run").exists(), "the other tool was run"
    assert_code(ended, 4)
