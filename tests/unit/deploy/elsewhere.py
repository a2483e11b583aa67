"""An environment whose service runs on a platform elsewhere, from an image of a registry; all of it in memory."""

from pathlib import Path
from typing import Any

from shipit.adapters.remote.answers import SeenFromOutside
from shipit.adapters.remote.target import RemoteTarget
from shipit.deploy.model import Intent
from shipit.engine import events
from shipit.images.model import REVISION
from shipit.images.outside import Outside as ImagesOutside
from shipit.model import Revision
from tests.fakes_deploy import FakeSmoke, Host
from tests.fakes_images import FakeRegistry
from tests.fakes_platform import FakePlatform
from tests.unit.deploy.scene import Machine, Scene

SETTINGS = """\
[project]
name = "acme"
version = "{version}"

[tool.shipit]
branches.develop = "develop"
[tool.shipit.registry]
host = "registry.test"
namespace = "acme"
[tool.shipit.images]
web = { file = "Dockerfile" }

[tool.shipit.environments.staging]
from = "develop"
smoke.checks = [{ get = "http://acme.test/healthz", json = { commit = "{commit}" } }]
targets.web = { kind = "webhook", url = "env:DEPLOY_HOOK", image = "web" }

[tool.shipit.environments.production]
from = "tags"
promote-from = "staging"
smoke.checks = [{ get = "http://acme.test/healthz", json = { commit = "{commit}" } }]
targets.web = { kind = "webhook", url = "env:DEPLOY_HOOK", image = "web" }
"""
REPOSITORY = "acme/web"
LATEST = (REPOSITORY, "staging-latest")


class Elsewhere(Scene):
    """What all machines share: one registry, and a platform for each environment."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SETTINGS)
        self.registry = FakeRegistry()
        self.platforms = {name: FakePlatform() for name in ("staging", "production")}

    @property
    def platform(self) -> FakePlatform:
        return self.platforms["staging"]

    @property
    def tags(self) -> dict[str, str]:
        return {tag: digest for (_, tag), digest in self.registry.tags.items()}

    def commit(self, version: str, branch: str = "develop", **files: str) -> Revision:
        revision = super().commit(version, branch, **files)
        self.push(revision, branch)
        return revision

    def push(self, revision: Revision, branch: str = "develop", tag: str = "", **labels: str) -> str:
        """As `shipit build --push` does."""
        tag = tag or f"{branch}-{revision.commit[:9]}"
        return self.registry.has(REPOSITORY, tag, {REVISION: revision.commit, **labels})

    def machine(self, process: int = 0, environment: str = "staging") -> "Anywhere":
        made = super().machine(process)
        return Anywhere.of(made, self, environment)


class Anywhere(Machine):
    """A machine that asks the platform of an environment."""

    scene: Elsewhere

    @classmethod
    def of(cls, machine: Machine, scene: Elsewhere, environment: str) -> "Anywhere":
        made = cls.__new__(cls)
        vars(made).update(vars(machine), scene=scene)
        outside, images = made.outside, ImagesOutside(made.outside.project, {})
        outside.name, outside.options = environment, outside.project.config.environments[environment]
        images.release = outside.release
        vars(images)["registry"] = lambda host: scene.registry
        platform = scene.platforms[environment]
        vars(outside).update(images_outside=images, targets=made._elsewhere, smoke=PlatformSmoke(platform))
        return made

    @property
    def warned(self) -> str:
        """Every warning of this machine, line by line."""
        found = [event.problem for event in self.recorder.told if isinstance(event, events.Warned)]
        return "\n".join(f"{one.what}\n{one.evidence}" for one in found)

    def _elsewhere(self, intent: Intent) -> tuple[RemoteTarget, ...]:
        platform = self.scene.platforms[self.outside.name]
        standing = intent.standing

        def image(seen: Revision) -> str | None:
            if standing and seen == standing.decision.revision != intent.revision:
                return self.outside.image("web", seen, standing.decision.tag, standing.images).pinned
            return self.outside.image("web", seen, intent.tag, intent.recorded).pinned

        witness = SeenFromOutside(
            deployed=intent.revision,
            standing=standing.decision.revision if standing else None,
            answers=platform.answers,
            confirm=platform.confirm,
            by_commit=True,
        )
        return (
            RemoteTarget(
                name="web",
                way=platform,
                witness=witness,
                deployed=intent.revision,
                standing=witness.standing,
                image=image,
                is_rollback=intent.is_rollback,
                is_resumed=intent.is_resumed,
            ),
        )


class PlatformSmoke(FakeSmoke):
    """Asks what the platform has live."""

    def __init__(self, platform: FakePlatform) -> None:
        super().__init__(Host())
        self.platform = platform

    def check(self, revision: Revision, say: Any, via: str = "") -> str:
        self.asked.append(revision.version)
        return self.platform.confirm(revision, say)

    def is_live(self, revision: Revision) -> bool:
        return self.platform.answers(revision)

    def glance(self, revision: Revision) -> str:
        return "healthy" if self.platform.answers(revision) else "unhealthy"
