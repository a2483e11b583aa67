"""A product with two images, its clone and a registry, all in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shipit.config import open_project
from shipit.images import command
from shipit.images.model import REVISION
from shipit.images.outside import Outside
from shipit.output import Renderer
from shipit.output.reporter import Reporter
from tests.fakes import ADA, FakeCheckout, FakeObjects, FakeRemote, FakeServer
from tests.fakes_images import FakeBuilder, FakeRegistry
from tests.unit.memory import Recorder, lay_out_git_folder

SETTINGS = """\
[project]
name = "acme"
version = "1.1.0"

[tool.shipit]
version.files = ["pyproject.toml:project.version"]

[tool.shipit.registry]
host = "registry.test"
namespace = "acme"

[tool.shipit.images]
mcp = { file = "Dockerfile.mcp", name = "acme-mcp", build-args = { VERSION = "{version}", REVISION = "{commit}" } }
webhook = { file = "Dockerfile.webhook", name = "acme-webhook" }
"""
MCP, WEBHOOK = "acme/acme-mcp", "acme/acme-webhook"


class Yard:
    """`head` is the commit that is checked out, on develop."""

    def __init__(
        self, folder: Path, settings: str = SETTINGS, environment: Mapping[str, str] | None = None
    ) -> None:
        lay_out_git_folder(folder)
        (folder / "pyproject.toml").write_text(settings)
        self.folder = folder
        self.settings = settings
        self.server, self.objects = FakeServer(), FakeObjects()
        self.checkout = FakeCheckout(folder / ".git")
        self.outside = Outside(open_project(folder), environment or {})
        vars(self.outside.release).update(
            checkout=self.checkout, objects=self.objects, remote=FakeRemote(self.server, self.objects)
        )
        self.registry = FakeRegistry()
        self.builder = FakeBuilder(self.registry)
        vars(self.outside)["builder"] = self.builder
        self.outside._registries["registry.test"] = self.registry
        vars(self.outside)["_tree"] = lambda _: folder
        self.recorder = Recorder()
        self.head = self.commit("feat: begin\n")

    def commit(self, message: str, files: Mapping[str, bytes] | None = None) -> str:
        """Commit on top of what is checked out, and check that out."""
        before = self.checkout.tips.get("HEAD")
        known = {
            "pyproject.toml": self.settings.encode(),
            "Dockerfile.mcp": b"FROM scratch\n",
            "Dockerfile.webhook": b"FROM scratch\n",
        }
        tree = self.objects.change_tree(before, files or ({} if before else known))
        self.head = self.objects.commit(tree, [before] if before else [], message, ADA, 0)
        self.checkout.tips["HEAD"] = self.head
        return self.head

    def tag(self, name: str) -> None:
        """A version tag on what is checked out, here and on the remote."""
        self.checkout.refs[f"refs/tags/{name}"] = self.head
        self.server.refs[f"refs/tags/{name}"] = self.head
        self.server.objects.store.update(self.objects.store)

    @property
    def reporter(self) -> Reporter:
        return Reporter(Renderer(self.recorder))

    def build(
        self, *wanted: str, push: bool = False, branch: str | None = None, dry_run: bool = False
    ) -> Mapping[str, str]:
        return command.build(self.outside, self.reporter, wanted, branch, push=push, dry_run=dry_run)

    def push(self, *wanted: str, branch: str | None = None) -> Mapping[str, str]:
        return self.build(*wanted, push=True, branch=branch)

    def verify(self, version: str = "") -> Mapping[str, str]:
        return command.verify(self.outside, self.reporter, version)

    def tags(self, repository: str) -> Mapping[str, str]:
        """The digests in the registry, by tag."""
        return {tag: digest for (name, tag), digest in self.registry.tags.items() if name == repository}

    def pushed_by_another(self, repository: str, tag: str, commit: str, platforms: Sequence[str] = ()) -> str:
        labels = {REVISION: commit} if commit else {}
        return self.registry.has(repository, tag, labels, platforms or ("linux/amd64",))
