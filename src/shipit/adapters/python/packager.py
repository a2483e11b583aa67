"""Build, check and try the packages of one commit, and list what they bring along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.git.private_clone import PrivateClone
from shipit.adapters.python import attestation, sbom, trial
from shipit.adapters.python.build import Builder, build_argv, is_isolated
from shipit.adapters.python.build_versions import build_variables, requirements_of
from shipit.adapters.python.interpreter import version_problem
from shipit.adapters.python.produced import Wanted, built
from shipit.adapters.python.virtualenv import PATIENCE, Environment, Source, install_argv, module
from shipit.config import Distribution
from shipit.engine.plan import Problem, Say
from shipit.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Packager:
    """Plays release.ports.Packager for the commit of a private clone; all else that it makes lies in `folder`.

    `project` is the name on the index, `version` the PEP 440 spelling, `public` says that it goes to PyPI or
    TestPyPI, `time` in seconds since the epoch is what builds take for now, `command`
    the project's own build command, `package` where in the tree the build runs, `variables` what children see
    beside our own environment, `source` the index that is released to, as pip finds it.
    """

    tree: PrivateClone
    folder: ClaimedFolder
    time: int
    project: str
    version: str
    public: bool = False
    options: Distribution
    command: Sequence[str] | None
    variables: Mapping[str, str | None]
    package: str = ""
    source: Callable[[], Source | None] = lambda: None

    def problems(self) -> Sequence[Problem]:
        """Say whether this Python is one that the project takes, unless an own command does all with another."""
        if self.command is not None and not self.options.install:
            return ()
        file = str(Path(self.package, "pyproject.toml"))
        found = version_problem(self.tree.read(file), file=file)
        return (found,) if found else ()

    def argv(self, name: str) -> Sequence[str]:
        """Without a clone: the paths are those that it will have, and what an install needs is not known yet."""
        if name == "build":
            return self.command or self._build_argv()
        if name == "check":
            return trial.check_argv(["<files>"])
        return install_argv("<environment>/bin/python", "<index>", "<file>")

    def _build_argv(self) -> Sequence[str]:
        file = str(Path(self.package, "pyproject.toml"))
        isolated = is_isolated(self.options, lambda: requirements_of(self.tree.read(file) or "", file))
        return build_argv("<dist>", "<tree>", isolated=isolated)

    def build(self, say: Say) -> Sequence[Path]:
        """Build from clean files; raises Refused when that fails or what it left is not what is released."""
        source = self.tree.path / self.package
        target = self._place / "dist" if self.command is None else source / self.options.directory
        builder = Builder(
            source=source,
            target=target,
            options=self.options,
            variables={**self.variables, **build_variables(self.project, self.version, source)},
            clean=self.tree.clean,
        )
        builder.build(self.command, say)
        files = built(target, Wanted(project=self.project, version=self.version, public=self.public))
        return (*files, *attestation.left(files, say))

    def check(self, dist: Sequence[Path], say: Say) -> Sequence[str]:
        return trial.check_metadata(dist, say, place=self._place, variables=self.variables)

    def try_install(self, dist: Sequence[Path], say: Say) -> Path | None:
        environment = Environment(self._place / "venv", self.variables)
        return trial.install(dist, environment, say, self.source)

    def sbom(self, python: Path, say: Say) -> bytes:
        words = ("environment", "--output-reproducible", "--no-validate", "--of", "JSON", str(python))
        finished = process.run(
            module("cyclonedx_py", *words), cwd=self._place, env=self.variables, timeout=PATIENCE
        )
        if finished.code:
            raise Refused("no SBOM could be made", evidence=finished.stderr.splitlines()[-12:])
        found = sbom.normalized(finished.text, self.time)
        say(f"SBOM: {len(found)} bytes")
        return found

    def clear(self) -> None:
        """Remove everything, the clone included: nothing in `folder` is needed by a later run."""
        self.tree.remove()
        self.folder.clear()

    @property
    def _place(self) -> Path:
        return self.folder.claim()
