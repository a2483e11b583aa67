"""Draft, assets, publication and pull request on a forge in memory."""

import pytest
from msgspec import structs

from shipit.engine.plan import State, absent, conflict, done
from shipit.errors import Denied
from shipit.release.steps.forge import Assets, Draft, Propose, Publish
from tests.unit.scene import Scene

WHEEL = "acme-1.1.0-py3-none-any.whl"


def draft(scene: Scene, *, may_be_edited: bool = False) -> Draft:
    return Draft(releases=scene.forge, release=scene.release, body="the notes", may_be_edited=may_be_edited)


def with_files(scene: Scene) -> Assets:
    scene.artifacts.write(WHEEL, b"wheel")
    scene.artifacts.write("SHA256SUMS", f"{scene.artifacts.artifact(WHEEL).sha256}  {WHEEL}\n".encode())
    return Assets(releases=scene.forge, artifacts=scene.artifacts, tag="v1.1.0")


class TestTheDraft:
    def test_is_absent_made_and_then_there(self, scene: Scene) -> None:
        assert scene.run(draft(scene)) == done("memory:1")
        [made] = scene.forge.releases
        assert (made.tag, made.title, made.body, made.draft) == ("v1.1.0", "Release v1.1.0", "the notes", True)
        assert draft(scene).summary == "Draft Release v1.1.0 on fake forge"

    def test_of_a_prerelease_says_so(self, scene: Scene) -> None:
        scene.change(version="1.1.0-rc.1")
        scene.run(draft(scene))
        assert scene.forge.releases[0].prerelease

    def test_conflicts_with_a_release_of_another_title(self, scene: Scene) -> None:
        scene.forge.create_draft("v1.1.0", "My own", "", prerelease=False)
        assert draft(scene).look() == conflict("memory:1 is there with the title 'My own'")

    def test_is_the_same_with_other_line_ends_and_blanks(self, scene: Scene) -> None:
        scene.forge.create_draft("v1.1.0", "Release v1.1.0", "\r\nthe notes \r\n", prerelease=False)
        assert draft(scene).look() == done("memory:1")

    def test_whose_notes_were_edited_conflicts_unless_the_release_is_under_way(self, scene: Scene) -> None:
        scene.forge.create_draft("v1.1.0", "Release v1.1.0", "my own words", prerelease=False)
        edited = "the notes of memory:1 were edited"
        assert draft(scene).look() == conflict(edited)
        assert draft(scene, may_be_edited=True).look() == done(edited)

    def test_is_the_same_whatever_a_forge_makes_of_line_ends(self, scene: Scene) -> None:
        scene.forge.create_draft("v1.1.0", "Release v1.1.0", "the notes \r\n\r\nmore\n", prerelease=False)
        step = Draft(releases=scene.forge, release=scene.release, body="the notes\n\nmore")
        assert step.look() == done("memory:1")


class TestAssets:
    def test_are_absent_while_there_is_no_draft_and_when_there_is_nothing_to_attach(self, scene: Scene) -> None:
        assert with_files(scene).look() == absent()
        scene.run(draft(scene))
        scene.artifacts.clear()
        assert Assets(releases=scene.forge, artifacts=scene.artifacts, tag="v1.1.0").look() == absent()

    def test_are_attached_and_compared_by_content(self, scene: Scene) -> None:
        step = with_files(scene)
        scene.run(draft(scene))
        assert step.look() == absent(f"missing: {WHEEL}, SHA256SUMS")
        assert scene.run(step) == done("2 files with equal sha256")
        assert scene.said == [f"attach {WHEEL}", "attach SHA256SUMS"]

    def test_that_are_missing_are_attached_and_no_others(self, scene: Scene) -> None:
        step = with_files(scene)
        scene.run(draft(scene))
        scene.forge.upload(scene.forge.releases[0], WHEEL, scene.artifacts.path(WHEEL))
        scene.run(step)
        assert scene.said == ["attach SHA256SUMS"]

    def test_of_the_same_name_with_other_bytes_are_a_conflict(self, scene: Scene) -> None:
        step = with_files(scene)
        scene.run(draft(scene))
        scene.run(step)
        scene.artifacts.write(WHEEL, b"other")
        assert with_files(scene).look().state is State.DONE
        scene.forge.releases[0] = structs.replace(scene.forge.releases[0], assets={WHEEL: "0" * 64})
        assert step.look() == conflict(f"{WHEEL} is attached already, with different content")

    def test_cannot_be_attached_to_a_draft_that_is_gone(self, scene: Scene) -> None:
        with pytest.raises(Denied, match=r"the draft of v1\.1\.0 is gone from fake forge"):
            with_files(scene).run(scene.say)


class TestPublishing:
    def test_makes_the_draft_visible(self, scene: Scene) -> None:
        step = Publish(releases=scene.forge, tag="v1.1.0", tag_format="v{version}")
        assert step.look() == absent()
        scene.run(draft(scene))
        assert scene.run(step) == done("memory:1")
        assert not scene.forge.releases[0].draft
        assert scene.forge.latest == "v1.1.0"
        assert step.summary == "Publish the release on fake forge"


class TestThePullRequest:
    def step(self, scene: Scene) -> Propose:
        return Propose(pull_requests=scene.forge, remote=scene.remote, release=scene.release, body="the notes")

    def open(self, scene: Scene) -> Propose:
        """On a real forge the head is what the branch holds."""
        step = self.step(scene)
        assert step.look() == absent()
        step.run(scene.say)
        self.head(scene, scene.release.commit)
        return step

    def head(self, scene: Scene, sha: str) -> None:
        head, base, pull = scene.forge.pulls[-1]
        scene.forge.pulls[-1] = (head, base, structs.replace(pull, head_sha=sha))

    def test_is_opened_and_then_there(self, scene: Scene) -> None:
        step = self.open(scene)
        assert step.look() == done("memory:1")
        assert scene.said == ["memory:1"]
        assert step.summary == "Open a pull request from release/v1.1.0 into main"

    def test_is_done_when_people_have_merged_it(self, scene: Scene) -> None:
        step = self.open(scene)
        scene.forge.merge_pull_request(1, "f" * 40)
        assert step.look() == done("memory:1")

    def test_that_was_closed_is_absent_and_says_so(self, scene: Scene) -> None:
        step = self.open(scene)
        scene.forge.close_pull_request(1)
        assert step.look() == absent("memory:1 was closed")

    def test_of_another_commit_is_not_ours(self, scene: Scene) -> None:
        step = self.open(scene)
        self.head(scene, "0" * 40)
        assert step.look() == absent()

    def test_is_closed_again_only_if_it_is_ours_and_open(self, scene: Scene) -> None:
        step = self.step(scene)
        step.undo(scene.say)
        self.open(scene)
        self.head(scene, "0" * 40)
        step.undo(scene.say)
        assert scene.forge.pulls[-1][2].state == "open"
        self.head(scene, scene.release.commit)
        step.undo(scene.say)
        assert scene.forge.pulls[-1][2].state == "closed"
        step.undo(scene.say)
        assert scene.forge.writes.count("close_pull_request") == 1
