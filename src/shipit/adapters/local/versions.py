"""A folder of versions: which of them are there whole, which was used last, and who may change them now."""

import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shipit.adapters import files
from shipit.engine.plan import Problem
from shipit.errors import Denied, ExternalError, LeaseLost, Unavailable
from shipit.model import Revision

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]*")
PATIENCE = 900.0
"""Seconds to wait for another process of shipit that changes the same folder: it may be installing."""

_PARTIAL = re.compile(r"\.[A-Za-z0-9][A-Za-z0-9.+!_-]*\.[0-9a-f]{8}\.partial")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What `<reference>.json` holds: it is written last, so that a version without it is not whole.

    `environment` is the name of the virtual environment in the version's folder, `run` what is started from it.
    """

    revision: Revision
    environment: str = ""
    run: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """`versions/<reference>` and `versions/<reference>.json` in `path`; what has another form is never touched.

    `fence` is the number of the owner: once a higher one has changed something, a lower one may not.
    """

    path: Path
    fence: int

    @property
    def folder(self) -> Path:
        return self.path / "versions"

    def place(self, reference: str) -> Path:
        return self.folder / reference

    def find(self, reference: str) -> Kept | None:
        """What is kept under this reference; None if it is not there whole."""
        if not REFERENCE.fullmatch(reference) or not self.place(reference).is_dir():
            return None
        return _read(self._marker(reference))

    def find_revision(self, revision: Revision) -> Kept | None:
        """What is kept of this very commit."""
        kept = self.find(revision.reference)
        return kept if kept and kept.revision.commit == revision.commit else None

    def require(self, reference: str) -> Kept:
        """As find; raises ExternalError if it is not there whole."""
        kept = self.find(reference)
        if kept is None:
            known = ", ".join(self.references()) or "nothing"
            raise ExternalError(
                f"nothing is kept under {reference}", where=str(self.folder), evidence=[f"kept: {known}"]
            )
        return kept

    def references(self) -> Sequence[str]:
        """What is there whole; what was started or live last comes first."""
        found = []
        for path in self.folder.glob("*.json"):
            with suppress(FileNotFoundError):
                if self.find(path.stem):
                    found.append((path.stat().st_mtime_ns, path.stem))
        return [reference for _, reference in sorted(found, reverse=True)]

    def surplus(self, keep: int, needed: Collection[str | None]) -> Sequence[str]:
        """What is to go, so that what is needed stays and `keep` others; the oldest first."""
        others = [reference for reference in self.references() if reference not in needed]
        return others[keep:][::-1]

    def problems(self) -> Sequence[Problem]:
        """Say why nothing can be put here."""
        what = f"versions cannot be kept in {self.path}"
        place = self.folder
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
        if not place.is_dir():
            return (Problem(what, f"{place} is not a directory"),)
        if not os.access(place, os.W_OK | os.X_OK):
            return (Problem(what, f"{place} may not be written"),)
        if place == self.folder and not os.access(self.path, os.W_OK | os.X_OK):
            return (Problem(what, f"{self.path} may not be written"),)
        return ()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock of the folder: one process of shipit at a time, and none that was overtaken.

        Raises LeaseLost for a fence that is too low, Unavailable if somebody holds the lock for too long.
        """
        with reported(self.path):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock(handle)
            with reported(self.path):
                self._check_fence()
                self._sweep()
                yield
        finally:
            os.close(handle)

    @contextmanager
    def writing(self, kept: Kept) -> Iterator[Path]:
        """Give an empty folder, which becomes the version when the block ends well; call it within `changing`."""
        reference = kept.revision.reference
        partial = self._partial(reference)
        self._require_free(reference)
        partial.mkdir()
        try:
            yield partial
            sync_tree(partial)
            self.mark(kept)
            files.rename(partial, self.place(reference))
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def mark(self, kept: Kept) -> None:
        """Say that a version is whole; also replaces what was said before."""
        reference = kept.revision.reference
        files.write(self._marker(reference), msgspec.json.format(msgspec.json.encode(kept)) + b"\n")
        self.touch(reference)

    def touch(self, reference: str) -> None:
        """Note that a version is used now."""
        now = time.time_ns()  # the time that a file gets by itself is coarse
        os.utime(self._marker(reference), ns=(now, now))

    def remove(self, reference: str) -> None:
        """Remove a version that is there whole; it is not whole from the first moment on."""
        if self.find(reference) is None:
            return
        partial = self._partial(reference)
        files.rename(self.place(reference), partial)
        self._marker(reference).unlink(missing_ok=True)
        shutil.rmtree(partial)

    def _marker(self, reference: str) -> Path:
        return self.folder / f"{reference}.json"

    def _partial(self, reference: str) -> Path:
        """A name that no process used before: a child of a dead run may still be writing into its own."""
        return self.folder / f".{reference}.{secrets.token_hex(4)}.partial"

    def _require_free(self, reference: str) -> None:
        place = self.place(reference)
        if os.path.lexists(place):
            kept = self.find(reference)
            holds = f"it holds {kept.revision}" if kept else "shipit did not put it there"
            raise ExternalError(f"{place} is in the way", evidence=[holds], hint="move it elsewhere")

    def _lock(self, handle: int) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    holder = os.pread(handle, 40, 0).decode("ascii", "replace").strip()
                    raise Unavailable(
                        f"process {holder} of shipit is changing {self.path}", hint="see what it waits for"
                    ) from None
                time.sleep(0.02)
            else:
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
                return

    def _check_fence(self) -> None:
        path = self.folder / ".fence"
        text = path.read_text("ascii").strip() if path.exists() else ""
        highest = int(text) if text.isdigit() else 0
        if self.fence < highest:
            raise fenced(self.path, self.fence, highest)
        if self.fence > highest:
            files.write(path, f"{self.fence}\n".encode())

    def _sweep(self) -> None:
        """Remove what dead runs left: nobody else is at work while we hold the lock."""
        for path in self.folder.iterdir():
            if _PARTIAL.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".json" and not self.place(path.stem).is_dir() and _read(path):
                path.unlink(missing_ok=True)


def fenced(place: Path, fence: int, highest: int) -> LeaseLost:
    """The error for an owner that was overtaken."""
    return LeaseLost(
        "another run has taken over, and this one may change nothing any more",
        where=str(place),
        evidence=[f"the number of this run is {fence}, the highest that was seen is {highest}"],
    )


def sync_tree(folder: Path) -> None:
    """All files of a folder and its entries are on disk when this returns."""
    for top, _, names in os.walk(folder, topdown=False):
        for name in names:
            if not Path(top, name).is_symlink():
                files.sync(Path(top, name))
        files.sync(Path(top))


@contextmanager
def reported(place: Path) -> Iterator[None]:
    """Say in the words of the port what the file system refuses."""
    try:
        yield
    except OSError as error:
        where = str(error.filename or place)
        if error.errno in _FULL:
            raise ExternalError("there is no space left", where=where, evidence=[str(error.strerror)]) from error
        raise Denied(f"it cannot be written: {error.strerror or error}", where=where) from error


def _read(path: Path) -> Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None
