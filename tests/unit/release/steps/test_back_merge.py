"""The release comes back into develop, or a person is asked."""

from shipit.engine.plan import absent, done
from shipit.release.ports import Forge
from shipit.release.steps.back_merge import BackMerge
from tests.unit.scene import DEVELOP, Scene

WAITING = "refs/heads/back-merge/v1.1.0"


def step(scene: Scene, forge: Forge | None = None, *, merges: bool = True) -> BackMerge:
    scene.server.objects.store.update(scene.objects.store)
    made = scene.back_merge if merges else lambda _: None
    return BackMerge(
        remote=scene.remote,
        objects=scene.objects,
        pull_requests=forge,
        release=scene.release,
        develop="develop",
        back_merge=made,
    )


def test_develop_is_merged(scene: Scene) -> None:
    tip = scene.server.refs[DEVELOP]
    made = step(scene)
    assert scene.run(made) == done("develop contains v1.1.0")
    assert scene.objects.at(scene.server.refs[DEVELOP]).parents == (tip, scene.release.tagged_commit)
    assert made.summary == "Merge v1.1.0 back into develop"


def test_a_develop_that_somebody_pushed_to_is_brought_here_and_merged(scene: Scene) -> None:
    made = step(scene)
    scene.server.refs[DEVELOP] = theirs = scene.elsewhere("feat: meanwhile\n", scene.release.base)
    assert scene.run(made) == done("develop contains v1.1.0")
    assert scene.objects.at(scene.server.refs[DEVELOP]).parents == (theirs, scene.release.tagged_commit)


def test_develop_that_contains_the_release_is_left_alone(scene: Scene) -> None:
    scene.server.refs[DEVELOP] = scene.release.tagged_commit
    assert step(scene).look() == done("develop contains v1.1.0")


def test_without_a_develop_on_the_remote_nothing_is_there(scene: Scene) -> None:
    del scene.server.refs[DEVELOP]
    assert step(scene).look() == absent()


def test_a_conflict_leaves_a_branch_for_a_person(scene: Scene) -> None:
    tip = scene.server.refs[DEVELOP]
    assert scene.run(step(scene, merges=False)) == done("back-merge/v1.1.0 waits for a person")
    assert scene.server.refs[WAITING] == scene.release.tagged_commit
    assert scene.server.refs[DEVELOP] == tip


def test_with_a_forge_the_person_gets_a_pull_request(scene: Scene) -> None:
    assert scene.run(step(scene, scene.forge, merges=False)) == done("back-merge/v1.1.0 waits for a person")
    [(head, base, _)] = scene.forge.pulls
    assert (head, base) == ("back-merge/v1.1.0", "develop")
    assert scene.said == ["memory:1"]


def test_a_branch_without_its_pull_request_is_not_enough(scene: Scene) -> None:
    made = step(scene, scene.forge, merges=False)
    scene.server.refs[WAITING] = scene.release.tagged_commit
    assert scene.run(made) == done("back-merge/v1.1.0 waits for a person")


def test_a_pull_request_is_opened_once(scene: Scene) -> None:
    made = step(scene, scene.forge, merges=False)
    made.run(scene.say)
    made.run(scene.say)
    assert scene.forge.writes == ["open_pull_request"]


def test_a_develop_that_takes_no_push_is_left_to_a_person(scene: Scene) -> None:
    scene.server.declined.add(DEVELOP)
    assert scene.run(step(scene)) == done("back-merge/v1.1.0 waits for a person")
    assert scene.said == ["develop takes no push: origin declined refs/heads/develop"]
