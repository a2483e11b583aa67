"""P12: however odd the password and whatever goes wrong, no output, file, ledger or argv has it, in no spelling."""

import base64
import functools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from psycopg import conninfo, sql

from shipit import masking
from tests.contract.migrations.conftest import debian
from tests.support.inside import Ended
from tests.support.migrations import DOWN, NO_BACKUP, NOTES, Product
from tests.support.postgres import Server, wait_until

__all__ = ["debian"]

PASSWORDS = (
    "p#ss@w:o/rd",
    "100%25 sure?",
    "a&b=c+d  e",
    'it\'s "quoted"',
    "back\\slash\\\\n",
    "$HOME `id` $(id) ${x}",
    "пароль-日本-ß🗝",
    "postgresql://me:inner@host/db?x=1",
    "host=evil dbname='other' password=x",
    "=?&#@:/%+",
    "****-***-****",
    "x'; DROP TABLE notes; --",
    "%70%61ss%2Fword",
    "{braces}{0}%s%(name)s",
    "-----BEGIN KEY-----",
    "::add-mask::hm::error::",
    "<b>&lt;[link](u)|`c`",
    "Zq7#",
    "long" + "0123456789abcdef/+=@" * 40,
    "ends in a backslash\\",
)
TORN = ("first@second.invalid/third", "first@second:5432", "front@127.0.0.1:1/hidden", "front/behind@there?what")
"""Of which a part would be a host or a database, written as they are."""
FORMS = ("env-url", "file-words", "command-url", "env-words", "file-url", "command-words")
FACES: Mapping[str, tuple[str, ...]] = {"people": ("--verbose",), "json": ("--json",), "github": ("--verbose",)}
ROLE = "keeper"
QUICK = {"settings": 'rehearse = "never"', "staging": NO_BACKUP}
SAFE = {"settings": 'rehearse = "never"', "staging": DOWN}


class Case:
    """A product whose address holds the secret `password`, and everything that a run leaves behind."""

    def __init__(self, folder: Path, server: Server, database: str, password: str, form: str) -> None:
        self.password = password
        self.product = Product(folder, server, database)
        self.product.write(NOTES)
        self.server = server
        self.github = folder.parent / "github"
        self.github.mkdir()
        self.be(password)
        self.emit(form, {})

    def be(self, password: str) -> None:
        with self.server.connect() as connection:
            text = sql.SQL("ALTER ROLE {} SUPERUSER LOGIN PASSWORD {}")
            connection.execute(text.format(sql.Identifier(ROLE), sql.Literal(password)))

    def emit(self, form: str, changed: Mapping[str, str | int]) -> None:
        """Give the address in this form, with some of its parts changed."""
        self.form = form
        where, spelling = form.split("-")
        parts: dict[str, str | int] = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": ROLE,
            "password": self.password,
            "dbname": self.product.database,
            **changed,
        }
        address = (
            f"postgresql://{parts['user']}:{quote(str(parts['password']), safe='')}"
            f"@{parts['host']}:{parts['port']}/{parts['dbname']}"
            if spelling == "url"
            else conninfo.make_conninfo("", **parts)
        )
        self.give(where, address)

    def give(self, where: str, address: str) -> None:
        secret = self.product.folder.parent / "address"
        secret.write_text(address + "\n", "utf-8")
        reference = {"env": "env:DATABASE_URL", "file": f"file:{secret}", "command": f"command:cat {secret}"}[where]
        self.product.address = address if where == "env" else "not asked for"
        self.product.configure(reference=reference)

    def run(self, face: str, *words: str, **environment: str) -> Ended:
        """Run it, and look for the secret in all that it said and left."""
        if face == "github":
            environment |= {
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(self.github / "output"),
                "GITHUB_STEP_SUMMARY": str(self.github / "summary"),
            }
        masking.forget_all()  # a process of its own would know no secret yet
        faces = FACES[face] if words[:1] not in {("status",), ("history",), ("verify",), ("restore",)} else ()
        ended = self.product.migrate(*words, *faces, **environment)
        self.require_success(ended)
        return ended

    def require_success(self, ended: Ended) -> None:
        lines = [line for line in (ended.out + ended.err).splitlines() if not line.startswith("::add-mask::")]
        said = "\n".join(lines)
        assert "Traceback (most recent call last)" not in said
        assert leaks(self.password, said.encode("utf-8", "surrogateescape")) == [], said
        private = self.product.folder / ".git" / "shipit"
        for file in [*private.rglob("*"), *self.github.iterdir()]:
            if file.is_file():
                assert leaks(self.password, file.read_bytes()) == [], file

    def ledger(self) -> str:
        """The whole schema of shipit, as text."""
        program = ("pg_dump", "-h", "127.0.0.1", "-p", str(self.server.port), "-U", "postgres", "--inserts")
        return self.server.run(*program, "-n", "shipit", self.product.database).stdout

    def fails(self, up: str, suffix: str = ".sql") -> None:
        self.product.write({f"0002_fails{suffix}": up})

    def literal(self) -> str:
        return sql.Literal(self.password).as_string(None)


