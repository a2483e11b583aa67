"""Packages in folders of one repository, each released on its own."""

import posixpath
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shipit.config.backends import NOWHERE
from shipit.config.place import Read
from shipit.config.pyproject import own_name, version_place
from shipit.config.sources import PYPROJECT, Documents, Source, table
from shipit.project.init.branches import VERSION
from shipit.project.init.model import Finding, Note, Seen, Setting, Suggestion
from shipit.project.init.publishing import PRIVATE, held, is_workspace_only
from shipit.project.workflows.needs import is_member
from shipit.versioning.number import Version

_USUAL = "{name}-v{version}"
_LEFT_OUT = frozenset(("examples", "example", "tests", "test", "docs", "doc", "scripts", "tools", "benchmarks"))


def packages(seen: Seen) -> Iterator[Finding]:
    """The members of a workspace; where no project is at the top, every project below it."""
    patterns = table(seen.documents.tool("uv"), "workspace")
    if not patterns and not is_workspace_only(seen):
        return
    members = {folder: _documents(seen, folder) for folder in _folders(seen) if _is_member(folder, patterns)}
    left = [folder for folder, documents in members.items() if _is_private(documents)]
    yield from (Note(f"{folder} is left out: nothing of it is released") for folder in left)
    released = {folder: documents for folder, documents in members.items() if folder not in left}
    names = _names(tuple(released))
    found = [
        one for folder, documents in released.items() for one in _package(seen, names[folder], folder, documents)
    ]
    yield from found if _are_released(seen, names, released) else _suggested(names)


def _are_released(seen: Seen, names: Mapping[str, str], released: Mapping[str, Documents]) -> bool:
    """Whether each is released on its own, as tags of their own show; without a project at the top they must be."""
    if not released or is_workspace_only(seen):
        return True
    own = any(_spelling(seen.clone.tags, names[one], own_name(documents)) for one, documents in released.items())
    listed = ", ".join(names.values())
    return own or seen.ask(f"Are there releases of {listed}, apart from those of the whole repository?", False)


def _suggested(names: Mapping[str, str]) -> Iterator[Suggestion]:
    lines = [f'{name} = {{ path = "{folder}" }}' for folder, name in names.items()]
    reason = "for releases of a package on its own: shipit release --package NAME"
    yield Suggestion(lines=("[packages]", *lines), reason=reason)


def _package(seen: Seen, name: str, folder: str, documents: Documents) -> Iterator[Finding]:
    key = f"packages.{name}"
    yield Setting(key=f"{key}.path", value=folder, reason=f"{own_name(documents)}, released on its own")
    spelled = _spelling(seen.clone.tags, name, own_name(documents))
    if spelled and spelled[1] != _USUAL:
        yield Setting(key=f"{key}.tag-format", value=spelled[1], reason=f"the highest tag is {spelled[0]}")
    if not spelled:
        ahead = [one for one in held(seen, version_place(documents, folder).files) if one.is_final and one > _FIRST]
        if ahead:
            yield Setting(key=f"{key}.initial", value=str(max(ahead)), reason="no tag yet: its files say so")


_FIRST = Version(0, 1, 0)


def _folders(seen: Seen) -> Sequence[str]:
    """Folders below the top with a project in them."""
    found = [posixpath.dirname(path) for path in seen.paths if path.endswith(f"/{PYPROJECT}")]
    return sorted(one for one in found if own_name(_documents(seen, one)))


def _is_member(folder: str, workspace: Mapping[str, Any]) -> bool:
    if workspace:
        return is_member(folder, workspace)
    return folder.count("/") < 3 and not _LEFT_OUT.intersection(folder.split("/"))


def _names(folders: Sequence[str]) -> Mapping[str, str]:
    """The last part of each folder; the whole where two have the same, with a number where that does not help."""
    last = [_plain(posixpath.basename(one)) for one in folders]
    found: dict[str, str] = {}
    for folder, name in zip(folders, last, strict=True):
        own = name if last.count(name) == 1 else _plain(folder)
        numbered = (f"{own}-{number}" for number in range(2, len(folders) + 2))
        found[folder] = next(one for one in (own, *numbered) if one not in found.values())
    return found


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", letters).strip("-_") or "package"


def _documents(seen: Seen, folder: str) -> Documents:
    read: Read = lambda path: seen.text(posixpath.normpath(f"{folder}/{path}"))  # noqa: E731 - one line
    try:
        found = tomllib.loads(read(PYPROJECT) or "")
    except tomllib.TOMLDecodeError:
        found = {}
    return Documents(found, Source(file=PYPROJECT, prefix="", raw={}), text=read)


def _is_private(documents: Documents) -> bool:
    classifiers = (documents.project or {}).get("classifiers", ())
    return PRIVATE in classifiers or version_place(documents) is NOWHERE


def _spelling(tags: Sequence[str], name: str, own: str) -> tuple[str, str] | None:
    """The highest tag of this package, and its format."""
    known: list[tuple[tuple[int, ...], str, str]] = []
    for tag in tags:
        found = VERSION.fullmatch(tag)
        if found is None:
            continue
        before = found["before"]
        for called in dict.fromkeys((name, own)):
            rest = before[len(called) :] if before.lower().startswith(called.lower()) else ""
            if re.fullmatch(r"[-_/@+]v?", rest):
                numbers = tuple(int(one[:9]) for one in found["numbers"].split("."))
                start = "{name}" if before.startswith(name) and called == name else before[: len(called)]
                known.append((numbers, tag, f"{start}{rest}{{version}}"))
                break
    return max(known)[1:] if known else None
