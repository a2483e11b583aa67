"""What happened in the sample products, as data: the commits before v1.0.0 and the work since then."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `old`, which stands exactly once in the file, by `new`; without `old` the file is new."""

    path: str
    old: str
    new: str

    def applied(self, before: bytes | None) -> bytes:
        text = (before or b"").decode()
        if not self.old:
            if before is not None:
                raise ValueError(f"{self.path} is there already")
            return self.new.encode()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.path}: {self.old!r} stands {text.count(self.old)} times, not once")
        return text.replace(self.old, self.new).encode()

    def reverted(self) -> "Edit":
        return Edit(self.path, self.new, self.old)


@dataclass(frozen=True, slots=True)
class Change:
    """A commit: its message, and the files that it edits or (before the first release) brings.

    `reverts` is the message of the commit that this one rolls back; `{id}` stands for that commit's id.
    """

    message: str
    edits: tuple[Edit, ...] = ()
    brings: tuple[str, ...] = ()
    reverts: str = ""

    def applied(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        after = dict(files)
        for edit in self.edits:
            after[edit.path] = edit.applied(after.get(edit.path))
        return after

    def reverted(self) -> "Change":
        """What `git revert` would commit."""
        return Change(
            f'Revert "{self.message.splitlines()[0]}"\n\nThis reverts commit {{id}}.',
            tuple(edit.reverted() for edit in reversed(self.edits)),
            reverts=self.message,
        )


BEGINNING = (
    Change(
        "feat: first notes",
        brings=(
            "src/acme/store.py",
            "src/acme/health.py",
            "tests/test_store.py",
            "tests/test_health.py",
            "migrations/",
        ),
    ),
    Change("feat(mcp): add and find notes", brings=("src/acme/mcp.py", "tests/test_mcp.py", "Dockerfile.mcp")),
    Change(
        "feat(webhook): receive signed events",
        brings=("src/acme/webhook.py", "tests/test_webhook.py", "Dockerfile.webhook"),
    ),
    Change("feat(frontend): show the version that is live", brings=("frontend/", "tests/test_version.py")),
)

PING = Change(
    """\
feat(webhook): answer a ping

GitHub sends one when a webhook is set up; it is answered and not kept as an event.""",
    (
        Edit(
            "src/acme/webhook.py",
            """\
        try:
            payload = json.dumps(json.loads(body))
""",
            """\
        if kind == "ping":
            return HTTPStatus.OK, {"delivery": delivery, "pong": True}
        try:
            payload = json.dumps(json.loads(body))
""",
        ),
        Edit(
            "tests/test_webhook.py",
            """\
def test_the_signature_is_the_one_of_githubs_documentation""",
            """\
def test_a_ping_is_answered_and_not_kept(service: webhook.Service) -> None:
    assert send(service, X_GitHub_Event="ping") == (200, {"delivery": "d-1", "pong": True})
    assert ask(service, "/healthz")[1]["events"] == 0


def test_the_signature_is_the_one_of_githubs_documentation""",
        ),
    ),
)

WILDCARDS = Change(
    "fix(mcp): look for % and _ as they are written",
    (
        Edit(
            "src/acme/store.py",
            """\
        pattern = f"%{query}%"
""",
            """\
        literal = re.sub("[%_^]", r"^\\g<0>", query)
        pattern = f"%{literal}%"
""",
        ),
        Edit(
            "src/acme/store.py",
            "WHERE body LIKE ?1 OR tags LIKE ?1",
            "WHERE body LIKE ?1 ESCAPE '^' OR tags LIKE ?1 ESCAPE '^'",
        ),
        Edit("src/acme/store.py", "import secrets\n", "import re\nimport secrets\n"),
        Edit(
            "tests/test_store.py",
            """\
def test_the_newest_notes_come_first""",
            """\
def test_a_percent_sign_is_not_a_wildcard(store: Store) -> None:
    half = store.add_note("50% off")
    store.add_note("50 off")

    assert store.find_notes("0%", 10) == [half]


def test_the_newest_notes_come_first""",
        ),
    ),
)

REMOVAL = Change(
    "feat(mcp): remove notes",
    (
        Edit(
            "src/acme/store.py",
            """\
    def add_event(""",
            """\
    def remove_note(self, id_: str) -> bool:
        with closing(self._connect()) as database, database:
            return database.execute("DELETE FROM notes WHERE id = ?", (id_,)).rowcount == 1

    def add_event(""",
        ),
        Edit(
            "tests/test_store.py",
            """\
def test_an_event_is_remembered_once""",
            """\
def test_a_note_is_removed_once(store: Store) -> None:
    note = store.add_note("buy milk")

    assert store.remove_note(note.id)
    assert not store.remove_note(note.id)


def test_an_event_is_remembered_once""",
        ),
    ),
)

WHERE_NOTES_ARE = Change(
    "docs: say where the notes are kept",
    (
        Edit(
            "README.md",
            "A database file that does not exist yet",
            "Both keep everything in `acme.sqlite3` in the current folder unless `--database` or the\n"
            "variable `ACME_DATABASE` names another file. A database file that does not exist yet",
        ),
    ),
)

SOLO = "-- shipit: solo\n"
INDEX = "CREATE INDEX events_received ON events (received_at);\n"
PRUNE = Change(
    """\
perf(webhook): find old events by an index

Cleaning up after a year had to read the whole table.""",
    (
        Edit(
            "migrations/postgresql/0012_events_received.sql",
            "",
            SOLO + INDEX.replace("INDEX", "INDEX CONCURRENTLY"),
        ),
        Edit("migrations/postgresql/0012_events_received.down.sql", "", "DROP INDEX events_received;\n"),
        Edit("migrations/sqlite/0010_events_received.sql", "", INDEX),
        Edit("migrations/sqlite/0010_events_received.down.sql", "", "DROP INDEX events_received;\n"),
        Edit(
            "src/acme/store.py",
            """\
);
\"""
""",
            f"""\
);
{INDEX}\"""
""",
        ),
    ),
)

TAGS = Change(
    """\
feat(mcp): list the tags in use

Closes: #12""",
    (
        Edit(
            "src/acme/store.py",
            """\
    def add_event(""",
            """\
    def tags(self) -> list[str]:
        with closing(self._connect()) as database:
            rows = database.execute("SELECT tags FROM notes")
            return sorted({tag for (tags,) in rows for tag in tags.split()})

    def add_event(""",
        ),
        Edit(
            "src/acme/mcp.py",
            """\
            "required": ["query"],
        },
    },
""",
            """\
            "required": ["query"],
        },
    },
    {
        "name": "list_tags",
        "description": "List the tags in use",
        "inputSchema": {"type": "object", "properties": {}, "required": []},
    },
""",
        ),
        Edit(
            "src/acme/mcp.py",
            """\
            "find_notes": self._find_notes,
""",
            """\
            "find_notes": self._find_notes,
            "list_tags": lambda _: " ".join(self._store.tags()) or "no tags yet",
""",
        ),
        Edit(
            "tests/test_mcp.py",
            """\
def test_nothing_found_is_said""",
            """\
def test_the_tags_in_use_are_listed_once(server: mcp.Server) -> None:
    assert call(server, "list_tags") == ("no tags yet", False)
    call(server, "add_note", text="buy milk", tags=["home", "shop"])
    call(server, "add_note", text="paint", tags=["home"])
    assert call(server, "list_tags") == ("home shop", False)


def test_nothing_found_is_said""",
        ),
    ),
)

WORK = (PING, WILDCARDS, REMOVAL, WHERE_NOTES_ARE, PRUNE, REMOVAL.reverted(), TAGS)

SMALL: Mapping[str, bytes] = {
    ".gitignore": b"__pycache__/\ndist/\n",
    "CHANGELOG.md": b"""\
# Changelog

## [1.0.0] - 2025-03-03

### Features

- first word
""",
    "README.md": b"# small\n\nOne word.\n",
    "pyproject.toml": b"""\
[build-system]
requires = ["flit_core>=3.9,<5"]
build-backend = "flit_core.buildapi"

[project]
name = "small"
version = "1.0.0"
description = "One word"
readme = "README.md"
requires-python = ">=3.11"

[tool.shipit.branches]
develop = "develop"

[tool.shipit.version]
files = ["pyproject.toml:project.version", "small.py:__version__"]

[tool.shipit.gates.tests]
run = ["python", "-S", "-c", "pass"]

[tool.shipit.distribution]
isolation = "never"
install = false
sbom = false

[tool.shipit.index]
path = "../index"
""",
    "small.py": b'"""One word."""\n\n__version__ = "1.0.0"\nWORD = "hello"\n',
}

SMALL_BEGINNING = (Change("feat: first word"),)
SMALL_WORK = (
    Change(
        "feat: say it louder",
        (Edit("small.py", 'WORD = "hello"\n', 'WORD = "hello"\nLOUDER = WORD.upper()\n'),),
    ),
    Change("fix: end with a mark", (Edit("small.py", "WORD.upper()", 'WORD.upper() + "!"'),)),
)
