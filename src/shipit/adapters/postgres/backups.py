"""Backups of a PostgreSQL database: pg_dump under an exported snapshot, read back whole before it counts."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.backup_folder import BackupFolder, megabytes
from shipit.adapters.postgres import surroundings, tools
from shipit.adapters.postgres.catalog import Catalog
from shipit.adapters.postgres.session import Session
from shipit.adapters.postgres.tools import Tools
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, Refused
from shipit.migrations.records import Backup, Baseline

SUFFIX = ".dump"
_USUAL_RATE = 40e6  # bytes of data a second, on two cores and a plain disk
_SMALLEST = 10  # a dump is hardly ever less than a tenth of its database
_EVERY = 3.0  # seconds between two words about progress
_LINES = 5  # of what a failed program said


class PostgresBackups:
    """Plays databases.Backups; `catalog` makes the catalog that a session sees."""

    def __init__(self, session: Session, catalog: Callable[[Session], Catalog], folder: Path) -> None:
        self._session = session
        self._catalog = catalog
        self._folder = BackupFolder(folder, SUFFIX)

    def problems(self) -> Sequence[Problem]:
        newest = next(iter(self.all()), None)
        needed = newest.size if newest else self._size() // _SMALLEST
        return (*tools.problems(self._tools, self._session.version), *self._folder.problems(needed))

    def seconds(self, size: int) -> float:
        return size / (self._folder.rate("data") or _USUAL_RATE)

    def take(self, run: str, say: Say) -> Backup:
        programs = self._usable()
        began, at = time.monotonic(), time.time()
        with self._folder.writing(run) as partial:
            with self._snapshot() as (snapshot, baseline, beside):
                self._dump(programs, snapshot, partial, beside.encoding, say)
            say(f"reading {megabytes(partial.stat().st_size)} back")
            self._read_back(programs, partial)
            backup = Backup(
                run=run,
                path="",
                size=0,
                sha256="",
                mark=baseline.mark,
                at=at,
                seconds=time.monotonic() - began,
                fingerprint=baseline.fingerprint,
                counts=baseline.counts,
                tool=f"pg_dump {programs.version}",
            )
            return self._folder.keep(partial, backup, {"surroundings": beside.as_record(), "data": self._size()})

    def find(self, run: str) -> Backup | None:
        return self._folder.find(run)

    def all(self) -> Sequence[Backup]:
        return self._folder.all()

    def prune(self, keep: int) -> Sequence[str]:
        return self._folder.prune(keep)

    @cached_property
    def _tools(self) -> Tools | None:
        return tools.find_tools(self._session.version)

    def _usable(self) -> Tools:
        for problem in tools.problems(self._tools, self._session.version):
            raise Refused(problem.what, evidence=[problem.evidence], hint=problem.hint)
        assert self._tools is not None  # noqa: S101 - or there was a problem
        return self._tools

    def _size(self) -> int:
        [[size]] = self._session.ask("SELECT pg_database_size(current_database())")
        return int(size)

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[str, Baseline, surroundings.Surroundings]]:
        """What pg_dump shall see, exported by a session of its own, with all that is known of that moment."""
        with closing(self._session.another()) as session, session.transaction("export a snapshot") as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            [[snapshot]] = connection.execute("SELECT pg_export_snapshot()").fetchall()
            baseline = self._catalog(session).baseline()
            yield snapshot, baseline, surroundings.read(connection, session.address.database)

    def _dump(self, programs: Tools, snapshot: str, partial: Path, encoding: str, say: Say) -> None:
        """Through a pipe: a full disk is ours to see, and pg_dump does not outlive us."""
        patience = max(1, round(self._session.lock_patience * 1000))
        seen = [f"--snapshot={snapshot}", f"--encoding={encoding}"]  # else in the client_encoding of the database
        argv = [str(programs.dump), "-Fc", "-Z1", *seen, f"--lock-wait-timeout={patience}"]
        environment = tools.environment(self._session.target)
        began, said, size = time.monotonic(), time.monotonic(), 0
        with partial.open("r+b") as file, closing(process.stream(argv, self._failed, env=environment)) as pieces:
            for piece in pieces:
                file.write(piece)
                size += len(piece)
                if time.monotonic() - said > _EVERY:
                    said = time.monotonic()
                    say(f"{megabytes(size)} after {said - began:.0f} s")

    def _failed(self, said: str) -> ExternalError:
        return ExternalError(
            "pg_dump failed", where=str(self._session.address), evidence=said.splitlines()[-_LINES:] or ["no word"]
        )

    def _read_back(self, programs: Tools, partial: Path) -> None:
        """A list of contents can be had from half a dump; only reading all of it proves it."""
        ended = process.run([str(programs.restore), "-f", os.devnull, str(partial)])
        if ended.code:
            raise ExternalError(
                "the backup cannot be read back", where=str(partial), evidence=ended.stderr.splitlines()[-_LINES:]
            )
