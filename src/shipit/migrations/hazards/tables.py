"""Hazards of whole tables, views, indexes and databases: dropped, renamed, emptied, written anew."""

import re

from shipit.migrations import tree
from shipit.migrations.hazards.context import Change, Findings, Subject
from shipit.migrations.tree import Fields

_AFTER = re.compile(r"\b(?:TABLE|INDEX|VIEW)\b", re.IGNORECASE)
_CONTRACT = "-- shipit: contract\n-- once no running version of the product uses it"
_GONE = {
    "OBJECT_TABLE": "ban-drop-table",
    "OBJECT_MATVIEW": "ban-drop-table",
    "OBJECT_FOREIGN_TABLE": "ban-drop-table",
    "OBJECT_SCHEMA": "ban-drop-table",
}
_WAYS = {"SetLogged": "made logged", "SetUnLogged": "made unlogged", "SetAccessMethod": "given another storage"}


def dropped(subject: Subject) -> Findings:
    inside = subject.inside
    kind = inside.get("removeType", "")
    names = [name for name in map(tree.joined, tree.objects(inside)) if not subject.is_new(name)]
    if not names:
        return
    listed = ", ".join(names)
    if inside.get("behavior") == "DROP_CASCADE":
        what = f"CASCADE also drops whatever depends on {listed}, unnamed and unseen"
        yield subject.warn("drop-cascade", what, f"{_without(subject.statement.text, 'CASCADE')};")
    if kind in _GONE and not subject.context.directives.contract:
        yield subject.warn(
            _GONE[kind], f"{listed} is gone with all rows, and what still asks for it fails", _CONTRACT
        )
    if kind == "OBJECT_INDEX" and not inside.get("concurrent"):
        what = f"dropping {listed} waits for everybody who uses its table, and everybody else waits behind that"
        each = [f"-- in a file of its own:\nDROP INDEX CONCURRENTLY {name};" for name in names]
        yield subject.warn("require-concurrent-index-deletion", what, "\n".join(each))


def database_dropped(subject: Subject) -> Findings:
    name = tree.quoted(str(subject.inside.get("dbname")))
    yield subject.refuse(
        "ban-drop-database", f"a migration that drops the database {name} is nearly always a mistake"
    )


def renamed(subject: Subject) -> Findings:
    inside = subject.inside
    kind = inside.get("renameType", inside.get("objectType"))
    if kind not in {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"}:
        return
    table = tree.relation(inside["relation"])
    if subject.is_new(table):
        return
    view = f"CREATE VIEW {table} AS SELECT * FROM {_new_name(inside)};"  # noqa: S608 - printed, never run
    what = f"the running version still asks for {table}, which is gone at once"
    rewrite = f"{subject.statement.text};\n{view}\n-- next: drop the view"
    yield subject.warn("renaming-table", what, rewrite)


def _new_name(inside: Fields) -> str:
    old = inside["relation"]
    if "newname" in inside:
        return tree.relation({**old, "relname": inside["newname"]})
    return tree.relation({**old, "schemaname": inside["newschema"]})


def emptied(subject: Subject) -> Findings:
    inside = subject.inside
    names = [tree.relation(each["RangeVar"]) for each in inside.get("relations", ())]
    old = ", ".join(name for name in names if not subject.is_new(name))
    if not old:
        return
    if inside.get("behavior") == "DROP_CASCADE":
        what = f"CASCADE also empties every table that refers to {old}"
        yield subject.warn("ban-truncate-cascade", what, f"{_without(subject.statement.text, 'CASCADE')};")
    if not subject.context.directives.contract:
        what = f"all rows of {old} are gone, and nobody can read it until COMMIT"
        yield subject.warn("truncate", what, "-- shipit: contract\n-- if that is what is meant")


def indexed(subject: Subject) -> Findings:
    inside = subject.inside
    table = tree.relation(inside["relation"])
    if inside.get("concurrent") or subject.is_new(table):
        return
    rewrite = f"-- in a file of its own:\n{_concurrently(subject.statement.text)};"
    yield subject.warn(
        "require-concurrent-index-creation", f"nobody can write to {table} while the index is built", rewrite
    )


def reindexed(subject: Subject) -> Findings:
    inside = subject.inside
    if "concurrently" in tree.options(inside.get("params", ())) or "relation" not in inside:
        return
    name = tree.relation(inside["relation"])
    rewrite = f"-- in a file of its own:\n{_concurrently(subject.statement.text)};"
    yield subject.warn("require-concurrent-reindex", f"nobody can write while {name} is built anew", rewrite)


def refreshed(subject: Subject) -> Findings:
    inside = subject.inside
    name = tree.relation(inside["relation"])
    if inside.get("concurrent") or subject.is_new(name):
        return
    what = f"nobody can read {name} until the query behind it has run"
    yield subject.warn("blocking-rewrite", what, f"{_concurrently(subject.statement.text)};")


def clustered(subject: Subject) -> Findings:
    inside = subject.inside
    name = tree.relation(inside["relation"]) if "relation" in inside else "every clustered table"
    if not subject.is_new(name):
        yield subject.warn("blocking-rewrite", f"every row of {name} is written anew while nobody can read it")


def vacuumed(subject: Subject) -> Findings:
    if "full" in tree.options(subject.inside.get("options", ())):
        tables = [tree.relation(each["VacuumRelation"]["relation"]) for each in subject.inside.get("rels", ())]
        listed = ", ".join(tables) or "every table"
        what = f"every row of {listed} is written anew while nobody can read it"
        yield subject.warn("blocking-rewrite", what, f"VACUUM {', '.join(tables)}".rstrip() + ";")


def stored_otherwise(change: Change) -> Findings:
    way = _WAYS.get(change.name, "moved to another tablespace")
    what = f"{change.table} is {way}: every row is written anew while nobody can read it"
    yield change.warn("blocking-rewrite", what)


def rows_changed(subject: Subject) -> Findings:
    inside = subject.inside
    table = tree.relation(inside["relation"])
    if "whereClause" in inside or subject.is_new(table):
        return
    verb = "UPDATE" if subject.statement.kind == "UpdateStmt" else "DELETE"
    what = f"{verb} without WHERE: every row of {table} stays locked until COMMIT"
    rewrite = f"{subject.statement.text} WHERE …;\n-- in batches, each of them a transaction of its own"
    yield subject.warn("whole-table-change", what, rewrite)


def _without(text: str, word: str) -> str:
    return re.sub(rf"\s+{word}\s*$", "", text, flags=re.IGNORECASE)


def _concurrently(text: str) -> str:
    """The statement with CONCURRENTLY behind INDEX, TABLE or VIEW, whichever comes first."""
    return _AFTER.sub(lambda word: f"{word[0]} CONCURRENTLY", text, count=1)
