"""However GitHub misbehaves, the end state is right and nothing is there twice."""

import pytest

from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.releases import Releases
from shipit.adapters.http.limits import TRIES
from shipit.errors import Denied, Unavailable
from tests.support.github_scene import DONE_ANYWAY, NOT_DONE, REFUSED, SHAPE, Scene
from tests.support.github_state import NO_SHA, Asset
from tests.support.misbehaviour import Kind


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
        monkeypatch.setattr(scene.github.client.http._http, "timeout", 0.5)
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

    @pytest.mark.parametrize("kind", DONE_ANYWAY)
    def test_whose_second_answer_is_lost_as_well_is_found(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("POST", "/assets$", Kind.DROP_BEFORE)
        scene.server.misbehave("POST", "/assets$", kind)
        scene.upload(made)
        assert [asset.data for asset in scene.repository.release("v1.0.0").assets] == [b"wheel"]

    def test_replaces_what_a_broken_upload_of_another_run_left(self, scene: Scene) -> None:
        made = scene.draft()
        scene.repository.release("v1.0.0").assets.append(Asset(99, "a.whl", b"", "starter"))
        found = scene.github.release("v1.0.0")
        assert found
        assert found.assets == {}
        scene.upload(made)
        assert [asset.data for asset in scene.repository.release("v1.0.0").assets] == [b"wheel"]

    def test_survives_a_lost_answer_to_the_deletion_of_a_left_over(self, scene: Scene) -> None:
        made = scene.draft()
        scene.repository.release("v1.0.0").assets.append(Asset(99, "a.whl", b"", "starter"))
        scene.server.misbehave("DELETE", "/assets/", Kind.DROP_AFTER)
        scene.upload(made)
        assert [asset.data for asset in scene.repository.release("v1.0.0").assets] == [b"wheel"]

    def test_of_another_run_in_the_same_moment_is_compared_and_not_doubled(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = scene.draft()
        looks = iter([False])
        honest = Releases._holds
        scene.repository.release("v1.0.0").assets.append(Asset(99, "a.whl", b"wheel"))
        monkeypatch.setattr(
            Releases, "_holds", lambda *asked: False if next(looks, None) is False else honest(*asked)
        )
        scene.upload(made)
        assert [asset.id for asset in scene.repository.release("v1.0.0").assets] == [99]
        assert scene.sent("POST") == 2

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
        scene.github.publish(made, SHAPE)
        assert not scene.repository.release("v1.0.0").draft
        assert scene.sent("PATCH") == 1

    @pytest.mark.parametrize("kind", [Kind.ERROR_BEFORE, Kind.DROP_BEFORE, Kind.TOO_MANY, Kind.SECONDARY_LIMIT])
    def test_can_be_resumed_when_it_did_not_happen(self, scene: Scene, kind: Kind) -> None:
        made = scene.draft()
        scene.server.misbehave("PATCH", "/releases/", kind)
        with pytest.raises(Unavailable):
            scene.github.publish(made, SHAPE)
        assert scene.repository.release("v1.0.0").draft
        scene.github.publish(made, SHAPE)
        assert not scene.repository.release("v1.0.0").draft


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

    def test_is_told_by_its_branches_even_if_github_ignores_the_filter(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scene.open()
        scene.github.open_pull_request("other", "main", "Other", "")
        honest = GitHubClient.pages
        monkeypatch.setattr(GitHubClient, "pages", lambda self, path, **_: honest(self, path))
        found = scene.github.pull_request("release/v1.0.0", "main")
        assert found
        assert found.number == 1

    @pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.INVALID])
    def test_that_is_refused_is_told(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/pulls$", kind)
        with pytest.raises(Denied, match="refused"):
            scene.open()


class TestADispatch:
    @pytest.mark.parametrize("kind", DONE_ANYWAY)
    def test_whose_answer_is_lost_is_looked_up_and_never_sent_twice(self, scene: Scene, kind: Kind) -> None:
        scene.repository.hides_runs_for = 3
        scene.server.misbehave("POST", "/dispatches$", kind)
        scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert scene.sent("POST") == 1
        assert scene.repository.dispatches == [("deploy.yml", "v1.0.0")]

    @pytest.mark.parametrize("kind", NOT_DONE)
    def test_is_sent_by_the_next_run_when_this_one_could_not(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/dispatches$", kind)
        with pytest.raises(Unavailable) as failure:
            scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert "shows no run" not in failure.value.what
        assert scene.sent("POST") == 1
        assert scene.repository.dispatches == []
        scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert scene.repository.dispatches == [("deploy.yml", "v1.0.0")]

    @pytest.mark.parametrize("kind", REFUSED)
    def test_that_is_refused_is_not_waited_for(self, scene: Scene, kind: Kind) -> None:
        scene.server.misbehave("POST", "/dispatches$", kind)
        with pytest.raises(Denied):
            scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert scene.pauses == []

    def test_is_over_when_github_shows_the_run(self, scene: Scene) -> None:
        scene.repository.hides_runs_for = 3
        scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert scene.pauses == [1, 2, 3, 4]
        assert scene.github.dispatched("deploy.yml", "v1.0.0", NO_SHA)

    @pytest.mark.parametrize("kind", [None, Kind.DROP_AFTER])
    def test_is_waited_for_half_a_minute_and_not_longer(self, scene: Scene, kind: Kind | None) -> None:
        scene.repository.hides_runs_for = 99
        if kind:
            scene.server.misbehave("POST", "/dispatches$", kind)
        with pytest.raises(Unavailable, match="did not answer" if kind else "shows no run of it"):
            scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert sum(scene.pauses) == 30
        assert scene.repository.dispatches == [("deploy.yml", "v1.0.0")]

    def test_is_told_by_event_and_tag_even_if_github_ignores_the_filter(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scene.repository.hides_runs_for = 0
        scene.repository.start("deploy.yml", "v1.0.0", "push")
        scene.repository.start("deploy.yml", "v0.9.0")
        honest = GitHubClient.find
        monkeypatch.setattr(GitHubClient, "find", lambda self, path, **_: honest(self, path))
        assert scene.github.dispatched("deploy.yml", "v1.0.0", NO_SHA) is None
        scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert scene.github.dispatched("deploy.yml", "v1.0.0", NO_SHA)


class TestAWorkflow:
    def test_that_is_not_there_is_named_with_what_to_do(self, scene: Scene) -> None:
        (problem,) = scene.github.workflow_problems("missing.yml")
        assert problem.evidence == "GET acme/widget/actions/workflows/missing.yml → 404"
        assert "bring .github/workflows/missing.yml to the default branch" in problem.hint

    def test_that_is_disabled_is_named_before_anything_is_touched(self, scene: Scene) -> None:
        scene.repository.disabled.add("deploy.yml")
        (problem,) = scene.github.workflow_problems("deploy.yml")
        assert problem.what == "deploy.yml cannot be started on GitHub"
        assert problem.evidence.endswith("/deploy.yml: state = disabled_manually")
        with pytest.raises(Denied, match=r"does not start the workflow deploy\.yml"):
            scene.github.dispatch("deploy.yml", "v1.0.0", NO_SHA)


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
        with pytest.raises(Unavailable, match="is rate-limiting us") as failure:
            scene.github.release("v1.0.0")
        assert failure.value.hint == "run the same command again in 3600 s"
        assert scene.pauses == []

    def test_ends_after_some_tries(self, scene: Scene) -> None:
        scene.server.misbehave("GET", "/releases", Kind.ERROR_BEFORE, times=99)
        with pytest.raises(Unavailable, match="GitHub is failing \\(503\\): Service Unavailable"):
            scene.github.release("v1.0.0")
        assert len(scene.server.requests) == TRIES

    def test_of_a_proxys_page_is_no_answer(self, scene: Scene) -> None:
        scene.server.misbehave("GET", "/releases", Kind.NO_JSON)
        with pytest.raises(Unavailable, match="something that is no JSON"):
            scene.github.release("v1.0.0")
