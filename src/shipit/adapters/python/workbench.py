"""The work tree of the commit to release, and every command that runs in it: gates, build, check, trial."""

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shipit import config
from shipit.adapters import process
from shipit.adapters.git.work_tree import ELSEWHERE, WorkTree
from shipit.adapters.python import coverage, distribution, sbom
from shipit.adapters.python.build import Builder, built
from shipit.adapters.python.virtualenv import PATIENCE, Environment, last_lines, module, require_success
from shipit.engine.plan import Say
from shipit.errors import Refused, Unavailable, UsageError
from shipit.model import GateReport
from shipit.versioning.number import pep440


@dataclass(frozen=True)
class Workbench:
    """Plays ports.Workbench for one commit; everything it makes lies in `folder`.

    `version` is the SemVer spelling, `time` in seconds since the epoch is what builds take for now.
    """

    top: Path
    folder: Path
    commit: str
    tree: str
    time: int
    version: str
    gates: Mapping[str, config.Gate]
    building: config.Distribution
    withheld: Sequence[str] = ()
    """names of environment variables that hold secrets of the release"""
    package: str = ""
    """where in the work tree the build runs; gates run at its top"""

    @cached_property
    def source(self) -> Path:
        """The work tree, made when it is first needed."""
        work_tree = self._work_tree
        work_tree.make()
        return work_tree.path

    @property
    def variables(self) -> Mapping[str, str | None]:
        """What children see beside our own environment; None takes a name away."""
        version = pep440(self.version)
        return {
            **ELSEWHERE,
            **dict.fromkeys(self.withheld),
            "SOURCE_DATE_EPOCH": str(self.time),
            "SHIPIT_VERSION": self.version,
            "SETUPTOOLS_SCM_PRETEND_VERSION": version,  # also what hatch-vcs reads
            "PDM_BUILD_SCM_VERSION": version,
            "POETRY_DYNAMIC_VERSIONING_BYPASS": version,
            "UV_DYNAMIC_VERSIONING_BYPASS": version,
        }

    def run_gate(self, gate: str, say: Say) -> GateReport:
        """Run a gate's command; whatever goes wrong in it is a report that did not pass."""
        asked = self._gate(gate)
        argv = _argv(asked.run, f"gates.{gate}.run")
        report = self.source / asked.coverage_file
        before = coverage.stamp(report)
        try:
            finished = process.follow(argv, say, cwd=self.source, env=self.variables, timeout=asked.timeout * 60)
        except (Unavailable, UsageError) as error:  # too slow, or no such command
            return self._report(gate, argv, "\n".join([error.what, *error.evidence]))
        if finished.code:
            return self._report(gate, argv, "\n".join([_ended(finished), *last_lines(finished)]))
        if asked.coverage is None:
            return self._report(gate, argv, None)
        measured = coverage.measured(report, before)
        return self._report(gate, argv, _short(measured, asked.coverage), measured.percent)

    def build(self, say: Say) -> Sequence[Path]:
        """Build from clean files; raises Refused when that fails or the names tell another version."""
        source, own = self.source / self.package, self.building.run
        self._work_tree.clean()
        target = self._place / "dist" if own is None else source / self.building.directory
        argv = None if own is None else _argv(own, "distribution.run")
        Builder(source, target, self.building, self.variables).build(argv, say)
        return built(target, pep440(self.version))

    def check(self, dist: Sequence[Path], say: Say) -> None:
        argv = module("twine", "--no-color", "check", "--strict", *map(str, dist))
        require_success(
            lambda: process.follow(argv, say, cwd=self._place, env=self.variables, timeout=PATIENCE),
            "the metadata check found fault",
        )

    def try_install(self, dist: Sequence[Path], say: Say) -> Path:
        """Install the wheel, or the sdist where there is none, and ask the environment for its version."""
        files = sorted(dist, key=lambda path: (not path.name.endswith(".whl"), path.name))
        if not files:
            raise Refused("there is nothing to install")
        environment = Environment(self._place / "venv", self.variables)
        environment.make(say)
        environment.install(files[0], say)
        environment.check(files[0])
        say(f"{files[0].name} installs and answers as {distribution.known(files[0].name).version}")
        return environment.python

    def make_sbom(self, python: Path, say: Say) -> bytes:
        words = ("environment", "--output-reproducible", "--no-validate", "--of", "JSON", str(python))
        finished = process.run(
            module("cyclonedx_py", *words), cwd=self._place, env=self.variables, timeout=PATIENCE
        )
        if finished.code:
            raise Refused("no SBOM could be made", evidence=finished.stderr.splitlines()[-12:])
        found = sbom.tidy(finished.text, self.time)
        say(f"SBOM: {len(found)} bytes")
        return found

    def clear(self) -> None:
        """Remove everything: nothing in `folder` is needed by a later run."""
        self._work_tree.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.__dict__.pop("source", None)

    @property
    def _place(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    @property
    def _work_tree(self) -> WorkTree:
        return WorkTree(self.top, self.folder / "tree", self.commit)

    def _gate(self, name: str) -> config.Gate:
        if name in self.gates:
            return self.gates[name]
        raise UsageError(f"no gate is named `{name}`", evidence=[f"gates: {', '.join(self.gates) or 'none'}"])

    def _report(
        self, gate: str, argv: Sequence[str], fault: str | None, percent: float | None = None
    ) -> GateReport:
        detail = fault if fault is not None else "" if percent is None else f"coverage {percent:.1f} %"
        return GateReport(gate, self.tree, tuple(argv), fault is None, percent, detail)


def _argv(command: str | Sequence[str], key: str) -> tuple[str, ...]:
    """Take a command apart like a shell would; no shell ever runs."""
    try:
        argv = tuple(shlex.split(command) if isinstance(command, str) else command)
    except ValueError as error:
        raise UsageError(f"`{command}` is no command: {error}", where=key) from None
    if not argv:
        raise UsageError("the command is empty", where=key)
    return argv


def _ended(finished: process.Finished) -> str:
    if finished.code < 0:
        return f"the command was ended by signal {-finished.code}"
    return f"the command ended with exit code {finished.code}"


def _short(measured: coverage.Coverage, least: float) -> str | None:
    """Say what is missing to the coverage that is asked for; None if nothing is."""
    if measured.percent is None:
        return measured.fault
    if measured.percent >= least:
        return None
    return f"coverage {_percent(measured.percent, least)} % is below {least:g} %"


def _percent(percent: float, least: float) -> str:
    """One decimal, or as many as it takes not to look like the minimum."""
    return next(text for digits in range(1, 9) if float(text := f"{percent:.{digits}f}") < least or digits == 8)
