"""What is known of a database: where it is, what was applied by which run, its backups, how it stood."""

from collections.abc import Mapping

from msgspec import Struct


class Applied(Struct, frozen=True):
    """A row of the ledger; `at` in seconds since the epoch, `milliseconds` what the statements took.

    `run` is the id of the run (or `adopted`), `fingerprint` that of the catalog after its group, or empty.
    """

    version: str
    name: str
    sha256: str
    run: str
    at: float
    milliseconds: int
    fingerprint: str = ""


class Run(Struct, frozen=True):
    """What the database remembers of a run: `ended` None and `outcome` empty while it runs, or was killed.

    `command` is migrate, rollback, restore, adopt or backup; `backup` is a file name.
    """

    id: str
    command: str
    actor: str
    host: str
    started: float
    ended: float | None = None
    outcome: str = ""
    detail: str = ""
    backup: str = ""


class Address(Struct, frozen=True):
    """Where a database is, without any secret; `port` is None for a file."""

    host: str
    port: int | None
    database: str
    user: str

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{user}{self.host}{port}/{self.database}" if self.host else self.database


class Backup(Struct, frozen=True):
    """A backup that was read back whole: `path` and `size` (bytes) of the file, `sha256` hexadecimal.

    `mark` is what proves later that nobody wrote since (PostgreSQL: the exported snapshot as text; SQLite: data
    version); `at` in seconds since the epoch, `seconds` is how long it took, `counts` the rows of each table.
    """

    run: str
    path: str
    size: int
    sha256: str
    mark: str
    at: float
    seconds: float
    fingerprint: str
    counts: Mapping[str, int]
    tool: str = ""


class Baseline(Struct, frozen=True):
    """How the database stood before the run; `mark` as in Backup."""

    fingerprint: str
    counts: Mapping[str, int]
    mark: str


class Needs(Struct, frozen=True):
    """What a run is going to ask of the database: `relations` it locks, whether a backup and solo statements."""

    relations: frozenset[str] = frozenset()
    backup: bool = True
    solo: bool = False


class Restored(Struct, frozen=True):
    """`kept` names the former database; `gap` is how long in seconds nobody could connect; `lost` transactions."""

    kept: str
    gap: float
    lost: int
