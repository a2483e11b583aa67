"""Tries migrations on an empty copy of the schema, up and down, in a scratch database on the same server."""

import os
import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from msgspec.structs import replace
from psycopg import sql

from shipit.adapters import process
from shipit.adapters.postgres import surroundings, tools
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.ledger import Ledger
from shipit.adapters.postgres.ledger_rows import put_intent
from shipit.adapters.postgres.reach import Reach, reach
from shipit.adapters.postgres.runner import Runner
from shipit.adapters.postgres.scripts import Load
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.troubles import translated
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Refused, Stop
from shipit.migrations.model import Group, Prepared

_MAY = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_STALE = """
SELECT d.datname FROM pg_database d
WHERE starts_with(d.datname, %s) AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
"""
_WORDS = 10  # of what a failed program said
_NAMES = 8  # of objects that differ
_BEYOND = {
    Reach.SERVER: "reaches beyond the database: tried in a transaction that is rolled back, and not what follows",
    Reach.ANYWHERE: "reaches beyond the database: not tried, nor what follows",
}


@dataclass
class Rehearsal:
    """Plays the port Rehearsal; `load` makes functions out of a Python script.

    What reaches beyond the database (roles, other databases, Python) would not be gone with the scratch database:
    the rehearsal ends there, and says so.
    """

    session: Session
    load: Load

    def possible(self) -> str:
        if self.session.pooled:
            return "a pooler stands in front of the server: it may not know the scratch database"
        for problem in tools.problems(tools.find_tools(self.session.version), self.session.version):
            return f"{problem.what}: {problem.evidence}"
        [[may]] = self.session.ask(_MAY, doing="ask what the role may")
        return "" if may else f"the role {self.session.address.user} may not create databases (CREATEDB)"

    def rehearse(self, migrations: Sequence[Sequence[Prepared]], say: Say) -> None:
        self._drop_stale(say)
        with self._scratch(say) as scratch:
            Ledger(scratch).bind("rehearsal")
            _Stage(session=scratch, load=self.load, say=say, begun=self._begun(scratch)).play(migrations)

    def _begun(self, scratch: Session) -> frozenset[str]:
        """What a run that died began may be in the copy already: there it is settled as it will be in the run."""
        left = Ledger(self.session).intents()
        with scratch.transaction("note what was begun") as connection:
            for one in left:
                put_intent(connection, one.version, one.sha256, one.run, one.statement)
        return frozenset(one.version for one in left)

    @contextmanager
    def _scratch(self, say: Say) -> Iterator[Session]:
        """A database like the live one with the same schema and no rows, gone afterwards."""
        name = f"{self._prefix}{token_hex(4)}"
        self._make(name)
        scratch = self.session.another(name)
        try:
            scratch.ask("SELECT 1")  # who is in it keeps others from taking it for a dead run's
            self._copy_schema(name)
            say("made an empty copy of the schema")
            yield scratch
        finally:
            scratch.close()
            self._drop(name)

    def _make(self, name: str) -> None:
        with translated(self.session.address, "look at the database"):
            like = surroundings.read(self.session.connection, self.session.address.database)
        [[user]] = self.session.ask("SELECT current_user")
        made = surroundings.Surroundings(**{**like.as_record(), "owner": user, "locale": like.locale})
        self.session.ask(surroundings.creation(made, name), doing="create a scratch database")
        who = f"shipit rehearses in it: pid {os.getpid()} on {platform.node()}; to be dropped when nobody is in it"
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(who))
        self.session.ask(comment)
        for setting in surroundings.furnishing(made, name):
            if setting.as_string().split(" SET ")[1:]:  # search_path and the like; rights and limits are not tried
                with suppress(ExternalError):  # one for superusers only
                    self.session.ask(setting)

    def _copy_schema(self, name: str) -> None:
        programs = tools.find_tools(self.session.version)
        if programs is None:
            raise Refused("there is no pg_dump on this machine")
        patience = f"--lock-wait-timeout={max(1, round(self.session.lock_patience * 1000))}"
        with tempfile.TemporaryDirectory(prefix="shipit-") as folder:
            file = str(Path(folder) / "schema")
            what = ["--schema-only", "--no-subscriptions", "--exclude-schema=shipit", "-Fc", patience]
            self._child([str(programs.dump), *what, f"--file={file}"], self.session)
            options = ["--exit-on-error", "--single-transaction", f"--dbname={name}", *self._whose]
            self._child([str(programs.restore), *options, file], self.session.another(name))

    @property
    def _whose(self) -> Sequence[str]:
        """Only a superuser can give everything to whom it belongs; else all of the copy is ours."""
        [[may]] = self.session.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return [] if may else ["--no-owner", "--no-privileges"]

    @staticmethod
    def _child(argv: Sequence[str], session: Session) -> None:
        ended = process.run(argv, env=tools.environment(session.target))
        if ended.code:
            raise Refused(
                "the schema could not be copied for a rehearsal",
                where=Path(argv[0]).name,
                evidence=ended.stderr.splitlines()[-_WORDS:],
                hint='give the role what it lacks, or set `rehearse = "never"` in [tool.shipit.migrations]',
            )

    def _drop_stale(self, say: Say) -> None:
        for (name,) in self.session.ask(_STALE, [self._prefix], doing="look for scratch databases"):
            self._drop(name)
            say(f"dropped {name}, which a rehearsal that died had left")

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {}{}")
        force = sql.SQL(" WITH (FORCE)" if self.session.version >= 130000 else "")
        with closing(self.session.another()) as another:  # ours may be in any state
            another.ask(statement.format(sql.Identifier(name), force), doing="drop the scratch database")

    @property
    def _prefix(self) -> str:
        """Scratch databases of one live database have the same beginning."""
        return f"shipit_rehearsal_{sha256(self.session.address.database.encode()).hexdigest()[:12]}_"


