"""Broken and dangerous migrations on PostgreSQL: what is said of each, in time, and that nothing is written.

The folders of tests/contract/migrations/broken, and what test_broken_files.py has for SQLite, are laid into a
product whose database has one migration. A broken one must be refused with its place, its reason and its safe
rewrite by `shipit verify migrations`, by `shipit migrate` and by its dry run, before anything takes a transaction
id. A dangerous one is a warning, which must stand before the plan.
"""

# ruff: noqa: E501 - what is printed on one line stands on one line

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.migrations import folder
from shipit.migrations.judgement import prepare
from shipit.migrations.model import Finding
from tests.contract.migrations.conftest import debian, embedded, server
from tests.contract.migrations.test_broken_migrations import CASES, EXPECTED
from tests.scenarios.test_broken_files import BROKEN, NO_FILES, NOTES, TAGS
from tests.support import run
from tests.support.inside import Ended
from tests.support.migrations import NEXT_XID, NO_BACKUP, Product
from tests.support.postgres import Server

__all__ = ["debian", "embedded", "server"]

Files = Mapping[str, bytes]
UNSEEN = "an unseen character ({}) stands here, which is no space for PostgreSQL [syntax]"

FOLDERS = {case.name: case for case in CASES if "-sqlite-" not in case.name}
# everything that the dangerous folders change: each of them can be applied to it
BASE: Mapping[str, str] = {
    "0_base.sql": """\
CREATE SCHEMA shop;
CREATE TABLE users (id bigint NOT NULL, name text, mail text);
CREATE TABLE orders (id bigint, user_id bigint, total int);
CREATE TABLE "User" ("Mail" text);
CREATE TABLE shop.users (id bigint);
CREATE TABLE shop.teams (id bigint PRIMARY KEY);
CREATE TABLE shop.orders (id bigint);
CREATE MATERIALIZED VIEW shop.totals AS SELECT count(*) FROM orders;
INSERT INTO users VALUES (1, 'Ada', 'ada@example.com'), (2, 'Zoë', 'zoe@example.com');
""",
}
FIRST: Mapping[str, str] = {"0001_notes.sql": NOTES, "0001_notes.down.sql": "DROP TABLE notes;\n"}
# what must be there, or must not, before a dangerous folder can be applied
BEFORE: Mapping[str, str] = {
    "29-search-path": "DROP TABLE shop.users",
    "30-search-path-of-pg-dump": "DROP TABLE shop.users",
    "35-unique-column": "ALTER TABLE users DROP COLUMN mail",
    "41-foreign-key": "ALTER TABLE users ADD UNIQUE (id)",
    "47-drop-index": "CREATE INDEX users_mail ON users (mail)",
    "53-cluster": "CREATE INDEX users_mail ON users (mail)",
}
ATOMIC = "shipit opens the transaction and commits it with the ledger's row: {} here would break that atomicity [transaction-control]"
ALONE = "{} cannot run in a transaction, so nothing else may stand in its file [solo-file]"
PSQL = r"\{} is a command of psql, not of PostgreSQL: the server would answer with a syntax error [meta-command]"

