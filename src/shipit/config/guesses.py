"""What shipit takes for the places of the version where nobody has named them."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from shipit.config import sources
from shipit.config.mistake import dotted
from shipit.config.project import Project
from shipit.config.pyproject import own_name, version_place
from shipit.config.second_places import second_places
from shipit.config.settings import make_settings

NOT_KNOWN = "it is not known where the version is written"


class Guess(Struct, frozen=True, kw_only=True):
    """The places that were found in the project's own files; `doubt` says why they are not known, if so.

    `key` names places instead, `file` is what was read first, `others` are locations that may repeat the version.
    """

    key: str
    file: str
    reason: str = ""
    doubt: str = ""
    files: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """How a place is named that is not known."""
        example = '"src/acme/__init__.py:__version__"'
        return f'set {self.key} = ["PATH:NAME"], such as {example}; [] if only the tag holds it'

    def settles(self, location: str) -> str:
        """How one of the others is written as well, or left as it is; for a package, seen from its folder."""
        folder = self.file.rpartition("/")[0]
        names = (one.removeprefix(f"{folder}/") if folder else one for one in (*self.files, location))
        wanted = ", ".join(f'"{one}"' for one in names)
        return f"set {self.key} = [{wanted}] to write it, too, or to what is written now to leave it so"


def guess(project: Project) -> Guess | None:
    """What was found for this project; None where its configuration, or that of another tool, names the places."""
    folder = project.folder
    documents = sources.read_package(project.top / folder) if project.package else sources.read(project.top)
    place = version_place(documents, folder)
    if project.package:
        is_named = project.whole.packages[project.package].files is not None
    else:
        is_named = make_settings(project.top, documents).origins["version.files"] != place.reason
    if is_named:
        return None
    name = own_name(documents) or project.name_or_nothing
    return Guess(
        key=dotted("packages", project.package, "files") if project.package else "version.files",
        file=f"{folder}/{sources.PYPROJECT}" if folder else sources.PYPROJECT,
        reason=place.reason,
        doubt=place.doubt,
        files=place.files,
        others=tuple(_unmentioned(second_places(place.files, name, folder), project)),
    )


def _unmentioned(places: Iterable[str], project: Project) -> Iterator[str]:
    """Those in files in which no mention of the version is renewed."""
    renewed = {one.partition(":")[0] for one in project.config.version.mentions}
    return (one for one in places if one.partition(":")[0] not in renewed)
