"""What builders say, and what shipit reads in it."""

from pathlib import Path

import pytest

from shipit.adapters.docker import troubles
from shipit.adapters.docker.buildah import labels_in, needs_chroot
from shipit.adapters.docker.buildx import driver_problems, metadata_digest
from shipit.adapters.docker.choice import client_version
from shipit.adapters.docker.engine import pushed_digest
from shipit.adapters.process import Finished
from shipit.errors import Denied, ExternalError, Unavailable
from tests.unit.adapters.docker.orders import order

DIGEST, OTHER = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
NAME = "127.0.0.1:5000/acme/mcp:v1.0.0"
RECORDED = Path(__file__).parent / "metadata.json"
"""Written by `docker buildx build --push --metadata-file` of buildx 0.13.1"""


def finished(said: str) -> Finished:
    return Finished(("docker",), 1, said.encode(), "")


def test_the_digest_of_a_push_stands_on_the_line_of_its_tag() -> None:
    said = f"v1: digest: {OTHER} size: 1\nv1.0.0: digest: {DIGEST} size: 735"
    assert pushed_digest(said, NAME) == DIGEST


def test_an_image_that_calls_itself_a_digest_is_not_believed() -> None:
    said = f"#5 v1.0.0: digest: {OTHER} size: 735\nv1.0.0: digest: sha256:short size: 1"
    with pytest.raises(ExternalError, match="named no digest"):
        pushed_digest(said, NAME)


def test_buildx_writes_the_digest_of_the_manifest_and_not_that_of_the_configuration() -> None:
    assert metadata_digest(RECORDED, NAME).startswith("sha256:2114d9a7aaaa1ed6")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"containerimage.digest": null}', "null"])
def test_a_push_of_buildx_without_a_digest_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "metadata.json").write_text(content)
    for file in (tmp_path / "metadata.json", tmp_path / "nowhere"):
        with pytest.raises(ExternalError, match="named no digest"):
            metadata_digest(file, NAME)


NOTHING_KNOWN = "fix what the lines above say"
MEANINGS: list[tuple[type[ExternalError], str, str]] = [
    (ExternalError, "docker system prune", "failed to copy: write /x: no space left on device"),
    (Unavailable, "systemctl", "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"),
    (
        Denied,
        "group docker",
        "Got permission denied while trying to connect to the Docker daemon socket at unix://",
    ),
    (Denied, "group docker", "permission denied while trying to connect to the docker API at unix:///x"),
    (Denied, "registry.username", "no basic auth credentials"),
    (Denied, "docker login ghcr.example", "denied: requested access to the resource is denied"),
    (Denied, "registry.username", "unauthorized: authentication required"),
    (ExternalError, "FROM", "acme/no: pull access denied, may require authorization: insufficient_scope"),
    (ExternalError, "FROM", "failed to create LLB definition: quay.example/a:1: not found"),
    (
        ExternalError,
        "FROM",
        "failed to resolve source metadata for docker.io/library/no:1: library/no:1: not found",
    ),
    (ExternalError, "FROM", "initializing source docker://x: reading manifest 1 in x: manifest unknown"),
    (ExternalError, NOTHING_KNOWN, 'failed to compute cache key: "/nope" not found: not found'),
    (Unavailable, "ghcr.example", "dial tcp: lookup ghcr.example: no such host"),
    (Unavailable, "network", "net/http: TLS handshake timeout"),
    (Unavailable, "network", "http: server gave HTTP response to HTTPS client"),
    (Unavailable, "network", "received unexpected HTTP status: 502 Bad Gateway"),
    (ExternalError, NOTHING_KNOWN, "dial tcp: no such host\nexecutor failed running [/bin/sh -c x]: exit code: 1"),
    (
        ExternalError,
        NOTHING_KNOWN,
        'unauthorized\nprocess "/bin/sh -c x" did not complete successfully: exit code: 3',
    ),
    (ExternalError, NOTHING_KNOWN, 'Error: building at STEP "RUN unauthorized": exit status 3'),
]


@pytest.mark.parametrize(("kind", "hint", "said"), MEANINGS)
def test_the_last_lines_say_which_error_it_is_and_what_to_do(
    kind: type[ExternalError], hint: str, said: str
) -> None:
    error = troubles.failure(finished(f"#1 something\n\n{said}\n"), "it could not be built", "ghcr.example")
    assert type(error) is kind
    assert hint in (error.hint or "")
    assert error.evidence[-1] == said.splitlines()[-1]


def test_a_program_that_says_nothing_is_known_by_its_exit_code() -> None:
    assert troubles.failure(finished(""), "it failed", "x").evidence == ("exit code 1, and nothing was said",)


def test_podman_is_told_from_docker_by_how_it_spells_its_api_version() -> None:
    assert client_version(b'{"Version": "28.2.2", "ApiVersion": "1.50"}') == "28.2.2"
    for other in (b'{"Version": "4.3.1", "APIVersion": "4.3.1"}', b"", b"null", b"[]", b"podman version 4.3.1"):
        assert client_version(other) is None


def test_an_image_of_buildah_without_labels_has_none() -> None:
    assert labels_in({"Docker": {"config": {"Labels": {"a": "b"}}}}) == {"a": "b"}
    assert labels_in({"Docker": {"config": {}}}) == {}
    assert labels_in({}) == {}


SEVERAL = [order(platforms=("linux/amd64", "linux/arm64")).image]
CONTAINER = "Name: b\nDriver:        docker-container\n\nNodes:\nPlatforms:        linux/amd64*, linux/386\n"


def test_the_builder_that_docker_begins_with_makes_one_platform_at_a_time() -> None:
    [problem] = driver_problems(SEVERAL, "Name:   default\nDriver: docker\n", "[]")
    assert problem.hint == "docker buildx create --use --driver docker-container"
    assert not problem.is_warning


def test_an_engine_that_keeps_images_as_containerd_does_makes_several() -> None:
    status = '[["driver-type","io.containerd.snapshotter.v1"]]'
    said = "Driver: docker\nPlatforms: linux/amd64, linux/arm64\n"
    assert not driver_problems(SEVERAL, said, status)


def test_a_platform_that_no_node_runs_is_a_warning_since_copying_needs_none() -> None:
    [problem] = driver_problems(SEVERAL, CONTAINER, "[]")
    assert "linux/arm64" in problem.what
    assert problem.is_warning
    assert not driver_problems(SEVERAL, f"{CONTAINER}Name: second\nPlatforms: linux/arm64\n", "[]")


def test_isolation_that_the_user_has_chosen_is_left_alone() -> None:
    assert not needs_chroot({"BUILDAH_ISOLATION": "oci", "PATH": "/nowhere"})


def test_root_without_iptables_cannot_have_a_network_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: f"/usr/bin/{name}" if name == "runc" else None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert needs_chroot({"PATH": "/usr/bin"})
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not needs_chroot({"PATH": "/usr/bin"})


def test_without_a_runtime_only_chroot_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    assert needs_chroot({"PATH": "/usr/bin"})
