"""What running a script means for others, put together from its statements."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from shipit.migrations import creations, effects, keywords, locks, losses, transactions, tree
from shipit.migrations.model import Directives, Footprint, LockMode, Statement
from shipit.migrations.tree import unquoted

UNKNOWN = Footprint({}, known=False)
_MOVES = frozenset({"UpdateStmt", "DeleteStmt", "MergeStmt"})
# all rows of a table may be read or written for them
_READ_WHOLE = frozenset({"AlterTableStmt", "IndexStmt"})
# what they run is not in the statement
_OPAQUE = frozenset({"DoStmt", "CallStmt"})
# SELECT something() at the top of a migration is there for its effect; of these it is known
_HARMLESS = effects.STEADY | {"setval", "nextval", "currval", "lastval", "set_config", "count", "min", "max", "sum"}


def footprint(statements: Sequence[Statement], directives: Directives) -> Footprint:
    """Locks, creations and the rest; what the script makes itself is not among its locks."""
    if any(each.tree is None for each in statements):
        return _by_words(statements, directives)
    gathered = _Gathered()
    for statement in statements:
        gathered.take(statement)
    made = creations.made(statements)
    return Footprint(
        locks=dict(sorted(gathered.locks, key=lambda lock: locks.ORDER[lock[1]])),  # the strongest stays
        created=made.relations,
        scans=frozenset(gathered.scans),
        rewrites=frozenset(gathered.rewrites),
        long=gathered.long,
        alone=directives.solo or any(map(transactions.alone, statements)),
        ends_group=any(_adds_value(each, made.others) for each in statements),
        lossy=losses.lossy(statements),
        known=not any(map(_is_opaque, statements)),
    )


class _Gathered(Struct):
    """What is known after some statements; `new` is what they made, which nobody else can see."""

    new: set[str] = field(default_factory=set)
    locks: list[tuple[str, LockMode]] = field(default_factory=list)
    scans: set[str] = field(default_factory=set)
    rewrites: set[str] = field(default_factory=set)
    long: bool = False

    def take(self, statement: Statement) -> None:
        self.locks += [lock for lock in locks.taken(statement).items() if unquoted(lock[0]) not in self.new]
        if statement.kind in _READ_WHOLE:
            self.scans |= set(_tables(statement, effects.scans)) - self.new
            self.rewrites |= set(_tables(statement, effects.rewrites)) - self.new
        self.long = self.long or _is_long(statement, self.new)
        self.new |= creations.relations_of(statement, self.new)


def _is_opaque(statement: Statement) -> bool:
    if statement.kind == "SelectStmt":
        calls = (inside for key, inside in tree.nodes(statement) if key == "FuncCall")
        return any(tree.strings(call["funcname"])[-1] not in _HARMLESS for call in calls)
    return statement.kind in _OPAQUE


def _by_words(statements: Sequence[Statement], directives: Directives) -> Footprint:
    """Without a tree; SQLite locks the whole database anyway, so it lists which tables are touched."""
    created = creations.made_by_words(tuple(statements)).relations
    touched = {act.table for act in keywords.acts(statements)} - created
    return Footprint(
        locks=dict.fromkeys(sorted(touched), "ROW EXCLUSIVE"),
        created=created,
        alone=directives.solo or any(map(transactions.alone, statements)),
        lossy=losses.lossy(statements),
    )


def _tables(statement: Statement, does: effects.Question) -> Iterator[str]:
    inside = tree.fields(statement)
    altered = statement.kind == "AlterTableStmt" and any(does(*each) for each in tree.commands(inside))
    if altered or (statement.kind == "IndexStmt" and does is effects.scans):
        yield unquoted(tree.relation(inside["relation"]))


def _is_long(statement: Statement, new: set[str]) -> bool:
    """Whether rows are moved: every UPDATE and DELETE, and whatever is made from what is stored elsewhere."""
    if statement.kind == "RefreshMatViewStmt":
        return unquoted(tree.relation(tree.fields(statement)["relation"])) not in new
    if statement.kind not in tree.ROWS:
        return False
    inside = tree.fields(statement)
    nodes = tree.nodes(statement)
    changed = (tree.relation(node["relation"]) for key, node in nodes if key in _MOVES)
    fills = statement.kind in {"InsertStmt", "CreateTableAsStmt"} or "intoClause" in inside
    read = (tree.relation(node) for key, node in nodes if key == "RangeVar" and fills)
    return any(unquoted(name) not in new for name in (*changed, *read)) or bool(inside.get("is_from"))


def _adds_value(statement: Statement, types: frozenset[str]) -> bool:
    return bool(added_value(statement)) and enum_name(statement) not in types


def added_value(statement: Statement) -> str:
    """The value that ALTER TYPE … ADD VALUE brings; empty for everything else."""
    inside = tree.fields(statement)
    return str(inside.get("newVal", "")) if statement.kind == "AlterEnumStmt" and "oldVal" not in inside else ""


def enum_name(statement: Statement) -> str:
    return unquoted(tree.dotted(tree.fields(statement).get("typeName", ())))
