"""The sample product acme with everything around it: a GitHub with protected branches, real servers, two Vercels.

git over smart HTTP with a hook, PostgreSQL, docker engine, registry and package index are the real ones.
"""

import base64
import contextlib
import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from examples import base_image, docker_registry
from examples.demo_deploy import free_ports
from examples.history import BEGINNING, WORK
from examples.lay_out import Laid, _lay, git

from tests.support import engine, gitserver, postgres, pypi
from tests.support.github import GitHubServer
from tests.support.github_state import Repository
from tests.support.gitserver import GitServer, User
from tests.support.online_settings import ENVIRONMENTS, Addresses, files
from tests.support.require import require
from tests.support.vercel import PUBLIC, VercelServer

JOBS, RELEASER, REGISTRY = "github-actions", "acme-release", "acme"
JOB_TOKEN, RELEASE_TOKEN = "ghs_tokenOfTheJobs0123456789abcdefghij", "ghs_tokenOfTheReleaser0123456789abcdef"
_MEMBERS = f"{REGISTRY}:$2y$04$abcdefghijklmnopqrstuutbz0W8hP4joyRN9IQa2Q/AQy3cxPTUS\n"
"""The token of the jobs as bcrypt has it."""


@dataclass
class Servers:
    """What all worlds of a test process share."""

    engine: engine.Engine
    database: postgres.Server
    registry: str


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    require(docker_registry.PACKAGE, docker_registry.program() is not None)
    with (
        engine.engine() as running,
        contextlib.contextmanager(postgres.started)("debian-15") as database,
        docker_registry.registry(_MEMBERS) as registry,
    ):
        base_image.write_python(running.folder / "python.tar")
        running.take(base_image.PYTHON, running.folder / "python.tar")
        yield Servers(running, database, registry)


