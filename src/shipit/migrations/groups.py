"""Which migrations share a transaction: as many as possible, as long as nobody waits longer for that."""

from collections.abc import Sequence

from msgspec import Struct, field

from shipit.migrations.locks import ORDER, STRONG
from shipit.migrations.model import Footprint, Group, Prepared
from shipit.migrations.tree import unquoted

# Each new table with a key takes three to four entries of the lock table (its index, its TOAST table and that one's
# index), and the lock table holds max_locks_per_transaction for each connection: 6,400 as PostgreSQL comes
STATEMENTS = 200
"""Of a transaction for which others wait."""
RELATIONS = 800
"""About half of what the lock table holds."""
_UNSEEN = 5  # times as many where it only makes what nobody else can see before it is committed


def plan_groups(
    pending: Sequence[Prepared], *, most: int = STATEMENTS, relations: int = RELATIONS
) -> tuple[Group, ...]:
    """Cut the pending migrations into transactions, in their order; `why` is what ends each but the last."""
    groups: list[Group] = []
    current = _Open()
    for one in pending:
        why = current.refuses(one, most, relations)
        if why:
            groups.append(current.closed(why))
            current = _Open()
        current.take(one)
    return (*groups, current.closed("")) if current.migrations else tuple(groups)


class _Open(Struct):
    """A group being filled: `strong` are the relations for which others wait, `weak` those merely written."""

    migrations: list[Prepared] = field(default_factory=list)
    strong: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    """all three"""
    statements: int = 0

    def take(self, one: Prepared) -> None:
        strong, weak = self._touches(one.footprint)
        self.migrations.append(one)
        self.strong |= strong
        self.weak |= weak
        created = {unquoted(name) for name in one.footprint.created}
        self.created |= created
        self.locked |= strong | weak | created
        self.statements += len(one.up)

    def closed(self, why: str) -> Group:
        return Group(tuple(self.migrations), solo=self.migrations[0].solo, why=why)

    def refuses(self, one: Prepared, most: int, relations: int) -> str:
        """Why this migration cannot join, else empty; the first one always can."""
        if not self.migrations:
            return ""
        return self._must_end(self.migrations[-1]) or self._must_begin(one) or self._too_much(one, most, relations)

    def _must_end(self, last: Prepared) -> str:
        return _own_transaction(last) or (
            f"what comes after must see {last.label} committed" if last.footprint.ends_group else ""
        )

    def _must_begin(self, one: Prepared) -> str:
        own = _own_transaction(one)
        if own:
            return own
        strong, weak = self._touches(one.footprint)
        if strong and self.strong and not strong <= self.strong:
            return f"{one.label} blocks {_listed(strong - self.strong)}, this transaction {_listed(self.strong)}"
        if strong and self.weak - strong:
            return f"{one.label} blocks {_listed(strong)}, this transaction locks rows of {_listed(self.weak)}"
        if self.strong and weak - self.strong:
            return f"{one.label} writes to {_listed(weak)}, this transaction blocks {_listed(self.strong)}"
        return ""

    def _too_much(self, one: Prepared, most: int, relations: int) -> str:
        at_most = most if self.strong or self._touches(one.footprint)[0] else most * _UNSEEN
        if self.statements + len(one.up) > at_most:
            return f"a transaction of more than {at_most:,} statements would be too long"
        names = {unquoted(name) for name in (*one.footprint.locks, *one.footprint.created)}
        if len(self.locked) + len(names - self.locked) > relations:
            return f"more than {relations} relations could overflow the server's lock table"
        return ""

    def _touches(self, footprint: Footprint) -> tuple[set[str], set[str]]:
        """What was there before this group: blocked for writers, and merely written or looked after."""
        old = {
            unquoted(name): ORDER[mode]
            for name, mode in footprint.locks.items()
            if unquoted(name) not in self.created
        }
        strong = {name for name, rank in old.items() if rank >= STRONG}
        weak = {name for name, rank in old.items() if ORDER["ROW EXCLUSIVE"] <= rank < STRONG}
        return strong, weak


def _own_transaction(one: Prepared) -> str:
    """Why nothing may share a transaction with it, else empty."""
    if one.solo:
        return f"{one.label} can run in no transaction"
    if not one.footprint.known:
        return f"nobody knows what {one.label} locks"
    return f"{one.label} moves data and may take long" if one.footprint.long else ""


def _listed(names: set[str]) -> str:
    first, *others = sorted(names)
    return f"{first} and {len(others)} more" if others else first