@functools.cache
def spellings(secret: str) -> set[bytes]:
    """Raw, escaped, URL-encoded, and what base64 makes of it at any of its three alignments."""
    data = secret.encode()
    found = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode()
        found.add(text[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6])
    return {one.encode() for one in found if len(one) >= 4}


def leaks(secret: str, data: bytes) -> list[bytes]:
    return [spelling for spelling in spellings(secret) if spelling in data]


@contextmanager
def watched(secret: str) -> Iterator[list[bytes]]:
    """Sample every command line of the machine often; yields those of pg_dump, and fails on leaks."""
    found: dict[bytes, list[bytes]] = {}
    seen: list[bytes] = []
    known: set[bytes] = set()
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.004):
            for process in Path("/proc").iterdir():
                if not process.name.isdigit():
                    continue
                try:
                    line = (process / "cmdline").read_bytes()
                except OSError:
                    continue
                if line in known:
                    continue
                known.add(line)
                if b"pg_dump" in line:
                    seen.append(line)
                if leaking := leaks(secret, line):
                    found[line] = leaking

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    assert found == {}


def unhurried(programs: Path, folder: Path) -> Path:
    """Programs of PostgreSQL of which pg_dump starts slowly: a small backup may be over between two samples."""
    folder.mkdir()
    dump = folder / "pg_dump"
    dump.write_text(f'#!/bin/sh\nsleep 0.3\nexec {programs}/pg_dump "$@"\n')
    dump.chmod(0o755)
    (folder / "pg_restore").symlink_to(programs / "pg_restore")
    return folder


@pytest.fixture(scope="session")
def keeper(debian: Server) -> Server:
    """A server with a role that must give a password."""
    debian.role(ROLE, "none yet", "LOGIN SUPERUSER")
    return debian


