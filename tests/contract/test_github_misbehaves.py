"""However GitHub misbehaves, the end state is right, nothing is there twice, and no secret gets out."""

import base64
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from shipit.adapters import http
from shipit.adapters.github import GitHub
from shipit.errors import Denied, Trouble, Unavailable
from shipit.ports import ForgeRelease
from tests.support.github import GitHubServer
from tests.support.github_state import Asset, Repository
from tests.support.misbehaviour import Kind

DONE_ANYWAY = [Kind.ERROR_AFTER, Kind.DROP_AFTER]
NOT_DONE = [Kind.ERROR_BEFORE, Kind.DROP_BEFORE, Kind.TOO_MANY, Kind.SECONDARY_LIMIT, Kind.NO_JSON]
REFUSED = [Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.INVALID, Kind.ECHO]
SENTINEL = "S3NTINEL/+=&%~token'\"?"


@dataclass
class Scene:
    server: GitHubServer
    repository: Repository
    github: GitHub
    pauses: list[float]
    wheel: Path

    def draft(self) -> ForgeRelease:
        return self.github.create_draft("v1.0.0", "Release v1.0.0", "notes", prerelease=False)

    def upload(self, release: ForgeRelease) -> None:
        self.github.upload(release, "a.whl", self.wheel)

    def open(self) -> None:
        self.github.open_pull_request("release/v1.0.0", "main", "Release", "notes")

    def sent(self, method: str) -> int:
        return len([one for one in self.server.requests if one.method == method])


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(b"wheel")
    pauses: list[float] = []
    with GitHubServer() as server:
        repository = server.add_repository("acme/widget", workflows=("deploy.yml",))
        token = server.add_token(text=SENTINEL)
        github = GitHub(server.api, "acme/widget", token, pause=pauses.append)
        yield Scene(server, repository, github, pauses, wheel)
        github.close()