# the broken folders, and what is said of each of their mistakes
SAID: Mapping[str, Sequence[str]] = {
    "01-create-tabel": ['1_change.sql:3:8: syntax error at or near "TABEL" [syntax]'],
    "02-comma-too-many": ['1_change.sql:4:1: syntax error at or near ")" [syntax]'],
    "03-quote-without-end": [
        """1_change.sql:2:34: unterminated quoted string at or near "'Anaïs);\n  " [syntax]""",
    ],
    "04-another-dialect": ['1_change.sql:2:21: syntax error at or near "AUTO_INCREMENT" [syntax]'],
    "05-conflict-markers": ['1_change.sql:2:1: syntax error at or near "<<<<<<<" [syntax]'],
    "06-function-body": ['1_change.sql:5:5: syntax error at or near "RETRUN" [plpgsql]'],
    "07-do-block": ['1_change.sql:6:25: syntax error at or near "name" [plpgsql]'],
    "08-unknown-variable": ['1_change.sql:3:5: "totl" is not a known variable [plpgsql]'],
    "09-inner-commit": [
        f"1_change.sql:2:1: {ATOMIC.format('COMMIT')}",
        f"1_change.sql:3:1: {ALONE.format('CREATE INDEX CONCURRENTLY')}",
    ],
    "10-own-transaction": [
        f"1_change.sql:1:1: {ATOMIC.format('BEGIN')}",
        f"1_change.sql:3:1: {ATOMIC.format('COMMIT')}",
    ],
    "11-savepoint": [
        f"1_change.sql:2:1: {ATOMIC.format('SAVEPOINT')}",
        f"1_change.sql:3:1: {ATOMIC.format('ROLLBACK TO')}",
    ],
    "12-commit-in-do": [
        "1_change.sql:2:1: COMMIT in the DO block fails inside a transaction, and a migration is one [inner-commit]"
    ],
    "13-commit-in-called-procedure": [
        "1_change.sql:6:1: COMMIT in the procedure fill fails inside a transaction, and a migration is one [inner-commit]"
    ],
    "14-commit-in-down": [f"1_change.down.sql:2:1: {ATOMIC.format('COMMIT')}"],
    "15-commit-in-verify": [f"1_change.verify.sql:2:1: {ATOMIC.format('ROLLBACK')}"],
    "16-psql-connect": [f"1_change.sql:1:1: {PSQL.format('connect')}"],
    "17-psql-include": [f"1_change.sql:2:1: {PSQL.format('i')}"],
    "18-psql-copy": [f"1_change.sql:2:1: {PSQL.format('copy')}"],
    "19-copy-from-stdin": [
        "1_change.sql:2:1: COPY with psql's streams (FROM stdin, TO stdout) has nobody to talk to in a migration [meta-command]"
    ],
    "20-dump-of-pg-dump": [
        f"1_change.sql:4:1: {PSQL.format('restrict')}",
        f"1_change.sql:6:1: {PSQL.format('unrestrict')}",
    ],
    "21-two-concurrently": [
        f"1_change.sql:1:1: {ALONE.format('CREATE INDEX CONCURRENTLY')}",
        f"1_change.sql:2:1: {ALONE.format('CREATE INDEX CONCURRENTLY')}",
    ],
    "22-concurrently-with-others": [f"1_change.sql:2:1: {ALONE.format('CREATE INDEX CONCURRENTLY')}"],
    "23-vacuum-with-others": [f"1_change.sql:2:1: {ALONE.format('VACUUM')}"],
    "24-solo-of-two": ["1_change.sql:3:1: a file that says `solo` holds one statement, this one has 2 [solo-file]"],
    "25-concurrently-in-down": [
        "1_change.down.sql:1:1: DROP INDEX CONCURRENTLY cannot run in a transaction, and down scripts are taken together in one [solo-down]"
    ],
    "26-detach-concurrently": [f"1_change.sql:1:1: {ALONE.format('DETACH PARTITION CONCURRENTLY')}"],
    "27-enum-value-used": [
        "1_change.sql:2:1: 'returned' is new in state: PostgreSQL lets nobody use it before COMMIT [enum-value-used]"
    ],
    "28-enum-value-as-default": [
        "1_change.sql:3:1: 'new' is new in shop.state: PostgreSQL lets nobody use it before COMMIT [enum-value-used]"
    ],
    "31-required-column": [
        "1_change.sql:1:1: users.mail is required and has no default: this fails as soon as users has a row [adding-required-field]"
    ],
    "56-drop-database": [
        "1_change.sql:1:1: a migration that drops the database shop is nearly always a mistake [ban-drop-database]"
    ],
    "58-no-allowance": [f"1_change.sql:3:1: {ATOMIC.format('COMMIT')}"],
    "59-dbmate-down": ['1_change.sql:5:6: syntax error at or near "TABEL" [syntax]'],
    "60-duplicate-version": [
        "1_users.sql:1:1: version 1 is there twice: also in 0001_orders.sql [duplicate-version]"
    ],
    "61-missing-dependency": [
        "1_users.sql:1:20: it depends on 7, and there is no such migration [missing-dependency]"
    ],
    "62-cycle": ["1_users.sql:1:20: these depend on each other: 1 → 2 → 1 [dependency-cycle]"],
    "63-down-without-up": [
        "2_orders.down.sql:1:1: this down script belongs to no migration: version 2 has no up script [without-up]"
    ],
    "64-python-syntax": ["1_fill.py:2:23: no Python: '(' was never closed [python-syntax]"],
    "65-python-without-up": ["1_fill.py:2:1: the file defines no function up(connection) [python-without-up]"],
    "66-python-signature": [
        "1_fill.py:1:1: `up` is not called: it must be a plain function that takes the connection alone [python-signature]"
    ],
    "67-unreadable-directive": ["1_users.sql:1:12: `allow` cannot be read [unreadable-directive]"],
    "69-nul-character": ["1_users.sql:1:28: a zero byte stands here: this is no text, or it is UTF-16 [not-utf8]"],
    "70-not-utf-8": ["1_users.sql:1:30: byte 0xeb is not UTF-8 [not-utf8]"],
}
# where PostgreSQL has other words than SQLite
OTHER: Mapping[str, tuple[Mapping[str, str], str]] = {
    "a character that nobody sees": (
        {"0002_tags.sql": TAGS.replace(" ", "\u00a0", 1)},
        f"0002_tags.sql:1:7: {UNSEEN.format('U+00A0 NO-BREAK SPACE')}",
    ),
    "a misspelt statement": (
        {"0002_tags.sql": "CREATE TABLE a (b int);\n  CREATE TABEL tags (id int);\n"},
        '0002_tags.sql:2:10: syntax error at or near "TABEL" [syntax]',
    ),
    "a semicolon too few": (
        {"0002_tags.sql": "CREATE TABLE a (b int)\nCREATE TABLE tags (id int);\n"},
        '0002_tags.sql:2:1: syntax error at or near "CREATE" [syntax]',
    ),
    "a misspelt down script": (
        {"0002_tags.sql": TAGS, "0002_tags.down.sql": "DROP\nTABEL tags;\n"},
        '0002_tags.down.sql:2:1: syntax error at or near "TABEL" [syntax]',
    ),
    "a misspelt verify script": (
        {"0002_tags.sql": TAGS, "0002_tags.verify.sql": "SELECT count(*) = 0\nFRM tags WHERE;\n"},
        '0002_tags.verify.sql:2:5: syntax error at or near "tags" [syntax]',
    ),
    "a literal without end": (
        {"0002_tags.sql": TAGS + "INSERT INTO notes VALUES (1, 'it''s);\n"},
        """0002_tags.sql:2:30: unterminated quoted string at or near "'it''s);\n  " [syntax]""",
    ),
    "a quoted name without end": (
        {"0002_tags.sql": 'CREATE TABLE "tags (id int);\n'},
        '0002_tags.sql:1:14: unterminated quoted identifier at or near ""tags (id int);\n  " [syntax]',
    ),
    "a dollar quotation without end": (
        {"0002_tags.sql": TAGS + "DO $do$ BEGIN END $$;\n"},
        '0002_tags.sql:2:4: unterminated dollar-quoted string at or near "$do$ BEGIN END $$;\n  " [syntax]',
    ),
    "a comment without end": (
        {"0002_tags.sql": "CREATE TABLE a (b int);\n/* and /* now */\n"},
        '0002_tags.sql:2:1: unterminated /* comment at or near "/* and /* now */\n  " [syntax]',
    ),
    "END": (
        {"0002_tags.sql": TAGS + "/* so */ end transaction;\n"},
        f"0002_tags.sql:2:10: {ATOMIC.format('COMMIT')}",
    ),
    "COMMIT behind a byte order mark": (
        {"0002_tags.sql": TAGS + "\ufeffCOMMIT;\n"},
        f"0002_tags.sql:2:1: {UNSEEN.format('U+FEFF ZERO WIDTH NO-BREAK SPACE')}",
    ),
    "two statements that want to be alone": (
        {"0002_tags.sql": "-- shipit: solo\n" + TAGS + "CREATE TABLE b (c int);\n"},
        "0002_tags.sql:3:1: a file that says `solo` holds one statement, this one has 2 [solo-file]",
    ),
    "the markers of a merge": (
        {"0002_tags.sql": "<<<<<<< HEAD\n" + TAGS + "=======\n>>>>>>> topic\n"},
        '0002_tags.sql:1:1: syntax error at or near "<<<<<<<" [syntax]',
    ),
    "SQLite's dialect": (
        {"0002_tags.sql": "CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT);\n"},
        '0002_tags.sql:1:43: syntax error at or near "AUTOINCREMENT" [syntax]',
    ),
    "a fault in dbmate's down section": (
        {"0002_tags.sql": f"-- migrate:up\n{TAGS}-- migrate:down\n  DROP TABEL tags;\n"},
        '0002_tags.sql:4:8: syntax error at or near "TABEL" [syntax]',
    ),
    "PREPARE TRANSACTION": (
        {"0002_tags.sql": TAGS + "PREPARE TRANSACTION 'one';\n"},
        f"0002_tags.sql:2:1: {ATOMIC.format('PREPARE TRANSACTION')}",
    ),
    "COMMIT AND CHAIN": (
        {"0002_tags.sql": TAGS + "COMMIT AND CHAIN;\n"},
        f"0002_tags.sql:2:1: {ATOMIC.format('COMMIT')}",
    ),
}
ONLY_SQLITE = {
    "PostgreSQL's dialect",
    "a command of the program sqlite3",
    "an import of the program sqlite3",
    "the journal mode beside something else",
    "ATTACH",
    "ATTACH alone in its file",
    "DETACH",
    "the table of the schema by hand",
}
KINDS: Mapping[str, tuple[Mapping[str, str | bytes], str]] = {
    **{case: row for case, row in BROKEN.items() if case not in ONLY_SQLITE},
    **OTHER,
}


