"""What hurts others or breaks a run although its grammar is right; the linter squawk's rules are the reference."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from shipit.migrations import tree
from shipit.migrations.hazards import columns, constraints, tables
from shipit.migrations.hazards.context import Change, Context, Findings, Subject
from shipit.migrations.model import Directives, Finding, Statement

__all__ = ["RULES", "judge"]

RULES: Mapping[str, str] = {
    "adding-exclusion-constraint": "EXCLUDE builds its index while nobody can read the table",
    "adding-field-with-default": "a volatile default or a stored expression writes every row anew",
    "adding-foreign-key-constraint": "a foreign key without NOT VALID blocks writers of both tables",
    "adding-not-nullable-field": "SET NOT NULL reads the table under a lock that blocks readers",
    "adding-required-field": "a NOT NULL column without a default fails on a table with rows",
    "adding-serial-primary-key-field": "a serial or identity column writes every row anew",
    "ban-alter-domain-with-add-constraint": "a domain's constraint without NOT VALID reads many tables",
    "ban-drop-column": "a column is dropped without the directive `contract`",
    "ban-drop-database": "a database is dropped",
    "ban-drop-table": "a table is dropped without the directive `contract`",
    "ban-truncate-cascade": "TRUNCATE … CASCADE empties tables that are not named",
    "blocking-rewrite": "a table or view is written anew while nobody can read it",
    "changing-column-type": "another type writes every row anew",
    "constraint-missing-not-valid": "a constraint is checked under a lock that blocks others",
    "disallowed-unique-constraint": "a unique index is built while nobody can read the table",
    "drop-cascade": "DROP … CASCADE drops what is not named",
    "inner-commit": "COMMIT or ROLLBACK in a DO block or a procedure that is called",
    "renaming-column": "a column's old name is gone at once",
    "renaming-table": "a table's old name is gone at once",
    "require-concurrent-index-creation": "an index is built while nobody can write",
    "require-concurrent-index-deletion": "an index is dropped while nobody can read",
    "require-concurrent-reindex": "an index is built anew while nobody can write",
    "session-setting": "a setting ends with the migration, outlives it (SQLite), or does nothing",
    "solo-down": "a down script that no transaction can hold",
    "truncate": "all rows of a table are removed without the directive `contract`",
    "whole-table-change": "UPDATE or DELETE without WHERE",
    "writable-schema": "SQLite's table of the schema is written by hand",
}
"""Every rule that `-- shipit: allow RULE "why"` silences, in one sentence each."""

_STATEMENTS: Mapping[str, tuple[Callable[[Subject], Findings], ...]] = {
    "DropStmt": (tables.dropped,),
    "DropdbStmt": (tables.database_dropped,),
    "RenameStmt": (tables.renamed, columns.renamed),
    "AlterObjectSchemaStmt": (tables.renamed,),
    "TruncateStmt": (tables.emptied,),
    "IndexStmt": (tables.indexed,),
    "ReindexStmt": (tables.reindexed,),
    "RefreshMatViewStmt": (tables.refreshed,),
    "ClusterStmt": (tables.clustered,),
    "VacuumStmt": (tables.vacuumed,),
    "UpdateStmt": (tables.rows_changed,),
    "DeleteStmt": (tables.rows_changed,),
    "AlterDomainStmt": (constraints.of_domain,),
}
_CHANGES: Mapping[str, Callable[[Change], Findings]] = {
    "AddColumn": columns.added,
    "DropColumn": columns.dropped,
    "SetNotNull": columns.made_required,
    "AlterColumnType": columns.retyped,
    "AddConstraint": constraints.added,
    "ValidateConstraint": constraints.validated,
    "SetLogged": tables.stored_otherwise,
    "SetUnLogged": tables.stored_otherwise,
    "SetAccessMethod": tables.stored_otherwise,
    "SetTableSpace": tables.stored_otherwise,
}


def evaluate(statements: Sequence[Statement], directives: Directives) -> Iterator[Finding]:
    """Every hazard of an up script, in the order of its statements; nothing where there are no trees."""
    context = Context(directives)
    for statement in statements:
        subject = Subject(statement, context)
        for rule in _STATEMENTS.get(statement.kind, ()):
            yield from rule(subject)
        if statement.kind == "AlterTableStmt":
            yield from _changes(subject)
        context.remember(statement)


def _changes(subject: Subject) -> Findings:
    table = tree.relation(subject.inside["relation"])
    if subject.is_new(table):
        return
    for name, command in tree.commands(subject.inside):
        if name in _CHANGES:
            yield from _CHANGES[name](Change(subject.statement, subject.context, table, name, command))
