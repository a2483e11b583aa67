"""A package index that is a directory: the PEP 503 tree that `pip install --index-url file://…` reads."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from shipit.adapters import files
from shipit.adapters.pypi import directory_page, simple_page
from shipit.adapters.python import attestation, distribution
from shipit.adapters.python.virtualenv import Source
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError, Unavailable

PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class DirectoryIndex:
    """`root/<project>/<file>`; the pages get a line more with each upload, and keep all that they say otherwise."""

    root: Path

    @property
    def name(self) -> str:
        return f"directory {self.root}"

    def problems(self, project: str) -> Sequence[Problem]:
        place = self.root / distribution.normalise(project)
        with _reported(self.root):
            while not place.exists():
                place = place.parent
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
            return ()
        fault = "may not be written" if place.is_dir() else "is not a directory"
        return (Problem(f"the package index {self.root} cannot be used", f"{place} {fault}"),)

    def hashes(self, project: str, version: str) -> Mapping[str, str | None]:
        """Tell only what an installer can find, but of that the bytes that are really there.

        A crash between file and page leaves a file that counts as missing; a file changed behind the page's back
        does not: its other sha256 is a conflict.
        """
        with _reported(self.root):
            folder = self._folder(project)
            return {
                file.name: distribution.sha256(folder / file.name) if _leads_to(folder, file) else file.sha256
                for file in self._listed(folder)
                if distribution.is_of(file.name, project, version) and not _is_gone(folder, file)
            }

    def unlisted(self, project: str, version: str) -> Mapping[str, str | None]:
        """Tell what lies in the folder and is on no page, and the sha256 of what a page lists and is gone."""
        with _reported(self.root):
            folder = self._folder(project)
            listed = self._listed(folder)
            gone = {file.name: file.sha256 for file in listed if file.sha256 and _is_gone(folder, file)}
            names = {file.name for file in listed}
            lying = [path for path in _entries(folder) if path.name not in names]
            found = {path.name: distribution.sha256(path) if path.is_file() else None for path in lying}
            return {
                name: sha for name, sha in {**gone, **found}.items() if distribution.is_of(name, project, version)
            }

    def versions(self, project: str) -> Sequence[str]:
        """Tell what the project's page names: that is all that an installer reads."""
        with _reported(self.root):
            text = directory_page.read(self._folder(project) / PAGE)
        return distribution.versions(simple_page.read("text/html", text).offered, project)

    def source(self, project: str) -> Source | None:
        """Tell where pip finds what is released; None as long as there is nothing."""
        return Source(self.root.as_uri()) if (self.root / PAGE).is_file() else None

    def _folder(self, project: str) -> Path:
        return self.root / distribution.normalise(project)

    def _listed(self, folder: Path) -> Sequence[simple_page.File]:
        """What the project's page lists, as long as the root page leads there."""
        if folder.name not in directory_page.names(directory_page.read(self.root / PAGE)):
            return ()
        text = directory_page.read(folder / PAGE)
        return simple_page.read("text/html", text, f"{folder.as_uri()}/").files

    def upload_argv(self) -> Sequence[str]:
        return ()

    def upload(self, path: Path, say: Say) -> None:
        """Put the file first and the page second.

        A crash between the two leaves a file that `hashes` does not tell; the next upload makes the page again.
        Raises Denied if the name is taken by other bytes.
        """
        found = distribution.parse_known(path.name)
        if attested := attestation.beside(path):
            say(f"{attested.name} is not put there: a directory has no place for attestations")
        folder = self.root / found.project
        with _reported(self.root), _alone(self.root):
            folder.mkdir(exist_ok=True)
            self._place(path, folder / path.name, say)
            _write(folder / PAGE, _project_page(folder, path.name))
            _write(self.root / PAGE, _root_page(self.root, found.project))

    def _place(self, source: Path, target: Path, say: Say) -> None:
        ours = distribution.sha256(source)
        theirs = distribution.sha256(target) if target.exists() else self._promised(target)
        if theirs not in (ours, None):
            raise Denied(
                f"{target.name} is already on the index with other bytes",
                where=str(target),
                evidence=[f"there: sha256 {theirs}", f"here:  sha256 {ours}"],
            )
        if not target.exists():
            _copy(source, target)
            say(f"{target.name} → {target.parent}")

    def _promised(self, target: Path) -> str | None:
        """The sha256 with which a page lists a file that is gone: other bytes could not be installed."""
        return {file.name: file.sha256 for file in self._listed(target.parent)}.get(target.name)


@contextmanager
def _reported(root: Path) -> Iterator[None]:
    """Say in the words of the port what the file system refuses."""
    try:
        yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise Denied(f"the package index {root} refuses: {error.strerror}", where=error.filename) from error
    except ExternalError:
        raise
    except OSError as error:
        raise Unavailable(f"the package index {root} failed: {error.strerror}", where=error.filename) from error


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One writer at a time: two pages made at once would each miss the other's file."""
    root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _entries(folder: Path) -> list[Path]:
    """List what has the name of a distribution; half-written files start with a dot and parse as nothing."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if distribution.parse(path.name)]


def _files(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_file()]


def _leads_to(folder: Path, file: simple_page.File) -> bool:
    """Whether a link leads to the file of its name in this folder, and not to another place."""
    return unquote(urlsplit(file.url).path) == str(folder / file.name)


def _is_gone(folder: Path, file: simple_page.File) -> bool:
    return _leads_to(folder, file) and not (folder / file.name).is_file()


def _copy(source: Path, target: Path) -> None:
    part = _part(target)
    shutil.copyfile(source, part)
    files.settle(part, target)


def _write(target: Path, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    if target.is_file() and target.read_bytes() == data:
        return
    part = _part(target)
    part.write_bytes(data)
    files.settle(part, target)


def _part(target: Path) -> Path:
    """Give always the same name, so that what a killed run left is overwritten and not collected."""
    return target.with_name(f".{target.name}.part")


def _project_page(folder: Path, name: str) -> str:
    """The page with this file on it; a page of all files where there is none."""
    page = directory_page.read(folder / PAGE)
    return (
        directory_page.added(page, _link(folder / name))
        if page.strip()
        else directory_page.made(f"Links for {folder.name}", [_link(path) for path in _files(folder)])
    )


def _link(path: Path) -> tuple[str, str]:
    return f"{quote(path.name)}#sha256={distribution.sha256(path)}", path.name


def _root_page(root: Path, project: str) -> str:
    """The page with this project on it; a page of all projects where there is none."""
    page = directory_page.read(root / PAGE)
    if page.strip():
        return directory_page.added(page, (f"{quote(project)}/", project))
    projects = [path.name for path in sorted(root.iterdir()) if path.is_dir() and _files(path)]
    return directory_page.made("Simple index", [(f"{quote(name)}/", name) for name in projects])
