"""What is asked of files and database before anything is touched; nothing here writes."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from shipit.engine.plan import Problem
from shipit.errors import Stop
from shipit.migrate.ports import Database
from shipit.migrations.records import Needs


class RightDatabase(Struct, frozen=True, kw_only=True):
    """A database that was first bound as production refuses to be anything else."""

    database: Database
    environment: str
    name: str = "identity"
    summary: str = "Is this the database of that environment?"

    def problems(self) -> Sequence[Problem]:
        bound = self.database.ledger.identity()
        if bound in {None, self.environment}:
            return ()
        return (
            Problem(
                f"this database belongs to {bound}, not to {self.environment}",
                str(self.database.health.address),
                f"shipit migrate --env {bound}, or give {self.environment} the address of its own database",
            ),
        )


class LedgerAgrees(Struct, frozen=True, kw_only=True):
    """No file that was applied is edited or gone, none comes late. `objections` compares files and ledger."""

    objections: Callable[[], Sequence[Problem]]
    name: str = "ledger"
    summary: str = "Do files and ledger tell the same story?"

    def problems(self) -> Sequence[Problem]:
        return self.objections()


class ServerReady(Struct, frozen=True, kw_only=True):
    """Rights, version, and what this run needs of the server."""

    database: Database
    needs: Needs
    name: str = "server"
    summary: str = "Will the server let it happen?"

    def problems(self) -> Sequence[Problem]:
        return self.database.health.problems(self.needs)


class BackupPossible(Struct, frozen=True, kw_only=True):
    """Tools, their version, space on the disk."""

    database: Database
    name: str = "backup-tools"
    summary: str = "Can a backup be taken and read back?"

    def problems(self) -> Sequence[Problem]:
        return self.database.backups.problems()


class RehearsalPossible(Struct, frozen=True, kw_only=True):
    """Only asked where the configuration insists on a rehearsal."""

    database: Database
    name: str = "rehearsal-rights"
    summary: str = "Can it be tried on a copy of the schema?"

    def problems(self) -> Sequence[Problem]:
        reason = self.database.rehearsal.possible()
        hint = 'give the right, or set rehearse = "auto" in [tool.shipit.migrations]'
        return (Problem("a rehearsal is asked for and not possible", reason, hint),) if reason else ()


def quietly(question: Callable[[], str], otherwise: str) -> str:
    """An answer that only decorates the plan; trouble with it is no reason to stop."""
    try:
        return question()
    except Stop:
        return otherwise
