"""Whether releases go to PyPI, what the project is called, and which version comes first."""

import re
from collections.abc import Iterator

from shipit.config.pyproject import own_name, version_place
from shipit.config.second_places import second_places
from shipit.config.sources import Documents, table
from shipit.errors import Refused, UsageError
from shipit.project.init.model import Finding, Note, Seen, Setting, Suggestion
from shipit.versioning.number import Version
from shipit.versioning.version_files import versions

_PUBLISHES = re.compile(
    r"gh-action-pypi-publish|twine upload|(?:uv|poetry|flit|hatch|pdm) publish|pypi\.org/(?:p|project)/|"
    r"img\.shields\.io/pypi|badge\.fury\.io/py"
)
PRIVATE = "Private :: Do Not Upload"


def publishing(seen: Seen) -> Iterator[Finding]:
    """The index, and a name where the project gives itself none."""
    name = own_name(seen.documents)
    if not name and not is_workspace_only(seen):
        yield Setting(
            key="name", value=_plain(seen.folder), reason="the folder's name: no file of the project has one"
        )
        why = "no file here says how to build a Python package"
    else:
        why = _why_not(seen.documents)
    if why:
        yield Setting(key="index.kind", value="none", reason=why, comment="nothing is published on a package index")
    elif _is_unsure(seen) and not seen.ask(f"Is {name} published on PyPI?", False):
        reason = "it has a Dockerfile, and nothing says that it is on PyPI"
        yield Setting(key="index.kind", value="none", reason=reason, comment='a service; "pypi" would publish it')
    else:
        reason = "releases go to PyPI, by trusted publishing: no token is stored"
        yield Setting(key="index.kind", value="pypi", reason=reason, comment="trusts release.yml")
        yield Note(
            "on PyPI, add release.yml and its environment pypi as a trusted publisher, before the first release"
        )


def first_version(seen: Seen, tag_format: str) -> Iterator[Finding]:
    """The version of the first release, where the files are ahead of what shipit would begin with."""
    if any(fits(tag, tag_format) for tag in seen.clone.tags) or is_workspace_only(seen):
        return
    found = held(seen, seen.settings.config.version.files)
    usual = Version.parse(seen.settings.config.version.initial)
    ahead = [one for one in found if one.is_final and one > usual]
    if ahead:
        reason = "no tag yet: the version in the files becomes the first release"
        yield Setting(key="version.initial", value=str(max(ahead)), reason=reason, comment="no tag so far")


def places(seen: Seen) -> Iterator[Finding]:
    """Where the version is written, if it is not known or stands in several places."""
    place = version_place(seen.documents)
    if seen.settings.origins.get("version.files") != place.reason or is_workspace_only(seen):
        return
    if place.doubt:
        yield Suggestion(
            lines=('version.files = ["src/NAME/__init__.py:__version__"]',),
            reason=f"where the version is written is not known: {place.doubt}",
        )
        return
    others = [*second_places(place.files, own_name(seen.documents)), *_in_frontends(seen)]
    own = held(seen, place.files)
    also = [one for one in dict.fromkeys(others) if own and held(seen, (one,)) == own]
    if also:
        reason = f"{', '.join(also)} {'repeat' if len(also) > 1 else 'repeats'} the version of the project"
        yield Setting(key="version.files", value=(*place.files, *also), reason=reason)


def is_workspace_only(seen: Seen) -> bool:
    """Whether no project stands at the top, but some do below."""
    return not own_name(seen.documents) and any(path.endswith("/pyproject.toml") for path in seen.paths)


def fits(tag: str, tag_format: str) -> bool:
    """Whether a tag is that of a version, spelled like this."""
    before, _, after = tag_format.partition("{version}")
    return bool(re.fullmatch(rf"{re.escape(before)}\d+\.\d+\.\d+[\w.-]*{re.escape(after)}", tag))


def held(seen: Seen, locations: tuple[str, ...]) -> set[Version]:
    """The versions that these places hold; none where one cannot be read."""
    try:
        return set(versions(locations, seen.text).values())
    except (Refused, UsageError):
        return set()


def _in_frontends(seen: Seen) -> Iterator[str]:
    yield from (f"{path}:version" for path in seen.paths if path.endswith("package.json") and path.count("/") < 3)


def _why_not(documents: Documents) -> str:
    """Why the project is on no index; empty where it may be."""
    if PRIVATE in (documents.project or {}).get("classifiers", ()):
        return f"its classifiers say {PRIVATE}"
    if documents.tool("poetry").get("package-mode") is False:
        return "tool.poetry.package-mode is false"
    if documents.tool("uv").get("package") is False and "build-system" not in (documents.pyproject or {}):
        return "tool.uv.package is false"
    return ""


def _is_unsure(seen: Seen) -> bool:
    """Whether it may well be a service that nobody installs from an index."""
    documents = seen.documents
    classifiers = table(documents.pyproject or {}, "project").get("classifiers")
    images = any(path.rpartition("/")[2].lower().startswith("dockerfile") for path in seen.paths)
    places = [path for path in seen.paths if path.startswith((".github/workflows/", "README"))]
    published = any(_PUBLISHES.search(seen.text(path) or "") for path in places)
    return images and not classifiers and not published


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "project"
