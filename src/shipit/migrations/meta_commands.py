"""Commands of psql in a script: the server does not know them, so they are named before its grammar is asked."""

import re

from shipit.migrations.model import Finding, Position
from shipit.migrations.statements import Lines, quiet

_BACKSLASH = re.compile(r"\\(\.|!|\?|[A-Za-z_+]+)")
_COPY = re.compile(r"\bcopy\b(?=[^;]*\b(?:from\s+stdin|to\s+stdout)\b)", re.IGNORECASE)
_HINT = re.compile(r"\\|\bstd(?:in|out)\b", re.IGNORECASE)
_ALTERNATIVES = {
    "c": "give the database in [tool.shipit.environments]",
    "connect": "give the database in [tool.shipit.environments]",
    "i": "make the other file a migration of its own, or write its statements here",
    "include": "make the other file a migration of its own, or write its statements here",
    "ir": "make the other file a migration of its own, or write its statements here",
    "copy": "INSERT INTO … VALUES (…), or a Python script with connection.cursor().copy(…)",
    "set": "write the value where it is used, or SET LOCAL for a setting of the server",
    "gexec": "a DO block with EXECUTE",
    "restrict": "leave the line out: it is pg_dump's, for psql only",
    "unrestrict": "leave the line out: it is pg_dump's, for psql only",
}
_COPY_REWRITE = _ALTERNATIVES["copy"]


def find(path: str, text: str, line: int = 1) -> tuple[Finding, ...]:
    """Name every psql command, and COPY that reads from or writes to psql's own streams."""
    if not _HINT.search(text):
        return ()
    code, lines = quiet(text), Lines(text, line)
    copy = _COPY.search(code)
    # what follows COPY … FROM stdin is data, up to `\.`: a backslash in it is no command
    end = copy.start() if copy else len(code)
    findings = [_command(path, lines, match) for match in _BACKSLASH.finditer(code, 0, end)]
    if copy:
        place = Position(path, *lines.at(copy.start()))
        what = "COPY with psql's streams (FROM stdin, TO stdout) has nobody to talk to in a migration"
        findings.append(Finding(place, "meta-command", what, _COPY_REWRITE))
    return tuple(findings)


def _command(path: str, lines: Lines, match: re.Match[str]) -> Finding:
    what = f"{match[0]} is a command of psql, not of PostgreSQL: the server would answer with a syntax error"
    rewrite = _ALTERNATIVES.get(match[1], "leave it out, or say it in SQL")
    return Finding(Position(path, *lines.at(match.start())), "meta-command", what, rewrite)
