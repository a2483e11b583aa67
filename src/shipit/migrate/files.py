"""From files to migrations that may run: read, judged, compared with the ledger; errors are named together."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from shipit.engine.plan import Problem
from shipit.errors import Refused
from shipit.migrate.outside import Sources
from shipit.migrate.ports import Database
from shipit.migrations import folder
from shipit.migrations.agreement import Standing, agree
from shipit.migrations.model import Finding, Migration, Position, Prepared


class ReadFiles(Struct, frozen=True, kw_only=True):
    """The migrations of the folder in their order, and what speaks against files as a whole."""

    sources: Sources
    migrations: tuple[Migration, ...]
    findings: tuple[Finding, ...]

    def standing(self, database: Database, to: str | None) -> Standing:
        applied, late = database.ledger.applied(), self.sources.settings.late
        return agree(self.migrations, applied, late=late, to=to, folder=self.sources.folder)

    def objections(self, database: Database, to: str | None) -> Sequence[Problem]:
        """What is edited, gone or late, read now."""
        return problems(self.standing(database, to).findings)

    def prepare(self, migrations: Iterable[Migration]) -> tuple[tuple[Prepared, ...], tuple[Finding, ...]]:
        """Parse and judge these, in their order."""
        from shipit.migrations.judgement import prepare

        judged = [prepare(one, self.sources.syntax) for one in migrations]
        findings = tuple(finding for _, found in judged for finding in found)
        return tuple(one for one, _ in judged), (*self._missing_downs(judged), *findings)

    def _missing_downs(self, judged: Sequence[tuple[Prepared, object]]) -> Iterable[Finding]:
        if self.sources.settings.down != "required":
            return
        for one, _ in judged:
            migration = one.migration
            if migration.down is None and not migration.directives.irreversible:
                yield Finding(
                    Position(migration.up.path),
                    "down-missing",
                    f"{migration.label} has no down script",
                    'write one, or say why not: -- shipit: irreversible "why"',
                )


def read(sources: Sources) -> ReadFiles:
    """Read the folder; raises Refused for what is wrong with it as a whole (duplicates, cycles …)."""
    files, _ = sources.files.read()
    found = folder.read(files, sources.dialect, sources.folder)
    refuse(found.findings)
    return ReadFiles(sources=sources, migrations=found.migrations, findings=found.findings)


def refuse(
    findings: Sequence[Finding], what: str = "", hint: str = "fix that, then shipit verify migrations"
) -> None:
    """Raise Refused with every error among the findings, if there is any; `what` says more than how many."""
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        count = f"the migrations have {len(errors)} mistake{'s' if len(errors) > 1 else ''}"
        raise Refused(
            f"{what or count}; no database was touched",
            evidence=[line for finding in errors for line in finding_lines(finding)],
            hint=hint,
        )


def warnings(findings: Iterable[Finding]) -> list[str]:
    return [line for finding in findings if finding.level == "warning" for line in finding_lines(finding)]


def finding_lines(finding: Finding) -> list[str]:
    """Place, rule and reason in one line, the safe way to write it below."""
    rewrite = [f"    {line}" for line in finding.rewrite.splitlines()]
    return [f"{finding.place}: {finding.what} [{finding.rule}]", *rewrite]


def problems(findings: Iterable[Finding]) -> Sequence[Problem]:
    return tuple(
        Problem(f"{finding.place}: {finding.what} [{finding.rule}]", "", finding.rewrite)
        for finding in findings
        if finding.level == "error"
    )