@dataclass
class World:
    laid: Laid
    servers: Servers
    github: GitHubServer
    repository: Repository
    served: GitServer
    vercel: Mapping[str, VercelServer]
    index: pypi.Address
    ports: Mapping[str, int]
    secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def clone(self) -> Path:
        return self.laid.clone

    def merge(self, message: str, files: Mapping[str, str]) -> str:
        """A pull request to develop is merged on GitHub, so no hook is asked; gives its commit."""
        git(self.clone, "fetch", "--quiet", str(self.laid.remote), "develop")
        git(self.clone, "checkout", "--quiet", "--force", "-B", "develop", "FETCH_HEAD")
        for path, text in files.items():
            (self.clone / path).write_text(text, encoding="utf-8")
            git(self.clone, "add", "--", path)
        git(self.clone, "commit", "--quiet", "--message", message)
        git(self.laid.remote, "fetch", "--quiet", str(self.clone), "develop")
        git(self.laid.remote, "update-ref", "refs/heads/develop", "FETCH_HEAD")
        return git(self.clone, "rev-parse", "HEAD")

    def checkout(self, ref: str, user: str = JOBS) -> Path:
        """What actions/checkout leaves: a whole clone, and the token in a file of its own that git includes."""
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.laid.folder))
        clone, kept = folder / "acme", folder / "credentials"
        git(folder, "clone", "--quiet", "--template=", str(self.laid.remote), str(clone))
        git(clone, "checkout", "--quiet", ref)
        git(clone, "remote", "set-url", "origin", self.served.url(self.laid.remote.name))
        login = base64.b64encode(f"{user}:{self.served.users[user].password}".encode()).decode()
        root = f"http://127.0.0.1:{self.served.port}/"
        git(folder, "config", "--file", str(kept), f"http.{root}.extraheader", f"AUTHORIZATION: basic {login}")
        git(clone, "config", "includeIf.gitdir:.git.path", str(kept))
        return clone

    def answer(self, environment: str) -> tuple[str, str] | None:
        """Version and commit as the webhook of this environment says them; None where nothing answers."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"http://127.0.0.1:{self.ports[environment]}/healthz", timeout=10) as page:
                found = json.load(page)
        except OSError:
            return None
        return found["version"], found["commit"]

    def site(self, environment: str) -> str:
        """The page that a user of the frontend sees."""
        return (self.vercel[environment].state.serve("index.html") or b"").decode()

    def running(self, environment: str) -> str:
        """The image of the container that runs."""
        argv = ("ps", "--filter", f"name=acme-{environment}", "--no-trunc", "--format", "{{.Image}}")
        return self.servers.engine.docker(*argv).strip()

    def digest(self, tag: str) -> str:
        """What the registry has under this tag of the webhook, or nothing."""
        login = base64.b64encode(f"{REGISTRY}:{JOB_TOKEN}".encode()).decode()
        kinds = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
        address = f"{self.servers.registry}/v2/{_namespace(self.laid.folder)}/acme-webhook/manifests/{tag}"
        headers = {"Authorization": f"Basic {login}", "Accept": kinds}
        asked = urllib.request.Request(address, headers=headers, method="HEAD")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(asked, timeout=10) as page:
                return str(page.headers["Docker-Content-Digest"])
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return ""

    def applied(self, environment: str) -> int:
        """How many migrations the ledger in the database has."""
        [[there]] = self.ask(environment, "SELECT to_regclass('shipit.migration') IS NOT NULL")
        if not there:
            return 0
        [[count]] = self.ask(environment, "SELECT count(*) FROM shipit.migration")
        return int(str(count))

    def ask(self, environment: str, statement: str) -> Sequence[tuple[object, ...]]:
        """In the database of this environment."""
        return self.servers.database.query(f"{self.laid.folder.name}_{environment}", statement)

    def columns(self, environment: str, table: str) -> set[str]:
        asked = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
        return {str(name) for (name,) in self.ask(environment, asked)}

    def packages(self) -> Sequence[str]:
        return sorted(path.name for path in self.laid.index.glob("acme-*"))

    def notified(self) -> list[dict[str, Any]]:
        kept = self.laid.folder / "notified.jsonl"
        return [json.loads(line) for line in kept.read_text().splitlines() if line] if kept.exists() else []


@contextlib.contextmanager
def world(folder: Path, shared: Servers) -> Iterator[World]:
    """Laid out in `folder`, whose name is unique: databases and images are named after it."""
    ports = dict(zip(ENVIRONMENTS, free_ports(), strict=True))
    with contextlib.ExitStack() as stack:
        github = stack.enter_context(GitHubServer())
        vercel = {name: stack.enter_context(VercelServer()) for name in ENVIRONMENTS}
        vercel["staging"].state.name = "acme-staging"
        index = stack.enter_context(pypi.pypiserver(folder / "index"))
        addresses = Addresses(
            folder=folder.resolve(),
            api=github.api,
            index=index.url,
            registry=urlsplit(shared.registry).netloc,
            namespace=_namespace(folder),
            sites={name: f"{one.api}{PUBLIC}" for name, one in vercel.items()},
            ports=ports,
        )
        laid = _lay(folder, "acme", files(addresses), BEGINNING, WORK)
        members = {JOBS: User(JOB_TOKEN), RELEASER: User(RELEASE_TOKEN)}
        served = stack.enter_context(GitServer(laid.folder, members))
        made = World(laid, shared, github, _repository(github, laid), served, vercel, index, ports)
        made.secrets = _secrets(made)
        try:
            yield made
        finally:
            for name in ENVIRONMENTS:
                with contextlib.suppress(Exception):
                    shared.engine.docker("rm", "--force", "--volumes", f"acme-{name}")


def _namespace(folder: Path) -> str:
    """In the registry, which worlds share."""
    return folder.name.replace("_", "-")


def _repository(github: GitHubServer, laid: Laid) -> Repository:
    """Nobody but the release actor pushes to the shared branches, on the web side and in git itself."""
    for token in (JOB_TOKEN, RELEASE_TOKEN):
        github.add_token("write", text=token, installation=True)
    made = github.add_repository("acme/acme", git=laid.remote, workflows=("build.yml", "deploy-production.yml"))
    made.hides_runs_for = 0
    for branch in ("main", "develop"):
        made.add_rule(branch, "pull_request", bypass="always")
    gitserver.decline(laid.remote, "refs/heads/main", "refs/heads/develop", unless=RELEASER)
    return made


def _secrets(made: World) -> Mapping[str, str]:
    """Those of the repository and of its environments, by name."""
    server, name = made.servers.database, made.laid.folder.name.replace("-", "_")
    databases = {f"{one.upper()}_DATABASE_URL": server.create(f"{name}_{one}") for one in ENVIRONMENTS}
    return {
        "GITHUB_TOKEN": JOB_TOKEN,
        "RELEASE_TOKEN": RELEASE_TOKEN,
        "ACME_WEBHOOK_SECRET": "throw-away-secret",
        "CODECOV_TOKEN": "throw-away-token",
        "VERCEL_TOKEN": made.vercel["staging"].state.token,
        "INDEX_USERNAME": made.index.username,
        "INDEX_PASSWORD": made.index.password,
        **databases,
    }
