"""Building sdist and wheel."""

import os
import re
import shutil
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from shipit import config
from shipit.adapters import process
from shipit.adapters.python.build_versions import requirements
from shipit.adapters.python.virtualenv import PATIENCE, last_lines, module, require_success
from shipit.engine.plan import Say
from shipit.errors import Refused

_LACKING = re.compile(r"\b(Missing|Unmet) dependencies\b")
"""How older and newer versions of `build` say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds the clone in `source` into `target`, or by an own command; `clean` makes its files as they were."""

    source: Path
    target: Path
    options: config.Distribution
    variables: Mapping[str, str | None]
    clean: Callable[[], None]

    def build(self, argv: Sequence[str] | None, say: Say) -> None:
        """Run the project's own command, or its PEP 517 backend; raises Refused when it fails."""
        if argv is not None:
            self.clean()
            require_success(lambda: self._follow(argv, say), "the build failed")
            return
        isolated = is_isolated(self.options, lambda: requirements(self.source))
        finished = self._try(say, isolated=isolated)
        if finished.code and not isolated and self._lacks_something(finished):
            say("building in a fresh environment: the backend needs more than is installed here")
            finished = self._try(say, isolated=True)
        if finished.code:
            raise Refused("the build failed", evidence=_reasons(finished))

    def _try(self, say: Say, *, isolated: bool) -> process.Finished:
        """Build from clean files into an empty folder: what an attempt before has left is not taken along."""
        self.clean()
        shutil.rmtree(self.target, ignore_errors=True)
        return self._follow(
            build_argv(str(self.target), str(self.source), isolated=isolated), say, **_surroundings()
        )

    def _lacks_something(self, finished: process.Finished) -> bool:
        """Whether the backend asked for more than pyproject.toml names, and may have it."""
        return self.options.isolation == "auto" and bool(_LACKING.search(finished.text))

    def _follow(self, argv: Sequence[str], say: Say, **more: str) -> process.Finished:
        return process.follow(argv, say, cwd=self.source, env={**self.variables, **more}, timeout=PATIENCE)


def build_argv(target: str, source: str, *, isolated: bool) -> tuple[str, ...]:
    """The command that builds the packages of a folder into another."""
    words = () if isolated else ("--no-isolation",)
    return module("build", "--outdir", target, *words, source)


def is_isolated(options: config.Distribution, required: Callable[[], Sequence[str]]) -> bool:
    """Whether a build begins in a fresh environment: left alone, where something that it needs is not here."""
    if options.isolation == "auto":
        return not all(_is_here(requirement) for requirement in required())
    return options.isolation == "always"


def _surroundings() -> dict[str, str]:
    """The scripts of this interpreter first on PATH: backends look there for programs that came with them.

    The lines are wide enough that none of what pip says is wrapped.
    """
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    return {"PATH": path, "COLUMNS": "400"}


def _reasons(finished: process.Finished) -> list[str]:
    """What pip says is wrong, if it was pip, and the end of the output otherwise."""
    said = [line.removeprefix("< ").strip() for line in finished.text.splitlines()]
    return [line for line in said if line.startswith("ERROR: ")][-12:] or last_lines(finished)


def _is_here(requirement: str) -> bool:
    try:
        wanted = Requirement(requirement)
        if wanted.marker and not wanted.marker.evaluate():
            return True
        return not wanted.extras and wanted.specifier.contains(metadata.version(wanted.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False
