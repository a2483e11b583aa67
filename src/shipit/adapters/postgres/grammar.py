"""PostgreSQL's own grammar plays Syntax: statements with their trees, and the bodies of PL/pgSQL."""

import re
from typing import Any

from shipit.adapters.postgres import libpg_query
from shipit.migrations import meta_commands, tree
from shipit.migrations.model import Finding, Node, Parsed, Position
from shipit.migrations.statements import Lines, quiet, skip_blank, unseen

Span = tuple[int, int, Node | None]
_NEAR = re.compile(r'at or near "(.*)"$', re.DOTALL)
_UNKNOWN = re.compile(r'^"(.*)" is not a known variable$')
_OPENING = re.compile(r"(\$\w*\$)|'")
_UNHEARD = re.compile(r"\b\w+\.(?=[\w\"])|\bVARIADIC\b", re.IGNORECASE)
_LINE = re.compile(r"near line (\d+)")
# Faults of form. Others depend on types and tables, which only a server knows: libpg_query guesses those wrongly
_FORM = frozenset({"scanner_yyerror", "plpgsql_yyerror", "word_is_not_variable", "read_sql_construct"})


class PostgresGrammar:
    """Plays Syntax."""

    def read(self, path: str, text: str, line: int = 1) -> Parsed:
        commands = meta_commands.find(path, text, line)
        if commands:
            return Parsed((), commands)
        lines = Lines(text, line)
        spans, fault = _parse(text)
        if fault:
            message, offset = _explained(text, *fault)
            return Parsed((), (Finding(Position(path, *lines.at(offset)), "syntax", message),))
        found = tuple((text[start:end], *lines.at(start), node) for start, end, node in spans)
        return Parsed(found, tuple(_bodies(path, text, lines, spans)))


def _parse(text: str) -> tuple[list[Span], tuple[str, int] | None]:
    """Start, end and tree of each statement; or a message and the offset that it is about."""
    encoded = text.encode()
    # a NUL ends the text for C: what comes after it would pass unread
    if b"\0" in encoded:
        return [], ("a NUL character cannot stand in SQL", text.index("\0"))
    answer = libpg_query.parse(encoded)
    if isinstance(answer, libpg_query.Fault):
        return [], (answer.message, _offset(text, answer.position))
    return [_span(text, encoded, each) for each in answer], None


def _explained(text: str, message: str, offset: int) -> tuple[str, int]:
    """The same complaint in words that help: what is near looks right where a character is not seen."""
    near = _NEAR.search(message)
    found = unseen(near[1], "PostgreSQL") if near and text.startswith(near[1], offset) else None
    return (found[0], offset + found[1]) if found else (message, offset)


def _offset(text: str, position: int) -> int:
    """PostgreSQL counts characters from 1, and points behind the text when it ends too early."""
    return min(max(position - 1, 0), len(text.rstrip()))


def _span(text: str, encoded: bytes, statement: dict[str, Any]) -> Span:
    """Locations of statements are in bytes, and a length of nothing means: up to the end."""
    first = statement.get("stmt_location", 0)
    last = first + statement["stmt_len"] if statement.get("stmt_len") else len(encoded)
    if len(encoded) != len(text):
        first, last = len(encoded[:first].decode()), len(encoded[:last].decode())
    start = skip_blank(text, first)
    # where no semicolon ends it, comments may follow
    end = start + len((text if statement.get("stmt_len") else quiet(text[:last]))[start:last].rstrip())
    return start, end, statement.get("stmt")


def _bodies(path: str, text: str, lines: Lines, spans: list[Span]) -> list[Finding]:
    findings = []
    for start, end, node in spans:
        kind, inside = tree.opened(node) if node else ("", {})
        if kind in {"DoStmt", "CreateFunctionStmt"} and _is_plpgsql(inside):
            finding = _body(path, text[start:end], lines, start)
            findings += [finding] if finding else []
    return findings


def _is_plpgsql(inside: tree.Fields) -> bool:
    """A DO block is PL/pgSQL unless it says otherwise."""
    said = tree.options((*inside.get("options", ()), *inside.get("args", ())))
    return said.get("language", "sql" if "funcname" in inside else "plpgsql").lower() == "plpgsql"


def _body(path: str, statement: str, lines: Lines, start: int) -> Finding | None:
    fault, unheard = _plpgsql(statement)
    if unheard:
        statement = _plainer(statement)
        fault, _ = _plpgsql(statement)
    if not fault:
        return None
    message, near = fault
    return Finding(Position(path, *lines.at(start + _where(statement, message, near))), "plpgsql", message)


def _plpgsql(statement: str) -> tuple[tuple[str, int] | None, bool]:
    """What is wrong with the form of a body, with a line of it at or before that; and whether it was given up."""
    fault = libpg_query.parse_plpgsql(statement.encode())
    if fault is None or fault.function not in _FORM:
        return None, fault is not None
    near = _LINE.search(fault.context)
    return (fault.message, int(near[1]) if near else 1), False


def _plainer(statement: str) -> str:
    """The same without what the library does not know in the head: types of other schemas, VARIADIC."""
    begin, _ = _body_span(statement)
    return _UNHEARD.sub(lambda found: " " * len(found[0]), statement[:begin]) + statement[begin:]


def _where(statement: str, message: str, near: int) -> int:
    """Where in the statement the message is about.

    The library keeps no column for bodies and only a line that the reader had reached. The token in the message
    is looked for: the first one at which the body, cut right behind it, meets with the same complaint.
    """
    begin, end = _body_span(statement)
    named = _NEAR.search(message) or _UNKNOWN.match(message)
    if not named:
        return _start_of_line(statement, begin, near)
    offsets = [begin + match.start() for match in re.finditer(_token(named[1]), quiet(statement[begin:end]))]
    for offset in offsets:
        cut = statement[: offset + len(named[1])] + statement[end:]
        if (_plpgsql(cut)[0] or ("", 0))[0] == message:
            return offset
    floor = _start_of_line(statement, begin, near)
    return next((offset for offset in offsets if offset >= floor), floor)


def _token(text: str) -> str:
    edges = (r"(?<!\w)" if text[:1].isalnum() else "", r"(?!\w)" if text[-1:].isalnum() else "")
    return edges[0] + re.escape(text) + edges[1]


def _body_span(statement: str) -> tuple[int, int]:
    """Where the body stands between its quotes."""
    node = _parse(statement)[0][0][2] or {}
    element = tree.element(tree.opened(node)[1], "as")
    location = len(statement.encode()[: element.get("location", 0)].decode())
    opening = _OPENING.search(statement, location)
    if opening is None:  # pragma: no cover - the grammar wants quotes
        return location, len(statement)
    return opening.end(), statement.index(opening[1] or "'", opening.end())


def _start_of_line(statement: str, begin: int, number: int) -> int:
    offset = begin
    for _ in range(number - 1):
        following = statement.find("\n", offset)
        offset = following + 1 if following >= 0 else offset
    return offset + len(statement[offset:]) - len(statement[offset:].lstrip(" \t\n"))
