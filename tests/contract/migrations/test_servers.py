"""The servers of the tests are what they say."""

import psycopg
import pytest

from tests.support.postgres import Server


def test_a_server_answers_and_survives_a_crash(server: Server, database: str) -> None:
    server.query(database, "CREATE TABLE a (id int)")
    server.down("immediate")
    server.up()
    assert server.query(database, "SELECT count(*) FROM a") == [(0,)]


def test_a_role_must_give_its_password(server: Server, database: str) -> None:
    server.role("ada", "p@ss:/#% word")
    with psycopg.connect(server.url(database, "ada", "p@ss:/#% word")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("ada",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url(database, "ada", "wrong"))
    server.query("postgres", "DROP ROLE ada")
