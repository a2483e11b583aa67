"""The values that the modules of migrations share."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

Dialect: TypeAlias = Literal["postgresql", "sqlite"]
Node: TypeAlias = Mapping[str, Any]
"""A node of libpg_query's parse tree as nested dictionaries: {"CreateStmt": {"relation": {…}, …}}."""


class Position(Struct, frozen=True):
    """Where something stands: `path` as people know the file; `line` and `column` count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Finding(Struct, frozen=True):
    """Something about a file that a person must know: `rule` names it in the docs and in `-- shipit: allow`.

    `rewrite` is the safe way to write the same, where there is one. An error stops the run before any write,
    a warning is printed in the plan.
    """

    place: Position
    rule: str
    what: str
    rewrite: str = ""
    level: Literal["error", "warning"] = "error"


class Script(Struct, frozen=True):
    """One script: `text` has LF line ends and no byte order mark, `sha256` (hexadecimal) is of that text.

    `line` is the line of its file on which `text` begins (a file of dbmate holds two scripts).
    """

    path: str
    text: str
    sha256: str
    line: int = 1
    language: Literal["sql", "python"] = "sql"


class Directives(Struct, frozen=True):
    """What the `-- shipit:` lines at the head of a file say; `allowed` maps a rule to the reason given."""

    depends: tuple[str, ...] = ()
    solo: bool = False
    idempotent: bool = False
    contract: bool = False
    irreversible: str = ""
    allowed: Mapping[str, str] = ()  # type: ignore[assignment]  # an empty mapping, frozen


class Migration(Struct, frozen=True):
    """A version of the schema: `version` as in the file's name, `up` makes it, `down` rolls it back."""

    version: str
    name: str
    up: Script
    down: Script | None = None
    verify: Script | None = None
    directives: Directives = Directives()

    @property
    def label(self) -> str:
        return f"{self.version}_{self.name}"


class Statement(Struct, frozen=True, dict=True):
    """One statement of a script: `text` without its semicolon; `tree` is None where no grammar was asked.

    `kind` is the name of its node, such as CreateStmt; empty without a tree. Every judge asks for it.
    """

    text: str
    place: Position
    tree: Node | None = None
    kind: str = ""

    def __post_init__(self) -> None:
        if self.tree:
            force_setattr(self, "kind", next(iter(self.tree)))


LockMode: TypeAlias = Literal[
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]


class Footprint(Struct, frozen=True):
    """What running a script means for others.

    `locks` maps each relation that exists before to the strongest lock taken on it; `created` are the relations
    that it makes; `scans` and `rewrites` are those that are read or written whole under such a lock; `long`: data
    is moved, so it may take long; `alone`: no transaction may hold it; `ends_group`: what comes after
    must see it committed (a new enum value); `lossy` says what its effect destroys; `known` is False for a
    Python script: nobody knows what it does.
    """

    locks: Mapping[str, LockMode]
    created: frozenset[str] = frozenset()
    scans: frozenset[str] = frozenset()
    rewrites: frozenset[str] = frozenset()
    long: bool = False
    alone: bool = False
    ends_group: bool = False
    lossy: tuple[str, ...] = ()
    known: bool = True


class Prepared(Struct, frozen=True):
    """A migration that has been read and judged: what the database adapters are given.

    For a Python script `up` is empty and the adapter runs the file itself; likewise `down` and `verify`.
    """

    migration: Migration
    up: tuple[Statement, ...]
    down: tuple[Statement, ...] = ()
    verify: tuple[Statement, ...] = ()
    footprint: Footprint = Footprint({})
    down_loses: tuple[str, ...] = ()
    """what the down script destroys that the up script did not make; empty if nothing"""
    fills: tuple[str, ...] = ()
    """the relations that the up script puts rows in without having made them"""

    @property
    def version(self) -> str:
        return self.migration.version

    @property
    def label(self) -> str:
        return self.migration.label

    @property
    def solo(self) -> bool:
        return self.footprint.alone


class Group(Struct, frozen=True):
    """Migrations that are applied in one transaction, or one that can be in none (`solo`); `why` it ends here."""

    migrations: tuple[Prepared, ...]
    solo: bool = False
    why: str = ""

    @property
    def label(self) -> str:
        first, last = self.migrations[0], self.migrations[-1]
        return first.label if first is last else f"{first.label} … {last.label}"


class Parsed(Struct, frozen=True):
    """The statements of a script, in order, as (text, line, column, tree); or what is wrong with it."""

    statements: tuple[tuple[str, int, int, Node | None], ...]
    findings: tuple[Finding, ...] = ()
