"""From a migration's scripts to one that may run: statements with their places, the footprint, every finding."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec.structs import replace

from shipit.migrations import hazards, losses, transactions
from shipit.migrations.enums import values_used
from shipit.migrations.footprints import UNKNOWN, footprint
from shipit.migrations.model import (
    Directives,
    Finding,
    Footprint,
    Migration,
    Node,
    Position,
    Prepared,
    Script,
    Statement,
)
from shipit.migrations.statements import statements

NOT_NEGOTIABLE: Mapping[str, str] = {
    "enum-value-used": "a new value of an enum is used before it is committed",
    "meta-command": "a command of psql or sqlite3, which the server does not know",
    "other-database": "ATTACH or DETACH: a migration is about one database",
    "plpgsql": "the body of a function or DO block has a fault of form",
    "solo-file": "what no transaction can hold must stand alone in its file",
    "syntax": "the grammar of the dialect cannot read it",
    "transaction-control": "BEGIN, COMMIT, ROLLBACK or SAVEPOINT inside a migration",
    "unknown-rule": "`allow` names a rule that nobody knows",
}
"""Rules that `-- shipit: allow` does not silence: what they name fails in any case, or breaks a promise."""

_CONCURRENTLY = re.compile(r"\s+CONCURRENTLY\b", re.IGNORECASE)


class Parsed(Protocol):
    @property
    def statements(self) -> tuple[tuple[str, int, int, Node | None], ...]: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...


class Syntax(Protocol):
    """What is asked of a grammar here; shipit.migrate.ports.Syntax is one."""

    def read(self, path: str, text: str, line: int = 1) -> Parsed: ...


def prepare(migration: Migration, syntax: Syntax) -> tuple[Prepared, tuple[Finding, ...]]:
    """Read and judge one migration; what has an error must not run."""
    directives = migration.directives
    up, wrong_up = _read(migration.up, syntax)
    down, wrong_down = _read(migration.down, syntax)
    verify, wrong_verify = _read(migration.verify, syntax)
    found = [*wrong_up, *_in_order(_judge_up(up, directives))]
    found += [*wrong_down, *_in_order(_judge_down(down, directives))]
    found += [*wrong_verify, *_in_order(transactions.findings(verify, Directives()))]
    prepared = Prepared(
        migration,
        up,
        down,
        verify,
        _footprint(migration, up),
        losses.down_loses(up, down) if migration.up.language == "sql" else (),
        losses.fills(up),
    )
    return prepared, (*_negotiated(found, directives), *_unknown_rules(migration))


def _read(script: Script | None, syntax: Syntax) -> tuple[tuple[Statement, ...], tuple[Finding, ...]]:
    """Nothing is read of a Python script: the folder has looked at its form."""
    if script is None or script.language == "python":
        return (), ()
    parsed = syntax.read(script.path, script.text, script.line)
    return statements(script, parsed.statements), parsed.findings


def _footprint(migration: Migration, up: Sequence[Statement]) -> Footprint:
    if migration.up.language == "python":
        return replace(UNKNOWN, alone=migration.directives.solo)
    return footprint(up, migration.directives)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: (each.place.line, each.place.column))


def _judge_up(up: Sequence[Statement], directives: Directives) -> Iterable[Finding]:
    yield from transactions.findings(up, directives)
    yield from values_used(up)
    yield from hazards.evaluate(up, directives)


def _judge_down(down: Sequence[Statement], directives: Directives) -> Iterable[Finding]:
    """Down scripts share one transaction, whatever the up script does; `solo` is about up alone."""
    yield from transactions.findings(down, replace(directives, solo=False) if directives.solo else directives)
    for statement in down if len(down) == 1 else ():
        words = transactions.alone(statement)
        if words:
            what = f"{words} cannot run in a transaction, and down scripts are taken together in one"
            yield Finding(statement.place, "solo-down", what, f"{_CONCURRENTLY.sub('', statement.text)};")


def _negotiated(findings: Iterable[Finding], directives: Directives) -> Iterable[Finding]:
    allowed = dict(directives.allowed)
    return (each for each in findings if each.rule not in allowed or each.rule in NOT_NEGOTIABLE)


def _unknown_rules(migration: Migration) -> Iterable[Finding]:
    for rule in dict(migration.directives.allowed):
        if rule in NOT_NEGOTIABLE:
            what = f"`allow {rule}` is not heard: nothing makes that safe"
            yield Finding(Position(migration.up.path, migration.up.line), "unknown-rule", what, level="warning")
        elif rule not in hazards.RULES:
            what = f"`allow {rule}` names no rule"
            rewrite = f"known: {', '.join(sorted(hazards.RULES))}"
            yield Finding(Position(migration.up.path, migration.up.line), "unknown-rule", what, rewrite, "warning")
