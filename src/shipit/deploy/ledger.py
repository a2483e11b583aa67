"""The ledger of an environment: a commit on the remote for each deployment, newest first."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from shipit.deploy.model import Entry, as_json
from shipit.deploy.refs import ENTRY, ledger_ref
from shipit.errors import Refused
from shipit.model import Identity, RefUpdate
from shipit.release.ports import Objects, Remote

_SHORT = 7
"""Characters from which on a shortened commit id counts."""


class Ledger(Struct, frozen=True, kw_only=True):
    """Reads what the remote says now; `author` signs new entries."""

    environment: str
    remote: Remote
    objects: Objects
    author: Identity

    def tip(self) -> str | None:
        """The newest entry's commit, brought here; None where nothing was ever deployed."""
        ref = ledger_ref(self.environment)
        sha = self.remote.refs().get(ref)
        if sha and not self.objects.has(sha):
            self.remote.fetch(ref)
        return sha

    def entries(self) -> Iterator[Entry]:
        """Every deployment, newest first; raises Refused for one that this version of shipit cannot read."""
        tip = self.tip()
        for commit in self.objects.history(None, tip) if tip else ():
            yield self._read(commit.sha)

    def newest(self) -> Entry | None:
        """The last deployment, however it ended."""
        tip = self.tip()
        return self._read(tip) if tip else None

    def standing(self) -> Entry | None:
        """The last deployment that is complete: what should be live."""
        return next((entry for entry in self.entries() if entry.is_complete), None)

    def images(self, commit: str) -> Mapping[str, str]:
        """The images with which this commit was last deployed, by name; none where it never was."""
        found = (one for one in self.entries() if one.is_complete and one.decision.revision.commit == commit)
        return next((one.images for one in found if one.images), {})

    def update(self, entry: Entry) -> RefUpdate:
        """The update that adds an entry behind the newest one; nothing is pushed yet."""
        tip = self.tip()
        tree = self.objects.change_tree(None, {ENTRY: as_json(entry)})
        decision = entry.decision
        message = f"{decision.environment}: {decision.revision} {entry.outcome}\n\nrun {decision.run}\n"
        commit = self.objects.commit(tree, [tip] if tip else [], message, self.author, entry.ended)
        return RefUpdate(ledger_ref(self.environment), commit, tip)

    def _read(self, sha: str) -> Entry:
        try:
            return msgspec.json.decode(self.objects.read(sha, ENTRY) or b"", type=Entry)
        except msgspec.DecodeError:
            raise Refused(
                f"the ledger of {self.environment} cannot be read by this version of shipit",
                evidence=[f"{ledger_ref(self.environment)} at {sha[:10]}"],
                hint="install the version of shipit that wrote it, or a newer one",
            ) from None


def former(newest_first: Sequence[Entry]) -> list[Entry]:
    """The complete deployments that one can go back to, the nearest first.

    Whoever went back from C to B goes back to A the next time, not forward to C.
    """
    behind: list[Entry] = []
    for entry in reversed(newest_first):
        revision = entry.decision.revision
        places = [number for number, one in enumerate(behind) if one.decision.revision == revision]
        if places and (entry.decision.is_rollback or places[-1] == len(behind) - 1):
            del behind[places[-1] :]
        behind.append(entry)
    return behind[-2::-1]


def is_meant(entry: Entry, text: str) -> bool:
    """Whether a person who writes this means it: a version, a tag, or the beginning of a commit."""
    revision = entry.decision.revision
    is_commit = len(text) >= _SHORT and revision.commit.startswith(text)
    return is_commit or text in {revision.version, entry.decision.tag}
