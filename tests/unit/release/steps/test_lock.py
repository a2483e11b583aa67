"""The lock is held by one run, and closing lets go of it and of the kept bytes."""

import pytest

from shipit.engine.plan import absent, done
from shipit.errors import LeaseLost
from shipit.release.refs import LOCK
from shipit.release.steps.lock import Close, Lock
from tests.unit.scene import Scene

EVIDENCE, KEPT = "refs/shipit/release/v1.1.0", "refs/shipit/kept/v1.1.0"


def lock(scene: Scene, observed: str | None = None) -> Lock:
    return Lock(scene.remote, scene.commit("mine\n"), observed, scene.commit("after\n"))


class TestTheLock:
    def test_is_absent_taken_and_then_ours(self, scene: Scene) -> None:
        step = lock(scene)
        assert scene.run(step) == done(f"{LOCK} is ours")
        assert scene.server.refs[LOCK] == step.mine

    def test_is_still_ours_after_the_push(self, scene: Scene) -> None:
        step = lock(scene)
        scene.server.refs[LOCK] = step.after_push
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
        assert scene.server.refs[LOCK] == step.mine

    def test_is_given_back_only_if_it_is_ours(self, scene: Scene) -> None:
        step = lock(scene)
        scene.run(step)
        step.undo(scene.say)
        assert LOCK not in scene.server.refs
        scene.server.refs[LOCK] = scene.commit("theirs\n")
        step.undo(scene.say)
        assert LOCK in scene.server.refs


class TestClosing:
    def close(self, scene: Scene) -> Close:
        return Close(scene.remote, "v1.1.0", scene.commit("mine\n"), scene.commit("after\n"))

    def stands(self, scene: Scene, *refs: str) -> None:
        scene.server.refs |= dict.fromkeys(refs, scene.release.base)
        scene.server.objects.store.update(scene.objects.store)

    def test_is_absent_where_nothing_was_released(self, scene: Scene) -> None:
        assert self.close(scene).look() == absent()

    def test_lets_go_of_kept_bytes_and_lock_and_leaves_the_evidence(self, scene: Scene) -> None:
        step = self.close(scene)
        self.stands(scene, EVIDENCE, KEPT)
        scene.server.refs[LOCK] = step.lock_after
        assert step.look() == absent("its files are still kept on the remote")
        assert scene.run(step) == done(f"evidence in {EVIDENCE}")
        assert KEPT not in scene.server.refs
        assert LOCK not in scene.server.refs

    def test_is_not_done_while_the_lock_is_held_by_us(self, scene: Scene) -> None:
        step = self.close(scene)
        self.stands(scene, EVIDENCE)
        scene.server.refs[LOCK] = step.lock
        assert step.look() == absent("the lock is still held")
        scene.run(step)
        assert LOCK not in scene.server.refs

    def test_leaves_the_lock_of_the_next_release_alone(self, scene: Scene) -> None:
        self.stands(scene, EVIDENCE, KEPT, LOCK)
        assert scene.run(self.close(scene)) == done(f"evidence in {EVIDENCE}")
        assert LOCK in scene.server.refs
