"""What shipit takes for the places of the version where nobody has named them."""

from msgspec import Struct

from shipit.config import sources
from shipit.config.mistake import dotted
from shipit.config.project import Project
from shipit.config.pyproject import own_name, version_place
from shipit.config.second_places import second_places
from shipit.config.settings import make_settings


class Guess(Struct, frozen=True, kw_only=True):
    """The places that were found in the project's own files; `doubt` says why they are not known, if so.

    `key` names places instead, `file` is what was read first, `others` are locations that may repeat the version.
    """

    key: str
    file: str
    doubt: str = ""
    files: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


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
    return Guess(
        key=dotted("packages", project.package, "files") if project.package else "version.files",
        file=f"{folder}/{sources.PYPROJECT}" if folder else sources.PYPROJECT,
        doubt=place.doubt,
        files=place.files,
        others=tuple(second_places(place.files, own_name(documents) or project.name_or_nothing, folder)),
    )
