"""Broken and dangerous migrations on SQLite: what is said of each, in time, and that nothing is done.

Each row of BROKEN is one folder that somebody could commit: a database at version 0001, the files that came since,
and the line that people read. `shipit verify migrations` and `shipit migrate` must say the same, exit with 4, and
leave the database, its folder and the backups byte for byte as they were.
"""

# ruff: noqa: E501 - what is printed on one line stands on one line

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.inside import Ended, shipit

CONFIGURATION = """
[environments.staging.database]
url = "sqlite:///var/staging.db"
on-failure = "down"
"""
NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);\n"
TAGS = "CREATE TABLE tags (id INTEGER PRIMARY KEY);\n"
FIRST = {"0001_notes.sql": NOTES, "0001_notes.down.sql": "DROP TABLE notes;\n"}
ATOMIC = "shipit opens the transaction and commits it with the ledger's row: {} here would break that atomicity"
ONE_DATABASE = "lock, backup and ledger are those of one database, and so is its transaction [other-database]"

# what came after version 0001, and the line that says what is wrong with it, from the name of the file on
BROKEN: Mapping[str, tuple[Mapping[str, str | bytes], str]] = {
    # -- the file is no text that people can read
    "a NUL character": (
        {"0002_tags.sql": TAGS + "-- \0\n"},
        "0002_tags.sql:2:4: a zero byte stands here: this is no text, or it is UTF-16 [not-utf8]",
    ),
    "a control character in a literal": (
        {"0002_tags.sql": TAGS + "INSERT INTO notes VALUES (1, '\x1b[2J');\n"},
        "0002_tags.sql:2:31: a control character (U+001B) stands here, which an editor hides [control-character]",
    ),
    "a control character in a comment": (
        {"0002_tags.sql": "-- \x08\x08\x08\n" + TAGS},
        "0002_tags.sql:1:4: a control character (U+0008) stands here, which an editor hides [control-character]",
    ),
    "a control character in a down script": (
        {"0002_tags.sql": TAGS, "0002_tags.down.sql": "DROP TABLE\x0ctags;\n"},
        "0002_tags.down.sql:1:11: a control character (U+000C) stands here, which an editor hides [control-character]",
    ),
    "a character that nobody sees": (
        {"0002_tags.sql": TAGS.replace(" ", "\u00a0", 1)},
        "0002_tags.sql:1:7: an unseen character (U+00A0 NO-BREAK SPACE) stands here, which is no space for SQLite [syntax]",
    ),
    "Latin-1": (
        {"0002_tags.sql": (TAGS + "-- größe\n").encode("latin-1")},
        "0002_tags.sql:2:6: byte 0xf6 is not UTF-8 [not-utf8]",
    ),
    "UTF-16": (
        {"0002_tags.sql": TAGS.encode("utf-16")},
        "0002_tags.sql:1:1: the file is UTF-16 [not-utf8]",
    ),
    "UTF-16 without a mark": (
        {"0002_tags.sql": TAGS.encode("utf-16-le")},
        "0002_tags.sql:1:2: a zero byte stands here: this is no text, or it is UTF-16 [not-utf8]",
    ),
    "UTF-32": (
        {"0002_tags.sql": TAGS.encode("utf-32")},
        "0002_tags.sql:1:1: the file is UTF-32 [not-utf8]",
    ),
    # -- names and versions
    "the version of an applied one with fewer zeros": (
        {"1_tags.sql": TAGS},
        "1_tags.sql:1:1: version 1 is there twice: also in 0001_notes.sql [duplicate-version]",
    ),
    "a version twice": (
        {"0002_tags.sql": TAGS, "02_marks.sql": TAGS},
        "02_marks.sql:1:1: version 02 is there twice: also in 0002_tags.sql [duplicate-version]",
    ),
    "a version twice, in the names of two tools": (
        {"0002_tags.sql": TAGS, "V2__tags.sql": TAGS},
        "V2__tags.sql:1:1: version 2 is there twice: also in 0002_tags.sql [duplicate-version]",
    ),
    "a version twice, in SQL and in Python": (
        {"0002_tags.sql": TAGS, "0002_tags.py": "def up(connection): ...\n"},
        "0002_tags.sql:1:1: version 0002 is there twice: also in 0002_tags.py [duplicate-version]",
    ),
    "no version": (
        {"tags.sql": TAGS},
        "tags.sql:1:1: the name cannot be read: expected <version>_<name>.sql, such as 0001_users.sql [unreadable-name]",
    ),
    "no underscore": (
        {"0002-tags.sql": TAGS},
        "0002-tags.sql:1:1: the name cannot be read: expected <version>_<name>.sql, such as 0001_users.sql [unreadable-name]",
    ),
    "a down script without its up script": (
        {"0002_tags.down.sql": "DROP TABLE tags;\n"},
        "0002_tags.down.sql:1:1: this down script belongs to no migration: version 0002 has no up script [without-up]",
    ),
    "a verify script without its up script": (
        {"0002_tags.verify.sql": "SELECT 1;\n"},
        "0002_tags.verify.sql:1:1: this verify script belongs to no migration: version 0002 has no up script [without-up]",
    ),
    "golang-migrate's down without up": (
        {"000002_tags.down.sql": "DROP TABLE tags;\n"},
        "000002_tags.down.sql:1:1: this down script belongs to no migration: version 000002 has no up script [without-up]",
    ),
    "a down script under another name": (
        {"0002_tags.sql": TAGS, "0002_marks.down.sql": "DROP TABLE tags;\n"},
        "0002_marks.down.sql:1:1: version 0002 is named otherwise in 0002_tags.sql [other-name]",
    ),
    "two down scripts": (
        {"0002_tags.sql": TAGS, "0002_tags.down.sql": "DROP TABLE tags;", "2_tags.down.sql": "DROP TABLE tags;"},
        "2_tags.down.sql:1:1: the down script of version 2 is there twice: also in 0002_tags.down.sql [duplicate-script]",
    ),
    # -- what depends on what
    "a dependency that is not there": (
        {"0002_tags.sql": "-- shipit: depends 0001, 0020\n" + TAGS},
        "0002_tags.sql:1:26: it depends on 0020, and there is no such migration [missing-dependency]",
    ),
    "a migration that depends on itself": (
        {"0002_tags.sql": "-- shipit: depends 2\n" + TAGS},
        "0002_tags.sql:1:20: 0002 depends on itself [dependency-cycle]",
    ),
    "two that depend on each other": (
        {
            "0002_a.sql": "-- shipit: depends 0003\n" + TAGS,
            "0003_b.sql": "-- shipit: depends 0002\nDROP TABLE tags;\n",
        },
        "0002_a.sql:1:20: these depend on each other: 0002 → 0003 → 0002 [dependency-cycle]",
    ),
    "a dependency on a later one": (
        {"0002_a.sql": "-- shipit: depends 0003\n" + TAGS, "0003_b.sql": "CREATE TABLE b (c);\n"},
        "0002_a.sql:1:20: 0002 depends on 0003, which comes after it [later-dependency]",
    ),
    # -- nothing in it, or nothing that SQLite can read
    "an empty script": (
        {"0002_tags.sql": ""},
        "0002_tags.sql:1:1: the migration holds no statement [empty-script]",
    ),
    "only comments": (
        {"0002_tags.sql": "-- CREATE TABLE tags (id);\n/* later */ ;\n"},
        "0002_tags.sql:1:1: the migration holds no statement [empty-script]",
    ),
    "a misspelt statement": (
        {"0002_tags.sql": "CREATE TABLE a (b);\n  CREATE TABEL tags (id);\n"},
        '0002_tags.sql:2:10: near "TABEL": syntax error [syntax]',
    ),
    "a semicolon too few": (
        {"0002_tags.sql": "CREATE TABLE a (b)\nCREATE TABLE tags (id);\n"},
        '0002_tags.sql:2:1: near "CREATE": syntax error [syntax]',
    ),
    "a misspelt down script": (
        {"0002_tags.sql": TAGS, "0002_tags.down.sql": "DROP\nTABEL tags;\n"},
        '0002_tags.down.sql:2:1: near "TABEL": syntax error [syntax]',
    ),
    "a misspelt verify script": (
        {"0002_tags.sql": TAGS, "0002_tags.verify.sql": "SELECT count(*) = 0\nFRM tags WHERE;\n"},
        '0002_tags.verify.sql:2:5: near "tags": syntax error [syntax]',
    ),
    "a literal without end": (
        {"0002_tags.sql": TAGS + "INSERT INTO notes VALUES (1, 'it''s);\n" + TAGS},
        "0002_tags.sql:2:30: the quotation that ' begins here does not end [syntax]",
    ),
    "a quoted name without end": (
        {"0002_tags.sql": 'CREATE TABLE "tags (id);\n'},
        '0002_tags.sql:1:14: the quotation that " begins here does not end [syntax]',
    ),
    "a comment without end": (
        {"0002_tags.sql": "CREATE TABLE a (b);\n/* and now\n" + TAGS},
        "0002_tags.sql:2:1: the comment that begins here does not end [syntax]",
    ),
    "the markers of a merge": (
        {"0002_tags.sql": "<<<<<<< HEAD\n" + TAGS + "=======\n>>>>>>> topic\n"},
        '0002_tags.sql:1:1: near "<<": syntax error [syntax]',
    ),
    "PostgreSQL's dialect": (
        {"0002_tags.sql": "CREATE TABLE tags (id SERIAL, at TIMESTAMPTZ DEFAULT now());\n"},
        '0002_tags.sql:1:57: near "(": syntax error [syntax]',
    ),
    "a command of the program sqlite3": (
        {"0002_tags.sql": TAGS + ".read more.sql\n"},
        "0002_tags.sql:2:1: .read is a command of the program sqlite3, not of SQLite [meta-command]",
    ),
    "an import of the program sqlite3": (
        {"0002_tags.sql": ".import tags.csv tags\n" + TAGS},
        "0002_tags.sql:1:1: .import is a command of the program sqlite3, not of SQLite [meta-command]",
    ),
    # -- the transaction, which is shipit's
    "BEGIN": (
        {"0002_tags.sql": "BEGIN;\n" + TAGS},
        f"0002_tags.sql:1:1: {ATOMIC.format('BEGIN')} [transaction-control]",
    ),
    "COMMIT": (
        {"0002_tags.sql": TAGS + "COMMIT;\n"},
        f"0002_tags.sql:2:1: {ATOMIC.format('COMMIT')} [transaction-control]",
    ),
    "END": (
        {"0002_tags.sql": TAGS + "/* so */ end transaction;\n"},
        f"0002_tags.sql:2:10: {ATOMIC.format('END')} [transaction-control]",
    ),
    "ROLLBACK": (
        {"0002_tags.sql": TAGS + "ROLLBACK;\n"},
        f"0002_tags.sql:2:1: {ATOMIC.format('ROLLBACK')} [transaction-control]",
    ),
    "SAVEPOINT": (
        {"0002_tags.sql": "SAVEPOINT a;\n" + TAGS},
        f"0002_tags.sql:1:1: {ATOMIC.format('SAVEPOINT')} [transaction-control]",
    ),
    "RELEASE": (
        {"0002_tags.sql": TAGS + "RELEASE a;\n"},
        f"0002_tags.sql:2:1: {ATOMIC.format('RELEASE')} [transaction-control]",
    ),
    "COMMIT behind a byte order mark": (
        {"0002_tags.sql": TAGS + "\ufeffCOMMIT;\n"},
        f"0002_tags.sql:2:2: {ATOMIC.format('COMMIT')} [transaction-control]",
    ),
    "COMMIT in a down script": (
        {"0002_tags.sql": TAGS, "0002_tags.down.sql": "DROP TABLE tags;\nCOMMIT;\n"},
        f"0002_tags.down.sql:2:1: {ATOMIC.format('COMMIT')} [transaction-control]",
    ),
    "COMMIT in a verify script": (
        {"0002_tags.sql": TAGS, "0002_tags.verify.sql": "COMMIT;\n"},
        f"0002_tags.verify.sql:1:1: {ATOMIC.format('COMMIT')} [transaction-control]",
    ),
    "VACUUM beside something else": (
        {"0002_tags.sql": TAGS + "VACUUM;\n"},
        "0002_tags.sql:2:1: VACUUM cannot run in a transaction, so nothing else may stand in its file [solo-file]",
    ),
    "the journal mode beside something else": (
        {"0002_tags.sql": TAGS + "PRAGMA journal_mode = wal;\n"},
        "0002_tags.sql:2:1: PRAGMA journal_mode cannot run in a transaction, so nothing else may stand in its file [solo-file]",
    ),
    "two statements that want to be alone": (
        {"0002_tags.sql": "-- shipit: solo\n" + TAGS + "CREATE TABLE b (c);\n"},
        "0002_tags.sql:3:1: a file that says `solo` holds one statement, this one has 2 [solo-file]",
    ),
    # -- the database, which is that of the environment
    "ATTACH": (
        {"0002_tags.sql": TAGS + "ATTACH 'other.db' AS other;\n"},
        f"0002_tags.sql:2:1: ATTACH: {ONE_DATABASE}",
    ),
    "ATTACH alone in its file": (
        {"0002_tags.sql": "-- shipit: solo\nATTACH 'other.db' AS other;\n"},
        f"0002_tags.sql:2:1: ATTACH: {ONE_DATABASE}",
    ),
    "DETACH": (
        {"0002_tags.sql": "DETACH main;\n"},
        f"0002_tags.sql:1:1: DETACH: {ONE_DATABASE}",
    ),
    "the table of the schema by hand": (
        {"0002_tags.sql": "PRAGMA writable_schema = ON;\nUPDATE sqlite_schema SET sql = 'x';\n"},
        "0002_tags.sql:1:1: who writes into sqlite_schema by hand can leave a database that nobody can open again [writable-schema]",
    ),
    # -- directives
    "a directive that nobody knows": (
        {"0002_tags.sql": "-- shipit: quickly\n" + TAGS},
        "0002_tags.sql:1:12: `quickly` is no directive [unknown-directive]",
    ),
    "a misspelt directive": (
        {"0002_tags.sql": "-- shipit: depend 0001\n" + TAGS},
        "0002_tags.sql:1:12: `depend` is no directive [unknown-directive]",
    ),
    "a directive without its colon": (
        {"0002_tags.sql": "-- shipit solo\n" + TAGS},
        "0002_tags.sql:1:11: the colon is missing [unreadable-directive]",
    ),
    "irreversible without a reason": (
        {"0002_tags.sql": "-- shipit: irreversible\n" + TAGS},
        "0002_tags.sql:1:12: `irreversible` cannot be read [unreadable-directive]",
    ),
    "irreversible with a way back": (
        {"0002_tags.sql": '-- shipit: irreversible "a log"\n' + TAGS, "0002_tags.down.sql": "DROP TABLE tags;\n"},
        "0002_tags.down.sql:1:1: 0002_tags.sql says `irreversible`, and here is a down script of the same version [irreversible-with-down]",
    ),
    "a directive of the up script in the down script": (
        {"0002_tags.sql": TAGS, "0002_tags.down.sql": "-- shipit: solo\nDROP TABLE tags;\n"},
        "0002_tags.down.sql:1:1: only `allow` is read in a down script [misplaced-directive]",
    ),
    # -- files of other tools
    "dbmate without an up section": (
        {"0002_tags.sql": "-- migrate:down\nDROP TABLE tags;\n"},
        "0002_tags.sql:1:1: `-- migrate:down` stands without a `-- migrate:up` before it [dbmate-marker]",
    ),
    "dbmate with two up sections": (
        {"0002_tags.sql": f"-- migrate:up\n{TAGS}-- migrate:up\nCREATE TABLE b (c);\n"},
        "0002_tags.sql:3:1: `-- migrate:up` stands here once more [dbmate-marker]",
    ),
    "dbmate with an empty up section": (
        {"0002_tags.sql": "\n-- migrate:up\n\n-- migrate:down\nDROP TABLE tags;\n"},
        "0002_tags.sql:2:1: the migration holds no statement [empty-script]",
    ),
    "a fault in dbmate's down section": (
        {"0002_tags.sql": f"-- migrate:up\n{TAGS}-- migrate:down\n  DROP TABEL tags;\n"},
        '0002_tags.sql:4:8: near "TABEL": syntax error [syntax]',
    ),
    "Flyway's repeatable script": (
        {"R__views.sql": "CREATE VIEW v AS SELECT 1;\n"},
        "R__views.sql:1:1: a repeatable migration of Flyway is not supported: whatever runs must have a version [repeatable-migration]",
    ),
    "Flyway's baseline": (
        {"B2__all.sql": TAGS},
        "B2__all.sql:1:1: a baseline migration of Flyway is not supported [baseline-migration]",
    ),
    "goose": (
        {"0002_tags.sql": f"-- +goose Up\n{TAGS}-- +goose Down\nDROP TABLE tags;\n"},
        "0002_tags.sql:1:1: this file is written for goose [foreign-tool]",
    ),
    "a folder of Alembic's": (
        {"script.py.mako": "${upgrades}"},
        "script.py.mako:1:1: this is a folder of Alembic's [foreign-tool]",
    ),
    # -- Python
    "Python that cannot be read": (
        {"0002_tags.py": "def up(connection):\n    connection.execute(\n"},
        "0002_tags.py:2:23: no Python: '(' was never closed [python-syntax]",
    ),
    "Python without up": (
        {"0002_tags.py": "def upgrade(connection): ...\n"},
        "0002_tags.py:1:1: the file defines no function up(connection) [python-without-up]",
    ),
    "Python whose up wants more": (
        {"0002_tags.py": "import os\n\ndef up(connection, schema): ...\n"},
        "0002_tags.py:3:1: `up` is not called: it must be a plain function that takes the connection alone [python-signature]",
    ),
    "a NUL character in Python": (
        {"0002_tags.py": "def up(connection): ...\n\0"},
        "0002_tags.py:2:1: a zero byte stands here: this is no text, or it is UTF-16 [not-utf8]",
    ),
}


