"""What every forge must do: the same tests against the fake and against GitHub's adapter with the stand-in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from shipit.adapters.github.forge import GitHub
from shipit.errors import Denied
from shipit.model import ForgeRelease
from shipit.release.ports import Forge
from tests.fakes_forge import FakeForge
from tests.support.github import GitHubServer
from tests.support.github_scene import SHAPE
from tests.support.github_state import NO_SHA, Release, Repository

SHA = "a" * 40
TINY = "tiny-v{version}"


class People(Protocol):
    """What others do on the forge while shipit is away."""

    def merge(self, number: int, sha: str) -> None: ...

    def draft(self, tag: str) -> None: ...

    def dispatched(self) -> list[tuple[str, str]]: ...

    def dispatch(self, workflow: str, ref: str, commit: str = NO_SHA) -> None: ...

    def latest(self) -> str | None: ...

    def write_count(self) -> int: ...


@dataclass
class PeopleInMemory:
    forge: FakeForge

    def merge(self, number: int, sha: str) -> None:
        self.forge.merge_pull_request(number, sha)

    def draft(self, tag: str) -> None:
        number = 1000 + len(self.forge.releases)
        self.forge.releases.append(
            ForgeRelease(id=number, tag=tag, title="", body="", draft=True, prerelease=False, url="", assets={})
        )

    def dispatched(self) -> list[tuple[str, str]]:
        return [(workflow, ref) for workflow, ref, _ in self.forge.runs]

    def dispatch(self, workflow: str, ref: str, commit: str = NO_SHA) -> None:
        self.forge.runs.append((workflow, ref, commit))

    def latest(self) -> str | None:
        return self.forge.latest

    def write_count(self) -> int:
        return len(self.forge.writes)


@dataclass
class PeopleOnGitHub:
    server: GitHubServer

    def merge(self, number: int, sha: str) -> None:
        self.repository.merge_pull_request(number, sha)

    def draft(self, tag: str) -> None:
        made = Release(self.server.state.new_id(), tag, None, None, draft=True, prerelease=False, target="main")
        self.repository.releases.append(made)

    def dispatched(self) -> list[tuple[str, str]]:
        return self.repository.dispatches

    def dispatch(self, workflow: str, ref: str, commit: str = NO_SHA) -> None:
        self.repository.start(workflow, ref)
        self.repository.runs[-1].hidden = 0
        self.repository.runs[-1].sha = commit

    def latest(self) -> str | None:
        return next((one.tag for one in self.repository.releases if one.id == self.repository.latest), None)

    def write_count(self) -> int:
        return len(self.server.writes())

    @property
    def repository(self) -> Repository:
        return self.server.state.repositories["acme/widget"]


@dataclass
class Place:
    forge: Forge
    people: People


@pytest.fixture(params=["fake", "github"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "fake":
        forge = FakeForge(workflows=("deploy.yml", "docs.yml"))
        yield Place(forge, PeopleInMemory(forge))
        return
    with GitHubServer() as server:
        server.add_repository("acme/widget", workflows=("deploy.yml", "docs.yml"))
        github = GitHub(server.api, "acme/widget", server.add_token(), pause=lambda _seconds: None)
        yield Place(github, PeopleOnGitHub(server))
        github.client.http.close()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    made = tmp_path / "widget-1.0.0-py3-none-any.whl"
    made.write_bytes(b"PK\x03\x04 wheel")
    return made


def draft(forge: Forge, tag: str = "v1.0.0", *, prerelease: bool = False) -> ForgeRelease:
    return forge.create_draft(tag, f"Release {tag}", "### Features\n\n- ünïcode", prerelease=prerelease)


class TestEveryForge:
    def test_has_nothing_to_object_to_where_no_rule_stands(self, place: Place) -> None:
        assert list(place.forge.problems(["main", "develop"])) == []

    def test_knows_no_release_of_a_tag_that_nobody_released(self, place: Place) -> None:
        assert place.forge.release("v1.0.0") is None

    def test_shows_a_draft_under_its_tag(self, place: Place) -> None:
        made = draft(place.forge)
        assert place.forge.release("v1.0.0") == made
        assert (made.tag, made.title, made.body) == ("v1.0.0", "Release v1.0.0", "### Features\n\n- ünïcode")
        assert (made.draft, made.prerelease, dict(made.assets)) == (True, False, {})

    def test_keeps_a_prerelease_apart(self, place: Place) -> None:
        made = draft(place.forge, "v1.0.0-rc.1", prerelease=True)
        place.forge.publish(made, SHAPE)
        found = place.forge.release("v1.0.0-rc.1")
        assert found
        assert found.prerelease
        assert not found.draft

    def test_refuses_to_choose_between_two_drafts_of_one_tag(self, place: Place) -> None:
        place.people.draft("v1.0.0")
        place.people.draft("v1.0.0")
        with pytest.raises(Denied, match="2 draft releases claim the tag"):
            place.forge.release("v1.0.0")

    def test_shows_the_published_release_even_if_a_draft_claims_its_tag(self, place: Place) -> None:
        place.forge.publish(draft(place.forge), SHAPE)
        place.people.draft("v1.0.0")
        found = place.forge.release("v1.0.0")
        assert found
        assert not found.draft

    def test_finds_a_draft_among_many_releases(self, place: Place) -> None:
        draft(place.forge)
        for number in range(230):
            place.people.draft(f"v0.{number}.0")
        found = place.forge.release("v1.0.0")
        assert found
        assert found.title == "Release v1.0.0"

    def test_makes_no_second_release_where_one_is_published(self, place: Place) -> None:
        place.forge.publish(draft(place.forge), SHAPE)
        again = draft(place.forge)
        assert not again.draft

    def test_tells_the_sha256_of_an_uploaded_file(self, place: Place, wheel: Path) -> None:
        place.forge.upload(draft(place.forge), wheel.name, wheel)
        found = place.forge.release("v1.0.0")
        assert found
        assert dict(found.assets) == {wheel.name: hashlib.sha256(wheel.read_bytes()).hexdigest()}

    def test_writes_nothing_when_the_same_file_is_uploaded_again(self, place: Place, wheel: Path) -> None:
        made = draft(place.forge)
        place.forge.upload(made, wheel.name, wheel)
        before = place.people.write_count()
        place.forge.upload(made, wheel.name, wheel)
        assert place.people.write_count() == before

    def test_refuses_other_bytes_under_a_name_that_is_taken(self, place: Place, wheel: Path) -> None:
        made = draft(place.forge)
        place.forge.upload(made, wheel.name, wheel)
        wheel.write_bytes(b"rebuilt")
        with pytest.raises(Denied, match="another file stands on the release under the name widget"):
            place.forge.upload(made, wheel.name, wheel)

    def test_takes_an_empty_file(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        place.forge.upload(draft(place.forge), "empty", tmp_path / "empty")
        found = place.forge.release("v1.0.0")
        assert found
        assert found.assets["empty"] == hashlib.sha256(b"").hexdigest()

    def test_publishing_keeps_all_else(self, place: Place, wheel: Path) -> None:
        made = draft(place.forge)
        place.forge.upload(made, wheel.name, wheel)
        place.forge.publish(made, SHAPE)
        found = place.forge.release("v1.0.0")
        assert found
        assert (found.draft, found.title, found.body) == (False, made.title, made.body)
        assert list(found.assets) == [wheel.name]

    def test_publishing_twice_is_publishing_once(self, place: Place) -> None:
        made = draft(place.forge)
        place.forge.publish(made, SHAPE)
        place.forge.publish(made, SHAPE)
        found = place.forge.release("v1.0.0")
        assert found
        assert not found.draft

    def test_the_highest_version_is_the_latest_and_no_prerelease_is(self, place: Place) -> None:
        place.forge.publish(draft(place.forge, "v2.0.0-rc.1", prerelease=True), SHAPE)
        assert place.people.latest() is None
        for tag in ("v1.9.0", "v1.10.0", "v1.9.1"):
            place.forge.publish(draft(place.forge, tag), SHAPE)
        place.forge.publish(draft(place.forge, "v2.0.0-rc.2", prerelease=True), SHAPE)
        assert place.people.latest() == "v1.10.0"

    def test_the_numbers_of_other_packages_do_not_keep_a_release_from_being_the_latest(self, place: Place) -> None:
        latest = []
        for tag in ("v5.0.0", "tiny-v0.2.0", "v5.0.1", "tiny-v0.1.9", "tiny-v0.10.0", "v5.0.0-beta.1", "v4.9.9"):
            shape = TINY if tag.startswith("tiny") else SHAPE
            place.forge.publish(draft(place.forge, tag, prerelease="beta" in tag), shape)
            latest.append(place.people.latest())
        assert latest == ["v5.0.0", "tiny-v0.2.0", "v5.0.1", "v5.0.1", *["tiny-v0.10.0"] * 3]

    def test_neither_drafts_nor_prereleases_of_its_package_keep_a_release_from_being_the_latest(
        self, place: Place
    ) -> None:
        place.forge.publish(draft(place.forge, "tiny-v1.0.0-rc.1", prerelease=True), TINY)
        place.people.draft("tiny-v0.9.0")
        place.forge.publish(draft(place.forge, "v5.0.0"), SHAPE)
        place.forge.publish(draft(place.forge, "tiny-v0.3.0"), TINY)
        assert place.people.latest() == "tiny-v0.3.0"

    def test_a_tag_of_another_format_is_not_made_the_latest(self, place: Place) -> None:
        place.forge.publish(draft(place.forge, "nightly"), SHAPE)
        assert place.people.latest() is None

    def test_knows_no_pull_request_of_a_branch_without_one(self, place: Place) -> None:
        place.forge.open_pull_request("other", "main", "Other", "")
        assert place.forge.pull_request("release/v1.0.0", "main") is None

    def test_shows_an_open_pull_request(self, place: Place) -> None:
        made = place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes")
        assert place.forge.pull_request("release/v1.0.0", "main") == made
        assert (made.state, made.merged, made.merge_commit) == ("open", False, None)

    def test_opens_no_second_pull_request_for_the_same_branches(self, place: Place) -> None:
        first = place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes")
        assert place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes") == first

    def test_tells_pull_requests_into_different_branches_apart(self, place: Place) -> None:
        into_main = place.forge.open_pull_request("release/v1.0.0", "main", "Release", "")
        into_develop = place.forge.open_pull_request("release/v1.0.0", "develop", "Back", "")
        assert place.forge.pull_request("release/v1.0.0", "main") == into_main
        assert place.forge.pull_request("release/v1.0.0", "develop") == into_develop

    def test_names_the_merge_commit_once_a_pull_request_is_merged(self, place: Place) -> None:
        made = place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes")
        place.people.merge(made.number, SHA)
        found = place.forge.pull_request("release/v1.0.0", "main")
        assert found
        assert (found.state, found.merged, found.merge_commit) == ("closed", True, SHA)

    def test_a_closed_pull_request_is_not_merged(self, place: Place) -> None:
        made = place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes")
        place.forge.close_pull_request(made.number)
        found = place.forge.pull_request("release/v1.0.0", "main")
        assert found
        assert (found.state, found.merged, found.merge_commit) == ("closed", False, None)

    def test_shows_the_newest_of_several_pull_requests(self, place: Place) -> None:
        first = place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes")
        place.forge.close_pull_request(first.number)
        second = place.forge.open_pull_request("release/v1.0.0", "main", "Release v1.0.0", "notes")
        assert second.number != first.number
        assert place.forge.pull_request("release/v1.0.0", "main") == second

    def test_refuses_to_close_a_pull_request_that_is_not_there(self, place: Place) -> None:
        with pytest.raises(Denied):
            place.forge.close_pull_request(7)

    def test_starts_a_workflow_on_a_tag(self, place: Place) -> None:
        place.forge.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert place.people.dispatched() == [("deploy.yml", "v1.0.0")]

    def test_shows_the_run_as_soon_as_the_start_has_returned(self, place: Place) -> None:
        assert place.forge.dispatched("deploy.yml", "v1.0.0", NO_SHA) is None
        place.forge.dispatch("deploy.yml", "v1.0.0", NO_SHA)
        assert place.forge.dispatched("deploy.yml", "v1.0.0", NO_SHA)

    def test_tells_the_runs_of_other_tags_and_workflows_apart(self, place: Place) -> None:
        place.forge.dispatch("deploy.yml", "v0.9.0", NO_SHA)
        place.forge.dispatch("docs.yml", "v1.0.0", NO_SHA)
        assert place.forge.dispatched("deploy.yml", "v1.0.0", NO_SHA) is None

    def test_tells_the_run_on_another_commit_apart_that_the_tag_was_before(self, place: Place) -> None:
        place.people.dispatch("deploy.yml", "v1.0.0", SHA)
        assert place.forge.dispatched("deploy.yml", "v1.0.0", NO_SHA) is None
        assert place.forge.dispatched("deploy.yml", "v1.0.0", SHA)

    def test_shows_the_newest_of_several_runs(self, place: Place) -> None:
        place.people.dispatch("deploy.yml", "v1.0.0")
        first = place.forge.dispatched("deploy.yml", "v1.0.0", NO_SHA)
        place.people.dispatch("deploy.yml", "v1.0.0")
        newest = place.forge.dispatched("deploy.yml", "v1.0.0", NO_SHA)
        assert newest
        assert newest != first

    def test_knows_no_run_of_a_workflow_that_is_not_there(self, place: Place) -> None:
        assert place.forge.dispatched("missing.yml", "v1.0.0", NO_SHA) is None

    def test_has_nothing_to_object_to_a_workflow_that_is_there(self, place: Place) -> None:
        assert list(place.forge.workflow_problems("deploy.yml")) == []

    def test_names_a_workflow_that_is_not_there_before_anything_is_touched(self, place: Place) -> None:
        (problem,) = place.forge.workflow_problems("missing.yml")
        assert problem.what == f"{place.forge.name} knows no workflow missing.yml"

    def test_names_a_workflow_that_cannot_be_started(self, place: Place) -> None:
        with pytest.raises(Denied, match=r"missing\.yml"):
            place.forge.dispatch("missing.yml", "v1.0.0", NO_SHA)