@dataclass(kw_only=True)
class _Stage:
    session: Session
    load: Load
    say: Say
    begun: frozenset[str]

    def play(self, groups: Sequence[Sequence[Prepared]]) -> None:
        before: list[Mapping[str, str]] = []
        played = []
        runner, catalog = Runner(self.session, self.load), Catalog(self.session)
        for group in map(_without_verify, groups):
            before.append(catalog.describe())
            if not self._up(runner, group):
                break
            played.append(group)
        for group, wanted in reversed(list(zip(played, before, strict=False))):
            if not all(one.migration.down for one in group):
                self.say(f"{_named(group)}: no way back for all of it, so what came before is not tried either")
                break
            if not self.begun.isdisjoint(one.version for one in group):
                self.say(
                    f"{_named(group)} was begun by a run that died: its way back is not tried, nor what came before"
                )
                break
            self._down(runner, catalog, group, wanted)

    def _up(self, runner: Runner, group: Sequence[Prepared]) -> bool:
        """Whether what follows can be tried too."""
        farthest = max(map(reach, group), key=lambda far: far.value)
        with _named_in_errors(f"the rehearsal of {_named(group)} failed: nothing was changed"):
            if farthest is not Reach.DATABASE:
                self.say(f"{_named(group)} {_BEYOND[farthest]}")
                if farthest is Reach.SERVER:
                    runner.try_out(group, self.say)
                return False
            if group[0].solo:
                runner.apply_solo(group[0], "rehearsal", self.say)
            else:
                runner.apply(group, "rehearsal", self.say)
        return True

    def _down(self, runner: Runner, catalog: Catalog, group: Sequence[Prepared], wanted: Mapping[str, str]) -> None:
        with _named_in_errors(f"the rehearsal of the way back of {_named(group)} failed: nothing was changed"):
            runner.revert([*reversed(group)], "rehearsal", self.say)
        found = catalog.describe()
        differing = sorted({name for name, _ in found.items() ^ wanted.items()})
        if differing:
            raise Refused(
                f"the down scripts of {_named(group)} do not lead back to the schema that was there before",
                where=", ".join(one.migration.down.path for one in group if one.migration.down),
                evidence=[f"{_how(name, found, wanted)}: {name}" for name in differing[:_NAMES]],
                hint='fix the down scripts, or delete them and say `-- shipit: irreversible "why"`',
            )


@contextmanager
def _named_in_errors(what: str) -> Iterator[None]:
    """The scratch database is no place where anybody could look: what failed is the file."""
    try:
        yield
    except Stop as error:
        raise Refused(what, where=error.where, evidence=[error.what, *error.evidence], hint=error.hint) from error


def _how(name: str, found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    if name not in wanted:
        return "left over"
    return "different" if name in found else "missing"


def _without_verify(group: Sequence[Prepared]) -> Sequence[Prepared]:
    """Verify scripts may ask for rows, and there are none here."""
    return [replace(one, verify=(), migration=replace(one.migration, verify=None)) for one in group]


def _named(group: Sequence[Prepared]) -> str:
    return Group(tuple(group)).label
