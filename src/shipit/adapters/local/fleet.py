"""The processes of all versions that a supervisor runs, which of them is live, and the commands that change it.

Only the standard library is imported here: see supervisor.
"""

import contextlib
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from shipit.adapters.local import leftovers, state
from shipit.adapters.local.child import Child
from shipit.adapters.local.relay import Relay

PROTOCOL = 1
DRAIN = 30.0
"""Seconds after which connections to a process that is no longer live are cut off."""

UNUSED = 5.0
"""Seconds after which a supervisor ends that has nothing to run and nothing live."""

Answer = dict[str, Any]

_OFTEN = 10.0  # seconds


class CommandError(Exception):
    """A command that is not carried out; `kind` is a word for programs."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Fleet:
    """Holds the processes; commands come from shipit as mappings, and each is answered by the status after it."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.children: dict[str, Child] = {}
        self.is_ending = False
        self.relay: Relay | None = None
        self._state = state.read(folder)
        self._trimmed = 0.0
        self._unused_since: float | None = time.monotonic()
        leftovers.end(folder, set(self._state.groups.values()))
        self._commands = {"status": _nothing, "start": self._start, "switch": self._switch, "stop": self._stop}
        self._commands["quit"] = self._quit

    def carry_out(self, command: Mapping[str, Any]) -> Answer:
        """Raises CommandError, KeyError for a command that is not complete."""
        if command["do"] != "status":
            self._check(int(command.get("fence", 0)))
        self._commands[command["do"]](command)
        return self.status()

    def status(self) -> Answer:
        return {
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "address": self.address,
            "live": self._state.live,
            "fence": self._state.fence,
            "children": {reference: self._describe(child) for reference, child in self.children.items()},
        }

    def live(self) -> Child | None:
        """For the relay: see there."""
        if self._state.live is None:
            raise LookupError
        child = self.children.get(self._state.live)
        return child if child and child.process else None

    def look(self, now: float) -> None:
        """Do what is due: restarts, connections that are drained, processes that end."""
        before = self._groups()
        for reference, child in list(self.children.items()):
            for line in child.look(now):
                _log(f"{reference} {line}")
            self._drain(child, now)
            if child.is_stopping and child.process is None:
                del self.children[reference]
        if self._groups() != before:
            self._note_groups()
        self._note_use(now)
        if now > self._trimmed + _OFTEN:
            self._trimmed = now
            self._trim_logs()

    def end(self, reason: str) -> None:
        """Ask all processes to end; what is live stays written down."""
        _log(f"{reason}: all is ended")
        self.is_ending = True
        for child in self.children.values():
            child.is_stopping = True
            child.end(time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.is_ending and not self.children

    @property
    def is_restless(self) -> bool:
        """Whether something is due within a moment."""
        return self.is_ending or any(not child.is_ready or child.is_stopping for child in self.children.values())

    def _start(self, command: Mapping[str, Any]) -> None:
        reference, now = command["reference"], time.monotonic()
        known = self.children.get(reference)
        if known and known.is_stopping:
            raise CommandError("busy", f"{reference} is being stopped")
        if known and known.process:
            return
        environment = {**command["environment"], leftovers.VARIABLE: str(self.folder)}
        child = Child(command["argv"], environment, Path(command["folder"]))
        if known:
            child.restarts, child.drain_until = known.restarts, known.drain_until
        child.was_ready = reference == self._state.live  # which is started again whatever happens
        self.children[reference] = child
        child.start(now)
        self._unused_since = None
        self._note_groups()

    def _switch(self, command: Mapping[str, Any]) -> None:
        reference = command["reference"]
        if reference is not None:
            child = self.children.get(reference)
            if child is None or not child.is_ready or child.is_stopping:
                raise CommandError("not ready", f"{reference} does not run")
        before = self._state.live
        self._save(replace(self._state, live=reference))  # first: an error leaves everything as it is
        if before in self.children and before != reference:
            self.children[before].drain_until = time.monotonic() + DRAIN
        if reference is not None:
            self.children[reference].drain_until = None

    def _stop(self, command: Mapping[str, Any]) -> None:
        reference = command["reference"]
        if reference == self._state.live:
            raise CommandError("live", f"{reference} is live")
        child = self.children.get(reference)
        if child:
            child.is_stopping = True

    def _quit(self, _: Mapping[str, Any]) -> None:
        self.end("it was asked to quit")

    def _drain(self, child: Child, now: float) -> None:
        used = self.relay.count(child) if self.relay and (child.is_stopping or child.drain_until) else 0
        if used and child.drain_until is not None and now < child.drain_until:
            return
        if used and child.drain_until is not None and self.relay:
            self.relay.cut(child)
        if child.is_stopping:
            child.end(now)

    def _trim_logs(self) -> None:
        for child in self.children.values():
            child.trim_log()

    def _note_use(self, now: float) -> None:
        """End a supervisor that nobody needs, so that nothing of a first version that failed is left."""
        if self.children or self._state.live is not None:
            self._unused_since = None
        elif self._unused_since is None or now > self._unused_since + UNUSED:
            self.is_ending = True

    def _check(self, fence: int) -> None:
        if self.is_ending:
            raise CommandError("ending", "the supervisor is about to end")
        if fence < self._state.fence:
            raise CommandError("fence", str(self._state.fence))
        if fence > self._state.fence:
            self._save(replace(self._state, fence=fence))

    def _groups(self) -> dict[str, int]:
        return {reference: child.process.pid for reference, child in self.children.items() if child.process}

    def _note_groups(self) -> None:
        """Write them down if that can be: a full disk is no reason to end the service."""
        with contextlib.suppress(OSError):
            self._save(self._state)

    def _save(self, new: state.State) -> None:
        new = replace(new, groups=self._groups())
        state.write(self.folder, new)
        self._state = new

    @staticmethod
    def _describe(child: Child) -> Answer:
        return {
            "pid": child.process.pid if child.process else 0,
            "port": child.port,
            "ready": child.is_ready,
            "failed": child.has_failed,
            "stopping": child.is_stopping,
            "restarts": child.restarts,
            "code": child.code,
        }


def _nothing(_: Mapping[str, Any]) -> None: ...


def _log(line: str) -> None:
    """Into the log of the supervisor, which begins anew with each."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")
        sys.stderr.flush()
