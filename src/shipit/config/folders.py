"""The folders of packages: whether they are there and say where the version is, and which one may be meant."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from shipit.config.backends import NOWHERE
from shipit.config.mistake import dotted
from shipit.config.pyproject import version_place
from shipit.config.sources import PYPROJECT, Source, read, read_package
from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.config.tables import Package

_DEPTH = 3


class BadFolder(Struct, frozen=True, kw_only=True):
    """A package whose folder is no folder, or does not say where the version is; `near` was probably meant."""

    package: str
    path: str
    what: str
    near: str = ""


def bad_folders(top: Path, packages: "Mapping[str, Package]", asked: str) -> Iterator[BadFolder]:
    """The packages whose folder is not in this work tree; the one that is asked for also without a version."""
    taken = {package.path for package in packages.values()}
    for name, package in packages.items():
        path = package.path
        place = top / path
        if not place.is_dir():
            what = "is a file, not a folder" if place.exists() else "is not there"
            yield BadFolder(package=name, path=path, what=what, near=_near(top, path, taken))
        elif name == asked and package.files is None and _says_no_version(place):
            yield BadFolder(package=name, path=path, what=_NO_VERSION, near=_near(top, path, taken))


def refusal(top: Path, found: Sequence[BadFolder]) -> UsageError:
    """The error for these mistakes: each with its line in the configuration, and what to write instead."""
    own = read(top).own
    lines = [_line(top, own, one) for one in found]
    return UsageError(
        f"the configuration has {len(found)} mistake{'s' * (len(found) > 1)}",
        where=own.file,
        evidence=lines,
        hint="; ".join(dict.fromkeys(map(_hint, found))),
    )


def _hint(one: BadFolder) -> str:
    key = dotted("packages", one.package)
    if one.what == _NO_VERSION:
        return f'set {key}.files = ["PATH:KEY"], or to [] if only the tag holds the version'
    return f'set {key}.path = "{one.near}"' if one.near else f"set {key}.path to the folder of the package"


_NO_VERSION = f"has no {PYPROJECT} with a [project] in it, and `files` is not set"


def _says_no_version(folder: Path) -> bool:
    return version_place(read_package(folder)) is NOWHERE


def _line(top: Path, own: Source, one: BadFolder) -> str:
    names = ("packages", one.package, "path")
    number = line_of((top / own.file).read_text("utf-8"), *filter(None, own.prefix.split(".")), *names)
    near = f"; did you mean {one.near}?" if one.near else ""
    _, _, key = own.locate(dotted("packages", one.package, "path")).partition(": ")
    return f"{own.file}:{number}: {key}: {one.path} {one.what}{near}"


def line_of(text: str, *names: str) -> int:
    """The line of a TOML text on which the value of this key ends; 1 if there is no such key.

    It is the first line up to which the text has the key, however its tables are written.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if names[-1] in line and _holds("\n".join(lines[:number]), names):
            return number
    return 1


def _holds(text: str, names: tuple[str, ...]) -> bool:
    with suppress(tomllib.TOMLDecodeError, KeyError, TypeError):
        found = tomllib.loads(text)
        for name in names:
            found = found[name]
        return True
    return False


def _near(top: Path, path: str, taken: Collection[str]) -> str:
    """The folder of a Python project whose path, or last name, is near, and that no package has; else empty."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed only where there is a mistake

    known = sorted({*projects(top)}.difference(taken))
    parent = path.rpartition("/")[0]
    same = [one for one in known if one == parent or one.rpartition("/")[2] == path.rpartition("/")[2]]
    return next(iter([*same, *get_close_matches(path, known, n=1)]), "")


def projects(top: Path) -> Iterator[str]:
    """The folders below the top that hold a pyproject.toml, as paths from there; not very deep ones."""
    for depth in range(1, _DEPTH + 1):
        for file in top.glob("*/" * depth + PYPROJECT):
            folder = file.parent.relative_to(top)
            if not any(part.startswith(".") for part in folder.parts):
                yield folder.as_posix()