class Bases:
    """On each server one database for all cases, made when it is first wanted, and copies of it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._made: dict[tuple[int, str], str] = {}
        self._copies: list[tuple[Server, str]] = []

    def get(self, server: Server, name: str, folder: Path, files: Mapping[str, str]) -> Product:
        """A product of its own with these migrations, all of which are applied."""
        key = (server.port, name)
        made = Product(folder, server, self._made.get(key, name))
        made.write(files)
        if key not in self._made:
            server.create(name)
            self._copies.append((server, name))
            ended = made.migrate("--yes")
            assert ended.code == 0, ended.err
            for backup in made.backups():
                backup.unlink()
            self._made[key] = name
        return made

    def copy(self, product: Product) -> Product:
        """The same product with a database of its own."""
        name = f"{product.database}_{next(self._numbers)}"
        product.server.query("postgres", f"CREATE DATABASE {name} TEMPLATE {product.database}")
        self._copies.append((product.server, name))
        product.database, product.address = name, product.server.url(name)
        return product

    def drop(self) -> None:
        for host, name in self._copies:
            host.drop(name)


@pytest.fixture(scope="module")
def bases() -> Iterator[Bases]:
    made = Bases()
    yield made
    made.drop()


@pytest.fixture
def at_zero(server: Server, bases: Bases, tmp_path: Path) -> Product:
    """A product at version 0, before the files of the folders, which begin with 1."""
    return bases.get(server, "broken_0", tmp_path / "product", BASE)


@pytest.fixture
def at_one(debian: Server, bases: Bases, tmp_path: Path) -> Product:
    """A product at version 0001, as test_broken_files.py has it."""
    return bases.get(debian, "broken_1", tmp_path / "product", FIRST)


@pytest.fixture
def copy(embedded: Server, bases: Bases, tmp_path: Path) -> Product:
    """A product at version 0 whose database is nobody else's."""
    return bases.copy(bases.get(embedded, "broken_0", tmp_path / "product", BASE))


