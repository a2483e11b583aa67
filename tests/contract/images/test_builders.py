"""The port Builder, played by docker build, docker buildx and buildah on real engines and registries."""

import base64
import contextlib
import shlex
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest
from examples import base_image
from msgspec.structs import replace

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.choice import choose
from shipit.adapters.oci.login import Login
from shipit.adapters.oci.registry import Registry
from shipit.errors import Denied, ExternalError, Unavailable
from tests.contract.images.conftest import Bench, docker_config
from tests.support.postgres import _free_port
from tests.support.registry import PASSWORD, USER
from tests.support.tcp_proxy import Proxy

ODD = "a b, c=d $HOME \"quoted\" 'single' ü -- `x`"


class Counting(Proxy):
    """Counts the bytes that clients send."""

    sent = 0

    def _there(self, client: socket.socket, server: socket.socket, answered: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.sent += len(data)
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)


@contextmanager
def counting(host: str) -> Iterator[Counting]:
    proxy = Counting(int(host.rpartition(":")[2]))
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()


def digest_in(host: str, name: str, at: str, login: Login | None = None) -> str | None:
    with closing(Registry(host, lambda: login)) as client:
        return client.digest(name, at)


def test_the_one_program_that_is_there_is_chosen_and_can_build(bench: Bench, program: str) -> None:
    assert bench.builder.name == program
    assert list(bench.builder.problems([bench.order().image])) == []


def test_an_image_is_built_with_its_labels_and_arguments_whatever_characters_they_hold(bench: Bench) -> None:
    order = bench.order(args={"WORD": ODD})
    bench.build(order)
    labels = bench.builder.labels(order.name) or {}
    assert labels["word"] == ODD
    assert labels["made.by"] == "a test"


def test_a_label_may_hold_what_a_shell_or_a_dockerfile_would_expand(bench: Bench) -> None:
    order = bench.order()
    labels = {"odd": ODD + "\nsecond ${line}", "empty": ""}
    bench.builder.build(type(order)(image=order.image, name=order.name, tree=order.tree, labels=labels), print)
    found = bench.builder.labels(order.name) or {}
    assert {name: found.get(name) for name in labels} == labels


def test_an_image_that_is_not_there_has_no_labels(bench: Bench) -> None:
    assert bench.builder.labels(bench.order("v9.9.9").name) is None


def test_the_command_is_said_before_what_it_says(bench: Bench, program: str) -> None:
    bench.build(bench.order(args={"WORD": ODD}))
    argv = shlex.split(bench.said[0])
    assert argv[: len(program.split())] == program.split()
    assert f"--build-arg=WORD={ODD}" in argv
    assert len(bench.said) > 3


def test_a_push_returns_the_digest_that_the_registry_then_has(bench: Bench) -> None:
    order = bench.order()
    bench.build(order)
    assert bench.push(order) == digest_in(bench.host, bench.name, "v1.0.0")


def test_a_health_check_of_the_dockerfile_reaches_the_registry(bench: Bench) -> None:
    with (bench.tree / "Dockerfile").open("a") as file:
        file.write('HEALTHCHECK CMD ["/bin/ls"]\n')
    order = bench.order()
    bench.build(order)
    with closing(Registry(bench.host)) as client:
        found = client.manifest(bench.name, bench.push(order))
    assert found
    config = httpx.get(f"http://{bench.host}/v2/{bench.name}/blobs/{found.config}", trust_env=False).json()
    assert config["config"]["Healthcheck"]["Test"] == ["CMD", "/bin/ls"]


def test_a_second_push_uploads_nothing_and_names_the_same_digest(bench: Bench) -> None:
    with counting(bench.host) as proxy:
        bench = bench.at(f"127.0.0.1:{proxy.port}")
        order = bench.order()
        bench.build(order)
        first = bench.push(order)
        uploaded, proxy.sent = proxy.sent, 0
        assert bench.push(order) == first
    assert uploaded > 400_000
    assert proxy.sent < 20_000


def test_another_target_of_the_same_file_is_built_if_it_is_asked_for(bench: Bench) -> None:
    (bench.tree / "Dockerfile").write_text(
        "FROM scratch AS one\nLABEL stage=one\nFROM scratch AS two\nLABEL stage=two\n"
    )
    order = bench.order()
    bench.build(replace(order, image=replace(order.image, target="one")))
    assert (bench.builder.labels(order.name) or {})["stage"] == "one"


def test_file_and_context_are_those_of_the_tree(bench: Bench) -> None:
    inner = bench.tree / "-odd context"
    inner.mkdir()
    (inner / "only-here").write_text("x")
    (bench.tree / "-odd file").write_text("FROM scratch\nCOPY only-here /\nLABEL found=yes\n")
    order = bench.order(file="-odd file")
    bench.build(replace(order, image=replace(order.image, context="-odd context")))
    assert (bench.builder.labels(order.name) or {})["found"] == "yes"


