"""What a script may not say about transactions, and which statements can be in none."""

import re
from collections.abc import Iterator, Sequence

from shipit.migrations import confines, keywords, tree
from shipit.migrations.model import Directives, Finding, Statement
from shipit.migrations.statements import quiet
from shipit.migrations.tree import Fields

_CONTROL_WORDS = frozenset({"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"})
_ENDS = re.compile(r"\b(COMMIT|ROLLBACK)\b(?=\s*(?:;|AND\b))", re.IGNORECASE)
_SET = re.compile(r"^SET\s+(?:SESSION\s+(?!AUTHORIZATION))?", re.IGNORECASE)
_ENDS_HERE = "looks as if it held for later migrations too: each begins with the settings of the connection"
_ATOMIC = "shipit opens the transaction and commits it with the ledger's row: {} here would break that atomicity"
_ALONE: dict[str, str] = {
    "AlterSystemStmt": "ALTER SYSTEM",
    "CreatedbStmt": "CREATE DATABASE",
    "DropdbStmt": "DROP DATABASE",
    "CreateTableSpaceStmt": "CREATE TABLESPACE",
    "DropTableSpaceStmt": "DROP TABLESPACE",
}
_MAYBE_ALONE = frozenset(
    {
        *_ALONE,
        "AlterDatabaseStmt",
        "AlterTableStmt",
        "ClusterStmt",
        "CreateSubscriptionStmt",
        "DropStmt",
        "DropSubscriptionStmt",
        "IndexStmt",
        "ReindexStmt",
        "VacuumStmt",
    }
)
_CONTROL = frozenset({"DiscardStmt", "TransactionStmt", "VariableSetStmt", ""})
_WITH_BODY = frozenset({"CallStmt", "DoStmt"})
_WHOLE = {"REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE"}
_OFF = {"false", "off", "0", "none"}


def alone(statement: Statement) -> str:
    """The words of the statement if no transaction block may hold it, else empty."""
    if statement.tree is None:
        word = "PRAGMA journal_mode" if keywords.setting(statement)[0] == "journal_mode" else ""
        return keywords.first_word(statement) if keywords.first_word(statement) == "VACUUM" else word
    kind, inside = statement.kind, tree.fields(statement)
    if kind not in _MAYBE_ALONE:
        return ""
    return _ALONE.get(kind) or _concurrent(kind, inside) or _subscription(kind, inside) or _whole(kind, inside)


def _concurrent(kind: str, inside: Fields) -> str:
    if kind == "IndexStmt" and inside.get("concurrent"):
        return "CREATE INDEX CONCURRENTLY"
    if kind == "DropStmt" and inside.get("concurrent"):
        return "DROP INDEX CONCURRENTLY"
    if kind == "ReindexStmt" and tree.options(inside.get("params", ())).get("concurrently", "off") not in _OFF:
        return "REINDEX CONCURRENTLY"
    if kind == "AlterTableStmt":
        parts = (tree.definition(command, "PartitionCmd") for _, command in tree.commands(inside))
        return "DETACH PARTITION CONCURRENTLY" if any(part.get("concurrent") for part in parts) else ""
    return ""


def _subscription(kind: str, inside: Fields) -> str:
    said = tree.options(inside.get("options", ())) if kind == "CreateSubscriptionStmt" else {}
    if kind == "CreateSubscriptionStmt" and not {said.get("create_slot"), said.get("connect")} & _OFF:
        return "CREATE SUBSCRIPTION"
    return "DROP SUBSCRIPTION" if kind == "DropSubscriptionStmt" else ""


def _whole(kind: str, inside: Fields) -> str:
    if kind == "VacuumStmt" and inside.get("is_vacuumcmd"):
        return "VACUUM"
    if kind == "ReindexStmt" and inside.get("kind") in _WHOLE:
        return "REINDEX of more than one table"
    if kind == "AlterDatabaseStmt" and "tablespace" in tree.options(inside.get("options", ())):
        return "ALTER DATABASE … SET TABLESPACE"
    return "CLUSTER of more than one table" if kind == "ClusterStmt" and "relation" not in inside else ""


