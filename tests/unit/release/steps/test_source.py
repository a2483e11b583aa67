"""Release branch, the one push, and the tag's way home."""

from dataclasses import replace

import msgspec
import pytest

from shipit.engine.plan import State, absent, conflict, done
from shipit.errors import Denied, ExternalError, LeaseLost
from shipit.model import RefUpdate
from shipit.release.lock import LockCommits
from shipit.release.refs import LOCK, contains, decision_text, read_decision
from shipit.release.steps.source import BringTagHome, Push, tag_message
from tests.unit.scene import BRANCH, DEVELOP, MAIN, Scene

TAG = "refs/tags/v1.1.0"
EVIDENCE, KEPT = "refs/shipit/release/v1.1.0", "refs/shipit/kept/v1.1.0"


PACKAGES = ("acme-1.1.0.tar.gz", "acme-1.1.0-py3-none-any.whl")


def write_files(scene: Scene) -> None:
    """As the steps before the push leave them."""
    for name in (*PACKAGES, "gates.json"):
        scene.artifacts.write(name, name.encode())
    listed = [msgspec.to_builtins(scene.artifacts.artifact(name)) for name in PACKAGES]
    rows = [f"{one['sha256']}  {one['name']}\n" for one in listed]
    scene.artifacts.write("SHA256SUMS", "".join(rows).encode())
    scene.artifacts.write("release.json", msgspec.json.encode({"files": listed}))


