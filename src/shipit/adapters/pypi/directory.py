"""A package index that is a directory: the PEP 503 tree that `pip install --index-url file://…` reads."""

import fcntl
import html
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from shipit.adapters import files
from shipit.adapters.pypi import simple_page
from shipit.adapters.python import attestation, distribution
from shipit.adapters.python.virtualenv import Source
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError, Unavailable

PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class DirectoryIndex:
    """`root/<project>/<file>`; the pages are made from the files after each upload."""

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
        folder = self.root / distribution.normalise(project)
        with _reported(self.root):
            return {
                path.name: distribution.sha256(path)
                for path in _files(folder)
                if distribution.is_of(path.name, project, version) and self._is_listed(folder, path.name)
            }

    def versions(self, project: str) -> Sequence[str]:
        """Tell what the project's page names: that is all that an installer reads."""
        page = self.root / distribution.normalise(project) / PAGE
        with _reported(self.root):
            text = page.read_text("utf-8") if page.is_file() else ""
        return distribution.versions(simple_page.read("text/html", text).offered, project)

    def source(self, project: str) -> Source | None:
        """Tell where pip finds what is released; None as long as there is nothing."""
        return Source(self.root.as_uri()) if (self.root / PAGE).is_file() else None

    def _is_listed(self, folder: Path, name: str) -> bool:
        pages = [page.read_text() if page.is_file() else "" for page in (folder / PAGE, self.root / PAGE)]
        return f'"{quote(name)}#sha256=' in pages[0] and f'"{quote(folder.name)}/"' in pages[1]

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
            _write(folder / PAGE, _project_page(found.project, _files(folder)))
            _write(self.root / PAGE, _root_page(self.root))

    def _place(self, source: Path, target: Path, say: Say) -> None:
        if not target.exists():
            _copy(source, target)
            say(f"{target.name} → {target.parent}")
            return
        theirs, ours = distribution.sha256(target), distribution.sha256(source)
        if theirs != ours:
            raise Denied(
                f"{target.name} is already on the index with other bytes",
                where=str(target),
                evidence=[f"there: sha256 {theirs}", f"here:  sha256 {ours}"],
            )


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


def _files(folder: Path) -> list[Path]:
    """List a folder's distributions by name; half-written files start with a dot and parse as nothing."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if distribution.parse(path.name) and path.is_file()]


def _copy(source: Path, target: Path) -> None:
    part = _part(target)
    shutil.copyfile(source, part)
    files.settle(part, target)


def _write(target: Path, text: str) -> None:
    data = text.encode()
    if target.is_file() and target.read_bytes() == data:
        return
    part = _part(target)
    part.write_bytes(data)
    files.settle(part, target)


def _part(target: Path) -> Path:
    """Give always the same name, so that what a killed run left is overwritten and not collected."""
    return target.with_name(f".{target.name}.part")


def _project_page(project: str, files: Sequence[Path]) -> str:
    links = [(f"{quote(path.name)}#sha256={distribution.sha256(path)}", path.name) for path in files]
    return _page(f"Links for {project}", links)


def _root_page(root: Path) -> str:
    projects = [path.name for path in sorted(root.iterdir()) if path.is_dir() and _files(path)]
    return _page("Simple index", [(f"{quote(name)}/", name) for name in projects])


def _page(title: str, links: Sequence[tuple[str, str]]) -> str:
    """Write nothing but what the files decide: the same files give the same bytes."""
    anchors = "".join(f'    <a href="{html.escape(to)}">{html.escape(text)}</a><br>\n' for to, text in links)
    return (
        "<!DOCTYPE html>\n<html>\n  <head>\n"
        '    <meta name="pypi:repository-version" content="1.0">\n'
        f"    <title>{html.escape(title)}</title>\n  </head>\n"
        f"  <body>\n    <h1>{html.escape(title)}</h1>\n{anchors}  </body>\n</html>\n"
    )
