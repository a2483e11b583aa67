"""The shared git remote: reading every ref, and moving several of them at once or none."""

import re
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
        self._unanswered: list[RefUpdate] = []

    @property
    def unanswered(self) -> Sequence[RefUpdate]:
        return self._unanswered

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

    def push_argv(self, *updates: RefUpdate) -> Sequence[str]:
        return run.argv(self.top, *push_argv(self.name, updates, "--atomic"))

    def push(self, *updates: RefUpdate) -> None:
        if not updates:
            return  # without refs git would push what the user's push.default says
        error = self._push(updates, "--atomic")
        if isinstance(error, _WithoutAtomic):
            self._push_one_by_one(in_safe_order(updates))
        elif error:
            raise error

    def _push_one_by_one(self, updates: Sequence[RefUpdate]) -> None:
        """The server cannot do it at once: on a failure put back what has moved, the last one first."""
        moved: list[RefUpdate] = []
        for update in updates:
            error = self._push([update])
            if error:
                self._put_back(moved)
                raise error
            moved.append(update)

    def _put_back(self, moved: Sequence[RefUpdate]) -> None:
        for update in reversed(moved):
            if self._push([RefUpdate(update.ref, update.expected, update.new)]):
                raise StoppedHalfway(
                    f"{self.name} has no atomic push, and {update.ref} could not be put back",
                    evidence=[f"{update.ref} is at {update.new}, it was at {update.expected}"],
                    hint="put it back by hand, then shipit release --undo",
                )

    def push_problems(self, *updates: RefUpdate) -> Sequence[Problem]:
        error = self._push(updates, "--dry-run", "--atomic")
        if error is None or isinstance(error, _WithoutAtomic | LeaseLost):
            return ()
        return (Problem(error.what, "\n".join(error.evidence), error.hint or ""),)

    def _push(self, updates: Sequence[RefUpdate], *flags: str) -> ExternalError | None:
        """Why the refs did not move; None if they did. Without an answer the server may go on, its client or no."""
        words = push_argv(self.name, updates, *flags)
        asked = () if "--dry-run" in flags else updates
        self._unanswered += asked
        try:
            finished = run.git(self.top, *words, env=self.env, timeout=TRANSFER)
        except Unavailable as late:
            return Unavailable(f"{self.name} did not take the push", evidence=[late.what])
        if not (finished.code and _is_lost(finished)):
            del self._unanswered[len(self._unanswered) - len(asked) :]
        if finished.code and run.NO_ATOMIC in finished.stderr:
            return _WithoutAtomic(f"{self.name} has no atomic push")
        return self._reason(finished, updates) if finished.code else None

    def _reason(self, finished: process.Finished, updates: Sequence[RefUpdate]) -> ExternalError:
        error = run.explain(("push",), finished)
        refused = _refused_refs(finished.text)
        refs = refused or [update.ref for update in updates]
        names = ", ".join(refs)
        if run.NO_OPTIONS in finished.stderr:
            return error
        if isinstance(error, Unavailable):
            return Unavailable(f"{self.name} did not take the push", evidence=error.evidence, hint=error.hint)
        if isinstance(error, LeaseLost):
            hint = f"git fetch {self.name}, look at what moved, and release again"
            what = f"somebody else moved {names} on {self.name} first"
            return LeaseLost(what, evidence=error.evidence, hint=hint)
        if isinstance(error, Denied) or "[remote rejected]" in finished.text:
            return Denied(f"{self.name} declined {names}", evidence=error.evidence, hint=_way_in(error, refs))
        return ExternalError(f"git could not push {names}", evidence=error.evidence, hint=error.hint)


class _WithoutAtomic(ExternalError):
    """The server cannot move several refs at once or none."""


_RIGHTS = re.compile(
    r"authentication failed|could not read (username|password)|permission .*denied|access denied|not allowed|"
    r"returned error: 40[134]|protected branch|rule violations|terminal prompts disabled",
    re.IGNORECASE,
)


_SETTINGS = (
    (
        re.compile(r"deletion prohibited|denying ref deletion|cannot delete this", re.IGNORECASE),
        "let the server delete {refs}: receive.denyDeletes, or a rule against deletions, forbids it",
    ),
    (
        re.compile("hidden ref"),
        "have the server show refs/shipit: lock and evidence stand there (receive.hideRefs = !refs/shipit)",
    ),
)
"""What a server's settings refuse, and the setting that helps."""


def _way_in(error: ExternalError, refs: Sequence[str]) -> str:
    """What helps against a server that declines these refs; no pull request leads to those of shipit's own."""
    said = "\n".join(error.evidence)
    for pattern, help_ in _SETTINGS:
        if pattern.search(said):
            return help_.format(refs=", ".join(refs))
    way = "push with an account that may" if _RIGHTS.search(said) else "do what the server asks for above"
    only_ours = all(ref.startswith("refs/shipit/") for ref in refs)
    return way if only_ours else f"{way}, or release through a pull request: --pr"


def _is_lost(finished: process.Finished) -> bool:
    """Whether a push that failed may have landed for all that git knows."""
    return isinstance(run.explain(("push",), finished), Unavailable) and "rejected]" not in finished.text


def _refused_refs(porcelain: str) -> list[str]:
    """The refs that the server itself refused, not those that fell with them in the atomic push."""
    rows = [row.split("\t") for row in porcelain.splitlines() if row.startswith("!\t")]
    return [row[1].partition(":")[2] for row in rows if len(row) > 2 and "atomic push fail" not in row[2]]
