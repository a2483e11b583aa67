"""Which adapter plays which port of a deployment; each is made when it is first asked for."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.config import Environment, Project, TargetOptions
from shipit.deploy.ports import Target
from shipit.engine.plan import Say, Step
from shipit.errors import ExternalError, Refused, UsageError
from shipit.migrate.outside import named_environment
from shipit.model import Revision
from shipit.release.outside import Outside as ReleaseOutside
from shipit.versioning.number import pep440

if TYPE_CHECKING:
    from shipit.adapters.claimed import ClaimedFolder
    from shipit.adapters.clock import Clock
    from shipit.adapters.git.private_clone import PrivateClone
    from shipit.deploy.schema import MigratedSchema
    from shipit.deploy.smoke import SmokeChecks
    from shipit.gates.runner import GateRunner

REFERENCES = ("env:", "file:", "command:")
"""How a value begins that is not the value itself, but where it is."""


class Outside:
    """One environment; raises UsageError if the configuration does not know it."""

    def __init__(self, project: Project, name: str, environment: Mapping[str, str] = os.environ) -> None:
        self.project = project
        self.name = name
        self.options: Environment = named_environment(project.config.environments, name)
        self.release = ReleaseOutside(project, environment)
        self._clones: dict[str, PrivateClone] = {}
        self._built: list[ClaimedFolder] = []

    def targets(self, revision: Revision, fence: int = 0) -> tuple[Target, ...]:
        """Frontends first, else in the order of the configuration; `fence` is the number of who changes them."""
        known = sorted(self.options.targets.items(), key=lambda item: (item[1].role or item[0]) != "frontend")
        return tuple(self._target(name, options, revision, fence) for name, options in known)

    def _target(self, name: str, options: TargetOptions, revision: Revision, fence: int) -> Target:
        path = (self.project.top / options.path).resolve()
        if options.kind == "directory":
            from shipit.adapters.local.directory import DirectoryTarget

            return DirectoryTarget(
                name=name,
                path=path,
                keep=options.keep,
                export=lambda _commit, to: self._export(name, options, revision, to),
                fence=fence,
            )
        from shipit.adapters.local.process import ProcessTarget
        from shipit.adapters.process import words

        return ProcessTarget(
            name=name,
            path=path,
            keep=options.keep,
            run=words(self._required(name, "run", options.run)),
            address=str(self._required(name, "address", options.address)),
            variables=lambda seen: self._variables(options, seen, path),
            wheel=lambda say: self._wheel(revision, say),
            fence=fence,
        )

    @property
    def places(self) -> Mapping[str, Sequence[str]]:
        """The folders and addresses of each target, which nothing else may use."""
        top = self.project.top
        return {
            name: [str((top / options.path).resolve()), *([options.address] if options.address else [])]
            for name, options in self.options.targets.items()
        }

    @property
    def other_places(self) -> Mapping[str, Sequence[str]]:
        """Those of the other environments."""
        known = self.project.config.environments
        others = {name: Outside(self.project, name).places for name in known if name != self.name}
        return {f"{name}.{target}": found for name, places in others.items() for target, found in places.items()}

    def require_inputs(self, revision: Revision) -> None:
        """Raise UsageError for a folder that the commit lacks, or a secret that is missing."""
        for name, options in self.options.targets.items():
            if options.source is not None and not self._has_folder(options.source, revision):
                raise UsageError(
                    f"{options.source} is no folder of {revision}",
                    where=f"environments.{self.name}.targets.{name}.source",
                    hint="name the folder of the repository that is to be published",
                )
            self._variables(options, revision, self.project.top)

    @cached_property
    def clock(self) -> "Clock":
        from shipit.adapters.clock import Clock

        return Clock()

    @cached_property
    def smoke(self) -> "SmokeChecks | None":
        """None where nothing is to be asked."""
        options = self.options.smoke
        if not (options.checks or options.run):
            return None
        from shipit.adapters.http.browser import Browser
        from shipit.deploy.smoke import SmokeChecks

        command = self._critical_paths if options.run is not None else None
        return SmokeChecks(options=options, web=Browser(), clock=self.clock, command=command)

    @contextmanager
    def schema(self, revision: Revision) -> "Iterator[MigratedSchema | None]":
        """The database with the migration files of this commit, None without one; closed with the block."""
        if self.options.database is None:
            yield None
            return
        from shipit.deploy.schema import MigratedSchema, committed

        outside = committed(self.project, self.name, self.release.objects, revision.commit)
        try:
            yield MigratedSchema(outside)
        finally:
            outside.close()

    def published(self, tag: str) -> tuple[Step, ...]:
        """The steps by which the release of this tag reaches forge and index; raises Refused if there is none."""
        from shipit.release import recipe
        from shipit.release.lock import UNHELD
        from shipit.release.open_release import context, pushed

        try:
            made = context(self.release, pushed(self.release, tag), UNHELD)
        except Refused as why:
            hint = f"release it with shipit release, or set publish = false for {self.name}"
            raise Refused(why.what, where=why.where, evidence=why.evidence, hint=hint) from why
        return recipe.published(made, may_be_edited=True)

    def gates(self, revision: Revision) -> "GateRunner":
        """Runs the project's gates in a private clone of the commit."""
        from shipit.gates.outside import gate_runner

        seen, withheld = self._seen(revision), self.release.withheld
        return gate_runner(self.project.config.gates, self._clone(revision), seen, withheld)

    def close(self) -> None:
        """Remove what was built, and what it was built from: a target has its own copy."""
        for clone in self._clones.values():
            clone.remove()
        for folder in self._built:
            folder.clear()

    def _clone(self, revision: Revision) -> "PrivateClone":
        from shipit.adapters.git.private_clone import PrivateClone

        signature = self.release.signature()
        made = PrivateClone(
            top=self.project.top,
            commit=revision.commit,
            tag=self.project.config.version.tag_format.replace("{version}", revision.version),
            author=signature.author,
            time=signature.time,
            remote=self.project.config.branches.remote,
        )
        return self._clones.setdefault(revision.commit, made)

    def _export(self, name: str, options: TargetOptions, revision: Revision, to: Path) -> None:
        """Write the published folder of the commit, which `require_inputs` has seen."""
        source = str(self._required(name, "source", options.source))
        shutil.copytree(self._clone(revision).path / source, to, symlinks=True, dirs_exist_ok=True)

    def _has_folder(self, source: str, revision: Revision) -> bool:
        inside = f"{source.rstrip('/')}/"
        return any(path.startswith(inside) for path in self.release.objects.files(revision.commit, source))

    def _wheel(self, revision: Revision, say: Say) -> Path:
        """The wheel of the commit, built once."""
        from shipit.adapters.python.packager import Packager
        from shipit.gates.runner import split

        options = self.project.config.distribution
        self._built.append(self.release.folder(self.release.private / "work" / f"deploy-{revision.reference}"))
        packager = Packager(
            tree=self._clone(revision),
            folder=self._built[-1],
            time=self.release.now(),
            project=self.project.name,
            version=pep440(revision.version),
            options=options,
            command=None if options.run is None else split(options.run, "distribution.run"),
            variables={**self._seen(revision), **dict.fromkeys(self.release.withheld.difference(options.secrets))},
        )
        wheels = [path for path in packager.build(say) if path.suffix == ".whl"]
        if not wheels:
            raise ExternalError("the build made no wheel", evidence=["a process target installs a wheel"])
        return wheels[0]

    def _variables(self, options: TargetOptions, revision: Revision, path: Path) -> Mapping[str, str]:
        """What the service sees: secrets are resolved now."""
        found = options.variables.items()
        return {
            name: self.release.secret(value)
            if value.startswith(REFERENCES)
            else revision.fill(value).replace("{path}", str(path))
            for name, value in found
        }

    def _seen(self, revision: Revision) -> Mapping[str, str | None]:
        """What the project's own commands see beside our environment; None takes a name away."""
        from shipit.adapters.git.clone_settings import without_repository
        from shipit.adapters.python.build_versions import release_variables

        withheld = dict.fromkeys(self.release.secret_names)
        return {**without_repository(), **withheld, **release_variables(revision.version, self.release.now())}

    def _critical_paths(self, revision: Revision, say: Say) -> None:
        """Raises ExternalError unless the command of smoke.run ends with 0."""
        from shipit.adapters import process

        words = [revision.fill(word) for word in process.words(self.options.smoke.run or ())]
        finished = process.follow(words, say, cwd=self.project.top, env=self._seen(revision))
        if finished.code:
            raise ExternalError(
                "a critical path failed", where="smoke.run", evidence=finished.text.splitlines()[-12:]
            )

    def _required(self, name: str, key: str, value: "str | Sequence[str] | None") -> "str | Sequence[str]":
        if value is None:
            where = f"[tool.shipit.environments.{self.name}.targets.{name}]"
            raise UsageError(f"the target {name} has no {key}", where=where, hint=f'{key} = "…"')
        return value

    def now(self) -> int:
        """Seconds since the epoch: when somebody deployed is no part of what is built."""
        return int(time.time())
