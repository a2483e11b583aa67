"""Both images of the sample product, built, pushed, verified, and one of them deployed by its digest.

With a docker engine, a registry and a base image of its own, which are gone afterwards, so it needs no network.
Needs root, shipit in the Python that runs it (`make demo-docker` sees to that), git, and three packages of Debian.
Exits with 1 if a command or a check fails, and with 2 if a part of the machine is missing.
"""

import contextlib
import hashlib
import json
import os
import signal
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples import base_image, docker_engine, docker_registry, stage
from examples.demo_deploy import SECRET, answer, make_sick
from examples.lay_out import Laid, git, lay_out_for_docker
from examples.stage import End, Failed, Question

KEYS = ("mcp", "webhook")
MANIFESTS = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    packages = [*docker_engine.lacking(), *([] if docker_registry.program() else [docker_registry.PACKAGE])]
    if packages:
        print(f"The demo needs more of this machine: apt-get install {' '.join(packages)}", file=sys.stderr)
        return 2
    if os.geteuid():
        print("The demo needs root: it starts a docker engine of its own.", file=sys.stderr)
        return 2
    for number in SIGNALS:
        signal.signal(number, end)
    return stage.told(demo)


def end(number: int, _: object) -> None:
    """Leave, and let nothing disturb the engine, the registry and the folders while they are removed."""
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


def demo() -> End:
    port = stage.free_port()
    with place(port) as made:
        print(f"The sample product acme lies in {made.laid.clone}, its images go to {made.host}.", flush=True)
        build(made)
        deploy(made, port)
    return End("Both images are built, pushed and verified, the webhook is deployed by its digest")


@dataclass(frozen=True, slots=True)
class Place:
    """acme beside an engine, which has only the base image, and an empty registry at this host:port."""

    laid: Laid
    engine: docker_engine.Engine
    host: str

    @property
    def variables(self) -> Mapping[str, str]:
        path = f"{self.engine.programs}{os.pathsep}{stage.environment()['PATH']}"
        private = {
            "DOCKER_CONFIG": str(self.laid.folder / "docker"),
            "XDG_STATE_HOME": str(self.laid.folder / "state"),
        }
        return SECRET | private | {"DOCKER_HOST": self.engine.address, "PATH": path}

    def show(self, why: str, command: str, expected: int = 0) -> None:
        stage.show(self.laid.clone, why, command, expected, self.variables)

    def tags(self, key: str) -> list[str]:
        return sorted(json.loads(self._get(f"acme-{key}/tags/list"))["tags"])

    def manifest(self, key: str, reference: str) -> bytes:
        return self._get(f"acme-{key}/manifests/{reference}")

    def digest(self, key: str, tag: str) -> str:
        """Made of the very bytes that the registry has under this tag."""
        return f"sha256:{hashlib.sha256(self.manifest(key, tag)).hexdigest()}"

    def labels(self, key: str, reference: str) -> dict[str, str]:
        config = json.loads(self.manifest(key, reference))["config"]["digest"]
        found: dict[str, str] = json.loads(self._get(f"acme-{key}/blobs/{config}"))["config"]["Labels"]
        return found

    def running(self) -> list[str]:
        """The images of the containers that run now."""
        return self.engine.docker("ps", "--no-trunc", "--format={{.Image}}").split()

    def _get(self, path: str) -> bytes:
        asked = urllib.request.Request(f"http://{self.host}/v2/acme/{path}", headers={"Accept": MANIFESTS})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(asked, timeout=10) as page:
            content: bytes = page.read()
        return content


@contextlib.contextmanager
def place(port: int) -> Iterator[Place]:
    with (
        tempfile.TemporaryDirectory(prefix="shipit-demo-") as folder,
        docker_engine.engine() as engine,
        docker_registry.registry() as root,
    ):
        base_image.write_python(engine.folder / "python.tar")
        engine.take(base_image.PYTHON, engine.folder / "python.tar")
        host = root.removeprefix("http://")
        yield Place(lay_out_for_docker(Path(folder), host, base_image.PYTHON, port), engine, host)


def build(made: Place) -> None:
    """Run the commands that a workflow would run, and ask the registry what came out."""
    made.show("What would be built and pushed? Nothing is touched.", "shipit build --push --dry-run")
    made.show("Build both images of this commit, and push them.", "shipit build --push")
    first = {key: made.digest(key, "develop") for key in KEYS}
    made.show("Are they in the registry, and of this very commit?", "shipit verify images")
    made.show("Once more: there is nothing to do.", "shipit build --push")
    stage.check("And what does the registry say?", pushed(made, first))


def pushed(made: Place, first: Mapping[str, str]) -> Iterator[Question]:
    head = git(made.laid.remote, "rev-parse", "develop")
    tags = ["develop", f"develop-{head[:9]}"]
    for key, digest in first.items():
        sentence = f"acme-{key} has the tags {' and '.join(tags)}, both of them {digest[:19]}…"
        yield sentence, partial(has, made, key, dict.fromkeys(tags, digest))
        yield f"acme-{key} is labelled with version 1.0.0 and this commit", partial(is_of, made, key, digest, head)


def has(made: Place, key: str, wanted: Mapping[str, str]) -> bool:
    """Whether these are all tags, and their digests."""
    return {tag: made.digest(key, tag) for tag in made.tags(key)} == wanted


def is_of(made: Place, key: str, digest: str, commit: str) -> bool:
    labels, prefix = made.labels(key, digest), "org.opencontainers.image."
    return (labels[f"{prefix}version"], labels[f"{prefix}revision"]) == ("1.0.0", commit)


def deploy(made: Place, port: int) -> None:
    """Deploy the webhook, then a version that never gets healthy, and ask what answers in the end."""
    good = git(made.laid.remote, "rev-parse", "develop")
    pinned = f"{made.host}/acme/acme-webhook@{made.digest('webhook', 'develop')}"
    made.show("What would a deployment to staging do?", "shipit deploy --env staging --dry-run")
    made.show("Deploy the image of develop to staging, by its digest.", "shipit deploy --env staging --yes")
    if (found := made.running()) != [pinned]:
        raise Failed(f"one container of {pinned} was expected, there are: {' '.join(found) or 'none'}")
    make_sick(made.laid)
    made.show("Somebody pushed a version whose health page answers 500.", "shipit build webhook --push")
    made.show("Its container is replaced by the one from before.", "shipit deploy --env staging --yes", expected=7)
    made.show("What has happened to staging?", "shipit deploy history --env staging")
    made.show("Is what was deployed still in the registry?", "shipit verify images --env staging")
    stage.check("And what answers?", live(made, port, good, pinned))


def live(made: Place, port: int, good: str, pinned: str) -> Iterator[Question]:
    yield "staging answers with the commit from before", lambda: answer(port)["commit"] == good
    yield "one container runs, of the digest that was pushed", lambda: made.running() == [pinned]
    yield "staging-latest is that digest", lambda: pinned.endswith(made.digest("webhook", "staging-latest"))
    yield "develop has moved on", lambda: not pinned.endswith(made.digest("webhook", "develop"))
    yield "no lock is left on the remote", lambda: not git(made.laid.remote, "for-each-ref", "refs/shipit/lock/")


if __name__ == "__main__":
    sys.exit(main())
