"""The images of a deployment in real registries: found by tag or ledger, tagged by their very bytes, and proved."""

from collections.abc import Iterator

import pytest

from shipit.adapters.oci.registry import Registry
from shipit.deploy.images import DeployedImage, left
from shipit.deploy.steps.images import put
from shipit.images.commit import CommitImage
from shipit.images.model import REVISION, Image, Names
from shipit.images.outside.registry import KnownRegistry
from shipit.model import Revision
from tests.support.registry import docker_registry, front
from tests.support.registry_images import DOCKER, OCI, Pusher, image, index
from tests.support.registry_stand_in import StandIn

REPOSITORY = "acme/web"
NEW = Revision("1.1.0", "1" * 40)
OWN = f"develop-{NEW.commit[:9]}"


@pytest.fixture(params=["docker-registry", "stand-in"])
def host(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "stand-in":
        with StandIn() as made:
            yield made.host
        return
    with docker_registry() as root, front(root) as real:
        yield real.host


def deployed(host: str, recorded: str = "") -> DeployedImage:
    pushed = CommitImage(
        image=Image(key="web", host=host, repository=REPOSITORY, file="Dockerfile"),
        revision=NEW,
        names=Names(own=OWN),
        registry=KnownRegistry(Registry(host)),
    )
    return DeployedImage(pushed=pushed, recorded=recorded)


@pytest.mark.parametrize("kind", [OCI, DOCKER])
def test_another_tag_has_the_same_digest(host: str, kind: str) -> None:
    digest = Pusher(f"http://{host}").push(REPOSITORY, image(kind=kind, labels={REVISION: NEW.commit}), OWN)
    made = deployed(host)
    assert made.pinned == f"{host}/{REPOSITORY}@{digest}"
    for tag in ("v1.1.0", "staging-latest"):
        assert made.tagged(tag) is None
        put(made, tag, digest, print)
        assert made.tagged(tag) == digest
    assert left("web", made.pinned, NEW.commit, made.registry) == ""


def test_an_image_for_several_platforms_is_one(host: str) -> None:
    labels = {REVISION: NEW.commit}
    both = index(
        (image("a", labels=labels), "linux/amd64"),
        (image("b", labels=labels, architecture="arm64"), "linux/arm64"),
        attested=True,
    )
    digest = Pusher(f"http://{host}").push(REPOSITORY, both, OWN)
    made = deployed(host)
    put(made, "staging-latest", digest, print)
    assert made.digest == made.tagged("staging-latest") == digest


def test_what_a_ledger_has_is_found_without_any_tag(host: str) -> None:
    digest = Pusher(f"http://{host}").push(REPOSITORY, image(labels={REVISION: NEW.commit}))
    assert deployed(host).digest is None
    assert deployed(host, digest).digest == digest


def test_an_image_of_another_commit_is_none_of_ours(host: str) -> None:
    digest = Pusher(f"http://{host}").push(REPOSITORY, image(labels={REVISION: "2" * 40}), OWN)
    made = deployed(host, digest)
    assert (made.digest, made.pinned) == (None, None)
    assert made.what_is_there()[0] == f"{host}/{REPOSITORY}@{digest}: an image of 2222222222"
    assert "an image of 2222222222, not of" in left(
        "web", f"{host}/{REPOSITORY}@{digest}", NEW.commit, made.registry
    )


def test_what_was_deleted_is_gone(host: str) -> None:
    pusher = Pusher(f"http://{host}")
    digest = pusher.push(REPOSITORY, image(labels={REVISION: NEW.commit}), OWN)
    made = deployed(host, digest)
    assert made.digest == digest
    pusher.delete(REPOSITORY, digest)
    assert made.digest is None
    assert "is gone from the registry" in left("web", f"{host}/{REPOSITORY}@{digest}", NEW.commit, made.registry)
