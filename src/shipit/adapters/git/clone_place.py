"""Where private clones lie: in a folder of the user's own, outside of every repository, marked as shipit's."""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shipit.adapters.claimed import ClaimedFolder, taken
from shipit.errors import Refused, Unavailable

MARK = "made-by-shipit"
"""The file beside a clone that names the repository it was made from; without it nothing is removed."""


@dataclass(frozen=True, slots=True)
class ClonePlace:
    """Where one repository (`git_folder`) has its private clones; `base` holds those of all repositories."""

    base: Path
    git_folder: Path

    @property
    def own(self) -> Path:
        """The same repository always gets the same folder: the next run finds what a killed one left."""
        return self.base / hashlib.sha256(os.fsencode(self.git_folder)).hexdigest()[:12]

    def folder(self, tag: str, commit: str) -> ClaimedFolder:
        """Where the clone of a tag at a commit lies, in `tree`; another run that lives may have one of its own."""
        name = re.sub(r"[^\w.+-]", "-", tag)
        return ClaimedFolder(self.own / f"{name}-{commit[:12]}")

    def make(self, folder: ClaimedFolder) -> None:
        """Make the folder around a clone, with its mark: nobody else may look into it.

        Raises Unavailable where something is left that could not be swept.
        """
        self.own.mkdir(mode=0o700, exist_ok=True)
        made = folder.claim()
        if any(made.iterdir()):
            folder.release()
            hint = "end what still runs in it, or remove it by hand"
            raise Unavailable("an earlier clone is in the way", where=str(made), hint=hint) from None
        (made / MARK).write_bytes(os.fsencode(self.git_folder))

    def sweep(self) -> None:
        """Remove every clone of this repository whose run is dead; what has no mark of ours stays.

        The mark goes last: whatever kills this, the next sweep knows its own again.
        """
        for folder in self._marked():
            held = taken(folder)
            if held is None:
                continue
            if _remove(folder / "tree"):
                (folder / MARK).unlink(missing_ok=True)
                _remove_empty(folder)
            os.close(held[1])
        _remove_empty(self.own)

    def _marked(self) -> Iterator[Path]:
        """The folders that were made for this repository, those that were just begun included."""
        with contextlib.suppress(OSError):
            for folder in sorted(self.own.iterdir()):
                if not folder.is_symlink() and folder.is_dir() and self._is_ours(folder):
                    yield folder

    def _is_ours(self, folder: Path) -> bool:
        try:
            return os.fsencode(self.git_folder).startswith((folder / MARK).read_bytes())  # cut off by a kill
        except FileNotFoundError:
            return not any(folder.iterdir())


def find_base(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder for private clones, made if it is not there: the user's state folder, or a temporary one.

    Not the temporary one first: a stranger's configuration files in it would be found by tools that look upwards.
    Not the cache folder: test runners leave out what lies below `.cache`, as they do below `.git`.
    """
    why_not: list[str] = []
    temporary = _temporary(environment)
    for folder in (*_state(environment), temporary):
        place = folder.resolve()
        reason = _unusable(place, is_shared=folder is temporary)
        if not reason:
            return place
        why_not.append(f"{place}: {reason}")
    raise Refused(
        "there is no folder for a private clone",
        evidence=list(dict.fromkeys(why_not)),
        hint="set XDG_STATE_HOME to a folder of your own, outside of any .git",
    )


def _state(environment: Mapping[str, str]) -> Iterator[Path]:
    """The user's state folder: the one that is named, and the usual one."""
    named, home = environment.get("XDG_STATE_HOME", ""), environment.get("HOME", "")
    for folder in (Path(named), Path(home) / ".local" / "state"):
        if folder.is_absolute():
            yield folder / "shipit"


def _temporary(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("TMPDIR") or tempfile.gettempdir()) / f"shipit-{os.geteuid()}"


def _unusable(place: Path, *, is_shared: bool) -> str:
    """Why a folder cannot be used, empty if it can; it is made if it is not there.

    Under sudo the home folder may be another user's; in one that all share a stranger may have made it.
    """
    if ".git" in place.parts:
        return "lies below a .git"
    try:
        if not is_shared and not _is_in_ours(place):
            return "would lie in a folder of another user"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
    except OSError as error:
        return error.strerror or str(error)
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & 0o022:
        return "others may write into it"
    return "" if os.access(place, os.W_OK | os.X_OK) else "cannot be written"


def _is_in_ours(place: Path) -> bool:
    """Whether the nearest folder that is there belongs to who runs this."""
    nearest = next(folder for folder in place.parents if folder.exists())
    return nearest.stat().st_uid == os.geteuid()


def _remove(tree: Path) -> bool:
    """Whether a folder is gone: what a killed run started may still write into it for a moment."""
    for pause in (0, 0.05, 0.1, 0.2, 0.4):
        time.sleep(pause)
        shutil.rmtree(tree, ignore_errors=True)
        if not tree.exists():
            return True
        for folder, _, _ in os.walk(tree):  # a tool may have taken away the right to write
            with contextlib.suppress(OSError):
                Path(folder).chmod(0o700)
    return False


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # another repository's clones are in it, or files that are not ours
        folder.rmdir()
