"""The command lines of the builders, as values."""

from pathlib import Path

from shipit.adapters.docker import arguments
from tests.unit.adapters.docker.orders import order

NAME = "ghcr.example/acme/mcp:v1.0.0"


def test_a_plain_image_needs_little() -> None:
    assert arguments.docker_build(order()) == (
        "docker",
        "build",
        "--progress=plain",
        "--file=./Dockerfile",
        f"--tag={NAME}",
        "--",
        ".",
    )


def test_everything_that_can_be_configured_is_an_argument_of_its_own() -> None:
    wanted = order(
        file="deploy/Dockerfile.mcp",
        context="src",
        target="final",
        platforms=("linux/arm64",),
        build_args={"VERSION": "1.0.0", "EMPTY": ""},
        labels={"a": "b c"},
    )
    assert arguments.docker_build(wanted) == (
        "docker",
        "build",
        "--progress=plain",
        "--file=./deploy/Dockerfile.mcp",
        f"--tag={NAME}",
        "--platform=linux/arm64",
        "--target=final",
        "--build-arg=VERSION=1.0.0",
        "--build-arg=EMPTY=",
        "--label=a=b c",
        "--",
        "./src",
    )


def test_a_context_that_looks_like_an_address_is_a_folder() -> None:
    assert arguments.docker_build(order(context="github.com/acme/mcp"))[-1] == "./github.com/acme/mcp"


def test_buildx_leaves_an_image_for_one_platform_in_the_engine() -> None:
    [argv] = arguments.buildx_builds(order(platforms=("linux/arm64",)), lambda: "linux/amd64")
    assert argv[:5] == ("docker", "buildx", "build", "--progress=plain", "--load")
    assert "--platform=linux/arm64" in argv


def test_buildx_builds_several_platforms_and_leaves_that_of_this_machine_in_the_engine() -> None:
    several = order(platforms=("linux/arm64", "linux/amd64"))
    build, load = arguments.buildx_builds(several, lambda: "linux/amd64")
    assert "--load" not in build
    assert "--platform=linux/arm64,linux/amd64" in build
    assert "--load" in load
    assert "--platform=linux/amd64" in load


def test_buildx_leaves_the_first_platform_in_an_engine_that_is_none_of_them() -> None:
    several = order(platforms=("linux/arm64", "linux/s390x"))
    assert "--platform=linux/arm64" in arguments.buildx_builds(several, lambda: "linux/amd64")[1]


def test_buildx_pushes_several_platforms_itself_and_writes_the_digest_down() -> None:
    several = order(platforms=("linux/arm64", "linux/amd64"))
    argv = arguments.buildx_build(several, "--push", "--metadata-file=/x/metadata.json")
    assert argv[4:6] == ("--push", "--metadata-file=/x/metadata.json")
    assert "--platform=linux/arm64,linux/amd64" in argv


def test_buildah_builds_in_docker_s_format_and_isolated_as_it_is_asked_to() -> None:
    assert arguments.buildah_build(order(), "")[:4] == ("buildah", "bud", "--format=docker", "--file=./Dockerfile")
    assert "--isolation=chroot" in arguments.buildah_build(order(), "chroot")


def test_buildah_writes_the_digest_down_and_asks_for_encryption_unless_the_registry_is_here() -> None:
    file = Path("/x/digest")
    assert arguments.buildah_push(NAME, file, is_plain=False) == (
        "buildah",
        "push",
        "--digestfile=/x/digest",
        "--",
        NAME,
    )
    assert "--tls-verify=false" in arguments.buildah_push(NAME, file, is_plain=True)


def test_a_push_by_docker_is_not_quiet_or_it_would_name_no_digest() -> None:
    assert arguments.docker_push(NAME) == ("docker", "push", "--", NAME)
