"""The lock is held by one run, and closing frees it and drops the kept bytes."""

from dataclasses import replace

import pytest

from shipit.engine.plan import absent, conflict, done
from shipit.errors import LeaseLost, Refused
from shipit.model import RefUpdate
from shipit.release.lock import LockCommits
from shipit.release.refs import LOCK
from shipit.release.steps.lock import Close, Lock
from tests.unit.scene import BRANCH, Scene

EVIDENCE, KEPT = "refs/shipit/release/v1.1.0", "refs/shipit/kept/v1.1.0"


def commits(scene: Scene, observed: str | None = None) -> LockCommits:
    return LockCommits(mine=scene.commit("mine\n"), after=scene.commit("after\n"), observed=observed)


def lock(scene: Scene, observed: str | None = None) -> Lock:
    return Lock(remote=scene.remote, commits=commits(scene, observed))


def with_branch(scene: Scene, observed: str | None = None) -> Lock:
    return replace(lock(scene, observed), opens=(RefUpdate(BRANCH, scene.release.commit, None),))


class TestTheLock:
    def test_is_absent_taken_and_then_ours(self, scene: Scene) -> None:
        step = lock(scene)
        assert scene.run(step) == done(f"{LOCK} is ours")
        assert scene.server.refs[LOCK] == step.commits.mine

    def test_is_still_ours_after_the_push(self, scene: Scene) -> None:
        step = lock(scene)
        scene.server.refs[LOCK] = step.commits.after
        assert step.look() == done(f"{LOCK} is ours")

    def test_that_somebody_else_holds_is_a_race_that_the_lease_decides(self, scene: Scene) -> None:
        step = lock(scene)
        scene.server.refs[LOCK] = theirs = scene.commit("theirs\n")
        assert step.look() == absent()
        with pytest.raises(LeaseLost):
            step.run(scene.say)
        assert scene.server.refs[LOCK] == theirs

    def test_of_a_run_that_ended_is_taken_over(self, scene: Scene) -> None:
        scene.server.refs[LOCK] = dead = scene.commit("dead\n")
        step = lock(scene, observed=dead)
        assert step.look() == absent("taken over from a run that ended")
        scene.run(step)
        assert scene.server.refs[LOCK] == step.commits.mine


class TestTheLockWithTheReleaseBranch:
    def test_is_one_push(self, scene: Scene) -> None:
        step = with_branch(scene)
        assert step.summary == "Hold the release lock and push release/v1.1.0 at once"
        assert scene.run(step) == done(f"{LOCK} is ours")
        assert scene.server.refs[LOCK] == step.commits.mine
        assert scene.server.refs[BRANCH] == scene.release.commit
        assert len(scene.server.pushes) == 1

    def test_conflicts_with_a_branch_that_is_not_ours(self, scene: Scene) -> None:
        scene.server.refs[BRANCH] = scene.release.base
        assert with_branch(scene).look() == conflict(f"release/v1.1.0 is at {scene.release.base[:10]}, not ours")

    def test_is_a_race_to_lose_where_another_run_has_both(self, scene: Scene) -> None:
        scene.server.refs |= {BRANCH: scene.release.base, LOCK: scene.release.base}
        step = with_branch(scene)
        assert step.look() == absent()
        with pytest.raises(LeaseLost):
            step.run(scene.say)

    def test_brings_the_branch_also_where_a_run_of_the_same_second_takes_its_own_away(self, scene: Scene) -> None:
        """Its release commit is the same as ours, so that the branch looks like ours."""
        theirs = scene.commit("theirs\n")
        scene.server.refs |= {BRANCH: scene.release.commit, LOCK: theirs}
        step = with_branch(scene)
        scene.server.before_push = lambda: [scene.server.refs.pop(ref) for ref in (LOCK, BRANCH)]
        step.run(scene.say)
        assert step.look() == done(f"{LOCK} is ours")
        assert scene.server.refs[BRANCH] == scene.release.commit

    def test_leaves_a_branch_as_it_is_that_a_run_that_ended_has_pushed(self, scene: Scene) -> None:
        step = with_branch(scene, observed=scene.release.base)
        scene.server.refs |= {BRANCH: scene.release.commit, LOCK: scene.release.base}
        scene.run(step)
        assert [one.ref for one in scene.server.pushes[-1]] == [LOCK]

    def test_is_not_done_while_the_branch_is_missing(self, scene: Scene) -> None:
        step = with_branch(scene)
        scene.server.refs[LOCK] = step.commits.mine
        assert scene.run(step) == done(f"{LOCK} is ours")
        assert scene.server.refs[BRANCH] == scene.release.commit


