"""Hazards of constraints: how they are added to a table that has rows."""

from shipit.migrations import effects, tree
from shipit.migrations.hazards.context import Change, Findings, Subject
from shipit.migrations.model import Finding
from shipit.migrations.tree import Fields, unquoted


def added(change: Change) -> Findings:
    constraint = tree.definition(change.command, "Constraint")
    kind = constraint.get("contype")
    if not effects.checks(constraint):
        return
    if kind == "CONSTR_FOREIGN":
        yield _foreign_key(change, constraint)
    elif kind in {"CONSTR_UNIQUE", "CONSTR_PRIMARY"}:
        yield _unique(change, constraint)
    elif kind == "CONSTR_EXCLUSION":
        what = f"the index behind it is built while nobody can read {change.table}, and cannot be built otherwise"
        yield change.warn("adding-exclusion-constraint", what)
    else:
        yield _check(change, constraint)


def _foreign_key(change: Change, constraint: Fields) -> Finding:
    other = tree.relation(constraint["pktable"])
    what = f"nobody can write to {change.table} and {other} while every row of {change.table} is checked"
    return change.warn("adding-foreign-key-constraint", what, _not_valid(change, constraint))


def _check(change: Change, constraint: Fields) -> Finding:
    what = f"nobody can read {change.table} while every row is checked"
    return change.warn("constraint-missing-not-valid", what, _not_valid(change, constraint))


def _not_valid(change: Change, constraint: Fields) -> str:
    name = _name(change, constraint)
    # the author's own words stay, unless several sub-commands share the statement
    whole = len(change.inside.get("cmds", ())) == 1
    first = f"{change.statement.text} NOT VALID;" if whole else f"-- with NOT VALID: {name} of {change.table}"
    return f"{first}\n-- in the next migration:\nALTER TABLE {change.table} VALIDATE CONSTRAINT {name};"


def _name(change: Change, constraint: Fields) -> str:
    """Its own name, or the one that PostgreSQL gives it."""
    if constraint.get("conname"):
        return tree.quoted(constraint["conname"])
    kind = constraint.get("contype")
    if kind == "CONSTR_FOREIGN":
        return change.named(*tree.strings(constraint.get("fk_attrs", ())), "fkey")
    if kind == "CONSTR_NOTNULL":
        return change.named(*tree.strings(constraint.get("keys", ())), "not_null")
    references = (inside for key, inside in tree.walk(constraint.get("raw_expr")) if key == "ColumnRef")
    columns = {tree.strings(each.get("fields", ()))[-1] for each in references}
    return change.named(*(columns if len(columns) == 1 else ()), "check")


def _unique(change: Change, constraint: Fields) -> Finding:
    kind = "PRIMARY KEY" if constraint.get("contype") == "CONSTR_PRIMARY" else "UNIQUE"
    keys = tree.strings(constraint.get("keys", ()))
    usual = change.named("pkey") if kind == "PRIMARY KEY" else change.named(*keys, "key")
    name = tree.quoted(constraint["conname"]) if constraint.get("conname") else usual
    columns = ", ".join(map(tree.quoted, keys))
    what = f"the index behind it is built while nobody can read {change.table}"
    rewrite = (
        f"-- in a file of its own:\nCREATE UNIQUE INDEX CONCURRENTLY {name} ON {change.table} ({columns});\n"
        f"-- in the next migration:\nALTER TABLE {change.table} ADD CONSTRAINT {name} {kind} USING INDEX {name};"
    )
    return change.warn("disallowed-unique-constraint", what, rewrite)


def validated(change: Change) -> Findings:
    """VALIDATE in the transaction that added the constraint holds that statement's stronger lock all the while."""
    name = str(change.command.get("name", ""))
    if (unquoted(change.table), name) not in change.context.pending:
        return
    what = f"{tree.quoted(name)} is checked under the lock that adding it took: NOT VALID was for nothing"
    rewrite = f"-- in the next migration:\nALTER TABLE {change.table} VALIDATE CONSTRAINT {tree.quoted(name)};"
    yield change.warn("constraint-missing-not-valid", what, rewrite)


def of_domain(subject: Subject) -> Findings:
    inside = subject.inside
    constraint = inside.get("def", {}).get("Constraint", {})
    if effects.checks(constraint):
        name = tree.dotted(inside.get("typeName", ()))
        what = f"every table with a column of {name} is read, while nobody can write to it"
        rewrite = f"{subject.statement.text} NOT VALID;\n-- in the next migration: VALIDATE CONSTRAINT"
        yield subject.warn("ban-alter-domain-with-add-constraint", what, rewrite)