class TestADraft:
    @pytest.mark.parametrize("kind", DONE_ANYWAY)
    def test_is_found_and_not_made_twice_when_the_answer_is_lost(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/releases$", kind)
        made = scene.draft()
        assert [release.id for release in scene.repository.releases] == [made.id]
        assert scene.sent("POST") == 1

    @pytest.mark.parametrize("kind", NOT_DONE)
    def test_is_not_asked_for_again_in_the_same_breath(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/releases$", kind)
        with pytest.raises(Unavailable):
            scene.draft()
        assert scene.sent("POST") == 1
        assert scene.repository.releases == []
        assert scene.draft() == scene.github.release("v1.0.0")
        assert len(scene.repository.releases) == 1

    @pytest.mark.parametrize("kind", REFUSED)
    def test_that_is_refused_is_not_there(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/releases$", kind)
        with pytest.raises(Denied) as refusal:
            scene.draft()
        assert scene.repository.releases == []
        assert refusal.value.evidence[0].startswith(f"POST {scene.server.api}/repos/acme/widget/releases → 4")

    def test_is_found_when_the_answer_takes_too_long(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scene.github._client.http._http, "timeout", 0.5)
        scene.server.misbehave("POST", "/releases$", Kind.SLOW, seconds=2)
        scene.draft()
        assert len(scene.repository.releases) == 1


class TestAnUpload:
    @pytest.mark.parametrize("kind", [*DONE_ANYWAY, *NOT_DONE, Kind.STARTER])
    def test_ends_with_one_whole_asset(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("POST", "/assets$", kind)
        scene.upload(made)
        (asset,) = scene.repository.release("v1.0.0").assets
        assert (asset.name, asset.state, asset.data) == ("a.whl", "uploaded", b"wheel")

    @pytest.mark.parametrize("kind", [*NOT_DONE, Kind.STARTER])
    def test_that_fails_again_and_again_is_told_and_can_be_resumed(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("POST", "/assets$", kind, times=2)
        with pytest.raises(Unavailable):
            scene.upload(made)
        scene.upload(made)
        (asset,) = scene.repository.release("v1.0.0").assets
        assert (asset.state, asset.data) == ("uploaded", b"wheel")

    @pytest.mark.parametrize("kind", REFUSED)
    def test_that_is_refused_leaves_nothing(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("POST", "/assets$", kind)
        with pytest.raises(Denied):
            scene.upload(made)
        assert scene.repository.release("v1.0.0").assets == []

    def test_replaces_what_a_broken_upload_of_another_run_left(self, scene: Scene) -> None:
        made = scene.draft()
        left = Asset(scene.server.state.new_id(), "a.whl", b"", "starter")
        scene.repository.release("v1.0.0").assets.append(left)
        found = scene.github.release("v1.0.0")
        assert found
        assert found.assets == {}
        scene.upload(made)
        (asset,) = scene.repository.release("v1.0.0").assets
        assert (asset.id == left.id, asset.data) == (False, b"wheel")

    def test_survives_a_lost_answer_to_the_deletion_of_a_left_over(self, scene: Scene) -> None:
        made = scene.draft()
        scene.repository.release("v1.0.0").assets.append(Asset(99, "a.whl", b"", "starter"))
        scene.server.misbehave("DELETE", "/assets/", Kind.DROP_AFTER)
        with pytest.raises(Unavailable):
            scene.upload(made)
        scene.upload(made)
        assert [asset.data for asset in scene.repository.release("v1.0.0").assets] == [b"wheel"]

    def test_says_so_when_github_stores_another_name(self, scene: Scene) -> None:
        with pytest.raises(Denied, match=r"GitHub stored a\+b c.whl as a.b.c.whl"):
            scene.github.upload(scene.draft(), "a+b c.whl", scene.wheel)


class TestADigest:
    def test_that_github_does_not_tell_is_computed_without_showing_the_token_to_the_file_host(
        self, scene: Scene
    ) -> None:
        scene.upload(scene.draft())
        told = scene.github.release("v1.0.0")
        scene.server.state.tells_digests = False
        assert scene.github.release("v1.0.0") == told

    def test_that_github_does_not_tell_still_refuses_other_bytes(self, scene: Scene) -> None:
        made = scene.draft()
        scene.server.state.tells_digests = False
        scene.upload(made)
        scene.wheel.write_bytes(b"other")
        with pytest.raises(Denied, match="another file"):
            scene.upload(made)


class TestPublishing:
    @pytest.mark.parametrize("kind", DONE_ANYWAY)
    def test_is_done_when_the_answer_is_lost(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("PATCH", "/releases/", kind)
        scene.github.publish(made)
        assert not scene.repository.release("v1.0.0").draft
        assert scene.sent("PATCH") == 1

    @pytest.mark.parametrize("kind", [Kind.ERROR_BEFORE, Kind.DROP_BEFORE, Kind.TOO_MANY, Kind.SECONDARY_LIMIT])
    def test_can_be_resumed_when_it_did_not_happen(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("PATCH", "/releases/", kind)
        with pytest.raises(Unavailable):
            scene.github.publish(made)
        assert scene.repository.release("v1.0.0").draft
        scene.github.publish(made)
        assert not scene.repository.release("v1.0.0").draft

    def test_makes_the_newest_version_the_latest(self, scene: Scene) -> None:
        for tag in ("v1.9.0", "v1.10.0", "v1.9.1"):
            scene.github.publish(scene.github.create_draft(tag, tag, "", prerelease=False))
        latest = scene.repository.latest
        assert [release.tag for release in scene.repository.releases if release.id == latest] == ["v1.10.0"]

    def test_never_makes_a_prerelease_the_latest(self, scene: Scene) -> None:
        scene.github.publish(scene.github.create_draft("v2.0.0-rc.1", "rc", "", prerelease=True))
        assert scene.repository.latest is None


class TestAPullRequest:
    @pytest.mark.parametrize("kind", DONE_ANYWAY)
    def test_is_found_and_not_opened_twice_when_the_answer_is_lost(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/pulls$", kind)
        scene.open()
        assert len(scene.repository.pulls) == 1
        assert scene.sent("POST") == 1

    @pytest.mark.parametrize("kind", NOT_DONE)
    def test_is_opened_by_the_next_run_when_this_one_could_not(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/pulls$", kind)
        with pytest.raises(Unavailable):
            scene.open()
        scene.open()
        assert len(scene.repository.pulls) == 1

    @pytest.mark.parametrize("kind", [*DONE_ANYWAY, *NOT_DONE[:4]])
    def test_is_closed_in_the_end(self, scene: Scene, kind: Kind) -> None:
        scene.open()
        scene.server.misbehave("PATCH", "/pulls/1$", kind)
        if kind in DONE_ANYWAY:
            scene.github.close_pull_request(1)
        else:
            with pytest.raises(Unavailable):
                scene.github.close_pull_request(1)
            scene.github.close_pull_request(1)
        assert scene.repository.pulls[0].state == "closed"

    @pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.INVALID])
    def test_that_is_refused_is_told(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/pulls$", kind)
        with pytest.raises(Denied, match="refused"):
            scene.open()


class TestADispatch:
    @pytest.mark.parametrize("kind", [*DONE_ANYWAY, *NOT_DONE[:4]])
    def test_is_never_sent_twice(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/dispatches$", kind)
        with pytest.raises(Unavailable):
            scene.github.dispatch("deploy.yml", "v1.0.0")
        assert scene.sent("POST") == 1
        assert len(scene.repository.dispatches) == (1 if kind in DONE_ANYWAY else 0)


class TestARead:
    @pytest.mark.parametrize("kind", [*NOT_DONE[:4], *DONE_ANYWAY])
    def test_is_tried_again(self, scene: Scene, kind: Kind) -> None:
        scene.draft()
        scene.server.misbehave("GET", "/releases", kind, times=3)
        assert scene.github.release("v1.0.0")
        assert len(scene.pauses) == 3

    def test_waits_as_long_as_it_is_told(self, scene: Scene) -> None:
        scene.server.misbehave("GET", "/releases", Kind.TOO_MANY, seconds=7)
        scene.github.release("v1.0.0")
        assert scene.pauses == [7.0]

    def test_does_not_sleep_for_an_hour(self, scene: Scene) -> None:
        scene.server.misbehave("GET", "/releases", Kind.SECONDARY_LIMIT, seconds=3600)
        with pytest.raises(Unavailable, match="asks for a pause") as failure:
            scene.github.release("v1.0.0")
        assert failure.value.hint == "run the same command again in 3600 s"
        assert scene.pauses == []

    def test_ends_after_some_tries(self, scene: Scene) -> None:
        scene.server.misbehave("GET", "/releases", Kind.ERROR_BEFORE, times=99)
        with pytest.raises(Unavailable, match="GitHub is out of order: Service Unavailable"):
            scene.github.release("v1.0.0")
        assert len(scene.server.requests) == http.TRIES

    def test_of_a_proxys_page_is_no_answer(self, scene: Scene) -> None:
        scene.server.misbehave("GET", "/releases", Kind.NO_JSON)
        with pytest.raises(Unavailable, match="something that is no JSON"):
            scene.github.release("v1.0.0")


ACTIONS: dict[str, tuple[str, str, Callable[[Scene, ForgeRelease], object]]] = {
    "draft": (
        "POST",
        "/releases$",
        lambda scene, _: scene.github.create_draft("v2.0.0", "t", "b", prerelease=False),
    ),
    "upload": ("POST", "/assets$", lambda scene, made: scene.upload(made)),
    "publish": ("PATCH", "/releases/", lambda scene, made: scene.github.publish(made)),
    "open": ("POST", "/pulls$", lambda scene, _: scene.open()),
    "dispatch": ("POST", "/dispatches$", lambda scene, _: scene.github.dispatch("deploy.yml", "v1.0.0")),
    "read": ("GET", "/releases", lambda scene, _: scene.github.release("v1.0.0")),
}


class TestASecret:
    @pytest.mark.parametrize("kind", [*NOT_DONE, *REFUSED])
    @pytest.mark.parametrize("action", ACTIONS)
    def test_is_in_no_error_log_or_record(
        self, scene: Scene, action: str, kind: Kind, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        made = scene.draft()
        method, path, run = ACTIONS[action]
        scene.server.misbehave(method, path, kind, times=9)
        with pytest.raises(Trouble) as failure:
            run(scene, made)
        error = failure.value
        seen = [
            "".join(traceback.format_exception(error)),
            repr((error.what, error.where, error.evidence, error.hint)),
            caplog.text,
            repr(scene.github.exchanges),
            repr(scene.server.requests),
        ]
        for form in (SENTINEL, quote(SENTINEL, safe=""), quote_plus(SENTINEL), "S3NTINEL", *_base64_forms()):
            assert form not in "\n".join(seen)


def _base64_forms() -> list[str]:
    """The token's own part of base64 text, at each of the three places where it can begin."""
    return [base64.b64encode(b"x" * shift + SENTINEL.encode()).decode()[4:24] for shift in range(3)]
