"""What can be relied on in every registry: Debian's, Debian's with passwords, and the stand-in."""

import pytest

from shipit.adapters.oci.manifest import Child
from shipit.errors import Denied, ExternalError, UsageError
from tests.contract.oci.conftest import Place
from tests.support import registry_images as images
from tests.support.registry_images import DOCKER, DOCKER_LIST, OCI, OCI_INDEX, Made

KINDS = {
    "OCI manifest": images.image(kind=OCI),
    "Docker manifest": images.image(kind=DOCKER),
    "OCI index": images.index((images.image("a"), "linux/amd64"), (images.image("b"), "linux/arm64")),
    "Docker list": images.index((images.image("c", kind=DOCKER), "linux/amd64"), kind=DOCKER_LIST),
}
every_kind = pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
NOWHERE = f"sha256:{'0' * 64}"


@every_kind
def test_a_tag_has_the_digest_that_the_push_gave(place: Place, made: Made) -> None:
    pushed = place.pusher.push(place.name, made, "v1.0.0")
    assert place.registry.digest(place.name, "v1.0.0") == pushed == made.digest
    assert place.registry.digest(place.name, pushed) == pushed


@every_kind
def test_a_manifest_comes_with_its_very_bytes_and_type(place: Place, made: Made) -> None:
    place.pusher.push(place.name, made, "v1.0.0")
    for at in ("v1.0.0", made.digest):
        found = place.registry.manifest(place.name, at)
        assert found is not None
        assert (found.data, found.media_type, found.digest) == (made.data, made.media_type, made.digest)


@every_kind
def test_another_tag_for_a_manifest_keeps_its_digest(place: Place, made: Made) -> None:
    place.pusher.push(place.name, made, "develop-abc123def")
    found = place.registry.manifest(place.name, made.digest)
    assert found is not None
    before = len(place.rules.writes())
    place.registry.tag(place.name, "staging-latest", found)
    assert place.registry.digest(place.name, "staging-latest") == made.digest
    writes = place.rules.writes()[before:]
    assert set(writes) == {f"PUT /v2/{place.name}/manifests/staging-latest"}  # and no blob is uploaded


def test_a_tag_moves_from_one_image_to_the_next(place: Place) -> None:
    for mark in ("one", "two"):
        made = images.image(mark)
        place.pusher.push(place.name, made)
        found = place.registry.manifest(place.name, made.digest)
        assert found is not None
        place.registry.tag(place.name, "develop", found)
        assert place.registry.digest(place.name, "develop") == made.digest


def test_what_is_not_there_is_none(place: Place) -> None:
    assert place.registry.digest(place.name, "v1.0.0") is None
    assert place.registry.manifest(place.name, "v1.0.0") is None
    assert place.registry.tags(place.name) == ()
    place.pusher.push(place.name, images.image(), "v1.0.0")
    for at in ("v1.0.1", NOWHERE):
        assert place.registry.digest(place.name, at) is None
        assert place.registry.manifest(place.name, at) is None


def test_all_tags_are_listed(place: Place) -> None:
    tags = ["develop", "develop-abc123def", "main", "staging-latest", "v1.0.0", "v1.0.1", "v1.1.0"]
    place.pusher.push(place.name, images.image(), *tags)
    assert sorted(place.registry.tags(place.name)) == tags


def test_a_deleted_digest_takes_its_tags_with_it(place: Place) -> None:
    kept, gone = images.image("kept"), images.image("gone")
    place.pusher.push(place.name, kept, "main")
    place.pusher.push(place.name, gone, "develop", "v1.0.0")
    place.pusher.delete(place.name, gone.digest)
    assert place.registry.digest(place.name, "v1.0.0") is None
    assert place.registry.manifest(place.name, gone.digest) is None
    assert list(place.registry.tags(place.name)) == ["main"]
    place.pusher.delete(place.name, kept.digest)
    assert list(place.registry.tags(place.name)) == []


@pytest.mark.parametrize("kind", [OCI, DOCKER])
def test_an_image_has_its_labels_platform_and_time(place: Place, kind: str) -> None:
    labels = {"org.opencontainers.image.revision": "c" * 40, "org.opencontainers.image.version": "1.0.0"}
    made = images.image(kind=kind, labels=labels, architecture="arm", variant="v7")
    place.pusher.push(place.name, made, "v1.0.0")
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    [image] = place.registry.images(place.name, found)
    assert (image.labels, image.platform, image.created) == (labels, "linux/arm/v7", images.CREATED)
    assert image.digest == made.digest


def test_an_image_without_labels_has_none(place: Place) -> None:
    place.pusher.push(place.name, images.image(labels=None), "v1.0.0")
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    assert [image.labels for image in place.registry.images(place.name, found)] == [{}]


