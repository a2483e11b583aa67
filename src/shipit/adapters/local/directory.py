"""A static part of the product: a folder for each version, and one symlink that says which is served."""

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shipit.adapters import files
from shipit.adapters.local.versions import REFERENCE, Kept, Versions
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied
from shipit.model import Candidate, Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryTarget:
    """`path/versions/<reference>` for each version; a web server serves `path/current`.

    `export` writes the source folder of a commit into an empty folder. `keep` former versions stay when it is
    pruned. `fence` is the number of the owner: see Versions.
    """

    name: str
    path: Path
    keep: int
    export: Callable[[str, Path], None]
    fence: int = 0

    @property
    def kind(self) -> str:
        return "directory"

    @property
    def link(self) -> Path:
        """What is served."""
        return self.path / "current"

    @property
    def _versions(self) -> Versions:
        return Versions(path=self.path, fence=self.fence)

    def problems(self) -> Sequence[Problem]:
        found = self._versions.problems()
        if os.path.lexists(self.link) and self.live() is None:
            fault = f"{self.link} is not a link to one of its versions"
            found = (*found, Problem(f"{self.name} cannot be switched", fault, "move it elsewhere"))
        return found

    def live(self) -> str | None:
        """The version that the symlink leads to; None if there is none, or if it is not ours."""
        try:
            leads_to = self.link.readlink()
        except OSError:  # nothing there, or a folder
            return None
        is_ours = leads_to.parent == Path("versions") and REFERENCE.fullmatch(leads_to.name)
        return leads_to.name if is_ours else None

    def may_leave(self, reference: str | None) -> bool:
        return False

    def candidate(self, revision: Revision) -> Candidate | None:
        return Candidate(revision.reference) if self.keeps(revision) else None

    def keeps(self, revision: Revision) -> bool:
        return self._versions.find_revision(revision) is not None

    def start(self, revision: Revision, say: Say) -> None:
        with self._versions.changing():
            if self.keeps(revision):
                say(f"{revision.reference} is there already")
                return
            with self._versions.writing(Kept(revision=revision)) as folder:
                self.export(revision.commit, folder)
        say(f"{self._versions.place(revision.reference)} is written")

    def stop(self, reference: str, say: Say) -> None:
        with self._versions.changing():
            self._remove(reference, say)

    def switch(self, reference: str | None, say: Say) -> None:
        with self._versions.changing():
            if os.path.lexists(self.link) and self.live() is None:
                raise Denied(f"{self.link} is not a link to one of its versions", hint="move it elsewhere")
            if reference is None:
                self.link.unlink(missing_ok=True)
                files.sync(self.path)
                say(f"{self.link} is gone")
                return
            self._versions.require(reference)
            self._point_to(reference)
            self._versions.touch(reference)
            say(f"{self.link} leads to {reference}")

    def prune(self, needed: Sequence[str], say: Say) -> None:
        with self._versions.changing():
            for reference in self._versions.surplus(self.keep, {*needed, self.live()}):
                self._remove(reference, say)

    def _remove(self, reference: str, say: Say) -> None:
        if reference != self.live() and self._versions.find(reference):
            self._versions.remove(reference)
            say(f"{reference} is removed")

    def _point_to(self, reference: str) -> None:
        """Replace the link by another at once: whoever asks at any moment finds the old or the new one."""
        for left in self.path.glob(".current.*.partial"):  # of a run that died between two lines
            if left.is_symlink():
                left.unlink(missing_ok=True)
        partial = self.path / f".current.{secrets.token_hex(4)}.partial"
        partial.symlink_to(Path("versions", reference))
        files.rename(partial, self.link)
