"""Bringing a version that is there whole to where its process accepts connections."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shipit import masking
from shipit.adapters.local.child import GRACE, LOG
from shipit.adapters.local.client import PASSED_ON, Running, Supervisor
from shipit.adapters.local.versions import Kept, Versions
from shipit.engine.plan import Say
from shipit.errors import ExternalError
from shipit.model import Revision

PATIENCE = 60.0
"""Seconds in which a process must accept connections."""

_RESTARTS = 3
"""So many times a live version is started again before that counts as a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Starts processes of versions through their supervisor."""

    versions: Versions
    supervisor: Supervisor
    variables: Callable[[Revision], Mapping[str, str]]

    def run(self, kept: Kept, say: Say) -> None:
        """Wait until its process accepts connections; raises ExternalError if it does not.

        Whatever is raised, afterwards it does not run.
        """
        reference = kept.revision.reference
        status = self.supervisor.status()
        known = status.children.get(reference) if status else None
        if known and known.is_usable:
            return
        if known and known.stopping:
            self.supervisor.wait_until_gone(reference, PATIENCE)
        folder = self.versions.place(reference).absolute()
        if known is None and (folder / LOG).exists():
            (folder / LOG).replace(folder / f"{LOG}.1")
        environment = self._environment(kept)
        words = {"reference": reference, "folder": str(folder), "argv": _argv(kept.run, environment)}
        try:
            self.supervisor.carry_out("start", environment=environment, **words)
            running = self._wait(reference, known.restarts if known else 0)
        except BaseException:  # also when somebody interrupts us
            self._give_up(reference)
            raise
        say(f"{reference} accepts connections at 127.0.0.1:{running.port}")

    def bring_back(self, say: Say, besides: str) -> None:
        """Start what is live again if it does not run; that it cannot be is no reason to deploy nothing."""
        live = self.supervisor.live()
        kept = self.versions.find(live) if live and live != besides else None
        if kept is None:
            return
        try:
            self.run(kept, say)
        except ExternalError as error:
            say(f"{live} is live and does not start: {error.what}")

    def _environment(self, kept: Kept) -> dict[str, str]:
        folder = self.versions.place(kept.revision.reference).absolute() / kept.environment
        ours = {name: text for name, text in os.environ.items() if name in PASSED_ON}
        path = os.pathsep.join([str(folder / "bin"), ours.get("PATH", os.defpath)])
        python = {"PYTHONUNBUFFERED": "1", "VIRTUAL_ENV": str(folder)}
        return {**ours, **python, "PATH": path, **self.variables(kept.revision)}

    def _wait(self, reference: str, restarts: int) -> Running:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            status = self.supervisor.status()
            running = status.children.get(reference) if status else None
            if running is None:
                raise self._failure(reference, "was not started: its supervisor has ended")
            if running.is_usable:
                return running
            if running.failed or running.restarts > restarts + _RESTARTS:
                code = running.code or 0
                ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
                raise self._failure(reference, f"{ended} before it accepted connections")
            time.sleep(0.02)
        raise self._failure(reference, f"did not accept connections on its port within {PATIENCE:g} s")

    def _failure(self, reference: str, what: str) -> ExternalError:
        log = self.versions.place(reference) / LOG
        return ExternalError(f"{reference} {what}", where=str(log), evidence=_last_lines(log))

    def _give_up(self, reference: str) -> None:
        """End what did not start, unless it is live: then its supervisor goes on trying."""
        status = self.supervisor.status()
        if status and reference in status.children and status.live != reference:
            self.supervisor.carry_out("stop", reference=reference)
            self.supervisor.wait_until_gone(reference, GRACE + 10)


def _argv(run: tuple[str, ...], environment: Mapping[str, str]) -> list[str]:
    """With the program's whole path; raises ExternalError if there is none of this name."""
    program = shutil.which(run[0], path=environment["PATH"])
    if program is None:
        raise ExternalError(
            f"`{run[0]}` is neither in the environment of the wheel nor on PATH",
            hint="check `run` of the target; what the wheel installs must bring it",
        )
    return [program, *run[1:]]


def _last_lines(log: Path, number: int = 12) -> list[str]:
    """The end of what a process said, masked."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 64 * 1024))
            text = masking.mask(file.read().decode("utf-8", "replace"))
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-number:]
