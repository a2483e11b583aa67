"""One of several packages in a repository as a configuration of its own."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from shipit.config.backends import NOWHERE
from shipit.config.mistake import Mistake, dotted, is_table
from shipit.config.place import Read
from shipit.config.pyproject import own_name, version_place
from shipit.config.sources import PYPROJECT, Documents, Source, parse_toml, read_package, table
from shipit.config.tables import Config, Package
from shipit.errors import UsageError


def for_package(top: Path, config: Config, name: str, read: Read | None = None) -> Config:
    """The configuration of one package: the repository's, with its own tag, files, changelog and name.

    `read` gives the files of another commit than the work tree at the top. Raises UsageError if there is no package
    of this name.
    """
    package = config.packages.get(name)
    if package is None:
        raise UsageError(
            f"no package is named `{name}`",
            evidence=[f"packages: {', '.join(config.packages) or 'none'}"],
            hint=f'write [tool.shipit.packages.{name}] with path = "…"',
        )
    folder = package.path
    documents = _documents_at(folder, read) if read else read_package(top / folder)
    own = tuple(f"{folder}/{location}" for location in package.files or ())
    return replace(
        config,
        name=package.name or own_name(documents) or name,
        version=replace(
            config.version,
            files=version_place(documents, folder).files if package.files is None else own,
            mentions=(),
            tag_format=tag_format(config, name),
            initial=package.initial or config.version.initial,
        ),
        changelog=replace(config.changelog, file=f"{folder}/{package.changelog}" if package.changelog else ""),
    )


def _documents_at(folder: str, read: Read) -> Documents:
    """What a package's folder holds in a commit."""

    def text(path: str) -> str | None:
        return read(posixpath.normpath(posixpath.join(folder, path)))

    own, pyproject = Source(file=PYPROJECT, prefix="", raw={}), text(PYPROJECT)
    return Documents(parse_toml(pyproject, PYPROJECT) if pyproject else None, own, text=text)


def tag_format(config: Config, name: str) -> str:
    """That of a package, or of the repository for an empty name."""
    return _tag_format(name, config.packages[name].tag_format) if name else config.version.tag_format


def package_mistakes(raw: dict[str, Any], documents: Documents) -> Iterator[Mistake]:
    """The packages whose tags could also be those of another; values of a wrong type are left to `checking`.

    Where there is one package, and no project at the top, no tag is that of the repository.
    """
    is_sole = len(table(raw, "packages")) == 1 and version_place(documents) is NOWHERE
    form = str(table(raw, "version").get("tag-format", Config().version.tag_format))
    owners = {} if is_sole else {form: "the repository"}
    for name, package in table(raw, "packages").items():
        if not is_table(package):
            continue
        shape = package.get("tag-format", _DEFAULT_TAG)
        owner = owners.setdefault(_tag_format(name, str(shape)), name)
        if owner != name:
            what = f'expected tags of its own, found "{shape}", which is also that of {owner}'
            yield Mistake(key=dotted("packages", name, "tag-format"), what=what)


_DEFAULT_TAG = Package(path=".").tag_format


def _tag_format(name: str, shape: str) -> str:
    return shape.replace("{name}", name)
