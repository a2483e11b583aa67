"""Deployments of an image to a platform elsewhere: what is ordered how often, and what a failure goes back to."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from shipit.adapters.remote.delivery import AnswerLost, NotPassedOn
from shipit.deploy import recipe, reports
from shipit.deploy.recipe import DeployContext
from shipit.deploy.steps.images import MoveTag
from shipit.deploy.verify_images import verify_images
from shipit.engine.plan import absent
from shipit.errors import Denied, LiveDiffers, Refused, RolledBack, StoppedHalfway, Unavailable
from shipit.images.model import REVISION
from shipit.model import Revision
from tests.fakes_deploy import FakeClock
from tests.fakes_images import FakeRegistry
from tests.unit.deploy.elsewhere import LATEST, REPOSITORY, Anywhere, Elsewhere
from tests.unit.deploy.scene import DEAD, LOCK, Killed


@pytest.fixture
def scene(tmp_path: Path) -> Elsewhere:
    """1.0.0 is live, 1.1.0 waits on develop."""
    made = Elsewhere(tmp_path)
    made.commit("1.0.0")
    made.machine().deploy()
    made.platform.orders.clear()
    made.commit("1.1.0")
    return made


def killed(scene: Elsewhere, version: str) -> Anywhere:
    """A run that dies as the order for this version is about to go out."""

    def die(ordered: str) -> None:
        if ordered == version:
            raise Killed

    scene.platform.before = die
    machine = scene.machine(DEAD)
    with pytest.raises(Killed):
        machine.deploy()
    scene.platform.before = None
    return machine


def write(machine: Anywhere, images: Mapping[str, str]) -> None:
    """Another entry, with these images."""
    ledger = machine.job().ledger
    standing = ledger.standing()
    assert standing
    ledger.remote.push(ledger.update(replace(standing, images=images)))


def on_a_runner(scene: Elsewhere, clock: FakeClock) -> Anywhere:
    machine = scene.machine()
    machine.outside.release.environment = {**machine.outside.release.environment, "CI": "true"}
    vars(machine.outside)["clock"] = clock
    return machine


class TestADeployment:
    def test_orders_the_image_by_its_digest_and_then_moves_the_tag(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        machine.deploy()
        [order] = scene.platform.orders
        digest = scene.tags[f"develop-{order.revision.commit[:9]}"]
        assert order.image == f"registry.test/{REPOSITORY}@{digest}"
        assert scene.tags["staging-latest"] == digest
        assert machine.entries[0].images == {"web": order.image}
        assert machine.ran == ["lock", "switch-web", "smoke", "tag-web", "record"]

    def test_of_what_is_live_already_orders_nothing(self, scene: Elsewhere) -> None:
        scene.machine().deploy()
        assert scene.machine().deploy()["deployed"] == "false"
        assert scene.platform.versions == ["1.1.0"]

    def test_puts_a_tag_right_that_somebody_moved(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        machine.deploy()
        scene.registry.tags[LATEST] = next(iter(scene.tags.values()))
        assert machine.deploy()["deployed"] == "true"
        assert scene.tags["staging-latest"] == machine.entries[0].images["web"].partition("@")[2]
        assert scene.platform.versions == ["1.1.0"]

    def test_without_its_image_is_refused_with_the_command_that_pushes_it(self, scene: Elsewhere) -> None:
        revision = scene.commit("1.2.0")
        del scene.registry.tags[REPOSITORY, f"develop-{revision.commit[:9]}"]
        with pytest.raises(Refused) as caught:
            scene.machine().deploy()
        assert "the image web of 1.2.0 (" in "\n".join(caught.value.evidence)
        assert any(line.endswith(": nothing") for line in caught.value.evidence)
        assert caught.value.hint == "shipit build --push, where this commit is checked out"
        assert scene.platform.orders == []

    def test_on_a_runner_waits_for_the_workflow_that_builds_its_image(self, scene: Elsewhere) -> None:
        revision = scene.commit("1.2.0")
        tag = (REPOSITORY, f"develop-{revision.commit[:9]}")
        digest = scene.registry.tags.pop(tag)
        clock = FakeClock(meanwhile=[lambda: None, lambda: scene.registry.tags.update({tag: digest})])
        machine = on_a_runner(scene, clock)
        machine.deploy()
        assert scene.platform.versions == ["1.2.0"]
        assert clock.slept == [5, 5]
        [said] = [line for line in machine.recorder.said if line.startswith("waiting")]
        assert said == f"waiting for web of {revision} in the registry, for 15 minutes at most"

    def test_on_a_runner_is_refused_when_its_image_does_not_come(self, scene: Elsewhere) -> None:
        revision = scene.commit("1.2.0")
        del scene.registry.tags[REPOSITORY, f"develop-{revision.commit[:9]}"]
        clock = FakeClock()
        with pytest.raises(Refused, match="problems found before anything was touched"):
            on_a_runner(scene, clock).deploy()
        assert sum(clock.slept) == 15 * 60
        with pytest.raises(Refused):
            on_a_runner(scene, clock).deploy(dry_run=True)
        assert sum(clock.slept) == 15 * 60

    def test_of_an_image_of_another_commit_is_refused(self, scene: Elsewhere) -> None:
        revision = scene.commit("1.2.0")
        other = scene.registry.has(REPOSITORY, "other", {REVISION: "f" * 40})
        scene.registry.tags[REPOSITORY, f"develop-{revision.commit[:9]}"] = other
        with pytest.raises(Refused) as caught:
            scene.machine().deploy()
        assert any("an image of ffffffffff" in line for line in caught.value.evidence)

    def test_whose_image_goes_away_on_the_way_is_an_error_with_the_same_hint(self, scene: Elsewhere) -> None:
        scene.platform.before = lambda _: scene.registry.images.clear()
        scene.platform.wants_images = False
        with pytest.raises(RolledBack, match="tag-web") as caught:
            scene.machine().deploy()
        assert "shipit build --push" in (caught.value.hint or "")

    def test_that_the_platform_refuses_leaves_everything_as_it_was(self, scene: Elsewhere) -> None:
        scene.platform.fails = {"1.1.0": Denied("the hook refused")}
        before = scene.tags
        with pytest.raises(RolledBack, match="the hook refused") as caught:
            scene.machine().deploy()
        assert caught.value.evidence[-1] == "everything is as before"
        assert (scene.platform.orders, scene.tags, LOCK in scene.refs) == ([], before, False)

    def test_that_never_reached_the_platform_orders_nothing_else(self, scene: Elsewhere) -> None:
        scene.platform.fails = {"1.1.0": NotPassedOn("the hook did not answer")}
        with pytest.raises(RolledBack):
            scene.machine().deploy()
        assert scene.platform.orders == []

    def test_whose_answer_is_lost_is_not_ordered_twice(self, scene: Elsewhere) -> None:
        scene.platform.loses = {"1.1.0": AnswerLost("no answer")}
        scene.machine().deploy()
        assert scene.platform.versions == ["1.1.0"]

    def test_whose_answer_is_lost_and_that_does_not_come_orders_what_was_live(self, scene: Elsewhere) -> None:
        scene.platform.loses = {"1.1.0": AnswerLost("no answer")}
        scene.platform.slow = {"1.1.0"}
        with pytest.raises(RolledBack, match="no answer") as caught:
            scene.machine().deploy()
        assert any("1.1.0" in line and "does not answer" in line for line in caught.value.evidence)
        assert scene.platform.versions == ["1.1.0", "1.0.0"]
        assert scene.platform.orders[-1].is_return

    def test_that_does_not_answer_goes_back_to_what_was_live(self, scene: Elsewhere) -> None:
        scene.platform.sick = {"1.1.0"}
        machine = scene.machine()
        with pytest.raises(RolledBack):
            machine.deploy()
        assert scene.platform.versions == ["1.1.0", "1.0.0"]
        assert machine.history == ["1.1.0 rolled back", "1.0.0 complete"]
        assert machine.entries[0].images == {}

    def test_that_fails_behind_the_tag_puts_the_tag_back(
        self, scene: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = scene.tags["staging-latest"]
        tag = scene.registry.tag

        def once(repository: str, name: str, digest: str) -> None:
            tag(repository, name, digest)
            monkeypatch.setattr(scene.registry, "tag", tag)
            raise Killed

        monkeypatch.setattr(scene.registry, "tag", once)
        machine = scene.machine(DEAD)
        with pytest.raises(Killed):
            machine.deploy()
        assert scene.tags["staging-latest"] != before
        scene.platform.sick = {"1.1.0"}
        with pytest.raises(RolledBack):
            scene.machine().deploy(resume=True)
        assert scene.tags["staging-latest"] == before
        assert scene.platform.live
        assert scene.platform.live.version == "1.0.0"


class TestAFirstDeployment:
    def test_is_warned_of_that_it_cannot_be_undone(self, tmp_path: Path) -> None:
        scene = Elsewhere(tmp_path)
        scene.commit("1.0.0")
        machine = scene.machine()
        machine.deploy()
        assert "nothing is known to be live on web" in machine.warned

    def test_that_fails_stops_half_way_with_the_next_command(self, tmp_path: Path) -> None:
        scene = Elsewhere(tmp_path)
        scene.commit("1.0.0")
        scene.platform.sick = {"1.0.0"}
        with pytest.raises(StoppedHalfway) as caught:
            scene.machine().deploy()
        assert any("cannot go back to nothing" in line for line in caught.value.evidence)
        assert caught.value.hint == "shipit deploy --env staging --resume goes on"
        scene.platform.sick = set()
        assert scene.machine().deploy(resume=True)["deployed"] == "true"
        assert scene.platform.versions == ["1.0.0"]

    def test_that_was_never_ordered_leaves_nothing(self, tmp_path: Path) -> None:
        scene = Elsewhere(tmp_path)
        scene.commit("1.0.0")
        scene.platform.fails = {"1.0.0": Denied("no")}
        with pytest.raises(RolledBack):
            scene.machine().deploy()


class TestWhatStays:
    """A tag cannot be removed without its image, so after a failure it is said that it is still there."""

    @pytest.fixture
    def moved(self, scene: Elsewhere) -> Iterator[tuple[DeployContext, MoveTag]]:
        """A first tag, just put."""
        del scene.registry.tags[LATEST]
        with scene.machine().made(Revision("1.1.0", scene.refs["refs/heads/develop"])) as made:
            [step] = recipe.tags(made)
            made.lock.take()
            assert step.look() == absent("there is no such tag yet")
            step.run(print)
            yield made, step

    def test_a_first_tag_is_left_and_named(self, scene: Elsewhere, moved: tuple[DeployContext, MoveTag]) -> None:
        step = moved[1]
        step.undo(print)
        assert LATEST in scene.registry.tags
        assert step.lasts() == (
            "registry.test/acme/web:staging-latest stays: a tag cannot be removed without its image"
        )

    def test_a_registry_that_does_not_answer_is_no_reason_to_fail(
        self, scene: Elsewhere, moved: tuple[DeployContext, MoveTag]
    ) -> None:
        scene.registry.trouble = Unavailable("down")
        assert moved[1].lasts().startswith("it is not known where registry.test/acme/web:staging-latest is")

    def test_a_tag_that_was_put_back_is_not_named(self, scene: Elsewhere) -> None:
        with scene.machine().made(Revision("1.1.0", scene.refs["refs/heads/develop"])) as made:
            [step] = recipe.tags(made)
            assert step.lasts() == ""
            made.lock.take()
            step.undo(print)  # it is not ours: nothing is put back
            assert scene.registry.writes == scene.registry.writes[:1]

    def test_a_version_tag_stays(self, scene: Elsewhere) -> None:
        scene.machine().deploy()
        scene.tag("v1.1.0", scene.refs["refs/heads/develop"])
        scene.platforms["production"].fails = {"1.1.0": Denied("no")}
        with pytest.raises(RolledBack) as caught:
            scene.machine(environment="production").deploy()
        assert "registry.test/acme/web:v1.1.0 stays: it names the image of this release" in caught.value.evidence


class TestAfterACrash:
    def test_before_the_order_it_is_ordered_once(self, scene: Elsewhere) -> None:
        killed(scene, "1.1.0")
        scene.machine().deploy(resume=True)
        assert scene.platform.versions == ["1.1.0"]

    def test_a_rollback_orders_what_was_live_since_the_other_one_may_be_under_way(self, scene: Elsewhere) -> None:
        killed(scene, "1.1.0")
        scene.machine().roll_back()
        assert scene.platform.versions == ["1.0.0"]
        assert LOCK not in scene.refs

    def test_whoever_fails_before_the_order_orders_what_was_live(self, scene: Elsewhere) -> None:
        killed(scene, "1.1.0")
        scene.platform.fails = {"1.1.0": Denied("no")}
        with pytest.raises(RolledBack):
            scene.machine().deploy(resume=True)
        assert scene.platform.versions == ["1.0.0"]


class TestGoingBack:
    def test_deploys_the_digest_of_the_ledger_though_its_tag_is_gone(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        was = machine.entries[0].images["web"]
        machine.deploy()
        for name in [tag for tag in scene.registry.tags if tag != LATEST]:
            del scene.registry.tags[name]
        machine.roll_back()
        assert scene.platform.orders[-1].image == was
        assert scene.platform.orders[-1].is_return
        assert f"registry.test/{REPOSITORY}@{scene.tags['staging-latest']}" == was
        assert machine.entries[0].images == {"web": was}

    def test_is_refused_where_the_image_is_gone(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        digest = machine.entries[0].images["web"].partition("@")[2]
        machine.deploy()
        del scene.registry.images[REPOSITORY, digest]
        with pytest.raises(Refused) as caught:
            machine.roll_back()
        assert any(
            line.strip() == f"registry.test/{REPOSITORY}@{digest}: nothing" for line in caught.value.evidence
        )


class TestPromotion:
    @pytest.fixture
    def released(self, scene: Elsewhere) -> Elsewhere:
        """1.1.0 is live on staging and tagged; production has nothing."""
        scene.machine().deploy()
        scene.tag("v1.1.0", scene.refs["refs/heads/develop"])
        return scene

    def test_puts_the_version_tag_on_the_digest_that_the_other_one_verified(self, released: Elsewhere) -> None:
        machine = released.machine(environment="production")
        machine.deploy()
        digest = released.machine().entries[0].images["web"].partition("@")[2]
        assert released.tags["v1.1.0"] == released.tags["production-latest"] == digest
        assert machine.ran == ["lock", "promote-web", "switch-web", "smoke", "tag-web", "record"]
        assert released.platforms["production"].orders[0].image.endswith(digest)
        assert machine.deploy()["deployed"] == "false"

    def test_refuses_an_image_of_another_commit(self, released: Elsewhere) -> None:
        digest = released.tags["staging-latest"]
        wrong = released.registry.images[REPOSITORY, digest]
        released.registry.images[REPOSITORY, digest] = type(wrong)(
            digest=digest, platforms=wrong.platforms, labels=({REVISION: "f" * 40},)
        )
        with pytest.raises(Refused) as caught:
            released.machine(environment="production").deploy()
        assert any("an image of ffffffffff" in line for line in caught.value.evidence)
        assert "v1.1.0" not in released.tags

    def test_never_moves_a_version_tag(self, released: Elsewhere) -> None:
        commit = released.refs["refs/heads/develop"]
        released.registry.has(REPOSITORY, "v1.1.0", {REVISION: commit, "more": "built again"})
        with pytest.raises(Refused) as caught:
            released.machine(environment="production").deploy()
        assert any("promote-web: conflict" in line for line in caught.value.evidence)

    def test_says_why_where_the_commit_is_another_one_and_takes_what_was_built(self, scene: Elsewhere) -> None:
        merge = scene.commit("1.1.0", "main")
        scene.tag("v1.1.0", merge.commit)
        scene.push(merge, tag="v1.1.0")
        machine = scene.machine(environment="production")
        machine.deploy()
        assert "the image web is not promoted from staging" in machine.warned
        assert "was never deployed there: it has 1.0.0 (" in machine.warned
        assert "promote-web" not in machine.ran

    def test_says_where_nothing_was_deployed_there(self, tmp_path: Path) -> None:
        scene = Elsewhere(tmp_path)
        scene.tag("v1.0.0", scene.commit("1.0.0").commit)
        machine = scene.machine(environment="production")
        machine.deploy()
        assert "nothing was ever deployed there" in machine.warned

    def test_says_where_the_verified_image_is_gone_and_takes_another_of_the_same_commit(
        self, released: Elsewhere
    ) -> None:
        commit = released.refs["refs/heads/develop"]
        del released.registry.images[REPOSITORY, released.tags["staging-latest"]]
        built = released.registry.has(REPOSITORY, "v1.1.0", {REVISION: commit, "more": "built again"})
        machine = released.machine(environment="production")
        machine.deploy()
        assert "is gone from the registry" in machine.warned
        assert released.platforms["production"].orders[0].image.endswith(built)

    def test_is_nothing_for_who_goes_back(self, released: Elsewhere) -> None:
        machine = released.machine(environment="production")
        machine.deploy()
        released.commit("1.2.0")
        released.machine().deploy()
        released.tag("v1.2.0", released.refs["refs/heads/develop"])
        machine.deploy()
        machine.recorder.told.clear()
        machine.roll_back()
        assert "promote-web" not in machine.ran
        assert released.tags["production-latest"] == released.tags["v1.1.0"]


class TestAfterwards:
    def test_history_and_status_have_the_digests(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        digest = scene.tags["staging-latest"]
        [text] = reports.history(machine.job(), json=True)
        assert digest in text
        found = reports.environment(machine.job())
        assert found["images"] == {"web": f"registry.test/{REPOSITORY}@{digest}"}
        assert f", web {digest[:19]}, since" in reports.environment_line(found)

    def test_a_deployment_whose_image_is_gone_differs(self, scene: Elsewhere) -> None:
        scene.registry.images.clear()
        with pytest.raises(LiveDiffers) as caught:
            reports.verify(scene.machine().job())
        assert any("is gone from the registry" in line for line in caught.value.evidence)

    def test_an_entry_without_images_is_read_as_it_is(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        standing = machine.entries[0]
        standing.images.clear()  # type: ignore[attr-defined]
        assert reports.drift(machine.job(), standing) == []

    def test_images_are_verified(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        facts = verify_images(machine.job())
        assert facts["web"] == machine.entries[0].images["web"]
        assert re.search(r"deployed: 1\.0\.0 \(.*\), 1 in the registry$", machine.recorder.said[-1])

    def test_images_of_nothing_are_refused(self, tmp_path: Path) -> None:
        scene = Elsewhere(tmp_path)
        scene.commit("1.0.0")
        with pytest.raises(Refused, match="nothing was ever deployed to staging"):
            verify_images(scene.machine().job())

    def test_images_that_no_ledger_has_are_refused(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        write(machine, {})
        with pytest.raises(Refused, match="the ledger of staging has no images"):
            verify_images(machine.job())

    def test_what_differs_goes_before_what_is_not_known(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        digest = f"sha256:{'a' * 64}"
        write(machine, {"web": f"registry.test/acme/web@{digest}", "job": f"down.test/acme/job@{digest}"})
        down = FakeRegistry(trouble=Unavailable("it does not answer"))
        vars(machine.outside.images_outside)["registry"] = lambda host: (
            down if host == "down.test" else scene.registry
        )
        with pytest.raises(LiveDiffers) as caught:
            verify_images(machine.job())
        assert [line.partition(":")[0] for line in caught.value.evidence] == ["web", "job"]
        assert caught.value.evidence[1] == "job: it does not answer (not known)"

    @pytest.mark.parametrize(
        ("happens", "said"),
        [
            ("gone", "is gone from the registry"),
            ("relabelled", "an image of ffffffffff, not of"),
            ("moved", "web: staging-latest is sha256:"),
            ("untagged", "web: staging-latest is not there, and sha256:"),
        ],
    )
    def test_images_that_differ_are_named(self, scene: Elsewhere, happens: str, said: str) -> None:
        digest, registry = scene.tags["staging-latest"], scene.registry
        image = registry.images[REPOSITORY, digest]
        match happens:
            case "gone":
                del registry.images[REPOSITORY, digest]
            case "relabelled":
                registry.images[REPOSITORY, digest] = type(image)(
                    digest=digest, platforms=image.platforms, labels=({REVISION: "f" * 40},)
                )
            case "moved":
                registry.has(REPOSITORY, "staging-latest", {REVISION: "f" * 40})
            case "untagged":
                del registry.tags[LATEST]
        with pytest.raises(LiveDiffers) as caught:
            verify_images(scene.machine().job())
        assert said in caught.value.evidence[0]
        assert caught.value.hint == "shipit deploy --env staging"

    def test_images_of_a_registry_that_is_down_are_not_known(self, scene: Elsewhere) -> None:
        machine = scene.machine()
        scene.registry.trouble = Unavailable("the registry does not answer")
        with pytest.raises(Refused, match="it is not known") as caught:
            verify_images(machine.job())
        assert caught.value.evidence == ("web: the registry does not answer",)
