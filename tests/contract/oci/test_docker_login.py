"""What `docker login` left is found as docker finds it: in its file, its store, its helpers."""

import base64
import json
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters.oci import docker_login, login
from shipit.adapters.oci.login import Login
from shipit.adapters.oci.registry import Registry
from shipit.errors import UsageError
from tests.support import registry_images as images
from tests.support.registry_images import Pusher
from tests.support.registry_stand_in import StandIn

HOST = "registry.invalid:5000"
SECRET = "sentinel/p+ss w&rd:9f2c"
HELPER = """\
#!/bin/sh
read -r server
echo "$0 $* <$server" >> "{log}"
{body}
"""


def auth(username: str = "me", password: str = SECRET) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Login | None]:
    """Writes docker's file and looks for a login in it."""

    def look(config: object, registry: str = HOST) -> Login | None:
        (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        return docker_login.find(registry, {"DOCKER_CONFIG": str(tmp_path)})

    return look


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Installs a credential helper of this name, which runs this shell code; returns what it was asked."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def install(name: str, body: str) -> Path:
        program, log = tmp_path / f"docker-credential-{name}", tmp_path / f"{name}.log"
        program.write_text(HELPER.format(log=log, body=body))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return log

    return install


def answer(username: str = "me", secret: str = SECRET) -> str:
    return f"cat <<'END'\n{json.dumps({'ServerURL': HOST, 'Username': username, 'Secret': secret})}\nEND"


def test_a_login_is_read_from_the_file(found: Callable[..., Login | None]) -> None:
    assert found({"auths": {HOST: {"auth": auth()}}}) == Login(username="me", password=SECRET)


def test_the_file_is_found_below_home(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"auths": {HOST: {"auth": auth()}}}))
    assert docker_login.find(HOST, {"HOME": str(tmp_path)}) is not None
    assert docker_login.find(HOST, {"HOME": str(tmp_path / "other")}) is None


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"auths": {}},
        {"auths": None},
        {"auths": {"other.invalid": {"auth": auth()}}},
        {"auths": {HOST: {}}},
        {"auths": {HOST: None}},
        {"auths": {"registry.invalid": {"auth": auth()}}},
    ],
)
def test_without_a_login_for_this_registry_there_is_none(
    found: Callable[..., Login | None], config: object
) -> None:
    assert found(config) is None


@pytest.mark.parametrize("key", [f"https://{HOST}", f"https://{HOST}/v2/", f"http://{HOST}/", f"{HOST}/v1/"])
def test_an_address_of_the_registry_is_its_name_as_well(found: Callable[..., Login | None], key: str) -> None:
    assert found({"auths": {"https://[": {}, key: {"auth": auth()}}}) is not None


def test_dockers_own_registry_has_the_name_that_docker_gives_it(found: Callable[..., Login | None]) -> None:
    config = {"auths": {"https://index.docker.io/v1/": {"auth": auth()}}}
    assert found(config, "docker.io") is not None
    assert found(config, "index.docker.invalid") is None


def test_an_identity_token_is_no_password(found: Callable[..., Login | None]) -> None:
    config = {"auths": {HOST: {"auth": auth("me", ""), "identitytoken": "refresh-4711"}}}
    assert found(config) == Login(username="me", identity="refresh-4711")


