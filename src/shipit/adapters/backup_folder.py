"""A folder of backups: names, half-written files, sha256, records beside the files, and how many are kept."""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from shipit.adapters import files
from shipit.engine.plan import Problem
from shipit.errors import Denied, ExternalError, Refused
from shipit.migrations.records import Backup

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HINT = "free some space, or name another folder in database.backup.path"


class _Record(msgspec.Struct, frozen=True):
    """What `<run>.json` holds; `path` is only a name there, so that the folder may be moved."""

    backup: Backup
    noted: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """`<run><suffix>` and `<run>.json` for each backup; a file without its record does not count.

    A file that is being written ends in `.partial` and is locked by the process that writes it: what nobody
    locks was left by one that died.
    """

    folder: Path
    suffix: str

    def problems(self, needed: int = 0) -> Sequence[Problem]:
        """Say why a backup of `needed` bytes cannot be put here."""
        place = self.folder
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
        if not place.is_dir():
            return (Problem(f"backups cannot be put into {self.folder}", f"{place} is not a directory"),)
        if not os.access(place, os.W_OK | os.X_OK):
            return (Problem(f"backups cannot be put into {self.folder}", f"{place} may not be written"),)
        free = shutil.disk_usage(place).free
        if free < needed:
            evidence = f"about {megabytes(needed)} are needed, {megabytes(free)} are free"
            return (Problem(f"there is too little space in {self.folder} for a backup", evidence, _HINT),)
        return ()

    @contextmanager
    def writing(self, run: str) -> Iterator[Path]:
        """Give the path of an empty file that is for this process alone; it is gone unless `keep` took it.

        Errors of the file system inside of the block come out as Trouble.
        """
        partial = self._file(run).with_suffix(f"{self.suffix}.partial")
        handle = -1
        try:
            with self._reported():
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._sweep()
                handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield partial
        finally:
            if handle >= 0:
                partial.unlink(missing_ok=True)
                os.close(handle)

    def keep(self, partial: Path, backup: Backup, noted: Mapping[str, Any] | None = None) -> Backup:
        """Give the file its name and write its record last; path, size and sha256 are filled in here."""
        file = self._file(backup.run)
        kept = replace(backup, path=str(file), size=partial.stat().st_size, sha256=sha256(partial))
        files.sync(partial)
        partial.replace(file)
        record = _Record(replace(kept, path=file.name), dict(noted or {}))
        self._write(self._record(backup.run), msgspec.json.format(msgspec.json.encode(record)))
        return kept

    def find(self, run: str) -> Backup | None:
        """The backup of a run; raises Refused when its file is not what was written."""
        if not _RUN.fullmatch(run) or not self._record(run).exists():
            return None
        backup = self._read(run).backup
        self._check(backup)
        return backup

    def noted(self, run: str) -> Mapping[str, Any]:
        """What was written down beside the backup of a run; raises Refused when it cannot be read."""
        return self._read(run).noted

    def all(self) -> Sequence[Backup]:
        """Newest first; a record that cannot be read is left out."""
        found = []
        for path in self.folder.glob("*.json"):
            with suppress(Refused):
                found.append(self._read(path.stem).backup)
        return sorted(found, key=lambda backup: (backup.at, backup.run), reverse=True)

    def prune(self, keep: int) -> Sequence[str]:
        """Remove all but the newest `keep`, and never the newest; returns the names that went."""
        gone = []
        for backup in self.all()[max(keep, 1) :]:
            self._record(backup.run).unlink(missing_ok=True)  # first: a file without record is swept later
            Path(backup.path).unlink(missing_ok=True)
            gone.append(Path(backup.path).name)
        return gone

    def rate(self, measure: str = "") -> float | None:
        """Bytes per second of the newest backup that says so, or of what `noted` calls `measure`."""
        for backup in self.all():
            size = self.noted(backup.run).get(measure, 0) if measure else backup.size
            if size and backup.seconds > 0:
                return float(size / backup.seconds)
        return None

    def _file(self, run: str) -> Path:
        if not _RUN.fullmatch(run):
            raise ExternalError(f"{run!r} cannot name a backup", where=str(self.folder))
        return self.folder / f"{run}{self.suffix}"

    def _record(self, run: str) -> Path:
        return self.folder / f"{run}.json"

    def _read(self, run: str) -> _Record:
        path = self._record(run)
        try:
            record = msgspec.json.decode(path.read_bytes(), type=_Record)
        except (OSError, msgspec.MsgspecError) as error:
            raise Refused(
                "the record of a backup cannot be read", where=str(path), evidence=[str(error)]
            ) from error
        file = self.folder / Path(record.backup.path).name
        return _Record(replace(record.backup, path=str(file)), record.noted)

    def _check(self, backup: Backup) -> None:
        path = Path(backup.path)
        try:
            size, found = path.stat().st_size, sha256(path)
        except OSError as error:
            raise Refused("a backup cannot be read", where=backup.path, evidence=[str(error.strerror)]) from error
        if (size, found) != (backup.size, backup.sha256):
            raise Refused(
                "a backup is not what was written",
                where=backup.path,
                evidence=[
                    f"written: {backup.size} bytes, sha256 {backup.sha256}",
                    f"there:   {size} bytes, sha256 {found}",
                ],
                hint="take another one, or bring the file back from a copy",
            )

    def _write(self, path: Path, data: bytes) -> None:
        partial = path.with_suffix(".json.partial")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        files.settle(partial, path)

    def _sweep(self) -> None:
        """Remove what runs left that died: half-written files, and files whose record was never written."""
        files = {*self.folder.glob("*.partial"), *self.folder.glob(f"*{self.suffix}")}
        for path in files:
            if path.suffix == ".partial" or not self._record(path.stem).exists():
                _remove_unless_locked(path)
        for path in self.folder.glob("*.partial-*"):  # what SQLite puts beside a file while it writes it
            if not path.with_name(path.name.rpartition("-")[0]).exists():
                path.unlink(missing_ok=True)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Say in the words of the port what the file system refuses."""
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise ExternalError(
                    "there is no space left for the backup",
                    where=str(self.folder),
                    evidence=[str(error.strerror), f"{megabytes(shutil.disk_usage(self.folder).free)} are free"],
                    hint=_HINT,
                ) from error
            raise Denied(
                f"the backup cannot be written: {error.strerror}", where=error.filename or str(self.folder)
            ) from error


def sha256(path: Path) -> str:
    """Hexadecimal; read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def megabytes(size: float) -> str:
    """As people read it: `12.3 MB`."""
    return f"{size / 1e6:,.1f} MB"


def _remove_unless_locked(path: Path) -> None:
    with suppress(FileNotFoundError, BlockingIOError):
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(handle)