class TestThePush:
    def step(self, scene: Scene, limit: int = 1) -> Push:
        lock = LockCommits(mine=scene.commit("mine\n"), after=scene.commit("after\n"), observed=None)
        scene.server.refs.setdefault(LOCK, lock.mine)
        scene.server.objects.store.update(scene.objects.store)
        write_files(scene)
        return Push(
            remote=scene.remote,
            objects=scene.objects,
            artifacts=scene.artifacts,
            release=scene.release,
            back_merge=scene.back_merge,
            lock=lock,
            keep_limit=limit,
        )

    def ready(self, scene: Scene) -> None:
        scene.server.refs[BRANCH] = scene.release.commit

    def test_moves_everything_at_once(self, scene: Scene) -> None:
        self.ready(scene)
        step = self.step(scene)
        before = len(scene.server.pushes)
        release = scene.release
        assert scene.run(step) == done(f"v1.1.0 → {release.tagged_commit[:10]}, in main")
        assert len(scene.server.pushes) == before + 1
        refs = scene.server.refs
        assert refs[MAIN] == release.tagged_commit
        assert scene.objects.at(refs[DEVELOP]).parents == (release.base, release.tagged_commit)
        assert scene.objects.peel(refs[TAG]) == release.tagged_commit
        assert refs[LOCK] == step.lock.after
        assert BRANCH not in refs

    def test_leaves_evidence_for_good_and_bytes_until_all_is_published(self, scene: Scene) -> None:
        self.ready(scene)
        scene.run(self.step(scene))
        refs = scene.server.refs
        assert list(scene.objects.files(refs[EVIDENCE])) == ["SHA256SUMS", "release.json"]
        assert list(scene.objects.files(refs[KEPT])) == [
            "SHA256SUMS",
            "acme-1.1.0-py3-none-any.whl",
            "acme-1.1.0.tar.gz",
            "release.json",
        ]
        assert scene.objects.at(refs[EVIDENCE]).parents == (scene.release.tagged_commit,)

    def test_keeps_no_packages_on_the_remote_that_are_too_large_for_it(self, scene: Scene) -> None:
        self.ready(scene)
        scene.run(self.step(scene, limit=0))
        assert list(scene.objects.files(scene.server.refs[KEPT])) == ["SHA256SUMS", "release.json"]

    @pytest.mark.parametrize("name", ["SHA256SUMS", "release.json", *PACKAGES])
    def test_moves_nothing_where_a_file_is_gone(self, scene: Scene, name: str) -> None:
        step = self.step(scene)
        del scene.artifacts.held[name]
        before = dict(scene.server.refs)
        with pytest.raises(ExternalError, match="are gone") as caught:
            step.run(scene.say)
        assert caught.value.evidence == (name,)
        assert scene.server.refs == before

    def test_moves_nothing_where_a_file_is_another_one(self, scene: Scene) -> None:
        step = self.step(scene)
        scene.artifacts.write(PACKAGES[0], b"another")
        with pytest.raises(ExternalError) as caught:
            step.run(scene.say)
        assert caught.value.evidence == (PACKAGES[0],)

    def test_needs_no_packages_where_nothing_is_built(self, scene: Scene) -> None:
        step = self.step(scene)
        scene.artifacts.held = {"release.json": b'{"files": []}'}
        assert scene.run(step).state is State.DONE

    def test_says_every_ref_that_it_moves(self, scene: Scene) -> None:
        self.ready(scene)
        step = self.step(scene)
        scene.run(step)
        assert scene.said[0] == f"{MAIN} → {scene.release.tagged_commit[:10]}"
        assert f"{BRANCH} → deleted" in scene.said
        assert step.summary == "Push main, develop and v1.1.0 at once, or nothing"

    def test_moves_no_develop_where_there_is_none(self, scene: Scene) -> None:
        scene.change(develop=None)
        step = self.step(scene)
        assert scene.run(step).state is State.DONE
        assert scene.server.refs[DEVELOP] == scene.release.base
        assert step.summary == "Push main and v1.1.0 at once, or nothing"

    def test_brings_develop_here_when_somebody_pushed_to_it_in_between(self, scene: Scene) -> None:
        step = self.step(scene)
        scene.server.refs[DEVELOP] = theirs = scene.elsewhere("feat: meanwhile\n", scene.release.base)
        assert scene.run(step).state is State.DONE
        assert scene.objects.has(theirs)
        assert scene.objects.at(scene.server.refs[DEVELOP]).parents == (theirs, scene.release.tagged_commit)

    def test_leaves_develop_to_the_back_merge_when_a_person_must_merge(self, scene: Scene) -> None:
        step = replace(self.step(scene), back_merge=lambda _: None)
        assert not [one for one in step.updates(scene.remote.refs()) if one.ref == DEVELOP]

    def test_makes_no_develop_where_it_is_gone(self, scene: Scene) -> None:
        step = self.step(scene)
        del scene.server.refs[DEVELOP]
        assert not [one for one in step.updates(scene.remote.refs()) if one.ref == DEVELOP]

    def test_moves_only_the_tag_and_the_evidence_when_people_have_merged(self, scene: Scene) -> None:
        scene.server.refs[MAIN] = scene.release.tagged_commit
        scene.server.objects.store.update(scene.objects.store)
        scene.change(mode="pull-request", main_before=scene.release.tagged_commit)
        updates = self.step(scene).updates(scene.remote.refs())
        assert [one.ref for one in updates] == [TAG, EVIDENCE, KEPT, LOCK]

    def test_moves_no_main_that_stands_there_already(self, scene: Scene) -> None:
        scene.change(tagged_commit=scene.release.base, main_before=scene.release.base, develop=None)
        assert MAIN not in [one.ref for one in self.step(scene).updates(scene.remote.refs())]

    def test_carries_a_lease_on_what_was_seen_when_the_release_was_decided(self, scene: Scene) -> None:
        [main, tag] = self.step(scene).updates(scene.remote.refs())[:2]
        assert main == RefUpdate(MAIN, scene.release.tagged_commit, scene.release.main_before)
        assert tag.expected is None

    def test_loses_the_race_when_develop_moves_while_it_pushes(self, scene: Scene) -> None:
        step = self.step(scene)
        scene.server.before_push = lambda: scene.server.refs.update({DEVELOP: scene.release.main_before or ""})
        with pytest.raises(LeaseLost):
            step.run(scene.say)
        assert TAG not in scene.server.refs
        assert scene.server.refs[MAIN] == scene.release.main_before

    def test_conflicts_when_main_moved_since(self, scene: Scene) -> None:
        scene.server.refs[MAIN] = moved = scene.elsewhere("fix: hot\n")
        assert self.step(scene).look() == conflict(f"main moved to {moved[:10]} since this release was decided")

    def test_conflicts_when_main_is_gone(self, scene: Scene) -> None:
        del scene.server.refs[MAIN]
        assert self.step(scene).look() == conflict("main moved to nothing since this release was decided")

    def test_does_not_mind_where_main_is_when_people_merge(self, scene: Scene) -> None:
        scene.change(mode="pull-request")
        scene.server.refs[MAIN] = scene.elsewhere("fix: hot\n")
        assert self.step(scene).look() == absent()

    def test_conflicts_with_a_tag_on_another_commit(self, scene: Scene) -> None:
        scene.server.refs[TAG] = scene.release.base
        look = self.step(scene).look()
        assert look == conflict(
            f"v1.1.0 is there and names {scene.release.base[:10]}, not {scene.release.tagged_commit[:10]}"
        )

    def landed(self, scene: Scene) -> Push:
        step = self.step(scene)
        scene.run(step)
        return step

    def test_conflicts_with_a_tag_on_the_same_commit_that_another_tool_made(self, scene: Scene) -> None:
        step = self.landed(scene)
        del scene.server.refs[EVIDENCE]
        assert step.look() == conflict("v1.1.0 is there without its evidence: another tool made it")

    def test_is_still_done_when_main_has_moved_on(self, scene: Scene) -> None:
        step = self.landed(scene)
        scene.server.refs[MAIN] = scene.elsewhere("feat: next\n", scene.release.tagged_commit)
        assert step.look().state is State.DONE

    def test_conflicts_when_main_was_moved_back_or_away(self, scene: Scene) -> None:
        step = self.landed(scene)
        scene.server.refs[MAIN] = base = scene.release.base
        assert step.look() == conflict(f"main is at {base[:10]} and does not contain v1.1.0")
        del scene.server.refs[MAIN]
        assert step.look() == conflict("main is gone from origin")

    def test_is_done_for_a_lightweight_tag_on_the_right_commit_as_well(self, scene: Scene) -> None:
        step = self.landed(scene)
        scene.server.refs[TAG] = scene.release.tagged_commit
        assert step.look().state is State.DONE


