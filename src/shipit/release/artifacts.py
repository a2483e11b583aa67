"""The files of one release: kept in a folder of the repository, and on the remote from the push on."""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from shipit import disk
from shipit.errors import StoppedHalfway
from shipit.model import Artifact
from shipit.release.ports import Objects, Remote


class OwnFolder(Protocol):
    """A folder that one run has for itself, and that the next one finds when it has died."""

    base: Path
    """what it is called, unless another run that lives has it"""

    def claim(self) -> Path:
        """Make it ours; raises OSError where that cannot be."""
        ...

    def find(self) -> Path | None:
        """Where there is something to read: ours, or what a dead run left."""
        ...

    def clear(self) -> None:
        """Remove ours and what dead runs left, never that of a run that lives."""
        ...


class KeptArtifacts:
    """Plays ports.ArtifactStore. A file that is missing here is looked for under the kept ref of the remote.

    `proposed` is where the same release kept its files while it was a pull request: what people merged is another
    commit, so that they are of no use any more, and go when the release is over.
    """

    def __init__(
        self,
        folder: OwnFolder,
        remote: Remote,
        objects: Objects,
        kept_ref: str,
        proposed: OwnFolder | None = None,
    ) -> None:
        self.folder = folder
        self.proposed = proposed
        self.remote = remote
        self.objects = objects
        self.kept_ref = kept_ref

    def names(self) -> Sequence[str]:
        folder = self.folder.find()
        return sorted(path.name for path in folder.glob("*") if path.suffix != ".partial") if folder else []

    def path(self, name: str) -> Path:
        folder = self.folder.find()
        if folder is None or not (folder / name).exists():
            self.write(name, self._from_remote(name))
        return (self.folder.find() or self.folder.base) / name

    def read(self, name: str) -> bytes | None:
        folder = self.folder.find()
        return (folder / name).read_bytes() if folder and (folder / name).exists() else None

    def write(self, name: str, data: bytes) -> None:
        partial: Path | None = None
        try:
            folder = self.folder.claim()
            partial = folder / f"{name}.partial"
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(folder / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                if partial:
                    partial.unlink()
            evidence = [f"it has {len(data):,} bytes"]
            raise disk.refusal(f"{name} cannot be kept", error, str(self.folder.base), evidence) from error

    def artifact(self, name: str) -> Artifact:
        data = self.path(name).read_bytes()
        return Artifact(name, len(data), hashlib.sha256(data).hexdigest())

    def clear(self) -> None:
        self.folder.clear()
        if self.proposed:
            self.proposed.clear()

    def _from_remote(self, name: str) -> bytes:
        kept = self.remote.refs().get(self.kept_ref)
        if kept and not self.objects.has(kept):
            self.remote.fetch(self.kept_ref)
        data = self.objects.read(kept, name) if kept else None
        if data is None:
            raise StoppedHalfway(
                f"{name} is not on this machine and not kept on {self.remote.name}",
                evidence=[f"{self.kept_ref} on {self.remote.name}: {'no such file' if kept else 'no such ref'}"],
                hint="run --resume on the machine that built it",
            )
        return data