def link_out(folder: Path) -> None:
    (folder.parents[1] / "elsewhere.sql").write_text(TAGS)
    (folder / "0002_tags.sql").symlink_to(folder.parents[1] / "elsewhere.sql")


def link_in_a_circle(folder: Path) -> None:
    (folder / "0002_tags.sql").symlink_to("0002_tags.sql")


def link_to_nowhere(folder: Path) -> None:
    (folder / "0002_tags.sql").symlink_to("gone.sql")


def directory(folder: Path) -> None:
    (folder / "0002_tags.sql").mkdir()


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "0002_tags.sql")


def folder_elsewhere(folder: Path) -> None:
    folder.rename(folder.parents[1] / "elsewhere")
    folder.symlink_to(folder.parents[1] / "elsewhere")


# what is in the place of a file, and what is said of it
NO_FILES: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "a link out of the repository": (link_out, "migrations/0002_tags.sql leads out of the repository"),
    "a link in a circle": (link_in_a_circle, "0002_tags.sql: Too many levels of symbolic links"),
    "a link to nowhere": (link_to_nowhere, "migrations/0002_tags.sql is no file"),
    "a directory": (directory, "migrations/0002_tags.sql is no file"),
    "a pipe": (pipe, "migrations/0002_tags.sql is no file"),
    "a folder that is a link out of the repository": (folder_elsewhere, "migrations leads out of the repository"),
}

