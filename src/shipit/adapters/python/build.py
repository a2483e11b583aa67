"""Building sdist and wheel."""

import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from shipit import config
from shipit.adapters import process
from shipit.adapters.python.virtualenv import PATIENCE, last_lines, module, require_success
from shipit.engine.plan import Say
from shipit.errors import Refused
from shipit.versioning.number import pep440

_USUAL = ("setuptools >= 40.8.0", "wheel")
"""What PEP 517 front ends use where pyproject.toml says nothing."""

_LACKING = re.compile(r"\b(Missing|Unmet) dependencies\b")
"""How older and newer versions of `build` say it."""


def version_variables(version: str, time: int) -> dict[str, str]:
    """The environment by which builds know a SemVer version and the time (seconds since the epoch) of a release."""
    spelled = pep440(version)
    return {
        "SOURCE_DATE_EPOCH": str(time),
        "SHIPIT_VERSION": version,
        "SETUPTOOLS_SCM_PRETEND_VERSION": spelled,  # also what hatch-vcs reads
        "PDM_BUILD_SCM_VERSION": spelled,
        "POETRY_DYNAMIC_VERSIONING_BYPASS": spelled,
        "UV_DYNAMIC_VERSIONING_BYPASS": spelled,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds the work tree `source` into `target`, or by an own command."""

    source: Path
    target: Path
    options: config.Distribution
    variables: Mapping[str, str | None]

    def build(self, argv: Sequence[str] | None, say: Say) -> None:
        """Run the project's own command, or its PEP 517 backend; raises Refused when it fails."""
        if argv is not None:
            require_success(lambda: self._follow(argv, say), "the build failed")
            return
        shutil.rmtree(self.target, ignore_errors=True)
        isolated = self._is_isolated()
        finished = self._follow(self._argv(isolated=isolated), say)
        if finished.code and not isolated and self._lacks_something(finished):
            say("building in a fresh environment: the backend needs more than is installed here")
            finished = self._follow(self._argv(isolated=True), say)
        if finished.code:
            raise Refused("the build failed", evidence=last_lines(finished))

    def _lacks_something(self, finished: process.Finished) -> bool:
        """Whether the backend asked for more than pyproject.toml names, and may have it."""
        return self.options.isolation == "auto" and bool(_LACKING.search(finished.text))

    def _follow(self, argv: Sequence[str], say: Say) -> process.Finished:
        return process.follow(argv, say, cwd=self.source, env=self.variables, timeout=PATIENCE)

    def _argv(self, *, isolated: bool) -> tuple[str, ...]:
        words = () if isolated else ("--no-isolation",)
        return module("build", "--outdir", str(self.target), *words, str(self.source))

    def _is_isolated(self) -> bool:
        if self.options.isolation == "auto":
            return not all(_is_here(requirement) for requirement in self._requirements())
        return self.options.isolation == "always"

    def _requirements(self) -> Sequence[str]:
        place = self.source / "pyproject.toml"
        try:
            system = tomllib.loads(place.read_text("utf-8")).get("build-system", {}) if place.is_file() else {}
        except ValueError as error:
            raise Refused("pyproject.toml cannot be read", where=str(place), evidence=[str(error)]) from None
        return [str(requirement) for requirement in system.get("requires", _USUAL)]


def _is_here(requirement: str) -> bool:
    try:
        wanted = Requirement(requirement)
        if wanted.marker and not wanted.marker.evaluate():
            return True
        return not wanted.extras and wanted.specifier.contains(metadata.version(wanted.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False
