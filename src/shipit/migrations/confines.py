"""What a migration on SQLite may not touch: other databases, its own schema table, the switch of foreign keys."""

from collections.abc import Iterator

from shipit.migrations import keywords
from shipit.migrations.model import Finding, Statement

_OFF = {"0", "off", "no", "false", "reset"}
# they stay with the connection, and all migrations of a run have the same
_STAYS = frozenset(
    {
        "case_sensitive_like",
        "ignore_check_constraints",
        "legacy_alter_table",
        "recursive_triggers",
        "reverse_unordered_selects",
        "trusted_schema",
    }
)
_REBUILD = """\
-- make the table anew:
CREATE TABLE new_name (…);
INSERT INTO new_name SELECT … FROM name;
DROP TABLE name;
ALTER TABLE new_name RENAME TO name;"""


def findings(statement: Statement) -> Iterator[Finding]:
    """What is wrong with one statement in this respect."""
    word = keywords.first_word(statement)
    if word in {"ATTACH", "DETACH"}:
        what = f"{word}: lock, backup and ledger are those of one database, and so is its transaction"
        rewrite = "give the other database an environment of its own"
        yield Finding(statement.place, "other-database", what, rewrite)
    name, value = keywords.setting(statement) if word == "PRAGMA" else ("", "")
    if name == "foreign_keys":
        what = "PRAGMA foreign_keys does nothing in a migration: they are off in it, and must hold at its end"
        yield Finding(statement.place, "session-setting", what, "-- leave it out", "warning")
    if name in _STAYS:
        what = f"PRAGMA {name} outlives this migration: every later one of the run has it"
        yield Finding(
            statement.place, "session-setting", what, "-- set it back at the end of the script", "warning"
        )
    if name == "writable_schema" and value not in _OFF:
        what = "who writes into sqlite_schema by hand can leave a database that nobody can open again"
        yield Finding(statement.place, "writable-schema", what, _REBUILD)