def test_the_error_of_a_failing_run_has_what_it_said(bench: Bench) -> None:
    (bench.tree / "Dockerfile").write_text(
        f"FROM {base_image.BUSYBOX}\nRUN echo dial tcp: no such host: unauthorized && exit 3\n"
    )
    with pytest.raises(ExternalError) as caught:
        bench.build(bench.order())
    assert type(caught.value) is ExternalError  # what it says about a network is not about the registry's
    assert "could not be built" in caught.value.what
    assert any("no such host: unauthorized" in line for line in caught.value.evidence)


def test_a_dockerfile_that_is_missing_is_named(bench: Bench) -> None:
    with pytest.raises(ExternalError) as caught:
        bench.build(bench.order(file="Dockerfile.nowhere"))
    assert "Dockerfile.nowhere" in "\n".join(caught.value.evidence)


def test_a_registry_that_does_not_answer_is_unavailable(bench: Bench) -> None:
    bench = bench.at(f"127.0.0.1:{_free_port()}")
    order = bench.order()
    bench.build(order)
    with pytest.raises(Unavailable) as caught:
        bench.push(order)
    assert bench.host in (caught.value.hint or "")


def test_a_registry_for_members_refuses_who_has_no_login(members_only: str, bench: Bench) -> None:
    bench = bench.at(members_only)
    order = bench.order()
    bench.build(order)
    with pytest.raises(Denied) as caught:
        bench.push(order)
    assert "registry.username" in (caught.value.hint or "")


def test_the_configured_login_pushes_and_is_seen_nowhere(
    members_only: str, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    login = Login(username=USER, password=PASSWORD)
    bench = bench.at(members_only)
    bench.builder = choose(lambda host: login if host == members_only else None, ClaimedFolder(bench.kept))
    own = docker_config({"ghcr.example": {"auth": "eDp5"}, members_only: {"auth": "d3Jvbmc6d3Jvbmc="}})
    before = own.read_bytes()
    order = bench.order()
    bench.build(order)
    digest = bench.push(order)
    assert digest == digest_in(members_only, bench.name, "v1.0.0", login)
    assert own.read_bytes() == before
    assert bench.left() == []
    said = "\n".join([*bench.said, *capfd.readouterr()])
    for secret in (PASSWORD, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()):
        assert secret not in said


def test_docker_s_own_login_is_used_where_none_is_configured(members_only: str, bench: Bench) -> None:
    docker_config({members_only: {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}})
    bench = bench.at(members_only)
    order = bench.order()
    bench.build(order)
    assert bench.push(order).startswith("sha256:")


def test_a_wrong_login_is_denied_and_its_file_is_removed(members_only: str, bench: Bench) -> None:
    login = Login(username=USER, password="sentinel-wrong-7c1a")
    bench = bench.at(members_only)
    bench.builder = choose(lambda host: login, ClaimedFolder(bench.kept))
    order = bench.order()
    bench.build(order)
    with pytest.raises(Denied) as caught:
        bench.push(order)
    assert bench.left() == []
    assert "sentinel-wrong-7c1a" not in "\n".join([*bench.said, *caught.value.evidence])


def test_several_images_are_built_and_pushed_side_by_side(members_only: str, bench: Bench) -> None:
    login = Login(username=USER, password=PASSWORD)
    bench = bench.at(members_only)
    bench.builder = choose(lambda host: login, ClaimedFolder(bench.kept))
    orders = [bench.order(f"v1.0.{number}", args={"WORD": str(number)}) for number in range(3)]
    digests: dict[str, str] = {}

    def work(tag: str, index: int) -> None:
        bench.build(orders[index])
        digests[tag] = bench.push(orders[index])

    threads = [threading.Thread(target=work, args=(f"v1.0.{n}", n)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert {tag: digest_in(members_only, bench.name, tag, login) for tag in digests} == digests
    assert len(digests) == 3
    assert bench.left() == []


def test_only_one_platform_at_a_time_is_said_before_anything_is_built(bench: Bench) -> None:
    image = replace(bench.order().image, platforms=("linux/amd64", "linux/arm64"))
    [problem] = bench.builder.problems([image])
    assert "one platform at a time" in problem.what
    assert problem.evidence == "images.mcp.platforms = linux/amd64, linux/arm64"


def test_a_single_foreign_platform_is_built_and_pushed_as_one(bench: Bench) -> None:
    (bench.tree / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    order = bench.order()
    order = replace(order, image=replace(order.image, platforms=("linux/arm64",)))
    bench.build(order)
    digest = bench.push(order)
    with closing(Registry(bench.host)) as client:
        found = client.manifest(bench.name, digest)
        assert found
        assert [one.platform for one in client.images(bench.name, found)] == ["linux/arm64"]
