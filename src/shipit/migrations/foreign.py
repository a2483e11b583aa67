"""Files that were written for another tool: to run them as they are would do something else than is meant."""

import re

from shipit.migrations.model import Finding, Script
from shipit.migrations.sections import place_at

_FLAGS = re.MULTILINE | re.IGNORECASE
_SQL = {
    "goose": r"--[ \t]*\+goose[ \t]+(?:up|down)\b",
    "sql-migrate": r"--[ \t]*\+migrate[ \t]+(?:up|down)\b",
    "Liquibase": r"--[ \t]*liquibase formatted sql\b",
    "node-pg-migrate": r"--[ \t]*down migration\b",
    "MyBatis": r"--[ \t]*//[ \t]*@undo\b",
    "tern": r"---- create above / drop below ----",
    "rambler": r"--[ \t]*rambler (?:up|down)\b",
    "Play": r"(?:--|#)[ \t]*(?:---[ \t]*)?!(?:ups|downs)\b",
}
_PYTHON = {
    "Alembic": r"down_revision[ \t]*(?::[^=\n]+)?=",
    "Django": r"class Migration\(",
    "yoyo": r"from yoyo import\b|import yoyo\b",
}
_ENGINES = {"Alembic": 'set migrations.engine to "alembic"', "Django": 'set migrations.engine to "django"'}
_MARKERS = {"sql": _SQL, "python": _PYTHON}
# a name of a group holds no hyphen, so the position identifies the tool
_ANY = {
    language: re.compile("^(?:" + "|".join(f"({marker})" for marker in markers.values()) + ")", _FLAGS)
    for language, markers in _MARKERS.items()
}


def foreign(script: Script) -> Finding | None:
    """Another tool's marker in the script, and what to do about it; None for a script that is meant for us."""
    match = _ANY[script.language].search(script.text)
    if not match or not match.lastindex:
        return None
    tool = list(_MARKERS[script.language])[match.lastindex - 1]
    apart = "take it apart into NAME.sql and NAME.down.sql" if script.language == "sql" else "write up(connection)"
    rewrite = _ENGINES.get(tool, f'{apart}, or set migrations.engine to "command" and run {tool}')
    return Finding(place_at(script, match.start()), "foreign-tool", f"this file is written for {tool}", rewrite)