def files_of(case: str) -> Files:
    paths = [path for path in FOLDERS[case].iterdir() if path.name != EXPECTED]
    return {path.name.removesuffix(".txt"): path.read_bytes() for path in paths}


def lay(product: Product, files: Mapping[str, bytes | str]) -> None:
    for name, text in files.items():
        path = product.folder / "migrations" / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def findings(files: Files) -> Sequence[Finding]:
    """What the rules say in memory: of the folder as a whole, or else of each of its migrations."""
    grammar = PostgresGrammar()
    base = {name: text.encode() for name, text in BASE.items()}
    read = folder.read({**base, **files}, "postgresql", "migrations")
    if any(finding.level == "error" for finding in read.findings):
        return read.findings
    return [*read.findings, *(finding for one in read.migrations for finding in prepare(one, grammar)[1])]


def printed(finding: Finding) -> str:
    """Place, reason and rule on one line, the safe way to write it below; the lines of an error are indented."""
    line = f"{finding.place}: {finding.what} [{finding.rule}]"
    rewrite = [f"    {each}" for each in finding.rewrite.splitlines()]
    indent = "  " if finding.level == "error" else ""
    return "".join(f"{indent}{each}\n" for each in (*line.split("\n"), *rewrite))


def state(product: Product) -> object:
    """What a write would change: the next transaction id, the ledger, the runs, the backups."""
    with product.server.connect(product.database) as connection:
        statements = [f"SELECT * FROM shipit.{table} ORDER BY 1" for table in ("migration", "run", "intent")]
        found = [connection.execute(text.encode()).fetchall() for text in (NEXT_XID, *statements)]
    return (found, product.backups())


