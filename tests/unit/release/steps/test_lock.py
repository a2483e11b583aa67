"""The lock is held by one run, and closing frees it and drops the kept bytes."""

import pytest

from shipit.engine.plan import absent, done
from shipit.errors import LeaseLost
from shipit.release.lock import LockCommits
from shipit.release.refs import LOCK
from shipit.release.steps.lock import Close, Lock
from tests.unit.scene import Scene

EVIDENCE, KEPT = "refs/shipit/release/v1.1.0", "refs/shipit/kept/v1.1.0"


def commits(scene: Scene, observed: str | None = None) -> LockCommits:
    return LockCommits(mine=scene.commit("mine\n"), after=scene.commit("after\n"), observed=observed)


def lock(scene: Scene, observed: str | None = None) -> Lock:
    return Lock(remote=scene.remote, commits=commits(scene, observed))


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
