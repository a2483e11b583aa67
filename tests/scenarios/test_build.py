"""shipit build and shipit verify images on docker's own engine and a real registry."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.acme import git
from tests.support.building import KEYS, Site, site
from tests.support.engine import Engine, engine
from tests.support.registry import PASSWORD, USER, docker_registry

LOGIN = 'username = "env:WHO_PUSHES"\npassword = "env:IMAGE_PASSWORD"\n'


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    with engine() as started:
        yield started


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[str]:
    with docker_registry() as root:
        yield root


@pytest.fixture
def place(running: Engine, open_to_all: str, tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path, running, open_to_all) as made:
        yield made.lay_out()


def outputs(said: str) -> dict[str, str]:
    """The facts that `--json` ends with."""
    return dict(json.loads(said.splitlines()[-1])["outputs"])


def test_both_images_are_pushed_under_all_tags_and_answer_with_version_and_commit(
    running: Engine, place: Site
) -> None:
    git(place.clone, "tag", "v1.0.0")
    facts = outputs(place.shipit("build", "--push", "--json").ended(0).stdout)

    for key in KEYS:
        tags = place.tags(key)
        assert set(tags) == {"develop", place.own, "v1.0.0"}
        assert {*tags.values()} == {facts[key].partition("@")[2]}
        assert facts[key].startswith(f"{place.host}/{place.namespace}/{key}@sha256:")
        place.forget_locally()
        assert running.docker("run", "--rm", facts[key]).split() == ["1.0.0", place.head]
        labels = json.loads(running.docker("inspect", "--format={{json .Config.Labels}}", facts[key]))
        assert labels["org.opencontainers.image.revision"] == place.head
        assert labels["org.opencontainers.image.version"] == "1.0.0"
    place.shipit("verify", "images").ended(0)
    git(place.clone, "push", "--quiet", "origin", "v1.0.0")
    place.shipit("verify", "images", "--version", "1.0.0").ended(0)


def test_a_second_run_uploads_nothing_here_and_elsewhere(place: Site) -> None:
    place.shipit("build", "--push").ended(0)
    before, writes = [place.tags(key) for key in KEYS], place.writes

    place.shipit("build", "--push").ended(0)
    place.forget_locally()
    ran = place.shipit("build", "--push").ended(0)

    assert place.writes == writes
    assert [place.tags(key) for key in KEYS] == before
    assert "docker build" not in ran.said


def test_another_commits_image_under_the_version_is_refused_before_anything_is_built(place: Site) -> None:
    place.shipit("build", "--push").ended(0)
    first = place.own
    place.commit("feat: more")
    git(place.clone, "tag", "v1.0.0")
    ours = place.tags("mcp")[first]
    place.shipit("build", "mcp", "--push").ended(0)
    git(place.clone, "tag", "-d", "v1.0.0")
    place.commit("feat: still more")
    git(place.clone, "tag", "v1.0.0")
    writes = place.writes

    ran = place.shipit("build", "--push").ended(4)

    assert f"v1.0.0 is an image of {git(place.clone, 'rev-parse', 'HEAD~1')[:10]}" in ran.said
    assert "docker build" not in ran.said
    assert place.writes == writes
    assert ours in place.tags("mcp").values()


def test_what_is_not_committed_is_in_no_image(running: Engine, place: Site) -> None:
    (place.clone / "Dockerfile.mcp").write_text("FROM scratch\n")
    (place.clone / "secret.txt").write_text("not for anybody\n")
    ran = place.shipit("build", "mcp").ended(0)
    assert "Dockerfile.mcp, secret.txt" in ran.said
    name = f"{place.host}/{place.namespace}/mcp:{place.own}"
    assert running.docker("run", "--rm", name).split() == ["1.0.0", place.head]
    assert place.tags("mcp") == {}


def test_a_build_that_fails_is_shown_with_its_output_and_pushes_nothing(place: Site) -> None:
    with (place.clone / "Dockerfile.webhook").open("a") as file:
        file.write("RUN echo the tests fail && false\n")
    place.commit("feat: broken")
    ran = place.shipit("build", "--push").ended(7)
    assert "build-webhook: " in ran.said
    assert "the tests fail" in ran.said
    assert place.tags("mcp") == place.tags("webhook") == {}


def test_an_image_that_somebody_deleted_or_replaced_is_found_out(place: Site) -> None:
    git(place.clone, "tag", "v1.0.0")
    git(place.clone, "push", "--quiet", "origin", "v1.0.0")
    ran = place.shipit("verify", "images", "--version", "1.0.0").ended(6)
    assert "hint: shipit build --push" in ran.said
    place.shipit("build", "mcp", "--push").ended(0)
    assert "tag-webhook-v1.0.0" in place.shipit("verify", "images", "--version", "1.0.0").ended(6).said


def test_the_login_of_the_configuration_pushes_and_is_seen_nowhere(running: Engine, tmp_path: Path) -> None:
    with docker_registry(members=True) as root, site(tmp_path, running, root) as members:
        members.lay_out(LOGIN)
        denied = members.shipit("build", "--push", env={"WHO_PUSHES": USER, "IMAGE_PASSWORD": "wrong-one-9f2c"})
        assert denied.ended(4)
        login = {"WHO_PUSHES": USER, "IMAGE_PASSWORD": PASSWORD}
        ran = members.shipit("build", "--push", "--verbose", "--json", env=login).ended(0)
        members.shipit("verify", "images", env=login).ended(0)

    for said in (denied.said, ran.said):
        assert PASSWORD not in said
        assert "wrong-one-9f2c" not in said
    journals = "".join(path.read_text() for path in (members.clone / ".git/shipit/journal").iterdir())
    assert PASSWORD not in journals
    written = [path for path in tmp_path.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert written == []
    assert not (tmp_path / ".docker" / "config.json").exists()
