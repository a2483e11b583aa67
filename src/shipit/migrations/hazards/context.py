"""What a hazard's rule is given: one statement or one sub-command of it, and what the script did before."""

from collections.abc import Iterator

from msgspec import Struct, field

from shipit.migrations import creations, tree
from shipit.migrations.model import Directives, Finding, Statement
from shipit.migrations.tree import Fields, unquoted


class Context(Struct):
    """`new` are the relations that the script has made so far; `validated` the tables whose constraint it proved.

    `pending` are constraints (table, name) that it added as NOT VALID.
    """

    directives: Directives
    new: set[str] = field(default_factory=set)
    validated: set[str] = field(default_factory=set)
    pending: set[tuple[str, str]] = field(default_factory=set)

    def remember(self, statement: Statement) -> None:
        """What the statement does to tables, for those behind it."""
        self.new |= creations.relations_of(statement, self.new)
        inside = tree.fields(statement)
        for name, command in tree.commands(inside) if statement.kind == "AlterTableStmt" else ():
            table = unquoted(tree.relation(inside["relation"]))
            constraint = tree.definition(command, "Constraint")
            if name == "ValidateConstraint":
                self.validated.add(table)
            elif constraint.get("skip_validation"):
                self.pending.add((table, str(constraint.get("conname"))))


class Subject(Struct, frozen=True):
    """A statement with what stands in its node."""

    statement: Statement
    context: Context

    @property
    def inside(self) -> Fields:
        return tree.fields(self.statement)

    def is_new(self, relation: str) -> bool:
        return unquoted(relation) in self.context.new

    def warn(self, rule: str, what: str, rewrite: str = "") -> Finding:
        return Finding(self.statement.place, rule, what, rewrite, "warning")

    def refuse(self, rule: str, what: str, rewrite: str = "") -> Finding:
        return Finding(self.statement.place, rule, what, rewrite)


class Change(Subject, frozen=True):
    """A sub-command of ALTER TABLE on a table that was there before."""

    table: str
    name: str
    command: Fields

    @property
    def column(self) -> str:
        return tree.quoted(str(self.command.get("name", "")))

    def named(self, *parts: str) -> str:
        """A name as PostgreSQL makes them: the table's without its schema, and these behind it."""
        table = self.table.rpartition(".")[2]
        return tree.quoted("_".join(part.strip('"') for part in (table, *parts)))


Findings = Iterator[Finding]
