"""The database of an environment as a deployment sees it: the migration files are those of the commit."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from shipit.config import Project
from shipit.deploy.ports import Files
from shipit.engine import events
from shipit.engine.plan import Problem, Say
from shipit.engine.preview import Preview
from shipit.errors import UsageError
from shipit.migrate import command, files
from shipit.migrate.outside import Outside
from shipit.migrate.run import MigrationJob, Options
from shipit.migrations.agreement import Standing
from shipit.migrations.names import READ
from shipit.notification.ports import Notifier
from shipit.output import Renderer
from shipit.output.problem import Report
from shipit.output.reporter import Reporter


class CommittedFiles(Struct, frozen=True, kw_only=True):
    """Plays migrate.ports.Files for a folder of one commit: what lies in the work tree has no part in it."""

    history: Files
    commit: str
    folder: str

    @property
    def path(self) -> Path:
        return Path(self.folder)

    def read(self) -> tuple[Mapping[str, bytes], Path]:
        """Name to bytes; SQL files of sub-folders are named only. Raises UsageError without a file."""
        paths = [PurePosixPath(path) for path in self.history.files(self.commit, self.folder)]
        wanted = [path for path in paths if path.name.lower().endswith(READ) and not path.name.startswith(".")]
        content = self.history.read_all(
            self.commit, [str(path) for path in wanted if str(path.parent) == self.folder]
        )
        found = {str(path.relative_to(self.folder)): content.get(str(path), b"") for path in wanted}
        if not found:
            raise UsageError(
                f"there are no migrations in `{self.folder}` at {self.commit[:10]}",
                where="migrations.path",
                hint="name the folder in [tool.shipit.migrations], or commit the first one",
            )
        return found, self.path


class CommittedDatabase(Outside):
    """An environment of `shipit migrate` within a deployment, whose own end is what people are notified of."""

    @property
    def notifiers(self) -> Iterator[Notifier]:
        return iter(())


def committed(project: Project, name: str, history: Files, commit: str) -> Outside:
    """The environment of `shipit migrate`, with the files of a commit."""
    outside = CommittedDatabase(project, name)
    if outside.settings.engine != "sql":
        raise UsageError(
            f"a deployment cannot run {outside.settings.engine} by itself yet",
            where="migrations.engine",
            hint=f"run shipit migrate --env {name} before it, and leave the database of {name} out here",
        )
    vars(outside)["files"] = CommittedFiles(history=history, commit=commit, folder=outside.folder)
    return outside


class MigratedSchema:
    """Plays deploy.ports.Schema with the slice of migrations."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside

    def version(self) -> str:
        applied = self.outside.database.ledger.applied()
        return applied[-1].version if applied else ""

    def pending(self) -> Sequence[str]:
        return [migration.label for migration in self._standing().pending]

    def mistakes(self) -> Sequence[Problem]:
        read = files.read(self.outside)
        standing = read.standing(self.outside.database, None)
        _, findings = read.prepare(standing.pending)
        return files.problems((*standing.findings, *findings))

    def contracts(self) -> Sequence[str]:
        return [one.label for one in self._standing().pending if one.directives.contract]

    def migrate(self, say: Say) -> None:
        job = MigrationJob(outside=self.outside, options=Options(), reporter=Reporter(Renderer(_Relay(say))))
        command.run(job)

    def _standing(self) -> Standing:
        standing = files.read(self.outside).standing(self.outside.database, None)
        files.refuse(standing.findings)
        return standing


class _Relay:
    """Plays output.Output: what a migration says becomes lines of the step that it is here."""

    listens = True

    def __init__(self, say: Say) -> None:
        self._say = say

    def event(self, event: events.Event) -> None:
        match event:
            case events.Said(line=line):
                self._say(line)
            case events.StepDone(name=name, look=look):
                self._say(f"{name}: {look.evidence}" if look.evidence else name)
            case events.RollingBack(why=why):
                self._say(f"rolling back: {why}")
            case _:
                pass

    def preview(self, preview: Preview) -> None:
        """A plan within a step is not shown."""

    def summary(self, text: str) -> None:
        for line in text.splitlines():
            self._say(line)

    def outputs(self, facts: Mapping[str, str]) -> None:
        """The deployment has outputs of its own."""

    def error(self, report: Report) -> None:
        """Whoever carries the deployment out shows it."""

    def close(self) -> None:
        """There is nothing to close."""