def test_a_password_may_have_colons_and_ends_where_docker_filled_it_up(
    found: Callable[..., Login | None],
) -> None:
    filled = found({"auths": {HOST: {"auth": auth("me", f"{SECRET}\0\0")}}})
    assert filled == Login(username="me", password=SECRET)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it holds no table"),
        ({"auths": [1]}, "auths is no table"),
        ({"credHelpers": "x"}, "credHelpers is no table"),
        ({"auths": {HOST: {"auth": "no base64 !"}}}, f"the entry of {HOST} is no base64"),
        ({"auths": {HOST: {"auth": "/w=="}}}, f"the entry of {HOST} is no base64"),
        ({"credsStore": "../x"}, "a credential helper has a plain name, not '../x'"),
        ({"credsStore": 7}, "a credential helper has a plain name, not 7"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(
    found: Callable[..., Login | None], tmp_path: Path, config: object, why: str
) -> None:
    with pytest.raises(UsageError, match="docker's own configuration cannot be used") as unusable:
        found(config)
    assert unusable.value.evidence == (why,)
    assert unusable.value.where == str(tmp_path / "config.json")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(UsageError, match="cannot be used") as unusable:
        docker_login.find(HOST, {"DOCKER_CONFIG": str(tmp_path)})
    assert unusable.value.evidence == ("Is a directory",)


@pytest.mark.parametrize("config", [{"credsStore": "box"}, {"credHelpers": {HOST: "box"}, "credsStore": "other"}])
def test_a_helper_is_asked_on_standard_input(
    found: Callable[..., Login | None], helper: Callable[[str, str], Path], config: object, tmp_path: Path
) -> None:
    log = helper("box", answer())
    assert found(config) == Login(username="me", password=SECRET)
    assert log.read_text() == f"{tmp_path}/docker-credential-box get <{HOST}\n"


def test_a_helper_is_asked_for_dockers_own_registry_by_the_name_that_docker_gives_it(
    found: Callable[..., Login | None], helper: Callable[[str, str], Path]
) -> None:
    log = helper("box", answer())
    assert found({"credHelpers": {"https://index.docker.io/v1/": "box"}}, "docker.io") is not None
    assert log.read_text().endswith("get <https://index.docker.io/v1/\n")


def test_a_helper_may_give_a_token(found: Callable[..., Login | None], helper: Callable[[str, str], Path]) -> None:
    helper("box", answer("<token>", "refresh-4711"))
    assert found({"credsStore": "box"}) == Login(username="<token>", identity="refresh-4711")


def test_a_helper_that_knows_nothing_leaves_it_to_the_file(
    found: Callable[..., Login | None], helper: Callable[[str, str], Path]
) -> None:
    helper("box", "echo credentials not found in native keychain; exit 1")
    assert found({"credsStore": "box"}) is None
    assert found({"credsStore": "box", "auths": {HOST: {"auth": auth()}}}) is not None


@pytest.mark.parametrize(
    ("body", "evidence"),
    [
        ("echo the keychain is locked; exit 1", ("exit code 1", "the keychain is locked")),
        ("echo no window >&2; exit 3", ("exit code 3", "no window")),
        (f"echo '{SECRET}'", ("its answer is no JSON with Username and Secret",)),
        ("echo '[]'", ("its answer is no JSON with Username and Secret",)),
        ("""echo '{"Username": "x"}'""", ("its answer is no JSON with Username and Secret",)),
    ],
)
def test_a_helper_that_fails_is_named_and_how_to_run_it(
    found: Callable[..., Login | None], helper: Callable[[str, str], Path], body: str, evidence: tuple[str, ...]
) -> None:
    helper("box", body)
    with pytest.raises(UsageError, match="the credential helper docker-credential-box failed") as failed:
        found({"credsStore": "box"})
    assert failed.value.evidence == evidence
    assert f"echo {HOST} | docker-credential-box get" in str(failed.value.hint)


def test_a_helper_that_never_ends_is_ended(
    found: Callable[..., Login | None], helper: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    helper("box", "exec sleep 60")
    monkeypatch.setattr(docker_login, "_PATIENCE", 0.3)
    with pytest.raises(UsageError, match="failed") as failed:
        found({"credsStore": "box"})
    assert failed.value.evidence == ("`docker-credential-box get` did not end within 0.3 s",)


def test_a_helper_that_is_not_installed_is_named(found: Callable[..., Login | None]) -> None:
    with pytest.raises(UsageError, match="docker-credential-nowhere` is not installed"):
        found({"credsStore": "nowhere"})


@pytest.mark.parametrize("way", ["file", "helper"])
def test_what_was_found_is_masked_everywhere(
    found: Callable[..., Login | None], helper: Callable[[str, str], Path], way: str
) -> None:
    helper("box", answer())
    made = found({"auths": {HOST: {"auth": auth()}}} if way == "file" else {"credsStore": "box"})
    assert made is not None
    assert SECRET not in repr(made)
    for text in (SECRET, "sentinel%2Fp%2Bss%20w%26rd%3A9f2c"):
        assert masking.mask(f"<{text}>") == f"<{masking.MASK}>"
    assert len(masking.mask(made.basic)) < len("Basic ") + 12  # the name is in it, and nothing else


def test_with_the_login_of_docker_a_registry_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file to the digest, with nothing of it in an address, in argv or in the environment of a child."""
    with StandIn("bearer") as server:
        server.add_user("me", "pull", password=SECRET)
        Pusher(server.root, server.everything).push("acme/x", images.image(), "v1.0.0")
        (tmp_path / "config.json").write_text(json.dumps({"auths": {server.host: {"auth": auth()}}}))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        with closing(Registry(server.host, lambda: docker_login.find(server.host))) as registry:
            assert registry.digest("acme/x", "v1.0.0") == images.image().digest
        assert SECRET[:8] not in " ".join(one.path for one in server.rules.requests)


@pytest.mark.parametrize("variables", [{"ME": "me", "WORD": SECRET}])
def test_a_login_of_the_configuration_is_read_from_where_it_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert login.configured("env:ME", "env:WORD", tmp_path) == Login(username="me", password=SECRET)
    assert masking.mask("me, with") == "me, with"  # a user name may be an everyday word
    assert login.configured(None, None, tmp_path) is None
    with pytest.raises(UsageError, match="the secret env:NOWHERE is missing"):
        login.configured("env:ME", "env:NOWHERE", tmp_path)


@pytest.mark.parametrize("pair", [("env:ME", None), (None, "env:WORD")])
def test_half_a_login_is_a_mistake(tmp_path: Path, pair: tuple[str | None, str | None]) -> None:
    with pytest.raises(UsageError, match="takes a user name and a password"):
        login.configured(*pair, tmp_path)
