"""Values of rows stay in the database: what a run says, writes down or tells people when it fails shows none."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.contract.migrations.conftest import database, debian, embedded, server
from tests.support.description import Asked
from tests.support.http_listener import Listener
from tests.support.migrations import NOTES, Product
from tests.support.postgres import Server

__all__ = ["database", "debian", "embedded", "server"]

SENTINEL = "ada.lovelace@example.com"
CAST = "EXECUTE format('SELECT %L::date', one); END LOOP; END $$;\n"
FAILURES = {
    "a unique index": ("CREATE UNIQUE INDEX by_body ON notes (body);\n", "CONSTRAINT: by_body"),
    "a unique index outside of a transaction": (
        "CREATE UNIQUE INDEX CONCURRENTLY by_body ON notes (body);\n",
        "CONSTRAINT: by_body",
    ),
    "a check": ("ALTER TABLE notes ADD CONSTRAINT short CHECK (length(body) < 9);\n", "CONSTRAINT: short"),
    "a copy with a check": (
        "CREATE TABLE more (body text, n int NOT NULL);\nINSERT INTO more SELECT body, NULL FROM notes;\n",
        "COLUMN: n",
    ),
    "another type": (
        "ALTER TABLE notes ALTER body TYPE integer USING body::integer;\n",
        "invalid input syntax for type integer: …",
    ),
    "a block of code": (
        "DO $$ DECLARE one text; BEGIN FOR one IN SELECT body FROM notes LOOP\n" + CAST,
        "PL/pgSQL function inline_code_block line 2 at EXECUTE",
    ),
}


class Answer:
    status = 200
    data = b""
    all_headers: Mapping[str, str] = {"Content-Type": "text/plain"}


@pytest.fixture
def heard() -> Iterator[tuple[Listener, list[str]]]:
    said: list[str] = []

    def answer(asked: Asked) -> Answer:
        said.append(json.loads(asked.body)["message"])
        return Answer()

    listener = Listener(answer)
    listener.start()
    yield listener, said
    listener.stop()


@pytest.mark.parametrize("failure", FAILURES)
def test_no_value_leaves_the_database(
    tmp_path: Path, server: Server, database: str, heard: tuple[Listener, list[str]], failure: str
) -> None:
    listener, told = heard
    product = Product(tmp_path / "product", server, database)
    product.write(NOTES)
    assert product.migrate().code == 0
    product.query(f"INSERT INTO notes (body) VALUES ('{SENTINEL}'), ('{SENTINEL}')")
    product.configure(tables='[tool.shipit.notify]\napprise = "env:CHANNEL"')
    product.environment["CHANNEL"] = listener.root.replace("http", "json", 1)
    summary = tmp_path / "summary.md"
    text, helps = FAILURES[failure]
    product.write({"0002_fails.sql": text})

    plain = product.migrate("--verbose")
    on_github = product.migrate(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    as_json = product.migrate("--json")

    assert [one.code for one in (plain, on_github, as_json)] == [7, 7, 7], plain.err
    details = "\n".join(str(row[0]) for row in product.query("SELECT detail FROM shipit.run"))
    said = "\n".join(f"{one.out}\n{one.err}" for one in (plain, on_github, as_json))
    places = {
        "streams": said,
        "summary": summary.read_text(),
        "audit": product.audit(),
        "ledger": details,
        "notification": "\n".join(told),
    }
    for place, words in places.items():
        assert SENTINEL not in words, place
        assert "ada.lovelace" not in words, place
    for place in ("streams", "ledger", "notification"):
        assert helps in places[place], place
    assert ("PostgreSQL's own log has them" in plain.err) == (failure != "a check"), "where there was a value"
