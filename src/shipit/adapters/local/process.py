"""A service of the product without Docker or a server: an environment and a process for each version."""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipit.adapters.local import addresses
from shipit.adapters.local.child import GRACE
from shipit.adapters.local.client import Status, Supervisor
from shipit.adapters.local.fleet import DRAIN
from shipit.adapters.local.launch import Launch
from shipit.adapters.local.versions import Kept, Versions
from shipit.adapters.python.virtualenv import Environment
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, Refused
from shipit.model import Candidate, Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTarget:
    """Versions in `path`, each with a process of its own; a supervisor passes `address` on to the live one.

    `run` is what is started in `path`, from the environment into which the wheel was installed; {port}, {version}
    and {commit} are filled in. `variables` gives what a revision's process finds in its environment, `wheel` the
    file that was built from the commit. `keep` former versions stay installed when it is pruned. `fence` is the
    number of the owner: see Versions.
    """

    name: str
    path: Path
    keep: int
    run: Sequence[str]
    address: str
    variables: Callable[[Revision], Mapping[str, str]] = field(repr=False)
    wheel: Callable[[Say], Path]
    fence: int = 0

    @property
    def kind(self) -> str:
        return "process"

    @property
    def _versions(self) -> Versions:
        return Versions(path=self.path, fence=self.fence)

    @property
    def _supervisor(self) -> Supervisor:
        return Supervisor(path=self.path, address=self.address, fence=self.fence)

    @property
    def _launch(self) -> Launch:
        return Launch(versions=self._versions, supervisor=self._supervisor, variables=self.variables)

    def problems(self) -> Sequence[Problem]:
        """The warnings say what does not run and will again with the next start."""
        found = self._versions.problems()
        if found:
            return found
        try:
            status = self._supervisor.status()
        except ExternalError as error:
            return (Problem(error.what, "; ".join(error.evidence), error.hint or ""),)
        return self._problems_of(status) if status else self._problems_without()

    def live(self) -> str | None:
        """The version that gets the traffic; where no supervisor runs, the one that will again once it does.

        After the machine was started anew nothing runs: `problems` says so, and `candidate` finds nothing.
        """
        return self._supervisor.live()

    def may_leave(self, reference: str | None) -> bool:
        return False

    def candidate(self, revision: Revision) -> Candidate | None:
        kept = self._versions.find_revision(revision)
        status = self._supervisor.status() if kept else None
        running = status.children.get(revision.reference) if status else None
        if running is None or not running.is_usable:
            return None
        return Candidate(revision.reference, f"127.0.0.1:{running.port}")

    def keeps(self, revision: Revision) -> bool:
        return self._versions.find_revision(revision) is not None

    def start(self, revision: Revision, say: Say) -> None:
        with self._versions.changing():
            self._sweep()
            kept = self._versions.find_revision(revision)
            is_new = kept is None
            kept = self._installed(kept or Kept(revision=revision), say)
            self._launch.bring_back(say, besides=revision.reference)
            try:
                self._launch.run(kept, say)
            except BaseException:  # also when somebody interrupts us
                if is_new and self.live() != revision.reference:
                    self._versions.remove(revision.reference)
                raise

    def stop(self, reference: str, say: Say) -> None:
        with self._versions.changing():
            self._remove(reference, say)

    def switch(self, reference: str | None, say: Say) -> None:
        with self._versions.changing():
            if reference is None:
                if self.live() is not None:
                    self._supervisor.carry_out("switch", reference=None)
                say(f"{self.address} leads to nothing")
                return
            self._launch.run(self._versions.require(reference), say)
            self._supervisor.carry_out("switch", reference=reference)
            self._versions.touch(reference)
            say(f"{self.address} leads to {reference}")

    def prune(self, needed: Sequence[str], say: Say) -> None:
        with self._versions.changing():
            for reference in self._versions.surplus(self.keep, {*needed, self.live()}):
                self._remove(reference, say)
            self._rest(say)

    def _rest(self, say: Say) -> None:
        """End what is not live: a former version that goes on with work of its own would do it twice."""
        status = self._supervisor.status()
        for reference, running in (status.children if status else {}).items():
            if status and reference != status.live and not running.stopping:
                self._supervisor.carry_out("stop", reference=reference)
                say(f"{reference} ends as soon as its connections have ended, in {DRAIN:g} s at the latest")

    def _installed(self, kept: Kept, say: Say) -> Kept:
        """Make the environment of a version unless it is there, and note what is run in it."""
        reference = kept.revision.reference
        run = tuple(kept.revision.fill(word) for word in self.run)
        place = self._versions.place(reference)
        environment = kept.environment
        if not environment:
            environment = f"environment-{secrets.token_hex(4)}"
            self._install(place / environment, say)
        kept = Kept(revision=kept.revision, environment=environment, run=run)
        self._versions.mark(kept)
        return kept

    def _install(self, folder: Path, say: Say) -> None:
        wheel = self.wheel(say)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        environment = Environment(folder, {})
        try:
            environment.make(say)
            environment.install(wheel, say)
        except Refused as error:
            raise ExternalError(error.what, where=str(folder), evidence=error.evidence, hint=error.hint) from None
        os.sync()  # all of it, before the mark that says so

    def _remove(self, reference: str, say: Say) -> None:
        """End the process, once the connections to it have ended, and remove its folder."""
        status = self._supervisor.status()
        if reference == (status.live if status else self._supervisor.recorded_live()):
            return
        if status and reference in status.children:
            say(f"{reference} ends as soon as its connections have ended, in {DRAIN:g} s at the latest")
            self._supervisor.carry_out("stop", reference=reference)
            self._supervisor.wait_until_gone(reference, DRAIN + GRACE + 10)
        if self._versions.find(reference):
            self._versions.remove(reference)
            say(f"{reference} is removed")

    def _sweep(self) -> None:
        """Remove environments that a dead run did not finish."""
        for place in self._versions.folder.iterdir():
            if place.is_dir() and not self._versions.find(place.name):
                for environment in place.glob("environment-*"):
                    shutil.rmtree(environment, ignore_errors=True)

    def _problems_of(self, status: Status) -> Sequence[Problem]:
        if status.address != self.address:
            return (
                Problem(
                    f"{self.name} answers at {status.address}, not at {self.address}",
                    f"supervisor {status.pid} holds it",
                    f"kill {status.pid}, which ends the service; the next deployment starts it at {self.address}",
                ),
            )
        running = status.children.get(status.live) if status.live else None
        if status.live and not (running and running.is_usable):
            count = f"it was started again {running.restarts} times" if running else "it was not started"
            return (Problem(f"{status.live} is live on {self.name}, but does not run", count, is_warning=True),)
        return ()

    def _problems_without(self) -> Sequence[Problem]:
        try:
            addresses.close(addresses.bind(self.address))
        except addresses.AddressError as error:
            return (Problem(f"{self.name} cannot answer at {self.address}", str(error)),)
        live = self._supervisor.recorded_live()
        if live is None:
            return ()
        evidence = f"{live} was live, and its supervisor has ended: the machine was started anew, or it was killed"
        return (
            Problem(f"nothing of {self.name} runs", evidence, "the next deployment starts it", is_warning=True),
        )
