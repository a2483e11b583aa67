"""What a build left: only files of this project in this version, and only such as the index takes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from shipit.adapters.python import distribution
from shipit.errors import Refused

_PUBLIC = re.compile(
    r"any|win32|win_\w+|macosx_\d+_\d+_\w+|(many|musl)linux_\d+_\d+_\w+|manylinux(1|2010|2014)_\w+"
    r"|linux_armv[67]l|(ios|android|pyodide|pyemscripten)_\w+"
)
"""Platforms of wheels that PyPI takes; a plain `linux_x86_64` says nothing about the libraries that it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is released: `project` however it is spelled, `version` in PEP 440.

    `public` says that it goes to PyPI or TestPyPI, which do not take wheels of every platform.
    """

    project: str
    version: str
    public: bool = False

    def faults(self, found: distribution.Distribution) -> Iterator[str]:
        """Say what is wrong with a file's name, nothing if it is right."""
        if found.project != distribution.normalise(self.project):
            yield f"{found.file} is of the project {found.project}, the release is of {self.project}"
        if found.version != Version(self.version):
            yield f"{found.file} has version {found.version}, the release is {self.version}"
        elif not found.is_wheel and not found.has_sdist_name:
            yield f"{found.file} is not named as PEP 625 asks"
        if self.public and (platforms := _private_platforms(found)):
            yield f"{found.file} is for {', '.join(platforms)}, which the public index refuses"


def built(folder: Path, wanted: Wanted) -> Sequence[Path]:
    """List what was built, sorted by name.

    Raises Refused if there is nothing, or if a file is not what is wanted.
    """
    files = sorted(path for path in folder.glob("*") if path.is_file() and distribution.parse(path.name))
    if not files:
        others = sorted(path.name for path in folder.glob("*"))[:5]
        raise Refused("the build left neither wheel nor sdist", where=str(folder), evidence=others)
    faults = [fault for path in files for fault in wanted.faults(distribution.parse_known(path.name))]
    if faults:
        raise Refused("what was built is not what is released", evidence=faults, hint=_hint(faults))
    return files


def _private_platforms(found: distribution.Distribution) -> Sequence[str]:
    """List the platforms of a wheel that the public indexes do not take."""
    if not found.is_wheel:
        return ()
    tags = parse_wheel_filename(found.file)[3]
    return sorted({tag.platform for tag in tags if not _PUBLIC.fullmatch(tag.platform)})


def _hint(faults: Sequence[str]) -> str:
    text = "\n".join(faults)
    if "is of the project" in text:
        return "set `name` in [tool.shipit] to the name on the index, or build only this project"
    if "the public index refuses" in text:
        return "build in a manylinux or musllinux container, or repair the wheel with `auditwheel repair`"
    return "a version file that is not among version.files, or an old build backend?"
