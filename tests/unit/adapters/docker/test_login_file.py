"""The file with the configured login: what is in it, for whom, and for how long."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.docker.login_file import LoginFile, read, with_login, with_login_for_buildah
from shipit.adapters.oci.login import Login
from shipit.errors import ExternalError

HOST = "ghcr.example"
LOGIN = Login(username="releaser", password="sentinel-3a")
AUTH = "cmVsZWFzZXI6c2VudGluZWwtM2E="


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's docker folder, with a plugin and the logins of two registries in it."""
    folder = tmp_path / "own"
    (folder / "cli-plugins").mkdir(parents=True)
    (folder / "cli-plugins" / "docker-buildx").write_text("plugin")
    (folder / "config.json").write_text('{"auths": {"other.example": {"auth": "eDp5"}}, "credsStore": "desktop"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder


@pytest.fixture
def logins(tmp_path: Path) -> LoginFile:
    return LoginFile(lambda host: LOGIN if host == HOST else None, ClaimedFolder(tmp_path / "private" / "images"))


def test_docker_finds_the_login_before_every_store_and_all_else_as_ever(own: Path, logins: LoginFile) -> None:
    with logins.for_docker(HOST) as environment:
        folder = Path(environment["DOCKER_CONFIG"] or "")
        config = json.loads((folder / "config.json").read_text())
        assert (folder / "cli-plugins" / "docker-buildx").read_text() == "plugin"
    assert config == {
        "auths": {"other.example": {"auth": "eDp5"}, HOST: {"auth": AUTH}},
        "credsStore": "desktop",
        "credHelpers": {HOST: ""},
    }


def test_the_file_is_for_this_user_alone_and_is_removed_with_its_folder(own: Path, logins: LoginFile) -> None:
    with logins.for_docker(HOST) as environment:
        folder = Path(environment["DOCKER_CONFIG"] or "")
        assert stat.S_IMODE((folder / "config.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.parent.exists()
    assert (own / "cli-plugins" / "docker-buildx").exists()


def test_the_file_is_removed_after_an_error_too(own: Path, logins: LoginFile) -> None:
    def fail() -> None:
        with logins.for_docker(HOST) as environment:
            places.append(Path(environment["DOCKER_CONFIG"] or ""))
            raise ExternalError("no")

    places: list[Path] = []
    with pytest.raises(ExternalError):
        fail()
    assert not places[0].exists()


def test_what_a_run_that_was_killed_has_left_is_removed(own: Path, logins: LoginFile, tmp_path: Path) -> None:
    left = tmp_path / "private" / "images" / "tmpx" / "config.json"
    left.parent.mkdir(parents=True)
    left.write_text("{}")
    with logins.for_docker(HOST):
        pass
    assert not left.exists()


@pytest.mark.parametrize("which", [LoginFile.for_docker, LoginFile.for_buildah])
def test_without_a_configured_login_nothing_is_written(
    own: Path, logins: LoginFile, tmp_path: Path, which: Callable[[LoginFile, str], object]
) -> None:
    with which(logins, "other.example") as environment:  # type: ignore[attr-defined]
        assert environment == {}
    assert not (tmp_path / "private").exists()


def test_two_children_at_once_have_a_file_each_and_the_last_one_removes_the_folder(
    own: Path, logins: LoginFile
) -> None:
    with logins.for_docker(HOST) as one:
        with logins.for_docker(HOST) as other:
            assert one != other
        assert not Path(other["DOCKER_CONFIG"] or "").exists()
        assert Path(one["DOCKER_CONFIG"] or "", "config.json").exists()
    assert not Path(one["DOCKER_CONFIG"] or "").parent.exists()


def test_no_place_for_the_file_is_an_error_with_its_cause(own: Path, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("a file")
    logins = LoginFile(lambda host: LOGIN, ClaimedFolder(tmp_path / "private" / "images"))
    with pytest.raises(ExternalError) as caught, logins.for_docker(HOST):
        pass
    assert caught.value.where == str(tmp_path / "private" / "images")


def test_docker_s_own_registry_has_a_name_of_its_own_in_the_file() -> None:
    assert with_login({}, "docker.io", LOGIN)["auths"] == {"https://index.docker.io/v1/": {"auth": AUTH}}


def test_a_token_stands_beside_the_name() -> None:
    config = with_login({}, HOST, Login(username="<token>", identity="sentinel-id"))
    assert config["auths"][HOST]["identitytoken"] == "sentinel-id"


def test_buildah_gets_the_logins_of_all_its_files_but_none_that_would_go_before_ours(
    own: Path, logins: LoginFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run" / "containers").mkdir(parents=True)
    auths = {f"{HOST}/acme": {"auth": "eA=="}, f"https://{HOST}/v2/": {}, "third.example": {"auth": "eg=="}}
    helpers = {HOST: "helper", "fourth.example": "helper"}
    (tmp_path / "run" / "containers" / "auth.json").write_text(json.dumps({"auths": auths, "credHelpers": helpers}))
    with logins.for_buildah(HOST) as environment:
        file = json.loads(Path(environment["REGISTRY_AUTH_FILE"] or "").read_text())
    assert file == {
        "auths": {"other.example": {"auth": "eDp5"}, "third.example": {"auth": "eg=="}, HOST: {"auth": AUTH}},
        "credHelpers": {"fourth.example": "helper"},
    }


def test_buildah_s_own_file_goes_before_all_others_if_one_is_named(
    own: Path, logins: LoginFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.json").write_text('{"auths": {"fifth.example": {}}}')
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "mine.json"))
    with logins.for_buildah(HOST) as environment:
        file = json.loads(Path(environment["REGISTRY_AUTH_FILE"] or "").read_text())
    assert set(file["auths"]) == {"fifth.example", HOST}


@pytest.mark.parametrize("content", ["", "[]", "null", "{", "[" * 100_000])
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert read(tmp_path / "config.json") == {}


def test_tables_that_are_none_are_left_out() -> None:
    assert with_login({"auths": [], "credHelpers": "x"}, HOST, LOGIN)["credHelpers"] == {HOST: ""}
    assert with_login_for_buildah([{"auths": 3}], HOST, LOGIN)["auths"] == {HOST: {"auth": AUTH}}