class TestBringingTheTagHome:
    def step(self, scene: Scene) -> BringTagHome:
        far = scene.server.objects
        far.store.update(scene.objects.store)
        scene.server.refs[TAG] = far.tag(
            "v1.1.0", scene.release.tagged_commit, "Release\n", scene.release.author, 0
        )
        return BringTagHome(remote=scene.remote, checkout=scene.checkout, tag="v1.1.0")

    def test_brings_the_very_object(self, scene: Scene) -> None:
        step = self.step(scene)
        tag = scene.server.refs[TAG]
        assert scene.run(step) == done(tag[:10])
        assert scene.checkout.refs == {TAG: tag}
        assert scene.objects.has(tag)
        assert step.summary == "Bring v1.1.0 into this clone"

    def test_conflicts_with_a_tag_of_the_users_own(self, scene: Scene) -> None:
        step = self.step(scene)
        scene.checkout.refs[TAG] = "1" * 40
        look = step.look()
        assert look.state is State.CONFLICT
        assert "git tag -d v1.1.0" in look.evidence


class TestWhatRefsSay:
    def test_a_decision_is_read_back_as_it_was_written(self, scene: Scene) -> None:
        assert read_decision(decision_text(scene.release)) == scene.release

    def test_a_branch_at_the_commit_contains_it_without_asking_anybody(self, scene: Scene) -> None:
        scene.server.trouble = Denied("nobody asks")
        assert contains(scene.remote, scene.objects, "main", "a", "a")

    def test_objects_that_are_not_here_are_brought(self, scene: Scene) -> None:
        scene.server.refs[MAIN] = tip = scene.elsewhere("feat: next\n", scene.release.base)
        assert contains(scene.remote, scene.objects, "main", tip, scene.release.base)

    def test_a_commit_that_nobody_has_is_in_no_branch(self, scene: Scene) -> None:
        assert not contains(scene.remote, scene.objects, "main", scene.release.base, "f" * 40)

    def test_the_tag_vouches_for_the_files(self, scene: Scene) -> None:
        assert tag_message(scene.release, b"abc  file\n") == "Release v1.1.0\n\nabc  file\n"
        assert tag_message(scene.release, b"") == "Release v1.1.0\n"
