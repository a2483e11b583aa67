"""Alembic as a project uses it: its own alembic.ini, env.py and Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from shipit.adapters.wrapped import location
from shipit.adapters.wrapped.child import Child, project_python
from shipit.engine.plan import Say
from shipit.errors import UsageError

_INI = "alembic.ini"
_LOOK = f"""\
import inspect, json
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

has_toml = "toml_file" in inspect.signature(Config).parameters
config = Config("{_INI}", **({{"toml_file": "pyproject.toml"}} if has_toml else {{}}))
script = ScriptDirectory.from_config(config)
seen = {{}}

def look(heads, context):
    steps = script.iterate_revisions("heads", heads)
    seen["pending"] = [step.revision for step in steps][::-1]
    seen["current"] = list(heads)
    url = context.connection.engine.url
    seen.update(host=url.host, port=url.port, database=url.database)
    return []

with EnvironmentContext(config, script, fn=look, dont_mutate=True):
    script.run_env()
if not seen:
    raise SystemExit("env.py ran, and never came to context.run_migrations()")
print("\\n{location.MARK}" + json.dumps(seen))
"""
_CANNOT = (
    "its statements are not seen before they run: no hazards are named, no locks foretold, nothing is rehearsed",
    "unless env.py sets one, no lock_timeout is set: who waits for a lock makes everybody else wait behind it",
    "a COMMIT whose answer was lost is not settled: `alembic current` shows what is there",
)
_BY_ITSELF = "each revision commits by itself (transaction_per_migration): one that fails leaves those before it"
_TOGETHER = "all revisions are one transaction where the database can do that; one that fails takes all with it"
_OUTSIDE = "statements in an autocommit_block commit by themselves, and with them all that came before: {files}"
_NO_URL = "env.py does not mention DATABASE_URL: see that it uses that address, or nothing will run"
_REVISION = re.compile(r"(?!-)[\w.+@-]+|-\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alembic:
    """Plays databases.Tool; `folder` holds alembic.ini; `timeout` in seconds is for upgrades and downgrades."""

    folder: Path
    top: Path
    python: str = field(default_factory=project_python)
    timeout: float | None = None
    name: str = "alembic"

    @classmethod
    def find(cls, top: Path, folder: str) -> Self:
        return cls(folder=location.find(top, folder, _INI), top=top)

    def cannot(self) -> Sequence[str]:
        files = ", ".join(location.mentions(self.folder, ("autocommit_block",)))
        by_itself = location.mentions(self.folder, ("transaction_per_migration",), "env.py")
        reads = location.mentions(self.folder, ("DATABASE_URL",), "env.py")
        return (
            *_CANNOT,
            _BY_ITSELF if by_itself else _TOGETHER,
            *([_OUTSIDE.format(files=files)] if files else []),
            *([] if reads else [_NO_URL]),
        )

    def pending(self, database_url: str) -> Sequence[str]:
        return tuple(self._look(database_url)["pending"])

    def state(self, database_url: str) -> str:
        """The revision that `downgrade` would have to be given to come back here."""
        return ",".join(self._look(database_url)["current"]) or "base"

    def upgrade(self, database_url: str, to: str | None, say: Say) -> None:
        say(f"alembic stands at {self.state(database_url)}")
        self._run(("upgrade", _checked(to or "heads")), database_url, say)

    def downgrade(self, database_url: str, to: str, say: Say) -> None:
        say(f"alembic stands at {self.state(database_url)}")
        self._run(("downgrade", _checked(to)), database_url, say)

    def _look(self, url: str) -> Mapping[str, Any]:
        seen = location.answer(self.name, self._child.ask((self.python, "-c", _LOOK), url))
        location.insist_on(self.name, location.written(url, self.top), seen)
        return seen

    def _run(self, words: Sequence[str], url: str, say: Say) -> None:
        self._child.follow((self.python, "-m", "alembic", *words), url, say, self.timeout)

    @property
    def _child(self) -> Child:
        # scripts often lie in a folder `alembic`, which must not win over the package of that name
        return Child(name=self.name, folder=self.folder, top=self.top, variables={"PYTHONSAFEPATH": "1"})


def _checked(revision: str) -> str:
    """A word that Alembic cannot take for an option."""
    if not _REVISION.fullmatch(revision):
        raise UsageError(f"no revision of Alembic is written {revision!r}", hint="alembic history lists them")
    return revision
