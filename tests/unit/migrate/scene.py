"""An environment whose database is in memory; of the outside only the files of the repository are real."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shipit.config import Project, open_project
from shipit.engine import events
from shipit.engine.plan import Say
from shipit.migrate.outside import Outside
from shipit.migrate.ports import Notifier
from shipit.migrate.run import MigrationJob, Options
from shipit.model import Actor, Notice
from shipit.output import Renderer
from shipit.output.reporter import Reporter
from tests.fakes_database import FakeDatabase
from tests.unit.memory import Recorder

SETTINGS = """
[project]
name = "acme"
version = "1.0.0"

[tool.shipit.migrations]
{migrations}

[tool.shipit.environments.staging.database]
url = "sqlite:///staging.sqlite3"
on-failure = "down"
{environment}

[tool.shipit.notify]
{notify}
"""
FILES = {
    "0001_notes.sql": "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n",
    "0001_notes.down.sql": "DROP TABLE notes;\n",
}


class Scene:
    """`answer` is what a person says to every question; what was asked is in `questions`."""

    def __init__(self, top: Path, migrations: str = "", environment: str = "", notify: str = "") -> None:
        (top / ".git").mkdir()
        settings = SETTINGS.format(migrations=migrations, environment=environment, notify=notify)
        (top / "pyproject.toml").write_text(settings)
        self.top = top
        self.outside = Outside(open_project(top), "staging")
        vars(self.outside)["actor"] = Actor("ada", "here", 1)
        vars(self.outside)["private"] = top / ".git" / "shipit"
        self.database = FakeDatabase({"kept": 5})
        vars(self.outside)["database"] = self.database.ports()
        self.recorder = Recorder()
        self.answer = True
        self.questions: list[str] = []
        self.write(FILES)

    def write(self, files: Mapping[str, str]) -> None:
        (self.top / "migrations").mkdir(exist_ok=True)
        for name, text in files.items():
            (self.top / "migrations" / name).write_text(text)

    def notified_by(self, notifier: "FakeNotifier") -> None:
        """Whatever the configuration names, it is this one."""
        self.outside = _Notified(self.outside.project, "staging", notifier, vars(self.outside))

    def job(self, **options: Any) -> MigrationJob:
        """Where nobody sits in front."""
        return MigrationJob(
            outside=self.outside, options=Options(**options), reporter=Reporter(Renderer(self.recorder))
        )

    def asking(self, **options: Any) -> MigrationJob:
        """Where somebody does."""
        return MigrationJob(
            outside=self.outside,
            options=Options(**options),
            reporter=Reporter(Renderer(self.recorder), self._asked),
        )

    @property
    def said(self) -> str:
        return "\n".join(self.recorder.said)

    @property
    def audit(self) -> Sequence[Mapping[str, Any]]:
        path = self.top / "reports" / "migrations.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def done(self) -> list[str]:
        return self.recorder.names(events.StepDone)

    def _asked(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


class _Notified(Outside):
    """The same environment with a notifier that is in memory."""

    def __init__(self, project: Project, name: str, notifier: "FakeNotifier", built: Mapping[str, Any]) -> None:
        super().__init__(project, name)
        vars(self).update(built)
        self._notifier = notifier

    @property
    def notifiers(self) -> Iterator[Notifier]:
        yield self._notifier


@dataclass
class FakeNotifier:
    """Plays migrate.ports.Notifier and remembers; `lost` is what it cannot deliver."""

    lost: Sequence[str] = ()
    notices: list[Notice] = field(default_factory=list)

    def notify(self, notice: Notice) -> Sequence[str]:
        self.notices.append(notice)
        return self.lost


@dataclass
class FakeTool:
    """Plays migrate.ports.Tool; without `tells` it cannot say what is pending."""

    left: list[str] = field(default_factory=lambda: ["abc", "def"])
    tells: bool = True
    trouble: Exception | None = None
    calls: list[tuple[str, str, str | None]] = field(default_factory=list)
    name: str = "alembic"

    def cannot(self) -> Sequence[str]:
        return ["that a failed revision leaves nothing"]

    def pending(self, database_url: str) -> Sequence[str] | None:
        return tuple(self.left) if self.tells else None

    def upgrade(self, database_url: str, to: str | None, say: Say) -> None:
        self.calls.append(("upgrade", database_url, to))
        if self.trouble:
            raise self.trouble
        del self.left[: self.left.index(to) + 1 if to else None]
        say("upgraded")

    def downgrade(self, database_url: str, to: str, say: Say) -> None:
        self.calls.append(("downgrade", database_url, to))
        say("downgraded")
