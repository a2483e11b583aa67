"""Whether a migration reaches beyond its own database: into the server, or anywhere at all."""

import re
from enum import Enum

from shipit.migrations import transactions, tree
from shipit.migrations.model import Prepared, Statement

_OF_THE_SERVER = re.compile(
    r"(Create|Alter|Drop|Grant)Role(Set)?Stmt|(Create|Drop|Alter)TableSpace\w*Stmt|AlterDatabase\w*Stmt|DropOwnedStmt|"
    r"ReassignOwnedStmt|AlterSystemStmt|CreatedbStmt|DropdbStmt|(Create|Alter|Drop)SubscriptionStmt"
)
_OBJECTS = {"OBJECT_DATABASE", "OBJECT_ROLE", "OBJECT_TABLESPACE", "OBJECT_SUBSCRIPTION"}
_OPAQUE = {"DoStmt", "CallStmt", "SelectStmt", ""}
_WORDS = re.compile(
    r"\b(role|user|database|tablespace|system|subscription|owned|program|dblink\w*|lo_export|pg_(reload|terminate|"
    r"cancel|create|drop|replication|logical|switch|promote)\w*)\b",
    re.IGNORECASE,
)

_STAYS = re.compile(r"\b(program|dblink\w*|lo_export|pg_(reload|terminate|cancel|promote)\w*)\b", re.IGNORECASE)
"""What a rollback does not roll back."""


class Reach(Enum):
    """`SERVER`: a rollback rolls it back, but nothing else does; `ANYWHERE`: not even that."""

    DATABASE = 0
    SERVER = 1
    ANYWHERE = 2


def reach(one: Prepared) -> Reach:
    """How far it may reach at most, its verify and down scripts included."""
    scripts = (one.migration.up, one.migration.down, one.migration.verify)
    if any(script is not None and script.language == "python" for script in scripts):
        return Reach.ANYWHERE
    statements = [*one.up, *one.down, *one.verify]
    if not any(map(_leaves, statements)):
        return Reach.DATABASE
    rolls_back = not any(_STAYS.search(each.text) or transactions.alone(each) for each in statements)
    return Reach.SERVER if rolls_back and not one.solo else Reach.ANYWHERE


def _leaves(statement: Statement) -> bool:
    inside = tree.fields(statement)
    if _OF_THE_SERVER.fullmatch(statement.kind):
        return True
    if _OBJECTS & {inside.get("objtype"), inside.get("objectType"), inside.get("renameType")}:
        return True
    if inside.get("kind") in {"REINDEX_OBJECT_DATABASE", "REINDEX_OBJECT_SYSTEM"}:  # only by its name
        return True
    if statement.kind == "CopyStmt":
        return bool(inside.get("is_program") or inside.get("filename"))
    return statement.kind in _OPAQUE and bool(_WORDS.search(statement.text))