# what the rehearsal finds before the database is touched: the script, and where the fault is
FAILS_IN_THE_REHEARSAL: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "a table that is not there": (
        {"0002_tags.sql": TAGS + "INSERT INTO marks VALUES (1);\n"},
        "migrations/0002_tags.sql:2:1",
        "no such table: marks",
    ),
    "a column too many": (
        {"0002_tags.sql": TAGS + "INSERT INTO tags VALUES (1, 2);\n"},
        "migrations/0002_tags.sql:2:1",
        "table tags has 1 columns but 2 values were supplied",
    ),
    "parameters that nobody gives": (
        {"0002_tags.sql": TAGS + "INSERT INTO tags VALUES (?);\n"},
        "migrations/0002_tags.sql:2:1",
        "Incorrect number of bindings supplied",
    ),
    "a down script that leaves something": (
        {"0002_tags.sql": TAGS + "CREATE TABLE b (c);\n", "0002_tags.down.sql": "DROP TABLE tags;\n"},
        "migrations/0002_tags.down.sql",
        "table b is left over",
    ),
    "a package that is not installed": (
        {"0002_tags.py": "import no_such_package\n\ndef up(connection): ...\n"},
        "migrations/0002_tags.py:1",
        "No module named 'no_such_package'",
    ),
    "Python that commits": (
        {
            "0002_tags.py": "def up(connection):\n    connection.execute('CREATE TABLE tags (id)')\n    connection.commit()\n"
        },
        "migrations/0002_tags.py:3",
        "a migration may not control transactions",
    ),
    "Python that runs a script of several statements": (
        {"0002_tags.py": "def up(connection):\n    connection.executescript('CREATE TABLE tags (id)')\n"},
        "migrations/0002_tags.py:2",
        "a migration may not control transactions",
    ),
    "Python that closes the connection": (
        {"0002_tags.py": "def up(connection):\n    connection.close()\n"},
        "migrations/0002_tags.py:2",
        "the connection is shipit's: a migration may not close it",
    ),
    "Python that ends the process with success": (
        {"0002_tags.py": "import sys\n\ndef up(connection):\n    sys.exit(0)\n"},
        "migrations/0002_tags.py:4",
        "SystemExit: 0",
    ),
    "Python that ends the process when it is loaded": (
        {"0002_tags.py": "import sys\nsys.exit('not yet')\n\ndef up(connection): ...\n"},
        "migrations/0002_tags.py:2",
        "not yet",
    ),
}

