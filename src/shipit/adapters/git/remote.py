"""The shared git remote: reading every ref, and moving several of them at once or none."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.git import run
from shipit.engine.plan import Problem
from shipit.errors import Denied, ExternalError, LeaseLost, StoppedHalfway, Unavailable
from shipit.model import RefUpdate

PAUSES = (0.1, 0.3, 1.0)
"""Seconds before each further attempt to read: a server that is started anew is back by then."""
LOOK, TRANSFER = 60.0, 1800.0
"""Seconds for a look at the refs, and for what moves objects or waits for hooks; what takes longer is hanging."""


def push_argv(remote: str, updates: Sequence[RefUpdate], *flags: str) -> tuple[str, ...]:
    """`git push` of these refs, each with a lease on its old value; `flags` such as --atomic."""
    leases = [f"--force-with-lease={update.ref}:{update.expected or ''}" for update in updates]
    refs = [f"{update.new or ''}:{update.ref}" for update in updates]
    quiet = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
    return ("push", *quiet, *flags, *leases, remote, *refs)


def in_safe_order(updates: Sequence[RefUpdate]) -> list[RefUpdate]:
    """Without an atomic push: branches first, then the tag, deletions last, so that no tag stands alone."""
    return sorted(updates, key=lambda one: (one.new is None, one.ref.startswith("refs/tags/")))


class GitRemote:
    """Plays ports.Remote; `env` is what git needs beside our own environment to get in."""

    def __init__(self, top: Path, name: str, env: Mapping[str, str] | None = None) -> None:
        self.top = top
        self.name = name
        self.env = env or {}

    def refs(self) -> Mapping[str, str]:
        rows = self._read("ls-remote", self.name, limit=LOOK).text.splitlines()
        return {ref: sha for sha, _, ref in (row.partition("\t") for row in rows)}

    def fetch(self, *refs: str) -> None:
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")
        self._read("fetch", *quiet, self.name, *refs, limit=TRANSFER)

    def deepen(self) -> None:
        """Bring the complete history into a shallow clone; no ref moves."""
        quiet = ("--quiet", "--unshallow", "--no-tags", "--no-write-fetch-head", "--refmap=", "--stdin")
        # one by one: a pattern without a local side is no refspec for git
        heads = "\n".join(ref for ref in self.refs() if ref.startswith("refs/heads/"))
        self._read("fetch", *quiet, self.name, limit=TRANSFER, data=heads.encode())

    def _read(self, *words: str, limit: float, data: bytes | None = None) -> process.Finished:
        """What only reads is asked again after a moment, unless the time is over: `limit` in seconds for all."""
        end = time.monotonic() + limit
        for pause in PAUSES:
            try:
                return run.ask(self.top, *words, data=data, env=self.env, timeout=end - time.monotonic())
            except Unavailable:
                if time.monotonic() + pause >= end:
                    raise
                time.sleep(pause)
        return run.ask(self.top, *words, data=data, env=self.env, timeout=end - time.monotonic())

    def push(self, *updates: RefUpdate) -> None:
        if not updates:
            return  # without refs git would push what the user's push.default says
        finished = self._push(updates, "--atomic")
        if finished.code and run.NO_ATOMIC in finished.stderr:
            self._push_one_by_one(in_safe_order(updates))
        elif finished.code:
            raise self._reason(finished, updates)

    def _push_one_by_one(self, updates: Sequence[RefUpdate]) -> None:
        """The server cannot do it at once: on a failure put back what has moved, the last one first."""
        moved: list[RefUpdate] = []
        for update in updates:
            finished = self._push([update])
            if finished.code:
                self._put_back(moved)
                raise self._reason(finished, [update])
            moved.append(update)

    def _put_back(self, moved: Sequence[RefUpdate]) -> None:
        for update in reversed(moved):
            if self._push([RefUpdate(update.ref, update.expected, update.new)]).code:
                raise StoppedHalfway(
                    f"{self.name} has no atomic push, and {update.ref} could not be put back",
                    evidence=[f"{update.ref} is at {update.new}, it was at {update.expected}"],
                    hint="put it back by hand, then shipit release --undo",
                )

    def push_problems(self, *updates: RefUpdate) -> Sequence[Problem]:
        finished = self._push(updates, "--dry-run", "--atomic")
        if not finished.code or run.NO_ATOMIC in finished.stderr:
            return ()
        error = self._reason(finished, updates)
        return (Problem(error.what, "\n".join(error.evidence), error.hint or ""),)

    def _push(self, updates: Sequence[RefUpdate], *flags: str) -> process.Finished:
        words = push_argv(self.name, updates, *flags)
        return process.run(run.argv(self.top, *words), env={**run.QUIET, **self.env}, timeout=TRANSFER)

    def _reason(self, finished: process.Finished, updates: Sequence[RefUpdate]) -> ExternalError:
        error = run.explain(("push",), finished)
        refused = _refused_refs(finished.text)
        names = ", ".join(refused or [update.ref for update in updates])
        if isinstance(error, Unavailable):
            return Unavailable(f"{self.name} did not take the push", evidence=error.evidence)
        if isinstance(error, LeaseLost):
            hint = f"git fetch {self.name}, look at what moved, and release again"
            what = f"somebody else moved {names} on {self.name} first"
            return LeaseLost(what, evidence=error.evidence, hint=hint)
        hint = "push with an account that may, or release through a pull request: --pr"
        return Denied(f"{self.name} declined {names}", evidence=error.evidence, hint=hint)


def _refused_refs(porcelain: str) -> list[str]:
    """The refs that the server itself refused, not those that fell with them in the atomic push."""
    rows = [row.split("\t") for row in porcelain.splitlines() if row.startswith("!\t")]
    return [row[1].partition(":")[2] for row in rows if len(row) > 2 and "atomic push fail" not in row[2]]
