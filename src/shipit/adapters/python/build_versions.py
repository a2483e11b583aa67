"""By which variables a build knows its version, and what its pyproject.toml says about that."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from shipit.errors import Refused

_USUAL = ("setuptools >= 40.8.0", "wheel")
"""What PEP 517 front ends use where pyproject.toml says nothing."""
_GENERAL = "SETUPTOOLS_SCM_PRETEND_VERSION"


def release_variables(version: str, time: int) -> dict[str, str | None]:
    """What every command of a release sees: its SemVer version and its time (seconds since the epoch).

    A version for all projects would also be that of the dependencies that are built on the way.
    """
    return {_GENERAL: None, "SOURCE_DATE_EPOCH": str(time), "SHIPIT_VERSION": version}


def build_variables(project: str, version: str, source: Path) -> dict[str, str]:
    """What the build of this project in `source` sees beside that; `version` is the PEP 440 spelling.

    The tag is there, but a plugin may not understand its form.
    """
    name = re.sub(r"[-_.]+", "_", project).upper()
    found = {
        f"{_GENERAL}_FOR_{name}": version,
        "PDM_BUILD_SCM_VERSION": version,
        "POETRY_DYNAMIC_VERSIONING_BYPASS": version,
        "UV_DYNAMIC_VERSIONING_BYPASS": version,
    }
    if any(re.match(r"hatch[-_.]vcs(?![\w.-])", one, re.IGNORECASE) for one in requirements(source)):
        found[_GENERAL] = version  # it heeds no other
    return found


def requirements(source: Path) -> Sequence[str]:
    """What a project needs to be built; raises Refused if its pyproject.toml cannot be read."""
    place = source / "pyproject.toml"
    try:
        text = place.read_text("utf-8") if place.is_file() else ""
    except ValueError as error:
        raise Refused("pyproject.toml cannot be read", where=str(place), evidence=[str(error)]) from None
    return requirements_of(text, str(place))


def requirements_of(text: str, where: str) -> Sequence[str]:
    """As requirements, of the text of a pyproject.toml; empty where there is none."""
    try:
        system = tomllib.loads(text).get("build-system", {})
    except ValueError as error:
        raise Refused("pyproject.toml cannot be read", where=where, evidence=[str(error)]) from None
    return [str(requirement) for requirement in system.get("requires", _USUAL)]
