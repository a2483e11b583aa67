"""Files that were written for another tool."""

import pytest

from shipit.migrations.foreign import foreign
from shipit.migrations.model import Script


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("-- +goose Up", "goose"),
        ("-- +goose Down", "goose"),
        ("-- +migrate Down", "sql-migrate"),
        ("--liquibase formatted sql", "Liquibase"),
        ("-- Down Migration", "node-pg-migrate"),
        ("--//@UNDO", "MyBatis"),
        ("-- //@UNDO", "MyBatis"),
        ("---- create above / drop below ----", "tern"),
        ("-- rambler down", "rambler"),
        ("# --- !Downs", "Play"),
        ("-- !Ups", "Play"),
    ],
)
def test_a_marker_behind_which_another_tool_takes_back_is_an_error(line: str, tool: str) -> None:
    found = foreign(Script("m/1_a.sql", f"create table a();\n{line}\ndrop table a;\n", ""))
    assert found
    assert (str(found.place), found.rule, found.level) == ("m/1_a.sql:2:1", "foreign-tool", "error")
    assert found.what == f"this file is written for {tool}"
    assert found.rewrite.endswith(f'set migrations.engine to "command" and run {tool}')


@pytest.mark.parametrize(
    ("text", "tool", "rewrite"),
    [
        ("down_revision = None\n", "Alembic", 'set migrations.engine to "alembic"'),
        ("down_revision: str | None = 'a'\n", "Alembic", 'set migrations.engine to "alembic"'),
        ("class Migration(migrations.Migration):\n", "Django", 'set migrations.engine to "django"'),
        (
            "from yoyo import step\n",
            "yoyo",
            'write up(connection), or set migrations.engine to "command" and run yoyo',
        ),
    ],
)
def test_migrations_of_python_tools_are_not_mistaken_for_ours(text: str, tool: str, rewrite: str) -> None:
    found = foreign(Script("m/1_a.py", text, "", language="python"))
    assert found
    assert (found.what, found.rewrite) == (f"this file is written for {tool}", rewrite)


@pytest.mark.parametrize("text", ["-- set up migrations\nselect 1;", "select ' -- +goose Up'", "-- migrate:up", ""])
def test_a_script_without_markers_is_ours(text: str) -> None:
    assert foreign(Script("m/1_a.sql", text, "")) is None
    assert foreign(Script("m/1_a.py", "def up(connection): ...", "", language="python")) is None
