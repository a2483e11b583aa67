"""What is docker's own: its daemon, its plugins, and which program is chosen where several are there."""

import os
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.choice import choose
from shipit.adapters.oci.login import Login
from shipit.errors import Denied, ExternalError, Unavailable
from tests.contract.images.conftest import BUILD, BUILDAH, BUILDX, Bench, docker_config, nobody
from tests.support.registry import PASSWORD, USER

with_and_without_buildx = pytest.mark.parametrize("program", [BUILD, BUILDX], indirect=True)
by_docker_build = pytest.mark.parametrize("program", [BUILD], indirect=True)


@with_and_without_buildx
def test_a_base_image_that_nobody_has_is_said_to_be_the_name_in_from(bench: Bench, registry: str) -> None:
    (bench.tree / "Dockerfile").write_text(f"FROM {registry}/acme/no-such-base:1\n")
    with pytest.raises(ExternalError) as caught:
        bench.build(bench.order())
    assert "FROM" in (caught.value.hint or "")


@with_and_without_buildx
def test_a_daemon_that_is_gone_is_a_problem_with_its_cause_and_a_hint(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    for builder in (bench.builder, choose(lambda host: None, ClaimedFolder(bench.kept))):
        [problem] = builder.problems([bench.order().image])
        assert problem.what == "docker's daemon does not answer"
        assert "unix:///nowhere/docker.sock" in problem.evidence
        assert "systemctl start docker" in problem.hint
    with pytest.raises(Unavailable, match="which images are here"):
        bench.builder.labels("acme/mcp:1")
    with pytest.raises(Unavailable, match="could not be built"):
        bench.build(bench.order())


@with_and_without_buildx
def test_plugins_and_other_files_of_docker_are_found_beside_the_private_login(bench: Bench) -> None:
    Path(os.environ["HOME"], ".docker").mkdir(exist_ok=True)
    Path(os.environ["HOME"], ".docker", "key.json").write_text("{}")
    login = Login(username=USER, password=PASSWORD)
    builder = choose(lambda host: login, ClaimedFolder(bench.kept))
    builder.build(bench.order(), bench.said.append)  # by buildx, whose plugin is in the user's own folder
    assert builder.labels(bench.order().name)
    assert Path(os.environ["HOME"], ".docker", "key.json").read_text() == "{}"


def _also(tmp_path: Path, name: str, script: str = "") -> None:
    """Put one more program beside the one that is there."""
    path = tmp_path / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@with_and_without_buildx
def test_the_configured_login_goes_before_the_store_that_docker_asks_for_all_others(
    members_only: str, bench: Bench, tmp_path: Path
) -> None:
    _also(tmp_path, "docker-credential-other", 'echo \'{"Username": "x", "Secret": "y"}\'')
    docker_config({}, credsStore="other")
    login = Login(username=USER, password=PASSWORD)
    bench = bench.at(members_only)
    order = bench.order()
    bench.build(order)
    with pytest.raises(Denied):
        bench.push(order)
    bench.builder = choose(lambda host: login, ClaimedFolder(bench.kept))
    assert bench.push(order).startswith("sha256:")


@by_docker_build
def test_docker_comes_before_buildah(bench: Bench, tmp_path: Path) -> None:
    _also(tmp_path, "buildah")
    assert choose(nobody, ClaimedFolder(bench.kept)).name == BUILD


@by_docker_build
def test_buildah_builds_where_docker_has_no_daemon_and_that_is_said(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    _also(tmp_path, "buildah")
    chosen = choose(nobody, ClaimedFolder(bench.kept))
    assert chosen.name == BUILDAH
    [problem] = chosen.problems([bench.order().image])
    assert problem.is_warning
    assert problem.what == "docker's daemon does not answer"


@by_docker_build
def test_what_docker_lacks_is_said_where_buildah_cannot_work_either(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    _also(tmp_path, "buildah", "echo no storage >&2; exit 125")
    assert choose(nobody, ClaimedFolder(bench.kept)).name == BUILD


@by_docker_build
def test_a_docker_that_needs_its_plugin_and_has_none_cannot_build(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bin" / "docker").unlink()
    version = '{"Version":"28.2.2","ApiVersion":"1.50"}'
    _also(tmp_path, "docker", f"[ $1 = version ] && echo '{version}' || exit 1")
    chosen = choose(nobody, ClaimedFolder(bench.kept))
    [problem] = chosen.problems([])
    assert problem.what == "docker 28.2.2 cannot build without its plugin buildx"
    bench.builder = chosen
    with pytest.raises(ExternalError, match="cannot build without its plugin"):
        bench.build(bench.order())


@by_docker_build
def test_podman_in_docker_s_clothes_is_not_taken_for_docker(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bin" / "docker").unlink()
    _also(tmp_path, "docker", """echo '{"APIVersion":"4.3.1","Version":"4.3.1"}'""")
    [problem] = choose(nobody, ClaimedFolder(bench.kept)).problems([])
    assert problem.what == "the program docker is not docker itself"


def test_without_any_program_pre_flight_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("docker") is None
    chosen = choose(nobody, ClaimedFolder(tmp_path / "kept"))
    [problem] = chosen.problems([])
    assert problem.what == "there is no program that builds images"
    assert chosen.labels("acme/mcp:1") is None


RECORDING = """\
echo "$*" >>"$(dirname "$0")/calls"
case "$*" in
  *Client*) echo '{"Version":"28.2.2","ApiVersion":"1.50"}' ;;
  *Server.Os*) echo linux/arm64 ;;
  *inspect*) echo 'Driver: docker-container'; echo 'Platforms: linux/amd64*, linux/arm64' ;;
esac
for word in "$@"; do
  case $word in --metadata-file=*) echo '{"containerimage.digest": "DIGEST"}' >"${word#*=}" ;; esac
done
"""


@by_docker_build
def test_several_platforms_are_pushed_by_buildx_itself_which_writes_the_digest_down(
    bench: Bench, tmp_path: Path
) -> None:
    """No engine here builds for several: what is run is recorded, and answered as buildx 0.13 answers."""
    (tmp_path / "bin" / "docker").unlink()
    digest = f"sha256:{'a' * 64}"
    _also(tmp_path, "docker", RECORDING.replace("DIGEST", digest))
    (tmp_path / "bin" / "dirname").symlink_to("/usr/bin/dirname")
    builder = choose(nobody, ClaimedFolder(bench.kept))
    order = bench.order()
    order = replace(order, image=replace(order.image, platforms=("linux/amd64", "linux/arm64")))
    assert builder.name == BUILDX
    assert list(builder.problems([order.image])) == []
    (tmp_path / "bin" / "calls").unlink()
    builder.build(order, bench.said.append)
    assert builder.push(order, bench.said.append) == digest
    asked, build, load, push = (tmp_path / "bin" / "calls").read_text().splitlines()
    assert asked.startswith("version")
    assert "--platform=linux/amd64,linux/arm64" in build
    assert "--load --file" in load
    assert "--platform=linux/arm64 " in load
    assert "--platform=linux/amd64,linux/arm64" in push
    assert "--push" in push
