"""What another tool calls applied, matched with our files: the rows to record, and what does not fit."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shipit.migrations.model import Finding, Migration, Position
from shipit.migrations.names import key
from shipit.migrations.records import Applied

UP_TO = "up to "
"""Stands before a version that speaks for all that came before it, such as Flyway's baseline."""

_KEEPS_ONLY_THE_LAST = "golang-migrate"
_KEEP_NO_FILES = frozenset({"alembic", "django"})


class Matched(NamedTuple):
    """`rows` in the order of their versions; with a finding of level error nothing may be recorded."""

    rows: tuple[Applied, ...] = ()
    findings: tuple[Finding, ...] = ()


def match(
    migrations: Sequence[Migration], found: Mapping[str, Sequence[str]], run: str = "adopted", at: float = 0
) -> Matched:
    """Match files with what the tools' tables say; `run` and `at` (seconds since the epoch) go into the rows.

    `found` is what databases.Adoption answers: the name of a tool to the versions that it calls applied.
    """
    tools = [tool for tool in found if tool not in _KEEP_NO_FILES]
    foreign = tuple(_foreign(tool) for tool in found if tool in _KEEP_NO_FILES and found[tool])
    speaking = [tool for tool in tools if found[tool]]
    if len(speaking) > 1:
        return Matched(findings=(*foreign, _several(speaking)))
    if not speaking:
        return Matched(findings=foreign)
    applied, findings = _matched(migrations, speaking[0], found[speaking[0]])
    return Matched(tuple(_row(migration, run, at) for migration in applied), (*foreign, *findings))


def _matched(
    migrations: Sequence[Migration], tool: str, versions: Sequence[str]
) -> tuple[Sequence[Migration], Sequence[Finding]]:
    listed = {key(version): version for version in versions if not version.startswith(UP_TO)}
    bounds = [key(version.removeprefix(UP_TO)) for version in versions if version.startswith(UP_TO)]
    if tool == _KEEPS_ONLY_THE_LAST:
        bounds += listed
    bound, newest = max(bounds, default=None), max([*listed, *bounds])
    files = {key(migration.version): migration for migration in migrations}
    applied = sorted(rank for rank in files if rank in listed or (bound is not None and rank <= bound))
    findings = [_without_file(tool, version) for rank, version in sorted(listed.items()) if rank not in files]
    findings += [_late(files[rank], tool) for rank in sorted(files) if rank not in applied and rank < newest]
    if not applied:
        return (), [_nothing_fits(tool, versions)]
    return [files[rank] for rank in applied], findings


def _row(migration: Migration, run: str, at: float) -> Applied:
    return Applied(migration.version, migration.name, migration.up.sha256, run, at, 0)


def _without_file(tool: str, version: str) -> Finding:
    what = f"{tool} calls version {version} applied, and there is no file of that version; it is not recorded"
    return Finding(Position(tool), "adopted-without-file", what, level="warning")


def _late(migration: Migration, tool: str) -> Finding:
    what = f"{migration.label} is older than the newest version that {tool} knows, and {tool} never applied it"
    return Finding(
        Position(migration.up.path, migration.up.line),
        "late-file",
        f"{what}; it stays pending",
        'give it a newer version, or set migrations.late = "apply"',
        "warning",
    )


def _nothing_fits(tool: str, versions: Sequence[str]) -> Finding:
    some = ", ".join(versions[:3]) + (", …" if len(versions) > 3 else "")
    what = f"none of the versions that {tool} calls applied has a file ({some})"
    return Finding(Position(tool), "adopted-without-file", what, "set migrations.path to the folder of its files")


def _several(tools: Sequence[str]) -> Finding:
    what = f"several tools say what is applied: {', '.join(tools)}"
    return Finding(Position(tools[0]), "several-tools", what, "drop the table of the tool that is no longer used")


def _foreign(tool: str) -> Finding:
    what = f"the revisions of {tool} are no versions of SQL files; they are not recorded"
    return Finding(
        Position(tool), "other-engine", what, f'set migrations.engine = "{tool}" to go on with {tool}', "warning"
    )