# what is accepted although it looks odd: the files, and what a person is still told
ACCEPTED: Mapping[str, tuple[Mapping[str, str | bytes], str]] = {
    "a number left out": (
        {"0002_tags.sql": TAGS, "0004_b.sql": "CREATE TABLE b (c);\n"},
        "migrations/0004_b.sql:1:1: 0003 is missing before 0004 [gap]",
    ),
    "names of several tools": (
        {"V2__tags.sql": TAGS, "0003_b.up.sql": "CREATE TABLE b (c);\n"},
        "migrations/V2__tags.sql:1:1: files are written for flyway here, and for shipit in 0001_notes.sql [mixed-names]",
    ),
    "a directive behind the first statement": (
        {"0002_tags.sql": TAGS + "-- shipit: contract\n"},
        "migrations/0002_tags.sql:2:1: this directive is not read: it stands behind the first statement [late-directive]",
    ),
    "a switch that does nothing": (
        {"0002_tags.sql": "PRAGMA foreign_keys = OFF;\n" + TAGS},
        "migrations/0002_tags.sql:1:1: PRAGMA foreign_keys does nothing in a migration: they are off in it, and must hold at its end [session-setting]",
    ),
    "an empty verify script": (
        {"0002_tags.sql": TAGS, "0002_tags.verify.sql": "-- later\n"},
        "migrations/0002_tags.verify.sql:1:1: the verify script holds no statement and counts as missing [empty-script]",
    ),
    "files in a sub-folder": (
        {"0002_tags.sql": TAGS, "old/0000_all.sql": NOTES},
        "migrations/old:1:1: sub-folders are not read: 1 SQL file in it will not be applied [nested-files]",
    ),
    "a version of sixty digits": ({f"{'9' * 60}_tags.sql": TAGS}, f"staging is at version {'9' * 60}"),
    "a name as long as a file system allows": ({f"0002_{'a' * 246}.sql": TAGS}, "staging is at version 0002"),
    "a name and a text in another script": ({"0002_größe.sql": "CREATE TABLE größe (日 TEXT);\n"}, "version 0002"),
    "a last statement without its semicolon": ({"0002_tags.sql": TAGS.rstrip(";\n")}, "staging is at version 0002"),
    "the journal mode alone in its file": (
        {"0002_wal.sql": "PRAGMA journal_mode = wal;\n"},
        "outside of a transaction",
    ),
    "a dropped table, which the plan names": (
        {"0002_b.sql": "DROP TABLE notes;\n"},
        "destroys table notes with its rows",
    ),
    "a dropped column, which the plan names": (
        {"0002_b.sql": "ALTER TABLE notes DROP COLUMN body;\n"},
        "destroys column notes.body with its values",
    ),
    "deleted rows, which the plan names": ({"0002_b.sql": "DELETE FROM notes;\n"}, "destroys rows of notes"),
    "Python that wants its rows otherwise": (
        {
            "0002_b.py": "def up(connection):\n    connection.row_factory = lambda *_: {}\n    connection.text_factory = bytes\n"
        },
        "staging is at version 0002",
    ),
}


