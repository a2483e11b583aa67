"""What manifests and configurations say, and what is said where they cannot be read."""

import json

import pytest

from shipit.adapters.oci import manifest
from shipit.adapters.oci.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Child
from shipit.errors import ExternalError

DIGEST = f"sha256:{'0' * 64}"


def descriptor(os: str = "linux", architecture: str = "amd64", **more: object) -> dict[str, object]:
    platform = {"os": os, "architecture": architecture}
    return {"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": 1, "platform": platform, **more}


@pytest.mark.parametrize("kind", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_a_manifest_leads_to_its_configuration(kind: str) -> None:
    data = json.dumps({"schemaVersion": 2, "config": {"digest": DIGEST}, "annotations": {"a": "b"}}).encode()
    read = manifest.read(data, kind, "x")
    assert (read.config, read.children, read.data) == (DIGEST, (), data)
    assert manifest.is_digest_of(read.digest, data)


@pytest.mark.parametrize("kind", [OCI_INDEX, DOCKER_LIST])
@pytest.mark.parametrize(
    "attestation",
    [
        descriptor("unknown", "unknown"),
        descriptor(annotations={"vnd.docker.reference.type": "attestation-manifest"}),
    ],
)
def test_an_index_has_children_and_attestations_are_none(kind: str, attestation: dict[str, object]) -> None:
    without_platform = {"digest": DIGEST, "annotations": None}
    data = json.dumps({"manifests": [descriptor(), attestation, without_platform]}).encode()
    read = manifest.read(data, kind, "x")
    assert read.children == (Child(DIGEST, "linux/amd64"), Child(DIGEST, ""))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", OCI_MANIFEST),
        (b"<html>", OCI_MANIFEST),
        (b"[]", OCI_MANIFEST),
        (b"{}", OCI_MANIFEST),
        (b"{}", OCI_INDEX),
        (b'{"manifests": [1]}', OCI_INDEX),
        (b'{"manifests": []}', OCI_MANIFEST),
        (b'{"config": {}}', OCI_MANIFEST),
        (b'{"config": {"digest": "\xff"}}', OCI_MANIFEST),
        (b'{"x":' + b"[" * 100_000, OCI_MANIFEST),
    ],
)
def test_a_manifest_that_is_not_what_its_type_says_is_named(data: bytes, kind: str) -> None:
    with pytest.raises(ExternalError, match="the manifest of x cannot be read") as unreadable:
        manifest.read(data, kind, "the manifest of x")
    assert unreadable.value.evidence[0]


def test_a_configuration_gives_labels_platform_and_time() -> None:
    platform = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    data = json.dumps({**platform, "created": "2026", "config": {"Labels": {"a": "b"}}}).encode()
    read = manifest.read_image(data, DIGEST, "x")
    assert (read.platform, read.labels, read.created, read.digest) == ("linux/arm64/v8", {"a": "b"}, "2026", DIGEST)


@pytest.mark.parametrize("data", [b"{}", b'{"config": null, "created": null}', b'{"config": {"Labels": null}}'])
def test_a_configuration_may_lack_everything(data: bytes) -> None:
    read = manifest.read_image(data, DIGEST, "x")
    assert (read.platform, read.labels, read.created) == ("", {}, "")


def test_a_configuration_with_labels_that_are_none_cannot_be_read() -> None:
    with pytest.raises(ExternalError, match="cannot be read"):
        manifest.read_image(b'{"config": {"Labels": {"a": 1}}}', DIGEST, "the configuration of x")


def test_digests_are_computed_by_their_own_algorithm() -> None:
    for algorithm in ("sha256", "sha512"):
        assert manifest.is_digest_of(manifest.digest_of(b"x", algorithm), b"x")
        assert not manifest.is_digest_of(manifest.digest_of(b"x", algorithm), b"y")
    assert not manifest.is_digest_of("md5:9dd4e461268c8034f5c8564e155c67a6", b"x")
