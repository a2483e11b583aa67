"""How the database is migrated, as far as the files say."""

import posixpath
import re
from collections.abc import Iterator

from shipit.project.init.model import Finding, Note, Seen, Setting, Suggestion

_FLYWAY = re.compile(r"(?:^|/)V\d[\w.]*__[^/]*\.sql$")
_UP = re.compile(r"(?:^|/)\d+_[^/]*\.up\.sql$")
_NUMBERED = re.compile(r"(?:^|/)\d+[_-][^/]*\.sql$")
_OTHERS = {
    "goose": ("-- +goose", "goose up"),
    "sql-migrate": ("-- +migrate", "sql-migrate up"),
    "Liquibase": ("--liquibase formatted sql", "liquibase update"),
    "yoyo": ("from yoyo import", "yoyo apply --batch"),
}
_MOST = 20
"""Files that are looked into: those of one folder are of one kind."""
_ENVIRONMENT = (
    "[environments.production]",
    'from = "tags"',
    'database.url = "env:DATABASE_URL"',
)


def databases(seen: Seen) -> Iterator[Finding]:
    """The engine and the folder; where the database is nobody can see."""
    found = list(_engine(seen))
    yield from found
    if found:
        why = "where the database is, for `shipit migrate --env production`"
        yield Suggestion(lines=_ENVIRONMENT, reason=why)


def _engine(seen: Seen) -> Iterator[Finding]:
    for file, engine in (("alembic.ini", "alembic"), ("manage.py", "django")):
        for path in (one for one in seen.paths if posixpath.basename(one) == file):
            folder = posixpath.dirname(path)
            if engine == "django" and not _has_django(seen, folder):
                continue
            yield Setting(key="migrations.engine", value=engine, reason=f"{path} is there: shipit migrate runs it")
            if folder:
                yield Setting(key="migrations.path", value=folder, reason=f"the folder of {path}")
            yield Note(
                f"shipit migrate adds a lock, a backup and a record to what {engine.capitalize()} does, but names"
                " no hazards and rehearses nothing: it does not see the statements before they run"
            )
            return
    yield from _scripts(seen)


def _has_django(seen: Seen, folder: str) -> bool:
    start = f"{folder}/" if folder else ""
    return any(path.startswith(start) and "/migrations/0001_" in path for path in seen.paths)


def _scripts(seen: Seen) -> Iterator[Finding]:
    sql = [path for path in seen.paths if _FLYWAY.search(path) or _UP.search(path) or _NUMBERED.search(path)]
    python = [path for path in seen.paths if path.endswith(".py") and "/migrations/" in f"/{path}"]
    for path in [*sql, *python][:_MOST]:
        text = (seen.text(path) or "").lower()
        for tool, (mark, command) in _OTHERS.items():
            if mark.lower() in text:
                yield Suggestion(
                    lines=('migrations.engine = "command"', f'migrations.command = "{command}"'),
                    reason=f"{path} is written for {tool}, which shipit runs as a command",
                )
                return
    folders = {posixpath.dirname(path) for path in sql}
    if len(folders) == 1 and (folder := folders.pop()):
        first = next(path for path in sql if path.startswith(folder))
        if folder != "migrations":
            yield Setting(key="migrations.path", value=folder, reason=f"{first} and its like are there")
        else:
            yield Note(f"migrations are read from {folder}: `shipit verify migrations` looks at them")
    elif folders:
        yield Note(
            f"SQL files lie in {', '.join(sorted(folders))}: set migrations.path to the folder of migrations"
        )