class Product:
    """A folder with migrations and a database at version 0001 that holds a row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.migrations = folder / "migrations"
        self.database = folder / "var" / "staging.db"

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, text in files.items():
            path = self.migrations / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(self, *argv: str) -> Ended:
        ended = shipit(self.folder, *argv)
        assert "Traceback" not in ended.err
        assert "a bug in shipit" not in ended.err
        return ended

    def migrate(self, *argv: str) -> Ended:
        return self.run("migrate", *argv, "--env", "staging")

    def state(self) -> Mapping[str, bytes]:
        """The database, everything beside it, and the backups, byte by byte."""
        places = (self.database.parent, self.folder / ".shipit")
        files = (path for place in places for path in sorted(place.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}

    def audit(self) -> list[dict[str, object]]:
        lines = (self.folder / "reports" / "migrations.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Product(tmp_path_factory.mktemp("broken") / "product")
    made.folder.mkdir()
    (made.folder / "shipit.toml").write_text(CONFIGURATION)
    made.write(FIRST)
    assert made.migrate().code == 0
    made.query("INSERT INTO notes (body) VALUES ('kept')")
    return made.folder


@pytest.fixture
def product(_template: Path, tmp_path: Path) -> Product:
    return Product(Path(shutil.copytree(_template, tmp_path / "product")))


def refused(product: Product, line: str) -> Ended:
    """Run it, and see that it was refused with this line, that nothing has happened, and that the audit knows."""
    before, known = product.state(), product.audit()
    ended = product.migrate()
    assert ended.code == 4, ended.err
    assert line in ended.err, ended.err
    assert "hint: " in ended.err
    assert product.state() == before
    *begun, end = product.audit()[len(known) :]
    assert [each["event"] for each in begun] in ([], ["begin"])
    assert (end["event"], end["command"], end["outcome"]) == ("end", "migrate", "refused")
    return ended


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) + len(NO_FILES) >= 75


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_with_its_place_and_rule_and_nothing_is_done(product: Product, case: str) -> None:
    files, line = BROKEN[case]
    product.write(files)
    refused(product, f"  migrations/{line}\n")
    verified = product.run("verify", "migrations")
    assert (verified.code, f"  migrations/{line}\n" in verified.err) == (4, True), verified.err
    asked = product.run("verify", "migrations", "--env", "staging")
    assert (asked.code, f"  migrations/{line}\n" in asked.err) == (4, True), asked.err
    assert product.migrate("--dry-run").code == 4


@pytest.mark.parametrize("case", NO_FILES)
def test_what_is_no_file_of_the_repository_is_not_read(product: Product, case: str) -> None:
    lay, line = NO_FILES[case]
    lay(product.migrations)
    refused(product, line)
    verified = product.run("verify", "migrations")
    assert (verified.code, line in verified.err) == (4, True), verified.err


@pytest.mark.parametrize("case", FAILS_IN_THE_REHEARSAL)
def test_what_only_a_run_can_show_is_shown_by_the_rehearsal(product: Product, case: str) -> None:
    files, where, line = FAILS_IN_THE_REHEARSAL[case]
    product.write(files)
    before = product.state()
    ended = product.migrate()
    assert (ended.code, f"where: {where}\n" in ended.err, line in ended.err) == (4, True, True), ended.err
    assert product.state() == before


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_only_odd_is_applied_and_a_person_is_told(product: Product, case: str) -> None:
    files, line = ACCEPTED[case]
    product.write(files)
    ended = product.migrate()
    assert (ended.code, line in ended.err) == (0, True), ended.err
    assert product.run("verify", "migrations", "--env", "staging").code == 0
    assert "nothing to migrate" in product.migrate().err


@pytest.mark.parametrize("case", [*BROKEN][::6])
def test_of_a_database_that_is_not_there_none_is_made(product: Product, case: str) -> None:
    shutil.rmtree(product.database.parent)
    shutil.rmtree(product.folder / ".shipit")
    product.write(BROKEN[case][0])
    assert product.migrate().code == 4
    assert product.state() == {}
    assert not product.database.parent.exists()


def test_all_mistakes_of_all_files_are_named_at_once(product: Product) -> None:
    product.write({"0002_a.sql": "", "0003_b.sql": "-- shipit: depends 9\n" + TAGS, "c.sql": TAGS})
    ended = refused(product, "the migrations have 3 mistakes; no database was touched")
    assert [rule in ended.err for rule in ("[empty-script]", "[missing-dependency]", "[unreadable-name]")] == [
        True
    ] * 3


class TestWhatIsAppliedAlready:
    """The ledger knows what it was: `migrate` refuses, and `verify` says that the database is not what it should be."""

    @pytest.fixture
    def product(self, product: Product) -> Product:
        product.write({"0003_tags.sql": TAGS})
        assert product.migrate().code == 0
        return product

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (
                {"0001_notes.sql": NOTES + "-- more\n"},
                "0001_notes.sql:1:1: 0001_notes was edited after it was applied",
            ),
            (
                {"0001_notes.sql": None, "0001_notes.down.sql": None},
                "0001_notes.sql:1:1: 0001_notes is applied, but its file is gone [missing-file]",
            ),
            (
                {"0003_tags.sql": None},
                "0003_tags.sql:1:1: 0003_tags is applied, and this checkout does not know it: the database is newer [missing-file]",
            ),
            (
                {"0001_notes.sql": None, "0001_notes.down.sql": None, "0003_tags.sql": None},
                "0001_notes.sql:1:1: 0001_notes is applied, and this checkout does not know it: the database is newer",
            ),
            (
                {"0002_late.sql": "CREATE TABLE late (id);\n"},
                "0002_late.sql:1:1: 0002_late is not applied, but 0003_tags, which comes after it, is [late-file]",
            ),
        ],
        ids=["edited", "gone", "newer", "all gone", "late"],
    )
    def test_a_file_that_tells_another_story_is_refused(
        self, product: Product, change: Mapping[str, str | None], line: str
    ) -> None:
        for name, text in change.items():
            (product.migrations / name).unlink(missing_ok=True)
            product.write({name: text} if text else {})
        refused(product, f"migrations/{line}")
        before = product.state()
        verified = product.run("verify", "migrations", "--env", "staging")
        assert (verified.code, f"migrations/{line}" in verified.err) == (6, True), verified.err
        assert product.state() == before

    def test_an_edited_file_is_named_with_both_checksums_and_its_rule(self, product: Product) -> None:
        product.write({"0001_notes.sql": NOTES.replace("body", "text")})
        ended = refused(product, "sha256 ")
        assert "error: Migrate staging: nothing is pending: 1 problem found" in ended.err
        assert "… is applied, " in ended.err
        assert "… is in the file [edited-file]" in ended.err
        assert "write the change into a new migration" in ended.err

    @pytest.mark.parametrize(
        "twin",
        [
            NOTES.replace("\n", "\r\n").encode(),
            NOTES.replace("\n", "\r").encode(),
            b"\xef\xbb\xbf" + NOTES.encode(),
            b"\xef\xbb\xbf" + NOTES.replace("\n", "\r\n").encode(),
        ],
        ids=["CRLF", "CR", "BOM", "BOM and CRLF"],
    )
    def test_line_ends_and_a_byte_order_mark_do_not_count(self, product: Product, twin: bytes) -> None:
        product.write({"0001_notes.sql": twin})
        before = product.state()
        ended = product.migrate()
        assert (ended.code, "nothing to migrate: staging is at 0003, 2 applied" in ended.err) == (0, True)
        assert product.run("verify", "migrations", "--env", "staging").code == 0
        assert product.state() == before

    def test_down_and_verify_scripts_may_be_improved_later(self, product: Product) -> None:
        product.write(
            {"0001_notes.down.sql": "DROP TABLE IF EXISTS notes;\n", "0003_tags.verify.sql": "SELECT 1;\n"}
        )
        assert product.migrate().code == 0
        assert product.run("verify", "migrations", "--env", "staging").code == 0

    def test_a_late_file_is_applied_where_the_configuration_says_so(self, product: Product) -> None:
        (product.folder / "shipit.toml").write_text(f'[migrations]\nlate = "apply"\n{CONFIGURATION}')
        product.write({"0002_late.sql": "CREATE TABLE late (id);\n"})
        ended = product.migrate()
        assert (ended.code, "it is applied out of order [late-file]" in ended.err) == (0, True), ended.err
        assert product.query("SELECT count(*) FROM late") == [(0,)]


class TestRebuildingATable:
    """SQLite's recipe for what ALTER TABLE cannot do: a new table, the rows copied, the old one dropped."""

    @pytest.fixture
    def product(self, product: Product) -> Product:
        product.write(
            {"0002_marks.sql": "CREATE TABLE marks (note INTEGER NOT NULL REFERENCES notes ON DELETE CASCADE);\n"}
        )
        assert product.migrate().code == 0
        product.query("INSERT INTO marks VALUES (1)")
        return product

    def test_keeps_the_rows_that_refer_to_it(self, product: Product) -> None:
        product.write(
            {
                "0003_rebuild.sql": "CREATE TABLE fresh (id INTEGER PRIMARY KEY, body TEXT);\n"
                "INSERT INTO fresh SELECT id, body FROM notes;\n"
                "DROP TABLE notes;\n"
                "ALTER TABLE fresh RENAME TO notes;\n"
            }
        )
        ended = product.migrate()
        assert ended.code == 0, ended.err
        assert product.query("SELECT body, note FROM notes JOIN marks ON note = id") == [("kept", 1)]

    def test_that_forgets_the_rows_is_rolled_back_whole(self, product: Product) -> None:
        product.write(
            {
                "0003_rebuild.sql": "CREATE TABLE fresh (id INTEGER PRIMARY KEY, body TEXT);\n"
                "DROP TABLE notes;\n"
                "ALTER TABLE fresh RENAME TO notes;\n"
            }
        )
        ended = product.migrate()
        assert ended.code == 7, ended.err
        assert "marks → notes: 1 row" in ended.err
        assert product.query("SELECT body, note FROM notes JOIN marks ON note = id") == [("kept", 1)]