def findings(statements: Sequence[Statement], directives: Directives) -> Iterator[Finding]:
    """What is wrong with a script in this respect; `solo` lets one statement stand outside of a transaction."""
    yield from _solo(statements, directives)
    bodies = _procedures(statements)
    for statement in statements:
        # asked for its kind first: this is once for each statement of a thousand files
        if statement.kind in _CONTROL:
            yield from _control(statement)
        if statement.tree is None:
            yield from confines.findings(statement)
        if statement.kind == "VariableSetStmt" or "set_config" in statement.text.lower():
            yield from _settings(statement)
        if statement.kind in _WITH_BODY and not directives.solo:
            yield from _inner(statement, bodies)


def _solo(statements: Sequence[Statement], directives: Directives) -> Iterator[Finding]:
    if len(statements) == 1:
        return
    for statement in statements:
        words = alone(statement)
        if words:
            what = f"{words} cannot run in a transaction, so nothing else may stand in its file"
            yield Finding(statement.place, "solo-file", what, _own_file(statement))
    if directives.solo and statements and not any(map(alone, statements)):
        what = f"a file that says `solo` holds one statement, this one has {len(statements)}"
        yield Finding(statements[1].place, "solo-file", what)


def _own_file(statement: Statement) -> str:
    return f"-- in a file of its own:\n{statement.text};"


def _control(statement: Statement) -> Iterator[Finding]:
    kind, inside = statement.kind, tree.fields(statement)
    words = ""
    if kind == "TransactionStmt":
        words = inside.get("kind", "TRANS_STMT_BEGIN").removeprefix("TRANS_STMT_").replace("_", " ")
        words = "PREPARE TRANSACTION" if words == "PREPARE" else words
    elif kind == "VariableSetStmt" and inside.get("name") in {"TRANSACTION", "SESSION CHARACTERISTICS"}:
        words = f"SET {inside['name']}"
    elif kind == "DiscardStmt":
        words = "DISCARD"
    elif statement.tree is None and keywords.first_word(statement) in _CONTROL_WORDS:
        words = keywords.first_word(statement)
    if words:
        rewrite = "-- leave it out: all of the file is one transaction already"
        yield Finding(statement.place, "transaction-control", _ATOMIC.format(words), rewrite)


def _settings(statement: Statement) -> Iterator[Finding]:
    inside = tree.fields(statement)
    if statement.kind == "VariableSetStmt" and not inside.get("is_local"):
        yield from _setting(statement, str(inside.get("name", "ALL")))
    # the word is looked for first: to walk through every tree takes long
    for key, call in tree.walk(statement.tree) if "set_config" in statement.text.lower() else ():
        if key == "FuncCall" and tree.strings(call["funcname"])[-1] == "set_config" and not _is_local(call):
            name = tree.opened(call["args"][0])[1].get("sval", {}).get("sval", "a setting")
            what = f"set_config({name}) {_ENDS_HERE}"
            yield Finding(statement.place, "session-setting", what, "-- true as the last argument", "warning")


def _setting(statement: Statement, name: str) -> Iterator[Finding]:
    if name in {"TRANSACTION", "SESSION CHARACTERISTICS"}:
        return
    local, known = _SET.subn("SET LOCAL ", statement.text)
    what = f"{'SET' if known else 'RESET'} {name} {_ENDS_HERE}"
    rewrite = f"{local};" if known else ""
    yield Finding(statement.place, "session-setting", what, rewrite, "warning")


def _is_local(call: Fields) -> bool:
    last = tree.opened(call.get("args", [{"": {}}])[-1])[1]
    return bool(last.get("boolval", {}).get("boolval"))


def _procedures(statements: Sequence[Statement]) -> dict[str, str]:
    """The bodies of the procedures that the script defines, by name."""
    kinds = (each for each in statements if each.kind == "CreateFunctionStmt")
    return {tree.unquoted(tree.dotted(tree.fields(each)["funcname"])): tree.body(each) for each in kinds}


def _inner(statement: Statement, bodies: dict[str, str]) -> Iterator[Finding]:
    if statement.kind == "DoStmt":
        body, what = tree.body(statement), "the DO block"
    else:
        name = tree.unquoted(tree.dotted(tree.fields(statement)["funccall"]["funcname"]))
        body, what = bodies.get(name, ""), f"the procedure {name}"
    found = _ENDS.search(quiet(body))
    if found:
        reason = f"{found[1].upper()} in {what} fails inside a transaction, and a migration is one"
        yield Finding(
            statement.place, "inner-commit", reason, "-- shipit: solo\n-- with this statement alone in its file"
        )
