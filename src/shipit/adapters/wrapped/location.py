"""Where things are: a tool's own files in the project, and whether it speaks to the database that it was given."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from shipit.errors import ExternalError, Refused, UsageError

MARK = "shipit-answer:"
"""Begins the line on which a child answers; projects print other things on stdout."""

_SQLITE_FILE = "sqlite:///"
_LEFT_OUT = {".git", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox"}


def find(top: Path, folder: str, name: str) -> Path:
    """The folder that holds this file: where migrations are, beside them, or the top; raises UsageError."""
    migrations = top / folder
    for place in (migrations, migrations.parent, top):
        if (place / name).is_file():
            return place
    raise UsageError(
        f"there is no {name} at {top}, in {folder}, or beside it",
        where="[tool.shipit.migrations]",
        hint=f'path = the folder that holds {name}, or engine = "sql"',
    )


def mentions(folder: Path, words: Sequence[str], name: str = "") -> Sequence[str]:
    """The Python files below (or those of this name) that hold one of the words; relative, in order.

    Only the project's own: what is installed in environments within it is left out.
    """
    found = []
    for where, inside, files in os.walk(folder):
        inside[:] = [each for each in inside if each not in _LEFT_OUT]
        for path in (Path(where, file) for file in files if file == name or (not name and file.endswith(".py"))):
            text = path.read_text("utf-8", "replace")
            if any(word in text for word in words):
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def written(url: str, top: Path) -> str:
    """The address as a tool reads it, wherever it runs: a relative SQLite file becomes an absolute one."""
    if not url.startswith(_SQLITE_FILE):
        return url
    return f"{_SQLITE_FILE}{(top / url.removeprefix(_SQLITE_FILE)).resolve()}"


def answer(tool: str, said: str) -> Mapping[str, Any]:
    """What the child answered among all that it printed."""
    lines = [line.removeprefix(MARK) for line in said.splitlines() if line.startswith(MARK)]
    if not lines:
        raise ExternalError(f"{tool} did not say how the database stands", evidence=said.splitlines()[-5:])
    found: Mapping[str, Any] = json.loads(lines[-1])
    return found


def insist_on(tool: str, url: str, seen: Mapping[str, Any]) -> None:
    """Raise Refused if the tool is connected to another database: lock and backup would be of the wrong one.

    `seen` holds its host, port and database; what is not written out in `url` is not compared.
    """
    theirs = str(seen.get("database") or "")
    if url.startswith(_SQLITE_FILE):
        ours, same = url.partition("///")[2], Path(theirs).resolve() == Path(url.partition("///")[2]).resolve()
    else:
        ours, same = _database_and_port(url, theirs, seen.get("port"))
    if not same:
        raise Refused(
            f"{tool} speaks to another database than the one that shipit was given",
            evidence=[f"{tool}: {_shown(theirs, seen.get('port'))}", f"shipit: {ours}"],
            hint="let the project read the address from the environment variable DATABASE_URL",
        )


def _database_and_port(url: str, database: str, port: object) -> tuple[str, bool]:
    try:
        parts = urlsplit(url)
        name, number = unquote(parts.path.lstrip("/")), parts.port
    except ValueError:  # libpq reads more than a browser does
        return "", True
    same_name = not name or not database or name == database
    same_port = not number or not port or str(number) == str(port)
    return _shown(name, number), same_name and same_port


def _shown(database: str, port: object) -> str:
    return f"{database} at port {port}" if port else database
