"""The lock of a release: a commit on the remote that carries the decision, the holder's record, and its way out."""

from collections.abc import Mapping
from dataclasses import dataclass

from shipit.engine.plan import End
from shipit.model import RefUpdate
from shipit.release.ports import Remote
from shipit.release.refs import LOCK, evidence_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class LockCommits:
    """The lock commits of this run: `mine` before the push, `after` from the push on, `observed` a dead run's."""

    mine: str
    after: str
    observed: str | None

    def freed(self, refs: Mapping[str, str]) -> tuple[RefUpdate, ...]:
        """The update that frees the lock, if it is ours."""
        held = refs.get(LOCK)
        return (RefUpdate(LOCK, None, held),) if held and held in (self.mine, self.after) else ()


UNHELD = LockCommits(mine="", after="", observed=None)
"""For looks at a release that nobody is running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLock:
    """Plays engine.plan.Guard."""

    remote: Remote
    commits: LockCommits
    tag: str

    def free(self, end: End) -> None:
        """Free the lock if it is ours, unless the decision in it is still needed to resume or to undo."""
        if end is End.COMPLETE:  # the step Close has freed it, or it carries the decision until people have merged
            return
        refs = self.remote.refs()
        if end is End.STOPPED_HALFWAY and evidence_ref(self.tag) not in refs:
            return
        updates = self.commits.freed(refs)
        if updates:
            self.remote.push(*updates)