def well(ended: Ended) -> Ended:
    assert "Traceback" not in ended.out + ended.err
    assert "a bug in shipit" not in ended.err
    return ended


def refused(product: Product, *said: str) -> Sequence[Ended]:
    """All three commands refuse it with these words, and write nothing."""
    before = state(product)
    asked = product.run("verify", "migrations")
    migrated = product.migrate("--yes")
    planned = product.migrate("--dry-run")
    assert state(product) == before
    for ended in (asked, migrated, planned):
        assert well(ended).code == 4, ended.err
        assert "hint: " in ended.err
        for words in said:
            assert words in ended.err
    return asked, migrated, planned


BROKEN_FOLDERS = [case for case in FOLDERS if any(finding.level == "error" for finding in findings(files_of(case)))]
DANGEROUS = [case for case in FOLDERS if case not in BROKEN_FOLDERS]


def test_there_are_enough_of_them() -> None:
    assert set(SAID) == set(BROKEN_FOLDERS)
    assert len(SAID) + len(KINDS) + len(NO_FILES) >= 100
    assert len(DANGEROUS) >= 25


@pytest.mark.parametrize("case", BROKEN_FOLDERS)
def test_a_broken_folder_is_refused_before_anything_is_written(at_zero: Product, case: str) -> None:
    files = files_of(case)
    lay(at_zero, files)
    errors = [finding for finding in findings(files) if finding.level == "error"]
    lines = [f"  migrations/{line}\n" for line in SAID[case]]

    ended = refused(at_zero, *lines, *map(printed, errors))

    assert len(lines) == len(errors)
    for one in ended:
        count = f"error: the migrations have {len(errors)} mistake{'s' if len(errors) > 1 else ''}; no database was touched\n"
        assert count in one.err
        assert one.out == ""


@pytest.mark.parametrize("case", KINDS)
def test_a_broken_file_is_named_with_its_place_and_rule_and_nothing_is_written(at_one: Product, case: str) -> None:
    files, line = KINDS[case]
    lay(at_one, files)
    refused(at_one, f"  migrations/{line}\n")
    asked = well(at_one.run("verify", "migrations", "--env", "staging"))
    assert (asked.code, f"  migrations/{line}\n" in asked.err) == (4, True), asked.err


@pytest.mark.parametrize("case", NO_FILES)
def test_what_is_no_file_of_the_repository_is_not_read(at_one: Product, case: str) -> None:
    put, line = NO_FILES[case]
    put(at_one.folder / "migrations")
    refused(at_one, line)


