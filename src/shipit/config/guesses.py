"""What shipit takes for the places of the version, and those that the configuration leaves out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from shipit.config import sources
from shipit.config.mistake import dotted
from shipit.config.modules import ROOTS
from shipit.config.paths import plain_location
from shipit.config.place import Place
from shipit.config.project import Project
from shipit.config.pyproject import own_name, version_place
from shipit.config.second_places import second_places
from shipit.config.settings import make_settings
from shipit.config.sources import PEERS, Documents

NOT_KNOWN = "it is not known where the version is written"
_MOST = 20
"""So many packages of a project are looked at, whatever their names are."""
_NO_PRODUCT = {"test", "tests", "doc", "docs", "example", "examples", "scripts", "tools", "benchmarks"}


class Guess(Struct, frozen=True, kw_only=True):
    """The places that were found in the project's own files; `doubt` says why they are not known, if so.

    `key` names places instead, `file` is what was read first, `others` are locations that may repeat the version.
    `unwritten` are those that the build reads, where the configuration names others.
    """

    key: str
    file: str
    reason: str = ""
    doubt: str = ""
    files: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """How a place is named that is not known."""
        example = '"src/acme/__init__.py:__version__"'
        return f'set {self.key} = ["PATH:NAME"], such as {example}; [] if only the tag holds it'

    def settles(self, locations: Sequence[str]) -> str:
        """How these others are written as well, or left as they are; for a package, seen from its folder."""
        it = "them" if len(locations) > 1 else "it"
        return f"{self.writes(locations)} to write {it}, too, or to what is written now to leave {it} so"

    def writes(self, locations: Sequence[str]) -> str:
        """How these others are written as well."""
        folder = self.file.rpartition("/")[0]
        names = (one.removeprefix(f"{folder}/") if folder else one for one in (*self.files, *locations))
        wanted = ", ".join(f'"{one}"' for one in names)
        return f"set {self.key} = [{wanted}]"


def keep(locations: Sequence[str], version: object) -> str:
    """The sentence that these locations keep a version."""
    *first, last = locations
    if first:
        return f"{', '.join(first)} and {last} keep the version {version}: nothing writes them"
    return f"{last} keeps the version {version}: nothing writes it"


def guess(project: Project) -> Guess | None:
    """What was found for this project; None where its own configuration names the places, and leaves none out."""
    folder = project.folder
    documents = sources.read_package(project.top / folder) if project.package else sources.read(project.top)
    place = version_place(documents, folder)
    origin = _origin(project, documents, place)
    key = dotted("packages", project.package, "files") if project.package else "version.files"
    file = f"{folder}/{sources.PYPROJECT}" if folder else sources.PYPROJECT
    files = place.files if origin == place.reason else project.config.version.files
    unwritten = () if origin == place.reason else tuple(_unwritten(place, files, project))
    if origin == place.reason or origin in PEERS:
        name = own_name(documents) or project.name_or_nothing
        others = tuple(_unmentioned(second_places(files, name, folder, _modules(project.top / folder)), project))
    elif unwritten:
        others = unwritten
    else:
        return None
    doubt = place.doubt if origin == place.reason else ""
    return Guess(
        key=key, file=file, reason=place.reason, doubt=doubt, files=files, others=others, unwritten=unwritten
    )


def _origin(project: Project, documents: Documents, place: Place) -> str:
    """Who names the places: a file, another tool, or nobody, which is the reason of the place."""
    if project.package:
        return place.reason if project.whole.packages[project.package].files is None else documents.own.file
    return make_settings(project.top, documents).origins["version.files"]


def _unwritten(place: Place, files: Sequence[str], project: Project) -> Iterator[str]:
    """Where the build reads the version, and what is written there is another key, or nothing."""
    return (one for one in _unmentioned(place.files, project) if not any(_is_same(one, other) for other in files))


def _is_same(location: str, other: str) -> bool:
    """Whether both mean one place: where keys have no tables around them, a file has only one."""
    path, key, other_path, other_key = *_parts(location), *_parts(other)
    return path == other_path and (key == other_key or not ("." in key and "." in other_key))


def _parts(location: str) -> tuple[str, str]:
    path, _, key = plain_location(location).rpartition(":")
    return (path, key) if path else (key, "")


def _modules(folder: Path) -> list[str]:
    """The packages that are in a project's folder, or below src."""
    found = (path.parent.name for root in ROOTS for path in (folder / root).glob("*/__init__.py"))
    return sorted({*found} - _NO_PRODUCT)[:_MOST]


def _unmentioned(places: Iterable[str], project: Project) -> Iterator[str]:
    """Those in files in which no mention of the version is renewed."""
    renewed = {one.partition(":")[0] for one in project.config.version.mentions}
    return (one for one in places if one.partition(":")[0] not in renewed)
