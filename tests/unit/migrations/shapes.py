"""Migrations and rows of the ledger in a line."""

from shipit.migrations.checksum import checksum
from shipit.migrations.folder import Folder, read
from shipit.migrations.model import Directives, Migration, Script
from shipit.migrations.records import Applied


def migration(
    version: str, name: str = "a", *, depends: tuple[str, ...] = (), down: bool = True, why: str = ""
) -> Migration:
    path = f"migrations/{version}_{name}"
    return Migration(
        version,
        name,
        Script(f"{path}.sql", f"select {version};\n", checksum(version)),
        Script(f"{path}.down.sql", "select 0;\n", checksum("0")) if down else None,
        directives=Directives(depends, irreversible=why, allowed={}),
    )


def row(version: str, name: str = "a", *, run: str = "r1", sha256: str | None = None) -> Applied:
    return Applied(version, name, checksum(version) if sha256 is None else sha256, run, 0.0, 1)


def folder_of(files: dict[str, str]) -> Folder:
    return read({name: text.encode() for name, text in files.items()}, "postgresql", "migrations")


def told(found: Folder) -> list[str]:
    """Each finding as place, level and rule."""
    return [f"{finding.place} {finding.level} {finding.rule}" for finding in found.findings]
