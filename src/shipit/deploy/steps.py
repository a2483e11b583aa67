"""The steps of a deployment: hold the lock, migrate, start, switch, look from outside, write it down."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from shipit.deploy.ledger import Ledger
from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.model import Decision, Entry
from shipit.deploy.ports import Schema, Smoke, Target
from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import LeaseLost
from shipit.model import Revision


class Notebook(Struct):
    """What a run has seen and nobody outside could repeat; it dies with the process."""

    seen: dict[str, str] = {}
    applied: list[str] = []


class HoldLock(Struct, frozen=True, kw_only=True):
    """One deployment at a time; freeing it is no matter of this step: see deploy.lock."""

    lock: EnvironmentLock
    name: str = "lock"

    @property
    def summary(self) -> str:
        return f"Hold the lock of {self.lock.environment} on the remote"

    def look(self) -> Look:
        return done(f"{self.lock.ref} is ours") if self.lock.is_ours() else absent()

    def run(self, say: Say) -> None:
        self.lock.take()


class Former(Struct, frozen=True, kw_only=True):
    """What answers now is what a failure goes back to; its undo, the last of all, proves that it answers again."""

    lock: EnvironmentLock
    standing: Revision | None
    smoke: Smoke | None
    name: str = "former"
    summary: str = "Remember what is live"

    def look(self) -> Look:
        return done(f"{self.standing} is what a failure goes back to" if self.standing else "nothing is live yet")

    def run(self, say: Say) -> None:
        """Nothing: looking is all."""

    def undo(self, say: Say) -> None:
        """Raises ExternalError if what was live before does not answer again."""
        self.lock.insist()
        if self.standing and self.smoke:
            say(self.smoke.check(self.standing, say))


class Migrate(Struct, frozen=True, kw_only=True):
    """Bring the database to the schema of the new version; the version before must be able to live with it."""

    schema: Schema
    lock: EnvironmentLock
    notebook: Notebook
    name: str = "migrate"
    summary: str = "Migrate the database"

    def look(self) -> Look:
        pending = self.schema.pending()
        if pending:
            return absent(f"{len(pending)} pending: {', '.join(pending)}")
        version = self.schema.version()
        return done(f"at version {version}" if version else "there are no migrations")

    def run(self, say: Say) -> None:
        self.lock.insist()
        pending = self.schema.pending()
        self.schema.migrate(say)
        self.notebook.applied[:] = pending

    def lasts(self) -> str:
        """Migrations stay: the version before lives with them, or they would have been refused."""
        applied = ", ".join(self.notebook.applied)
        return f"the database keeps {applied}, which the version before can live with" if applied else ""


class Start(Struct, frozen=True, kw_only=True):
    """Make the new version ready beside what is live; its undo removes it again, unless it was there before."""

    target: Target
    decision: Decision
    lock: EnvironmentLock

    @property
    def name(self) -> str:
        return f"start-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"Start {self.decision.revision.version} on {self.target.name}, beside what is live"

    def look(self) -> Look:
        found = self.target.candidate(self.decision.revision)
        if found is None:
            return absent()
        return done(f"{found.reference}{f' at {found.address}' if found.address else ''}")

    def run(self, say: Say) -> None:
        self.lock.insist()
        self.target.start(self.decision.revision, say)

    def undo(self, say: Say) -> None:
        self.lock.insist()
        reference = self.decision.revision.reference
        if self.target.name not in self.decision.kept and self.target.live() != reference:
            self.target.stop(reference, say)


class CheckCandidate(Struct, frozen=True, kw_only=True):
    """The new version answers at its own address, before any traffic reaches it."""

    target: Target
    decision: Decision
    smoke: Smoke
    notebook: Notebook

    @property
    def name(self) -> str:
        return f"check-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"Check {self.target.name} at its own address"

    def look(self) -> Look:
        seen = self.notebook.seen.get(self.name)
        return done(seen) if seen else absent()

    def run(self, say: Say) -> None:
        found = self.target.candidate(self.decision.revision)
        address = found.address if found else ""
        self.notebook.seen[self.name] = self.smoke.check(self.decision.revision, say, address)


class Switch(Struct, frozen=True, kw_only=True):
    """All traffic to the new version; its undo gives it back to what was live before."""

    target: Target
    decision: Decision
    lock: EnvironmentLock

    @property
    def name(self) -> str:
        return f"switch-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"Give all traffic of {self.target.name} to {self.decision.revision.version}"

    @property
    def _before(self) -> str | None:
        return self.decision.replaces.get(self.target.name)

    def look(self) -> Look:
        live, wanted = self.target.live(), self.decision.revision.reference
        if live == wanted:
            return done(f"{live} is live")
        if live != self._before:
            return conflict(f"{live or 'nothing'} is live, and {self._before or 'nothing'} was when this began")
        return absent(f"{live} is live" if live else "nothing is live")

    def run(self, say: Say) -> None:
        self.lock.insist()
        self.target.switch(self.decision.revision.reference, say)

    def undo(self, say: Say) -> None:
        self.lock.insist()
        if self.target.live() == self.decision.revision.reference:
            self.target.switch(self._before, say)


class CheckPublic(Struct, frozen=True, kw_only=True):
    """The new version answers at the public address, and a check that must fail does."""

    decision: Decision
    smoke: Smoke
    notebook: Notebook
    name: str = "smoke"
    summary: str = "Look from outside whether the new version answers"

    def look(self) -> Look:
        seen = self.notebook.seen.get(self.name)
        return done(seen) if seen else absent()

    def run(self, say: Say) -> None:
        self.notebook.seen[self.name] = self.smoke.check(self.decision.revision, say)


class Record(Struct, frozen=True, kw_only=True):
    """Write the deployment into the ledger and free the lock, both at once: one alone cannot be there."""

    ledger: Ledger
    lock: EnvironmentLock
    decision: Decision
    entry: Callable[[Mapping[str, str | None]], Entry]
    targets: Sequence[Target]
    name: str = "record"

    @property
    def summary(self) -> str:
        return f"Write it into the ledger of {self.decision.environment}"

    def look(self) -> Look:
        newest = self.ledger.newest()
        return done(f"run {self.decision.run}") if newest and newest.decision.run == self.decision.run else absent()

    def run(self, say: Say) -> None:
        live = {target.name: target.live() for target in self.targets}
        try:
            self.ledger.remote.push(self.ledger.update(self.entry(live)), self.lock.freed)
        except LeaseLost:
            self.lock.insist()  # says it better, where it is the lock
            raise