@pytest.fixture
def own(keeper: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"secret{abs(hash(request.node.nodeid)) % 10**10}"
    keeper.create(name)
    yield name
    for (left,) in keeper.query("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%'"):
        keeper.drop(str(left))


@pytest.mark.parametrize("number", range(len(PASSWORDS)))
def test_a_password_works_and_is_nowhere(keeper: Server, own: str, tmp_path: Path, number: int) -> None:
    case = Case(tmp_path / "product", keeper, own, PASSWORDS[number], FORMS[number % len(FORMS)])
    face = list(FACES)[number % 3]
    slow = unhurried(keeper.bin, tmp_path / "bin")
    with watched(case.password) as seen:
        ended = case.run(face, SHIPIT_PG_BIN=str(slow))
        assert ended.code == 0, ended.err
        case.product.configure(**QUICK)
        case.fails(f"DO $do$ BEGIN RAISE EXCEPTION 'it is %', {case.literal()}; END $do$;\n")
        assert case.run(face).code == 7
    assert seen, "the sampling never saw a child that works with the password"
    assert leaks(case.password, case.ledger().encode()) == []
    case.be("another")
    denied = case.run(face)
    assert denied.code == 4
    assert case.run(face, "status").code == 4


@pytest.mark.parametrize("password", [*PASSWORDS, *TORN])
def test_a_password_that_nobody_encoded_is_not_told_piecemeal(
    keeper: Server, own: str, tmp_path: Path, password: str
) -> None:
    case = Case(tmp_path / "product", keeper, own, password, "env-url")
    case.give("env", f"postgresql://{ROLE}:{password}@127.0.0.1:{keeper.port}/{own}")
    ended = case.run("people", "status")
    audited = case.product.folder / "reports" / "migrations.jsonl"
    case.run("people")  # what stops it is audited
    pieces = [piece for piece in password.replace("@", "/").replace(":", "/").split("/") if len(piece) > 3]
    if ended.code:
        said = ended.out + ended.err.partition("hint:")[0]
        said += audited.read_text() if audited.exists() else ""
        assert [piece for piece in pieces if piece in said and piece not in {"postgresql", "host", "error"}] == []


def wrong_password(case: Case) -> tuple[int, tuple[str, ...]]:
    case.be("another")
    return 4, ()


def unknown_host(case: Case) -> tuple[int, tuple[str, ...]]:
    case.emit(case.form, {"host": "nowhere.invalid"})
    return 4, ()


def refused_port(case: Case) -> tuple[int, tuple[str, ...]]:
    case.emit(case.form, {"port": 1})
    return 4, ()


def unknown_database(case: Case) -> tuple[int, tuple[str, ...]]:
    case.emit(case.form, {"dbname": "nowhere"})
    return 4, ()


def missing_rights(case: Case) -> tuple[int, tuple[str, ...]]:
    case.server.query("postgres", f"ALTER ROLE {ROLE} NOSUPERUSER")
    return 7, ()


def syntax_error(case: Case) -> tuple[int, tuple[str, ...]]:
    case.fails(f"CREATE TABEL {case.literal()};\n")
    return 4, ()


def failing_migration(case: Case) -> tuple[int, tuple[str, ...]]:
    case.fails(f"SELECT 1 / length({case.literal()}) / 0, 'it is ' || {case.literal()};\n")
    return 7, ()


def failing_cast(case: Case) -> tuple[int, tuple[str, ...]]:
    case.fails(f"SELECT {case.literal()}::int;\n")
    return 7, ()


def failing_script(case: Case) -> tuple[int, tuple[str, ...]]:
    case.fails("def up(connection):\n    raise RuntimeError(connection.info.password)\n", ".py")
    return 7, ()


def failing_verify(case: Case) -> tuple[int, tuple[str, ...]]:
    case.fails("CREATE TABLE more (id int);\n")
    case.fails(f"SELECT {case.literal()} = 'something else';\n", ".verify.sql")
    return 7, ()


def no_programs(case: Case) -> tuple[int, tuple[str, ...]]:
    case.product.configure(**SAFE)
    case.product.environment["SHIPIT_PG_BIN"] = str(case.github)
    return 4, ()


def failing_dump(case: Case) -> tuple[int, tuple[str, ...]]:
    """It prints its environment."""
    case.product.configure(**SAFE)
    folder = case.product.folder.parent / "bin"
    folder.mkdir(exist_ok=True)
    real = case.server.bin / "pg_dump"
    (folder / "pg_dump").write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec {real} "$@"\nenv >&2\nexit 3\n')
    (folder / "pg_dump").chmod(0o755)
    if not (folder / "pg_restore").exists():
        (folder / "pg_restore").symlink_to(case.server.bin / "pg_restore")
    case.product.environment["SHIPIT_PG_BIN"] = str(folder)
    return 7, ()


def failing_rehearsal(case: Case) -> tuple[int, tuple[str, ...]]:
    case.product.configure(settings='rehearse = "always"', staging=NO_BACKUP)
    case.fails(f"SELECT {case.literal()}::int;\n")
    return 4, ()


def ended_session(case: Case) -> tuple[int, tuple[str, ...]]:
    case.fails("SELECT pg_sleep(10);\n")

    def end() -> None:
        wait_until(lambda: case.product.is_doing("pg_sleep"))
        case.product.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(10%'"
                           " AND pid <> pg_backend_pid()")  # fmt: skip

    threading.Thread(target=end, daemon=True).start()
    return 5, ()


def refused_restore(case: Case) -> tuple[int, tuple[str, ...]]:
    taken = json.loads(case.product.migrate("backup", "--json").out.splitlines()[-1])["outputs"]
    case.product.query("INSERT INTO notes (body) VALUES ('theirs')")
    return 4, ("restore", taken["run"])


def failing_notifier(case: Case) -> tuple[int, tuple[str, ...]]:
    case.product.configure(tables='[tool.shipit.notify]\napprise = "env:CHANNEL"')
    secret = quote(case.password, safe="")
    case.product.environment["CHANNEL"] = f"json://me:{secret}@127.0.0.1:1/{secret} {case.password}"
    return failing_cast(case)


def failing_tool(case: Case) -> tuple[int, tuple[str, ...]]:
    """It prints its environment, in plain and as base64, and so the password by itself."""
    file = case.product.folder.parent / "password"
    file.write_text(case.password)
    tool = f'command = ["sh", "-c", "env; echo $DATABASE_URL | base64 -w0; base64 -w0 {file}; exit 3"]'
    case.product.configure(settings=f'engine = "command"\n{tool}')
    return 5, ()


def failing_question(case: Case) -> tuple[int, tuple[str, ...]]:
    """The tool is asked what is pending, before anything else."""
    tool = f'command = ["true"]\nstatus-command = ["sh", "-c", "cat {case.product.folder.parent}/password; exit 3"]'
    (case.product.folder.parent / "password").write_text(case.password)
    case.product.configure(settings=f'engine = "command"\n{tool}')
    return 4, ()


PATHS: tuple[Callable[[Case], tuple[int, tuple[str, ...]]], ...] = (
    wrong_password,
    unknown_host,
    refused_port,
    unknown_database,
    missing_rights,
    syntax_error,
    failing_migration,
    failing_cast,
    failing_script,
    failing_verify,
    no_programs,
    failing_dump,
    failing_rehearsal,
    ended_session,
    refused_restore,
    failing_notifier,
    failing_tool,
    failing_question,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_on_no_way_of_failing_is_it_told(
    keeper: Server, own: str, tmp_path: Path, path: Callable[[Case], tuple[int, tuple[str, ...]]]
) -> None:
    number = PATHS.index(path)
    case = Case(tmp_path / "product", keeper, own, PASSWORDS[number], FORMS[number % len(FORMS)])
    case.product.configure(**QUICK)
    assert case.product.migrate().code == 0
    if path in {
        wrong_password,
        unknown_host,
        refused_port,
        unknown_database,
        no_programs,
        failing_dump,
        missing_rights,
    }:
        case.fails("CREATE TABLE more (id int);\n")
    for face in FACES:
        code, words = path(case)
        with watched(case.password):
            ended = case.run(face, *words)
        assert ended.code in ({5, 7} if path is ended_session else {code}), (ended.out, ended.err)
    assert leaks(case.password, case.ledger().encode()) == []
