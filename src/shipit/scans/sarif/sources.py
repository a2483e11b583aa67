"""Where a result stands in the repository: its file as an address, its line, and the fingerprint of that line."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath
from urllib.parse import quote

from shipit.scans.model import Finding
from shipit.scans.sarif.fingerprints import line_hashes
from shipit.scans.sarif.log import ArtifactLocation, Location, PhysicalLocation, Region

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock*.toml")
_PYTHON = (*_LOCKS, "requirements*.txt", "pyproject.toml", "Pipfile", "setup.cfg", "setup.py")
_NODE = ("package-lock.json", "npm-shrinkwrap.json", "package.json")
_IMAGES = ("Dockerfile*", "*.Dockerfile", "Containerfile*")
_MANIFESTS = {"npm-audit": _NODE, "trivy": _IMAGES, "sbom": (*_PYTHON, *_NODE)}
"""Names of files that name dependencies, by scan; for others Python's."""
_NOWHERE = "pyproject.toml"
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Sources:
    """The tracked files; `read` gives the text of one, empty for one that cannot be read. Each is read once."""

    tracked: Mapping[str, None]
    read: Callable[[str], str]
    _texts: dict[str, str] = field(default_factory=dict, init=False)
    _lines: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    _hashes: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    _manifest: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)

    def text(self, path: str) -> str:
        """The text of a tracked file; empty for any other."""
        if path not in self._texts:
            self._texts[path] = self.read(path) if path in self.tracked else ""
        return self._texts[path]

    def fingerprint(self, path: str, line: int) -> str:
        """The fingerprint of a line, counted from 1; empty where there is no such line."""
        if path not in self._hashes:
            text = self.text(path)
            self._hashes[path] = line_hashes(text) if text else ()
        hashes = self._hashes[path]
        return hashes[line - 1] if 0 < line <= len(hashes) else ""

    def line(self, path: str, number: int) -> str:
        """The text of a line, counted from 1; empty where there is no such line."""
        if path not in self._lines:
            self._lines[path] = tuple(_LINE_END.split(self.text(path)))
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def place(self, scan: str, finding: Finding) -> tuple[str, int]:
        """The file and the line that a finding is shown at: its own, else where its dependency is named.

        GitHub takes no result without a file: the first that names dependencies, if none names this one. The line
        is 0 where only the file is known.
        """
        path = finding.path if is_relative(finding.path) else ""
        if path and (finding.line or not finding.package):
            return path, finding.line
        places = (path,) if path else self._manifests(scan)
        if finding.package:
            pattern = _word(finding.package)
            found = ((one, _line(pattern, self.text(one))) for one in places)
            if best := next((one for one in found if one[1]), None):
                return best
        return next(iter((*places, *self.tracked)), _NOWHERE), 0

    def _manifests(self, scan: str) -> tuple[str, ...]:
        if scan not in self._manifest:
            self._manifest[scan] = tuple(_named(_MANIFESTS.get(scan, _PYTHON), self.tracked))
        return self._manifest[scan]


def _named(patterns: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    """Files with such a name: the first pattern's first, and of each those nearest to the top."""
    nearest = sorted(paths, key=lambda path: (path.count("/"), path))
    for pattern in patterns:
        yield from (path for path in nearest if fnmatch(PurePosixPath(path).name, pattern))


def _word(package: str) -> re.Pattern[str]:
    """Finds a package as a whole word, with `-`, `_` and `.` as the same."""
    words = "[-_.]+".join(map(re.escape, filter(None, re.split(r"[-_.]+", package))))
    return re.compile(rf"(?<![\w.-]){words or re.escape(package)}(?![\w-])", re.IGNORECASE)


def _line(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def is_relative(path: str) -> bool:
    """Whether a path is one below the top of the repository."""
    return bool(path) and not path.startswith("/") and ".." not in PurePosixPath(path).parts


def uri(path: str) -> str:
    """A path as a relative address; a `%` in it is one of the name, and bytes that are no text keep their value."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half a character, which no name of a file has
        return quote(path, errors="replace")


def location(path: str, region: Region) -> Location:
    return Location(PhysicalLocation(ArtifactLocation(uri(path)), region))
