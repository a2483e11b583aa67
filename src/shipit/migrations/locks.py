"""Which locks a statement takes on what was there: PostgreSQL's table of lock modes, and ALTER TABLE's page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import get_args

from shipit.migrations import tree
from shipit.migrations.model import LockMode, Statement
from shipit.migrations.tree import Fields

ORDER: Mapping[LockMode, int] = {mode: number for number, mode in enumerate(get_args(LockMode), 1)}
"""Every mode with its rank: a higher one conflicts with at least as much."""
STRONG = ORDER["SHARE"]
"""From this rank on others must wait who only write rows."""

Taken = Iterator[tuple[str, LockMode]]
_MODES: tuple[LockMode, ...] = get_args(LockMode)
_SHARE_UPDATE: LockMode = "SHARE UPDATE EXCLUSIVE"
_SHARE_ROW: LockMode = "SHARE ROW EXCLUSIVE"

# ALTER TABLE takes ACCESS EXCLUSIVE unless its sub-command is one of these
_LIGHTER: Mapping[str, LockMode] = {
    "ValidateConstraint": _SHARE_UPDATE,
    "SetStatistics": _SHARE_UPDATE,
    "SetRelOptions": _SHARE_UPDATE,
    "ResetRelOptions": _SHARE_UPDATE,
    "SetOptions": _SHARE_UPDATE,
    "ResetOptions": _SHARE_UPDATE,
    "ClusterOn": _SHARE_UPDATE,
    "DropCluster": _SHARE_UPDATE,
    "AttachPartition": _SHARE_UPDATE,
    "DetachPartitionFinalize": _SHARE_UPDATE,
    "EnableTrig": _SHARE_ROW,
    "EnableAlwaysTrig": _SHARE_ROW,
    "EnableReplicaTrig": _SHARE_ROW,
    "DisableTrig": _SHARE_ROW,
    "EnableTrigAll": _SHARE_ROW,
    "DisableTrigAll": _SHARE_ROW,
    "EnableTrigUser": _SHARE_ROW,
    "DisableTrigUser": _SHARE_ROW,
}
# statements that lock the relation in one field, in one mode
_SIMPLE: Mapping[str, tuple[str, LockMode]] = {
    "CreateTrigStmt": ("relation", _SHARE_ROW),
    "CreatePolicyStmt": ("table", "ACCESS EXCLUSIVE"),
    "AlterPolicyStmt": ("table", "ACCESS EXCLUSIVE"),
    "RuleStmt": ("relation", "ACCESS EXCLUSIVE"),
    "AlterObjectSchemaStmt": ("relation", "ACCESS EXCLUSIVE"),
    "ClusterStmt": ("relation", "ACCESS EXCLUSIVE"),
    "AlterSeqStmt": ("sequence", _SHARE_ROW),
}
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
_DROPPED_WITH_TABLE = frozenset({"OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"})
_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"}
)


def taken(statement: Statement) -> dict[str, LockMode]:
    """Each relation that the statement locks, with the strongest mode; nothing without a tree."""
    kind, inside = statement.kind, tree.fields(statement)
    found = [*_all(statement)]
    # the word is looked for first: to walk through every tree takes long
    if kind in {"CreateStmt", "AlterTableStmt"} and "references" in statement.text.lower():
        found += _referenced(inside)
    found.sort(key=lambda each: ORDER[each[1]])
    return dict(found)  # the strongest comes last and stays


def _all(statement: Statement) -> Taken:
    kind, inside = statement.kind, tree.fields(statement)
    if kind in _SIMPLE:
        field, mode = _SIMPLE[kind]
        if field in inside:
            yield tree.relation(inside[field]), mode
    if kind in _ASKED:
        yield from _ASKED[kind](inside)
    if kind in tree.ROWS or kind == "ViewStmt":
        yield from _rows(tree.nodes(statement))


def _rows(nodes: Sequence[tuple[str, Fields]]) -> Taken:
    """What is read and written at any depth: WITH, sub-selects, FROM."""
    names = {inside.get("ctename") for key, inside in nodes if key == "CommonTableExpr"}
    for key, inside in nodes:
        if key in _WRITES:
            yield tree.relation(inside["relation"]), "ROW EXCLUSIVE"
        elif key == "RangeVar" and ("schemaname" in inside or inside.get("relname") not in names):
            yield tree.relation(inside), "ACCESS SHARE"
        elif key == "SelectStmt" and inside.get("lockingClause"):
            for each in inside.get("fromClause", ()):
                if "RangeVar" in each:
                    yield tree.relation(each["RangeVar"]), "ROW SHARE"


def _referenced(inside: Fields) -> Taken:
    """The other side of every foreign key."""
    for key, target in tree.walk(inside):
        if key == "pktable":
            yield tree.relation(target), _SHARE_ROW


def _alter_table(inside: Fields) -> Taken:
    table = tree.relation(inside["relation"])
    for name, command in tree.commands(inside):
        yield table, _mode(name, command, inside.get("objtype", ""))
        partition = tree.definition(command, "PartitionCmd").get("name")
        if partition:
            yield tree.relation(partition), "ACCESS EXCLUSIVE"


def _mode(name: str, command: Fields, kind: str) -> LockMode:
    if name == "AddConstraint" and tree.definition(command, "Constraint").get("contype") == "CONSTR_FOREIGN":
        return _SHARE_ROW
    if name == "DetachPartition" and tree.definition(command, "PartitionCmd").get("concurrent"):
        return _SHARE_UPDATE
    if kind == "OBJECT_VIEW":
        return "ACCESS EXCLUSIVE"
    return _LIGHTER.get(name, "ACCESS EXCLUSIVE")


def _rename(inside: Fields) -> Taken:
    index = inside.get("renameType") == "OBJECT_INDEX"
    if "relation" in inside:
        yield tree.relation(inside["relation"]), _SHARE_UPDATE if index else "ACCESS EXCLUSIVE"


def _create(inside: Fields) -> Taken:
    partition = "partbound" in inside
    for parent in inside.get("inhRelations", ()):
        yield tree.relation(parent["RangeVar"]), "ACCESS EXCLUSIVE" if partition else _SHARE_UPDATE
    for element in inside.get("tableElts", ()):
        if "TableLikeClause" in element:
            yield tree.relation(element["TableLikeClause"]["relation"]), "ACCESS SHARE"


def _index(inside: Fields) -> Taken:
    yield tree.relation(inside["relation"]), _SHARE_UPDATE if inside.get("concurrent") else "SHARE"


def _view(inside: Fields) -> Taken:
    if inside.get("replace"):
        yield tree.relation(inside["view"]), "ACCESS EXCLUSIVE"


def _drop(inside: Fields) -> Taken:
    kind = inside.get("removeType")
    for parts in tree.objects(inside):
        if kind in _DROPPED_WITH_TABLE:
            yield tree.joined(parts[:-1]), "ACCESS EXCLUSIVE"
        elif kind in _RELATIONS:
            yield tree.joined(parts), _SHARE_UPDATE if inside.get("concurrent") else "ACCESS EXCLUSIVE"


def _truncate(inside: Fields) -> Taken:
    for each in inside.get("relations", ()):
        yield tree.relation(each["RangeVar"]), "ACCESS EXCLUSIVE"


def _lock(inside: Fields) -> Taken:
    for each in inside.get("relations", ()):
        yield tree.relation(each["RangeVar"]), _MODES[inside.get("mode", 8) - 1]


def _vacuum(inside: Fields) -> Taken:
    full = "full" in tree.options(inside.get("options", ()))
    for each in inside.get("rels", ()):
        yield tree.relation(each["VacuumRelation"]["relation"]), "ACCESS EXCLUSIVE" if full else _SHARE_UPDATE


def _reindex(inside: Fields) -> Taken:
    concurrent = "concurrently" in tree.options(inside.get("params", ()))
    plain: LockMode = "SHARE" if inside.get("kind") == "REINDEX_OBJECT_TABLE" else "ACCESS EXCLUSIVE"
    if "relation" in inside:
        yield tree.relation(inside["relation"]), _SHARE_UPDATE if concurrent else plain


def _refresh(inside: Fields) -> Taken:
    yield tree.relation(inside["relation"]), "EXCLUSIVE" if inside.get("concurrent") else "ACCESS EXCLUSIVE"


def _copy(inside: Fields) -> Taken:
    if "relation" in inside:
        yield tree.relation(inside["relation"]), "ROW EXCLUSIVE" if inside.get("is_from") else "ACCESS SHARE"


def _comment(inside: Fields) -> Taken:
    kind = inside.get("objtype")
    parts = tree.strings(inside.get("object", {}).get("List", {}).get("items", ()))
    if kind == "OBJECT_COLUMN":
        parts = parts[:-1]
    if kind == "OBJECT_COLUMN" or kind in _RELATIONS:
        yield tree.joined(parts), _SHARE_UPDATE


def _statistics(inside: Fields) -> Taken:
    for each in inside.get("relations", ()):
        yield tree.relation(each["RangeVar"]), _SHARE_UPDATE


_ASKED: Mapping[str, Callable[[Fields], Taken]] = {
    "AlterTableStmt": _alter_table,
    "RenameStmt": _rename,
    "CreateStmt": _create,
    "IndexStmt": _index,
    "ViewStmt": _view,
    "DropStmt": _drop,
    "TruncateStmt": _truncate,
    "LockStmt": _lock,
    "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex,
    "RefreshMatViewStmt": _refresh,
    "CopyStmt": _copy,
    "CommentStmt": _comment,
    "CreateStatsStmt": _statistics,
}
