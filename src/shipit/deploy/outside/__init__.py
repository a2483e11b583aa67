"""Which adapter plays which port of a deployment; each is made when it is first asked for."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.config import Environment, Project, TargetOptions
from shipit.deploy.model import Intent
from shipit.deploy.ports import Board, Target
from shipit.engine.plan import Say, Step
from shipit.errors import ExternalError, Refused, UsageError
from shipit.images.tags import LONGEST, safe
from shipit.migrate.outside import named_environment
from shipit.model import Revision
from shipit.release.outside import Outside as ReleaseOutside

if TYPE_CHECKING:
    from shipit.adapters.claimed import ClaimedFolder
    from shipit.adapters.clock import Clock
    from shipit.adapters.git.private_clone import PrivateClone
    from shipit.deploy.images import DeployedImage
    from shipit.deploy.outside.gates import DeployGates
    from shipit.deploy.schema import MigratedSchema
    from shipit.deploy.smoke import SmokeChecks
    from shipit.images.outside import Outside as ImagesOutside

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
        self.built: list[ClaimedFolder] = []

    def targets(self, intent: Intent) -> tuple[Target, ...]:
        """Frontends first, else in the order of the configuration; last what only the smoke checks can see.

        Those checks pass only once everything else that they ask is switched.
        """
        from shipit.deploy.outside.targets import is_seen_from_outside, make_target

        def order(item: tuple[str, TargetOptions]) -> tuple[bool, bool]:
            name, options = item
            return is_seen_from_outside(options), (options.role or name) != "frontend"

        known = sorted(self.options.targets.items(), key=order)
        return tuple(make_target(self, name, options, intent) for name, options in known)

    @property
    def image_names(self) -> tuple[str, ...]:
        """Those that targets deploy."""
        return tuple(dict.fromkeys(one.image for one in self.options.targets.values() if one.image))

    @property
    def image_tag(self) -> str:
        """The tag that follows what is live here."""
        return safe(self.options.image_tag.replace("{environment}", self.name), LONGEST)

    def images(self, intent: Intent) -> "tuple[DeployedImage, ...]":
        """The images of the revision that is meant."""
        return tuple(self.image(name, intent.revision, intent.tag, intent.recorded) for name in self.image_names)

    def image(self, name: str, revision: Revision, tag: str, recorded: Mapping[str, str]) -> "DeployedImage":
        """An image of a revision; `recorded` is what a ledger says of its images."""
        from shipit.deploy.outside.images import deployed_image

        return deployed_image(self.images_outside, self.options, name, (revision, tag), recorded)

    @cached_property
    def images_outside(self) -> "ImagesOutside":
        """Images and registries of the configuration."""
        from shipit.images.outside import Outside as ImagesOutside

        made = ImagesOutside(self.project, self.release.environment)
        made.release = self.release
        return made

    @property
    def places(self) -> Mapping[str, Sequence[str]]:
        """The folders and addresses of each target, which nothing else may use."""
        top = self.project.top
        return {
            name: [
                *([str((top / options.path).resolve())] if options.path else []),
                *([options.address] if options.address else []),
                *([f"vercel:{options.team or ''}/{options.project}"] if options.project else []),
            ]
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
            self.variables(options, revision, self.project.top)
            if options.url is not None:
                self.address(options.url)
            if options.token is not None:
                self.release.secret(options.token)

    @cached_property
    def board(self) -> "Board | None":
        """Where a forge lists deployments, None where nobody does; raises UsageError without its token."""
        from shipit.deploy.outside.board import board

        return board(self.release)

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

    def gates(self, revision: Revision, images: "Sequence[DeployedImage]" = ()) -> "DeployGates":
        """Runs the project's gates in a private clone of the commit, and the security scans with these images."""
        from shipit.deploy.outside.gates import deploy_gates

        return deploy_gates(self, revision, images)

    def close(self) -> None:
        """Remove what was built, and what it was built from: a target has its own copy."""
        for clone in self._clones.values():
            clone.remove()
        for folder in self.built:
            folder.clear()

    def clone(self, revision: Revision) -> "PrivateClone":
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

    def _has_folder(self, source: str, revision: Revision) -> bool:
        inside = f"{source.rstrip('/')}/"
        return any(path.startswith(inside) for path in self.release.objects.files(revision.commit, source))

    def variables(self, options: TargetOptions, revision: Revision, path: Path) -> Mapping[str, str]:
        """What the service sees: secrets are resolved now."""
        found = options.variables.items()
        return {
            name: self.release.secret(value)
            if value.startswith(REFERENCES)
            else revision.fill(value).replace("{path}", str(path))
            for name, value in found
        }

    def address(self, url: str) -> str:
        """The address of a webhook, a secret in whatever way it is given."""
        from shipit import masking

        if url.startswith(REFERENCES):
            return self.release.secret(url)
        masking.register(url)
        return url

    def seen(self, revision: Revision) -> Mapping[str, str | None]:
        """What the project's own commands see beside our environment; None takes a name away."""
        from shipit.adapters.git.clone_settings import without_repository
        from shipit.adapters.python.build_versions import release_variables

        withheld = dict.fromkeys(self.release.secret_names)
        return {**without_repository(), **withheld, **release_variables(revision.version, self.release.now())}

    def _critical_paths(self, revision: Revision, say: Say) -> None:
        """Raises ExternalError unless the command of smoke.run ends with 0."""
        from shipit.adapters import process

        words = [revision.fill(word) for word in process.words(self.options.smoke.run or ())]
        finished = process.follow(
            words, say, cwd=self.project.top, env=self.seen(revision), timeout=process.LONGEST
        )
        if finished.code:
            raise ExternalError(
                "a critical path failed", where="smoke.run", evidence=finished.text.splitlines()[-12:]
            )

    def now(self) -> int:
        """Seconds since the epoch: when somebody deployed is no part of what is built."""
        return int(time.time())