class TestClosing:
    def close(self, scene: Scene) -> Close:
        return Close(remote=scene.remote, tag="v1.1.0", commits=commits(scene))

    def stands(self, scene: Scene, *refs: str) -> None:
        scene.server.refs |= dict.fromkeys(refs, scene.release.base)
        scene.server.objects.store.update(scene.objects.store)

    def test_is_absent_where_nothing_was_released(self, scene: Scene) -> None:
        assert self.close(scene).look() == absent()

    def test_drops_the_kept_bytes_frees_the_lock_and_leaves_the_evidence(self, scene: Scene) -> None:
        step = self.close(scene)
        self.stands(scene, EVIDENCE, KEPT)
        scene.server.refs[LOCK] = step.commits.after
        assert step.look() == absent("its files are still kept on the remote")
        assert scene.run(step) == done(f"evidence in {EVIDENCE}")
        assert KEPT not in scene.server.refs
        assert LOCK not in scene.server.refs

    def test_is_not_done_while_the_lock_is_held_by_us(self, scene: Scene) -> None:
        step = self.close(scene)
        self.stands(scene, EVIDENCE)
        scene.server.refs[LOCK] = step.commits.mine
        assert step.look() == absent("the lock is still held")
        scene.run(step)
        assert LOCK not in scene.server.refs

    def test_leaves_the_lock_of_the_next_release_alone(self, scene: Scene) -> None:
        self.stands(scene, EVIDENCE, KEPT, LOCK)
        assert scene.run(self.close(scene)) == done(f"evidence in {EVIDENCE}")
        assert LOCK in scene.server.refs

    def test_frees_the_lock_where_another_run_of_this_release_drops_the_kept_bytes_first(
        self, scene: Scene
    ) -> None:
        step = self.close(scene)
        self.stands(scene, EVIDENCE, KEPT)
        scene.server.refs[LOCK] = step.commits.after
        scene.server.before_push = lambda: scene.server.refs.pop(KEPT, None)
        assert scene.run(step) == done(f"evidence in {EVIDENCE}")
        assert LOCK not in scene.server.refs


def test_a_server_that_hides_the_lock_gets_it_back_and_is_named(scene: Scene) -> None:
    step, shown = with_branch(scene), scene.remote.refs
    vars(scene.remote)["refs"] = lambda: {name: sha for name, sha in shown().items() if "shipit" not in name}
    with pytest.raises(Refused, match="takes refs that it does not show") as raised:
        step.run(scene.say)
    assert raised.value.evidence == (f"{LOCK} was pushed, and is not in the list of refs",)
    assert LOCK not in scene.server.refs
    assert BRANCH not in scene.server.refs


def test_a_lock_that_somebody_takes_away_at_once_is_a_lost_race_and_no_hidden_ref(scene: Scene) -> None:
    step, push = with_branch(scene), scene.remote.push

    def undone(*updates: RefUpdate) -> None:
        push(*updates)
        for ref in (LOCK, BRANCH):
            scene.server.refs.pop(ref, None)

    vars(scene.remote)["push"] = undone
    with pytest.raises(LeaseLost):
        step.run(scene.say)