def test_a_process_of_its_own_says_the_same(at_zero: Product) -> None:
    lay(at_zero, files_of("01-create-tabel"))
    before = state(at_zero)
    ended = run.wait(at_zero.start())
    assert (ended.code, SAID["01-create-tabel"][0] in ended.stderr) == (4, True), ended.stderr
    assert state(at_zero) == before


@pytest.mark.parametrize("case", DANGEROUS)
def test_of_a_dangerous_folder_people_are_warned_before_it_is_applied(copy: Product, case: str) -> None:
    product, files = copy, files_of(case)
    product.configure(staging=NO_BACKUP)
    lay(product, files)
    if case in BEFORE:
        product.query(BEFORE[case])
    warnings = "".join(map(printed, findings(files)))
    expected = (FOLDERS[case] / EXPECTED).read_text("utf-8").splitlines()
    for place, rule in (line.split() for line in expected):
        assert any(f"migrations/{place}: " in line and f"[{rule}]" in line for line in warnings.splitlines())

    before = state(product)
    asked = well(product.run("verify", "migrations"))
    planned = well(product.migrate("--dry-run"))
    assert state(product) == before
    migrated = well(product.migrate("--yes"))

    assert (asked.code, planned.code) == (0, 0), planned.err
    for ended in (asked, planned, migrated):
        assert warnings in ended.err, ended.err
    for ended in (planned, migrated):
        assert ended.err.index(warnings) < ended.err.index("Migrate staging: 1 migration")
    assert (migrated.code, product.applied()) == (0, ["0", "1"]), migrated.err


class TestWhatIsAppliedAlready:
    """The ledger knows what it was: `migrate` refuses, and `verify` says that the database is not what it should be."""

    GONE: Mapping[str, str | None] = {"0001_notes.sql": None, "0001_notes.down.sql": None}

    @pytest.fixture
    def product(self, server: Server, bases: Bases, tmp_path: Path) -> Product:
        return bases.get(server, "broken_3", tmp_path / "product", {**FIRST, "0003_tags.sql": TAGS})

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (
                {"0001_notes.sql": NOTES + "-- more\n"},
                "0001_notes.sql:1:1: 0001_notes was edited after it was applied",
            ),
            (GONE, "0001_notes.sql:1:1: 0001_notes is applied, but its file is gone [missing-file]"),
            (
                {"0003_tags.sql": None},
                "0003_tags.sql:1:1: 0003_tags is applied, and this checkout does not know it: the database is newer [missing-file]",
            ),
            (
                {**GONE, "0003_tags.sql": None},
                "0001_notes.sql:1:1: 0001_notes is applied, and this checkout does not know it: the database is newer",
            ),
            (
                {"0002_late.sql": "CREATE TABLE late (id int);\n"},
                "0002_late.sql:1:1: 0002_late is not applied, but 0003_tags, which comes after it, is [late-file]",
            ),
        ],
        ids=["edited", "gone", "newer", "all gone", "late"],
    )
    def test_a_file_that_tells_another_story_is_refused(
        self, product: Product, change: Mapping[str, str | None], line: str
    ) -> None:
        for name, text in change.items():
            (product.folder / "migrations" / name).unlink(missing_ok=True)
            lay(product, {name: text} if text else {})
        before = state(product)

        ended = [well(product.migrate("--yes")), well(product.migrate("--dry-run"))]
        verified = well(product.run("verify", "migrations", "--env", "staging"))

        assert state(product) == before
        for one in ended:
            assert (one.code, f"migrations/{line}" in one.err, "hint: " in one.err) == (4, True, True), one.err
        assert (verified.code, f"migrations/{line}" in verified.err) == (6, True), verified.err

    def test_an_edited_file_is_named_with_both_checksums_and_the_way_out(self, product: Product) -> None:
        lay(product, {"0001_notes.sql": NOTES.replace("body", "text")})
        ended = well(product.migrate("--yes"))
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
        lay(product, {"0001_notes.sql": twin})
        before = state(product)
        ended = well(product.migrate("--yes"))
        assert (ended.code, "nothing to migrate: staging is at 0003, 2 applied" in ended.err) == (0, True), (
            ended.err
        )
        assert product.run("verify", "migrations", "--env", "staging").code == 0
        assert state(product) == before