@pytest.mark.parametrize(("kind", "inner"), [(OCI_INDEX, OCI), (DOCKER_LIST, DOCKER)])
def test_an_index_leads_to_its_images_and_attestations_are_none(place: Place, kind: str, inner: str) -> None:
    one = images.image("one", kind=inner, labels={"mark": "one"})
    two = images.image("two", kind=inner, labels={"mark": "two"}, architecture="arm64")
    made = images.index((one, "linux/amd64"), (two, "linux/arm64"), kind=kind, attested=kind == OCI_INDEX)
    place.pusher.push(place.name, made, "v1.0.0")
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    assert found.children == (Child(one.digest, "linux/amd64"), Child(two.digest, "linux/arm64"))
    seen = place.registry.images(place.name, found)
    assert [(image.digest, image.platform, image.labels) for image in seen] == [
        (one.digest, "linux/amd64", {"mark": "one"}),
        (two.digest, "linux/arm64", {"mark": "two"}),
    ]


def test_a_manifest_is_refused_where_its_layers_are_not(place: Place) -> None:
    made = images.image()
    place.pusher.push(place.name, made, "v1.0.0")
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    with pytest.raises(Denied, match="MANIFEST_BLOB_UNKNOWN") as refused:
        place.registry.tag(f"{place.name}-elsewhere", "v1.0.0", found)
    assert "push the image there first" in str(refused.value.hint)
    assert place.registry.digest(f"{place.name}-elsewhere", "v1.0.0") is None


def test_a_manifest_under_another_type_is_refused_and_leaves_no_tag(place: Place) -> None:
    place.pusher.push(place.name, images.image(kind=OCI), "v1.0.0")
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    found = type(found)(digest=found.digest, media_type=DOCKER, data=found.data)
    with pytest.raises(Denied, match="MANIFEST_INVALID"):
        place.registry.tag(place.name, "v2.0.0", found)
    assert place.registry.digest(place.name, "v2.0.0") is None


def test_an_image_without_its_configuration_is_not_complete(place: Place) -> None:
    made = images.image()
    place.pusher.push(place.name, made, "v1.0.0")
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    place.pusher.delete_blob(place.name, found.config)
    with pytest.raises(ExternalError, match="not complete") as incomplete:
        place.registry.images(place.name, found)
    assert incomplete.value.evidence == (f"the configuration {found.config} is not there",)


def test_an_index_without_one_of_its_images_is_not_complete(place: Place) -> None:
    gone = images.image("gone")
    made = images.index((images.image("one"), "linux/amd64"), (gone, "linux/arm64"))
    place.pusher.push(place.name, made, "v1.0.0")
    place.pusher.delete(place.name, gone.digest)
    found = place.registry.manifest(place.name, "v1.0.0")
    assert found is not None
    with pytest.raises(ExternalError, match="not complete") as incomplete:
        place.registry.images(place.name, found)
    assert gone.digest in incomplete.value.evidence[0]


@pytest.mark.parametrize("at", ["", "v1+2", "a/b", "-x", "x" * 129, "sha256:00", "tag\n"])
def test_what_is_neither_tag_nor_digest_is_never_asked_for(place: Place, at: str) -> None:
    made = images.image()
    place.pusher.push(place.name, made)
    found = place.registry.manifest(place.name, made.digest)
    assert found is not None
    before = len(place.rules.requests)
    for ask in (place.registry.digest, place.registry.manifest):
        with pytest.raises(UsageError, match="neither a tag nor a digest"):
            ask(place.name, at)
    with pytest.raises(UsageError, match="neither a tag nor a digest"):
        place.registry.tag(place.name, at, found)
    assert len(place.rules.requests) == before


@pytest.mark.parametrize("name", ["", "Acme/x", "acme//x", "../x", "acme/x/"])
def test_what_is_no_repository_is_never_asked_for(place: Place, name: str) -> None:
    for ask in (lambda: place.registry.tags(name), lambda: place.registry.digest(name, "v1.0.0")):
        with pytest.raises(UsageError, match="no repository"):
            ask()
    assert place.rules.requests == []


def test_the_login_is_said_once_for_all_that_is_read(place: Place) -> None:
    place.pusher.push(place.name, images.image(), "v1.0.0")
    before = len(place.rules.requests)
    for _ in range(3):
        place.registry.digest(place.name, "v1.0.0")
        place.registry.tags(place.name)
    refused = [one for one in place.rules.requests[before:] if one.status == 401]
    assert len(refused) <= 1
    assert len(place.rules.requests[before:]) == 6 + len(refused)
