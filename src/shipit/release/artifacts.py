"""The files of one release: kept in a folder of the repository, and on the remote from the push on."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from shipit.errors import ExternalError, StoppedHalfway
from shipit.model import Artifact
from shipit.release.ports import Objects, Remote


class KeptArtifacts:
    """Plays ports.ArtifactStore. A file that is missing here is looked for under the kept ref of the remote.

    `proposed` is where the same release kept its files while it was a pull request: what people merged is another
    commit, so that they are of no use any more, and go when the release is over.
    """

    def __init__(
        self, folder: Path, remote: Remote, objects: Objects, kept_ref: str, proposed: Path | None = None
    ) -> None:
        self.folder = folder
        self.proposed = proposed
        self.remote = remote
        self.objects = objects
        self.kept_ref = kept_ref

    def names(self) -> Sequence[str]:
        return sorted(path.name for path in self.folder.glob("*") if path.suffix != ".partial")

    def path(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            self.write(name, self._from_remote(name))
        return path

    def read(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def write(self, name: str, data: bytes) -> None:
        partial = self.folder / f"{name}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise ExternalError(
                f"{name} cannot be kept: {error.strerror}",
                where=str(self.folder),
                evidence=[f"it has {len(data):,} bytes"],
                hint="free some disk space",
            ) from error

    def artifact(self, name: str) -> Artifact:
        data = self.path(name).read_bytes()
        return Artifact(name, len(data), hashlib.sha256(data).hexdigest())

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.proposed:
            shutil.rmtree(self.proposed, ignore_errors=True)

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
