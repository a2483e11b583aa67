"""Django's migrations as a project uses them: its own manage.py, settings and Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from shipit.adapters.wrapped import location
from shipit.adapters.wrapped.child import Child, project_python
from shipit.engine.plan import Say
from shipit.errors import Refused, UsageError

_MANAGE = "manage.py"
_LOOK = f"""\
import json
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

executor = MigrationExecutor(connection)
graph, applied = executor.loader.graph, executor.loader.applied_migrations
state = {{}}
for app in sorted(executor.loader.migrated_apps):
    there = {{key for key in graph.nodes if key[0] == app and key in applied}}
    before = {{parent.key for key in there for parent in graph.node_map[key].parents}}
    state[app] = max((name for _, name in there - before), default="zero")
plan = executor.migration_plan(graph.leaf_nodes())
pending = [f"{{step.app_label}}.{{step.name}}" for step, _ in plan]
place = connection.settings_dict
seen = dict(host=place["HOST"], port=place["PORT"], database=str(place["NAME"]))
print("\\n{location.MARK}" + json.dumps(dict(pending=pending, state=state, **seen)))
"""
_CANNOT = (
    "its statements are not seen before they run: no hazards are named, no locks foretold, nothing is rehearsed",
    "each migration commits by itself: one that fails leaves those before it",
    "unless the settings set one, no lock_timeout is set: who waits for a lock makes everybody else wait behind it",
    "a COMMIT whose answer was lost is not settled: `manage.py showmigrations` shows what is there",
    "only the database `default` is migrated",
)
_OUTSIDE = "these run outside of a transaction (atomic = False), and one that fails leaves a part of it: {files}"
_NO_URL = "no file of the project mentions DATABASE_URL: see that the settings use it, or nothing will run"
_READS = ("DATABASE_URL", "dj_database_url", ".db()")
_NOT_ATOMIC = ("atomic = False", "atomic=False")
_TARGET = re.compile(r"([A-Za-z_]\w*)\.(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Django:
    """Plays databases.Tool; `folder` holds manage.py; `timeout` in seconds is for upgrades and downgrades.

    A target is APP.MIGRATION or APP.zero, or several of them with commas.
    """

    folder: Path
    top: Path
    python: str = field(default_factory=project_python)
    timeout: float | None = None
    name: str = "django"

    @classmethod
    def find(cls, top: Path, folder: str) -> Self:
        return cls(folder=location.find(top, folder, _MANAGE), top=top)

    def cannot(self) -> Sequence[str]:
        scripts = (path for path in location.mentions(self.folder, _NOT_ATOMIC) if "migrations/" in path)
        files = ", ".join(scripts)
        return (
            *_CANNOT,
            *([_OUTSIDE.format(files=files)] if files else []),
            *([] if location.mentions(self.folder, _READS) else [_NO_URL]),
        )

    def pending(self, database_url: str) -> Sequence[str]:
        return tuple(self._look(database_url)["pending"])

    def state(self, database_url: str) -> str:
        """What `downgrade` would have to be given to come back here: the last migration of each app."""
        return _written(self._look(database_url)["state"])

    def upgrade(self, database_url: str, to: str | None, say: Say) -> None:
        say(f"django stands at {self.state(database_url)}")
        for words in _targets(to) if to else [()]:
            self._run(words, database_url, say)

    def downgrade(self, database_url: str, to: str, say: Say) -> None:
        """Raises Refused for a target that is not applied: Django would go forward to it."""
        targets = _targets(to)
        seen = self._look(database_url)
        ahead = [name for name in map(".".join, targets) if name in seen["pending"]]
        if ahead:
            raise Refused(
                f"{', '.join(ahead)} is not applied, so nothing can be rolled back to it",
                evidence=[f"django stands at {_written(seen['state'])}"],
            )
        say(f"django stands at {_written(seen['state'])}")
        for app, name in targets:
            if seen["state"].get(app) != name:
                self._run((app, name), database_url, say)

    def _look(self, url: str) -> Mapping[str, Any]:
        argv = (self.python, _MANAGE, "shell", "--no-color", "-c", _LOOK)
        seen = location.answer(self.name, self._child.ask(argv, url))
        location.insist_on(self.name, location.written(url, self.top), seen)
        return seen

    def _run(self, words: Sequence[str], url: str, say: Say) -> None:
        argv = (self.python, _MANAGE, "migrate", "--no-input", "--no-color", *words)
        self._child.follow(argv, url, say, self.timeout)

    @property
    def _child(self) -> Child:
        return Child(name=self.name, folder=self.folder, top=self.top)


def _written(state: Mapping[str, str]) -> str:
    return ",".join(f"{app}.{name}" for app, name in state.items())


def _targets(to: str) -> list[tuple[str, str]]:
    found = []
    for word in to.split(","):
        target = _TARGET.fullmatch(word.strip())
        if not target:
            raise UsageError(
                f"no migration of Django is written {word!r}",
                hint="APP.MIGRATION, or APP.zero for none; several with commas between them",
            )
        found.append((target[1], target[2]))
    return found
