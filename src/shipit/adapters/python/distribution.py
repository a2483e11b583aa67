"""What a distribution's file name says: project and version of wheels and sdists."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from shipit.errors import Refused

_LONGEST = 255
"""Characters of a file's name; packaging takes its time for longer ones."""
_MOST_DOTS = 60
"""Dots of a file's name: those of a wheel's tags are multiplied with each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A wheel or an sdist by its name: `project` normalised, `version` as PEP 440 compares it."""

    file: str
    project: str
    version: Version

    @property
    def is_wheel(self) -> bool:
        return self.file.endswith(".whl")

    @property
    def has_sdist_name(self) -> bool:
        """Whether an sdist is named as PEP 625 asks: one spelling of name and version, .tar.gz."""
        return self.file == f"{self.project.replace('-', '_')}-{self.version}.tar.gz"


def parse(file: str) -> Distribution | None:
    """Read a file's name; None for whatever is neither wheel nor sdist, or no name that a file can have."""
    if len(file) > _LONGEST or not file.isprintable() or len(file.split(".")) > _MOST_DOTS:
        return None
    try:
        if file.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(file)
        else:
            project, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion, ValueError):
        return None
    return Distribution(file=file, project=project, version=version)


def parse_known(file: str) -> Distribution:
    """Read the name of a wheel or an sdist; raises Refused for anything else."""
    found = parse(file)
    if found is None:
        raise Refused(f"{file} is neither a wheel nor an sdist")
    return found


def is_same_version(written: str, version: Version) -> bool:
    """Whether a written version means this one."""
    try:
        return Version(written) == version
    except InvalidVersion:
        return False


def normalise(project: str) -> str:
    """Spell a project's name as PEP 503 writes it in addresses."""
    return canonicalize_name(project)


def is_of(file: str, project: str, version: str) -> bool:
    """Whether the file is a distribution of this project in this version, however both are spelled."""
    found = parse(file)
    return found is not None and found.project == normalise(project) and is_same_version(version, found.version)


def versions(files: Iterable[str], project: str) -> Sequence[str]:
    """List the versions of this project's distributions among file names, each once, lowest first."""
    found = (parse(file) for file in files)
    return [str(one) for one in sorted({one.version for one in found if one and one.project == normalise(project)})]


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
