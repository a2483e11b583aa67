"""The folder of migrations on disk: read whole, written without ever overwriting."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from shipit.errors import Refused, UsageError
from shipit.migrations.names import READ

_SCRIPTS = (".sql", ".py")


class MigrationFiles(Struct, frozen=True):
    """Plays databases.Files for `folder`, a path relative to `top` of the repository."""

    top: Path
    folder: str

    @property
    def path(self) -> Path:
        return self.top / self.folder

    def read(self) -> tuple[Mapping[str, bytes], Path]:
        """Name to bytes, and the folder; SQL files of sub-folders are named only, with no bytes.

        Raises UsageError without a folder, Refused for what cannot be read or lies outside of the repository.
        """
        if not self.path.is_dir():
            raise UsageError(
                f"there is no folder `{self.folder}`",
                where="migrations.path",
                hint="name the folder in [tool.shipit.migrations], or write the first one: shipit migrate new NAME",
            )
        self._stay_inside(self.path)
        try:
            return dict(self._files()), self.path
        except OSError as error:
            raise self._unreadable(error) from None

    def write(self, name: str, text: str) -> Path:
        """Write a new file, and the folder if need be; raises Refused rather than touch one that is there."""
        path = self.path / name
        self._stay_inside(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _create(path, text.encode())
        except FileExistsError:
            what = f"{self.folder}/{name} is there already" if self.path.is_dir() else f"{self.folder} is no folder"
            raise Refused(what, hint="choose another name") from None
        except OSError as error:
            what = f"{self.folder}/{name} cannot be written"
            raise Refused(what, evidence=[error.strerror or str(error)], hint="check the folder's rights") from None
        return path

    def _files(self) -> Iterator[tuple[str, bytes]]:
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.name.startswith("."):  # an editor's locks are links to nowhere
                    continue
                if entry.is_symlink():
                    self._stay_inside(Path(entry.path))
                if entry.is_dir() and not entry.name.lower().endswith(_SCRIPTS):
                    yield from self._nested(entry)
                elif entry.name.lower().endswith(READ):
                    yield entry.name, self._content(entry)

    def _content(self, entry: os.DirEntry[str]) -> bytes:
        if not entry.is_file():  # reading a pipe would wait for ever
            what = f"{self.folder}/{entry.name} is no file"
            raise Refused(what, hint="a migration is a plain file, or a link to one in the repository")
        with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each of thousands takes as long
            return file.readall()

    def _nested(self, entry: os.DirEntry[str]) -> Iterator[tuple[str, bytes]]:
        with os.scandir(entry.path) as inner:
            names = [each.name for each in inner]
        yield from ((f"{entry.name}/{name}", b"") for name in names if name.lower().endswith(".sql"))

    def _stay_inside(self, path: Path) -> None:
        """A link out of the repository would apply what no commit holds."""
        target = Path(os.path.realpath(path))  # Path.resolve raises RuntimeError for links in a circle
        if not target.is_relative_to(os.path.realpath(self.top)):
            what = f"{path.relative_to(self.top)} leads out of the repository"
            raise Refused(what, evidence=[f"it is a link to {target}"], hint="put the file itself there")

    def _unreadable(self, error: OSError) -> Refused:
        name = Path(error.filename or self.folder).name
        what = f"{self.folder} cannot be read"
        return Refused(
            what,
            evidence=[f"{name}: {error.strerror or error}"],
            hint="check its rights, and where it leads if it is a link",
        )


def _create(path: Path, data: bytes) -> None:
    """Write a file that must not be there; half of one is taken away again."""
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
