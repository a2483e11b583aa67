"""shipit deploy and deploy rollback in memory: what is deployed, what a failure leaves, and who may go on."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from shipit.deploy import command
from shipit.engine import events
from shipit.engine.plan import State
from shipit.errors import (
    Denied,
    ExternalError,
    Interrupted,
    LostRace,
    Refused,
    RolledBack,
    Signalled,
    Stop,
    StoppedHalfway,
    Unavailable,
    UsageError,
)
from shipit.model import Actor, RefUpdate, Revision
from tests.fakes import ADA
from tests.fakes_deploy import FakeSchema, FakeSmoke
from tests.unit.deploy.scene import DEAD, LEDGER, LOCK, Killed, Machine, Scene

ALL = [
    "lock",
    "start-frontend",
    "start-backend",
    "check-backend",
    "switch-frontend",
    "switch-backend",
    "smoke",
    "record",
]


def stops(machine: Machine, kind: type[Stop], **options: object) -> Stop:
    with pytest.raises(kind) as caught:
        machine.deploy(**options)
    assert type(caught.value) is kind
    return caught.value


def text(stop: Stop) -> str:
    return "\n".join([stop.what, *stop.evidence, stop.hint or ""])


def killed(scene: Scene, call: str, *, back: bool = False) -> Machine:
    """A run that is killed at the beginning of this call of a target."""
    machine = scene.machine(DEAD)

    def kill(happening: str) -> None:
        if happening == call:
            raise Killed

    scene.frontend.before = scene.backend.before = kill
    with pytest.raises(Killed):
        machine.roll_back() if back else machine.deploy()
    scene.frontend.before = scene.backend.before = None
    return machine


class TestADeployment:
    def test_the_first_goes_through_every_step(self, scene: Scene, machine: Machine) -> None:
        revision = Revision("1.0.0", scene.refs["refs/heads/develop"])
        facts = machine.deploy()
        assert facts == {"deployed": "true", "version": "1.0.0", "commit": revision.commit}
        assert machine.ran == ALL
        assert scene.live == (revision.reference, revision.reference)
        assert LOCK not in scene.refs
        assert machine.history == ["1.0.0 complete"]
        assert machine.recorder.said[-1] == f"{revision} is live on staging"

    def test_the_ledger_says_what_who_and_since_when(self, scene: Scene, machine: Machine) -> None:
        scene.schema = FakeSchema(waiting=["0001_begin"])
        machine.deploy()
        (entry,) = machine.entries
        assert entry.targets == {"frontend": scene.frontend.live, "backend": scene.backend.live}
        assert (entry.schema, entry.actor, entry.ended, entry.fence) == ("0001_begin", "ada", scene.now, scene.now)
        assert entry.decision.replaces == {"frontend": None, "backend": None}
        assert entry.decision.after is None

    def test_the_ledger_says_how_long_each_step_took(self, scene: Scene, machine: Machine) -> None:
        machine.deploy()
        (entry,) = machine.entries
        assert [one.name for one in entry.steps if one.state == "done"] == [one for one in ALL if one != "record"]
        assert [one.name for one in entry.steps if one.state != "done"] == ["former"]
        assert all(one.seconds >= 0 for one in entry.steps)

    def test_a_second_one_remembers_what_it_replaces(self, live: Scene) -> None:
        before = live.backend.live
        machine = live.machine()
        machine.deploy()
        assert machine.history == ["1.1.0 complete", "1.0.0 complete"]
        assert machine.entries[0].decision.replaces == {"frontend": before, "backend": before}
        assert machine.entries[0].decision.after == live.server.objects.at(live.refs[LEDGER]).parents[0]

    def test_nothing_to_do_writes_nothing(self, live: Scene) -> None:
        machine = live.machine()
        machine.deploy()
        refs, pushes = live.refs, len(live.server.pushes)
        again = live.machine()
        again.remote.fetch("refs/heads/develop", LEDGER)
        objects = dict(again.objects.store)
        assert again.deploy()["deployed"] == "false"
        assert again.recorder.said == [
            f"nothing to deploy: {machine.entries[0].decision.revision} is live on staging"
        ]
        assert (live.refs, len(live.server.pushes)) == (refs, pushes)
        assert again.recorder.told == []
        assert again.objects.store == objects

    def test_what_drifted_is_deployed_again(self, live: Scene) -> None:
        first = live.backend.live
        live.machine().deploy()
        wanted, live.backend.live = live.backend.live, first
        machine = live.machine()
        assert machine.deploy()["deployed"] == "true"
        assert machine.ran == ["lock", "check-backend", "switch-backend", "smoke", "record"]
        assert live.backend.live == wanted

    def test_a_migration_alone_is_something_to_do(self, live: Scene) -> None:
        live.machine().deploy()
        live.schema = FakeSchema(waiting=["0002_more"])
        machine = live.machine()
        machine.deploy()
        assert machine.ran == ["lock", "migrate", "check-backend", "smoke", "record"]
        live.schema.waiting.clear()
        assert live.machine().deploy()["deployed"] == "false"
        assert live.schema.opened == live.schema.closed == 2

    def test_without_smoke_checks_nobody_looks(self, scene: Scene) -> None:
        scene.smoke = None
        machine = scene.machine()
        machine.deploy()
        assert "smoke" not in machine.ran
        assert "check-backend" not in machine.ran

    def test_an_environment_without_targets_is_refused(self, scene: Scene, machine: Machine) -> None:
        vars(machine.outside)["targets"] = lambda *_: ()
        stop = stops(machine, UsageError)
        assert (stop.what, stop.where) == ("staging has no targets", "[tool.shipit.environments.staging]")

    def test_a_person_who_says_no_leaves_everything_as_it_is(self, scene: Scene, machine: Machine) -> None:
        before = scene.world
        job = machine.job()
        asked: list[str] = []

        def ask(question: str) -> bool:
            asked.append(question)
            return False

        job.reporter.ask = ask
        with pytest.raises(Refused, match="the answer was no"):
            command.deploy(job)
        assert asked == [f"Deploy 1.0.0 ({scene.refs['refs/heads/develop'][:10]}) to staging?"]
        assert scene.world == before

    def test_old_versions_that_cannot_be_removed_are_no_failure(self, scene: Scene, machine: Machine) -> None:
        scene.backend.fails["prune"] = Denied("it cannot be written")
        assert machine.deploy()["deployed"] == "true"
        assert "old versions of backend stay: it cannot be written" in machine.recorder.said

    def test_an_answer_that_is_lost_is_found_out_by_looking(self, live: Scene) -> None:
        live.frontend.loses = live.backend.loses = {"start", "switch"}
        machine = live.machine()
        assert machine.deploy()["deployed"] == "true"
        assert machine.history[0] == "1.1.0 complete"

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_push_whose_answer_is_lost_has_happened(self, scene: Scene, number: int) -> None:
        scene.server.lose_answer_to = number
        machine = scene.machine()
        assert machine.deploy()["deployed"] == "true"
        assert machine.history == ["1.0.0 complete"]
        assert LOCK not in scene.refs


class TestADryRun:
    def test_shows_the_plan_and_touches_nothing(self, live: Scene) -> None:
        before, ledger = live.world, live.refs[LEDGER]
        machine = live.machine()
        assert machine.deploy(dry_run=True)["deployed"] == "false"
        (preview,) = machine.recorder.previews
        assert preview.title.startswith("Deploy 1.1.0 (")
        assert " on staging (after 1.0.0 (" in preview.title
        assert preview.point_of_no_return == "record"
        states = {one.name: one.look.state for one in preview.looked}
        assert [name for name, state in states.items() if state is State.ABSENT] == ALL
        assert states["former"] is State.DONE
        assert (live.world, live.refs[LEDGER]) == (before, ledger)
        assert live.server.pushes == live.server.pushes[:2]

    def test_of_a_rollback_too(self, live: Scene) -> None:
        live.machine().deploy()
        before = live.world
        machine = live.machine()
        assert machine.roll_back(dry_run=True)["version"] == "1.0.0"
        assert machine.recorder.previews[0].title.startswith("Go back to 1.0.0 (")
        assert live.world == before


def answers_nobody(smoke: FakeSmoke) -> None:
    """At the public address nothing is right any more, from now on; candidates are."""

    def confirm(revision: Revision, say: object) -> str:
        raise ExternalError(f"{revision} does not answer as it should")

    def check(revision: Revision, say: object, via: str = "") -> str:
        return "right" if via else confirm(revision, say)

    vars(smoke)["check"], vars(smoke)["confirm"] = check, confirm


def text_of(machine: Machine) -> str:
    return "\n".join(one.line for one in machine.recorder.told if isinstance(one, events.Said))


class TestAFailure:
    @pytest.mark.parametrize("call", ["start", "switch"])
    @pytest.mark.parametrize("part", ["frontend", "backend"])
    def test_of_a_target_leaves_everything_as_before(self, live: Scene, part: str, call: str) -> None:
        before = live.world
        host = {"frontend": live.frontend, "backend": live.backend}[part]

        def refuse(happening: str) -> None:
            if happening == f"{call}-{part}":
                host.before = None  # the way back is open
                raise Unavailable("the disk is full")

        host.before = refuse
        machine = live.machine()
        stop = stops(machine, RolledBack)
        assert stop.what == f"{call}-{part}: the disk is full"
        assert stop.evidence[-1] == "everything is as before"
        assert live.world == before
        assert machine.history == ["1.1.0 rolled back", "1.0.0 complete"]
        steps = [(one.name, one.state) for one in machine.entries[0].steps]
        assert (f"{call}-{part}", "failed") in steps
        assert ("lock", "done") in steps

    def test_of_a_candidate_too_and_what_was_live_all_the_time_need_not_be_asked(self, live: Scene) -> None:
        assert live.smoke
        before = live.world
        live.smoke.sick = {"1.1.0"}
        live.smoke.asked.clear()
        machine = live.machine()
        stop = stops(machine, RolledBack)
        assert stop.what.startswith("check-backend: 1.1.0 (")
        assert live.smoke.asked == ["1.1.0 127.0.0.1:20001"]
        assert live.world == before
        entry = machine.entries[0]
        assert (entry.outcome, entry.targets["backend"]) == ("rolled back", live.backend.live)

    def test_at_the_public_address_gives_the_traffic_back(self, live: Scene) -> None:
        before = live.world
        smoke = live.smoke
        assert smoke
        real = smoke.check

        def check(revision: Revision, say: object, via: str = "") -> str:
            if revision.version == "1.1.0" and not via:
                raise ExternalError("the old version answers")
            return real(revision, lambda _: None, via)

        vars(smoke)["check"] = check
        stop = stops(live.machine(), RolledBack)
        assert stop.what == "smoke: the old version answers"
        assert live.world == before

    def test_keeps_the_migrations_and_names_them(self, live: Scene) -> None:
        assert live.smoke
        live.schema = FakeSchema(waiting=["0002_more", "0003_most"])
        live.smoke.sick = {"1.1.0"}
        machine = live.machine()
        stop = stops(machine, RolledBack)
        assert stop.evidence[-2:] == (
            "the database keeps 0002_more, 0003_most, which the version before can live with",
            "everything else is as before",
        )
        assert live.schema.applied == ["0002_more", "0003_most"]
        assert machine.entries[0].schema == "0003_most"

    def test_of_a_migration_stops_before_anything_starts(self, live: Scene) -> None:
        before = live.world
        live.schema = FakeSchema(waiting=["0002_more"], fails=Unavailable("the database is gone"))
        stop = stops(live.machine(), RolledBack)
        assert stop.what == "migrate: the database is gone"
        assert stop.evidence[-1] == "everything is as before"
        assert live.world == before

    def test_of_the_first_deployment_leaves_nothing_live(self, scene: Scene, machine: Machine) -> None:
        assert scene.smoke
        before = scene.world
        scene.smoke.sick = {"1.0.0"}
        stops(machine, RolledBack)
        assert scene.world == before
        assert scene.live == (None, None)
        assert machine.history == ["1.0.0 rolled back"]

    def test_keeps_a_version_that_was_kept_before(self, live: Scene) -> None:
        live.machine().deploy()
        live.machine().roll_back()
        kept = dict(live.backend.kept)
        assert live.smoke
        live.smoke.sick = {"1.1.0"}
        stops(live.machine(), RolledBack)
        assert live.backend.kept == kept
        assert len(kept) == 2

    def test_of_a_fix_for_what_drifted_is_no_puzzle(self, live: Scene) -> None:
        """What was live is not what the ledger says, so nobody knows how it would have to answer."""
        live.machine().deploy()
        strange = live.backend.live = "0.9.0-strange"
        live.backend.kept[strange] = Revision("0.9.0", "strange")
        live.frontend.live = None
        live.commit("1.2.0")
        assert live.smoke
        live.smoke.sick = {"1.2.0"}
        machine = live.machine()
        stops(machine, RolledBack)
        assert live.live == (None, strange)

    def test_whose_way_back_fails_as_well_keeps_the_lock(self, live: Scene) -> None:
        assert live.smoke
        answers_nobody(live.smoke)
        machine = live.machine(DEAD)
        stop = stops(machine, StoppedHalfway)
        assert "former could not be undone: 1.0.0 (" in text(stop)
        assert (stop.hint or "").startswith("shipit deploy --env staging --resume goes on")
        assert LOCK in live.refs
        assert machine.history == ["1.0.0 complete"]
        del live.smoke.check, live.smoke.confirm
        assert live.machine().deploy(resume=True)["deployed"] == "true"

    def test_after_which_what_was_live_answers_as_it_did_before_and_no_better(self, live: Scene) -> None:
        assert live.smoke
        answers_nobody(live.smoke)
        live.smoke.sick = {"1.0.0"}  # a check of today that only the new version could pass
        machine, before = live.machine(), live.world
        stops(machine, RolledBack)
        assert live.world == before
        assert "is not asked: it did not pass these checks before either: unhealthy" in text_of(machine)

    def test_of_something_before_the_traffic_moves_asks_nobody(self, live: Scene) -> None:
        assert live.smoke
        live.smoke.sick = {"1.0.0", "1.1.0"}
        machine, before = live.machine(), live.world
        stops(machine, RolledBack)
        assert live.world == before

    def test_that_the_ledger_does_not_take_still_frees_the_lock(self, live: Scene) -> None:
        assert live.smoke
        live.smoke.sick = {"1.1.0"}
        live.server.declined = {LEDGER}
        machine = live.machine()
        stops(machine, RolledBack)
        assert LOCK not in live.refs
        assert machine.history == ["1.0.0 complete"]

    def test_of_the_last_push_leaves_everything_as_before(self, live: Scene) -> None:
        before = live.world
        live.server.declined = {LEDGER}
        stop = stops(live.machine(), RolledBack)
        assert stop.what.startswith("record: origin declined refs/shipit/env/staging")
        assert live.world == before

    def test_of_the_last_push_is_not_taken_for_a_success_because_it_is_written_down(self, live: Scene) -> None:
        before = live.world
        machine = live.machine()

        def once() -> None:
            if live.backend.live and live.backend.live.startswith("1.1.0"):
                raise Unavailable("the network is down")
            live.server.before_push = once

        live.server.before_push = once
        stops(machine, RolledBack)
        assert live.world == before
        assert machine.history == ["1.1.0 rolled back", "1.0.0 complete"]

    def test_that_is_a_signal_leaves_everything_as_before(self, live: Scene) -> None:
        before = live.world

        def interrupt(happening: str) -> None:
            if happening == "switch-backend":
                live.backend.before = None
                raise Signalled("SIGTERM")

        live.backend.before = interrupt
        machine = live.machine()
        stop = stops(machine, Interrupted)
        assert stop.evidence[-1] == "everything is as before"
        assert live.world == before
        assert machine.history == ["1.1.0 rolled back", "1.0.0 complete"]


class TestPreFlight:
    def test_names_all_problems_at_once_and_touches_nothing(self, live: Scene) -> None:
        before = live.world
        live.schema = FakeSchema(waiting=["0002_drop"], drops={"0002_drop"})
        live.backend.fails["problems"] = Denied("the folder may not be written", hint="chown it")
        stop = stops(live.machine(), Refused)
        assert "2 problems found before anything was touched" in stop.what
        assert "0002_drop drops what 1.0.0 may still use (`contract`)" in stop.evidence
        assert "the folder may not be written" in stop.evidence
        assert live.world == before
        assert live.server.pushes == live.server.pushes[:2]

    def test_files_that_may_not_be_applied_are_a_problem_among_others(self, live: Scene) -> None:
        live.schema = FakeSchema(breaks=Unavailable("the database is gone"))
        live.backend.fails["problems"] = Denied("the folder may not be written")
        stop = stops(live.machine(), Refused)
        assert "  the database is gone" in stop.evidence
        assert "the folder may not be written" in stop.evidence

    def test_a_mistake_in_a_file_is_found_out_before_the_lock(self, live: Scene) -> None:
        live.schema = FakeSchema(waiting=["0002_more"], wrong={"0002_more"})
        before, machine = live.world, live.machine()
        assert "0002_more: syntax error" in stops(machine, Refused).evidence
        assert (live.world, machine.ran) == (before, [])

    def test_a_contract_is_no_matter_where_nothing_is_live(self, scene: Scene, machine: Machine) -> None:
        scene.schema = FakeSchema(waiting=["0001_drop"], drops={"0001_drop"})
        assert machine.deploy()["deployed"] == "true"


class TestARollback:
    def test_goes_back_to_what_was_live_before(self, live: Scene) -> None:
        before = live.live
        live.machine().deploy()
        live.schema = FakeSchema(waiting=["0002_drop"], applied=["0001_begin"], drops={"0002_drop"})
        machine = live.machine()
        assert machine.roll_back()["version"] == "1.0.0"
        assert live.live == before
        assert live.schema.applied == ["0001_begin"]
        steps = ["lock", "start-backend", "check-backend", "switch-frontend", "switch-backend", "smoke", "record"]
        assert machine.ran == steps
        assert machine.entries[0].decision.is_rollback

    def test_twice_goes_further_back_and_never_forward(self, live: Scene) -> None:
        live.machine().deploy()
        live.commit("1.2.0")
        live.machine().deploy()
        assert live.machine().roll_back()["version"] == "1.1.0"
        assert live.machine().roll_back()["version"] == "1.0.0"
        with pytest.raises(Refused) as caught:
            live.machine().roll_back()
        assert caught.value.what == "another version was never live on staging"
        assert [words.split(" (")[0] for words in caught.value.evidence[0].split(", ")] == [
            "were live: 1.1.0",
            "1.2.0",
        ]

    def test_to_a_version_that_several_commits_have_is_asked_which(self, scene: Scene) -> None:
        first = scene.commit("1.0.0")
        scene.machine().deploy()
        second = scene.commit("1.0.0")
        scene.machine().deploy()
        scene.commit("1.1.0")
        scene.machine().deploy()
        with pytest.raises(Refused, match=r"1\.0\.0 was live on staging as several commits") as caught:
            scene.machine().roll_back("1.0.0")
        assert caught.value.evidence == (str(second), str(first))
        assert scene.machine().roll_back(first.commit[:9])["commit"] == first.commit

    def test_for_the_first_time_that_fails_in_public_has_nobody_to_ask(self, scene: Scene) -> None:
        scene.commit("1.0.0")
        assert scene.smoke
        answers_nobody(scene.smoke)
        machine = scene.machine()
        stops(machine, RolledBack)
        assert scene.live == (None, None)

    def test_to_a_version_that_was_live(self, live: Scene) -> None:
        live.machine().deploy()
        live.commit("1.2.0")
        live.machine().deploy()
        assert live.machine().roll_back("1.0.0")["version"] == "1.0.0"
        assert live.live[0] == live.live[1]

    def test_to_one_that_never_was_is_refused(self, live: Scene) -> None:
        with pytest.raises(Refused) as caught:
            live.machine().roll_back("3.0.0")
        assert text(caught.value).splitlines() == [
            "3.0.0 was never live on staging",
            "were live: no other one",
            "shipit deploy history --env staging",
        ]

    def test_to_what_is_live_is_nothing_to_do(self, live: Scene) -> None:
        before = live.world
        machine = live.machine()
        assert machine.roll_back("1.0.0")["deployed"] == "false"
        assert machine.recorder.said[-1].startswith("nothing to deploy: 1.0.0 (")
        assert live.world == before

    def test_to_what_should_be_live_and_is_not_mends_it(self, live: Scene) -> None:
        wanted, live.backend.live = live.backend.live, None
        assert live.machine().roll_back("1.0.0")["deployed"] == "true"
        assert live.backend.live == wanted

    def test_a_failed_one_is_never_gone_back_to(self, live: Scene) -> None:
        assert live.smoke
        live.smoke.sick = {"1.1.0"}
        stops(live.machine(), RolledBack)
        with pytest.raises(Refused, match=r"1\.1\.0 was never live"):
            live.machine().roll_back("1.1.0")

    def test_where_nothing_was_deployed_is_refused(self, machine: Machine) -> None:
        with pytest.raises(Refused, match="nothing was ever deployed to staging"):
            machine.roll_back()

    def test_brings_a_commit_that_this_clone_does_not_have(self, live: Scene) -> None:
        live.machine().deploy()
        live.commit("1.2.0")
        live.machine().deploy()
        assert live.machine().roll_back()["version"] == "1.1.0"

    def test_to_a_commit_that_is_gone_from_the_remote_is_refused(self, live: Scene) -> None:
        live.machine().deploy()
        objects = live.server.objects
        anew = objects.commit(objects.change_tree(None, {}), [], "chore: anew\n", ADA, 0)
        live.server.refs["refs/heads/develop"] = anew
        with pytest.raises(Refused) as caught:
            live.machine().roll_back()
        assert "is in no branch or tag of origin any more" in caught.value.what


class TestSomebodyElse:
    def test_at_work_is_named(self, live: Scene) -> None:
        killed(live, "switch-backend")
        lock = live.refs[LOCK]
        other = live.machine()
        vars(other.outside.release)["has_ended"] = lambda _: False
        asked: list[Callable[[], object]] = [other.deploy, other.roll_back, lambda: other.deploy(resume=True)]
        for run in asked:
            with pytest.raises(LostRace) as caught:
                run()
            assert caught.value.what.startswith("somebody deploys 1.1.0 (")
            assert caught.value.evidence[0].startswith("held by ada on ")
        assert live.refs[LOCK] == lock

    def test_who_was_killed_left_something_to_resume(self, live: Scene) -> None:
        killed(live, "switch-backend")
        stop = stops(live.machine(), Refused)
        assert stop.what.startswith("deploying 1.1.0 (")
        assert stop.what.endswith(" on staging was left half-way")
        assert stop.hint == (
            "shipit deploy --env staging --resume finishes it; "
            "shipit deploy rollback --env staging gives it up and goes back"
        )

    @pytest.mark.parametrize(
        "call", [f"{call}-{part}" for call in ("start", "switch") for part in ("frontend", "backend")]
    )
    def test_who_was_killed_is_given_up_by_a_rollback(self, live: Scene, call: str) -> None:
        before = live.live
        killed(live, call)
        machine = live.machine()
        assert machine.roll_back()["deployed"] == "true"
        assert live.live == before
        assert LOCK not in live.refs
        assert machine.history == ["1.0.0 complete", "1.0.0 complete"]
        assert machine.entries[0].decision.is_rollback
        assert live.machine().deploy()["version"] == "1.1.0"

    def test_who_was_killed_is_given_up_for_an_older_version_too(self, live: Scene) -> None:
        live.machine().deploy()
        live.commit("1.2.0")
        killed(live, "switch-backend")
        assert live.machine().roll_back("1.0.0")["version"] == "1.0.0"
        assert live.live[0] == live.live[1]

    def test_who_was_killed_on_the_way_back_is_finished(self, live: Scene) -> None:
        live.machine().deploy()
        killed(live, "switch-backend", back=True)
        for run in (live.machine().deploy, live.machine().roll_back):
            with pytest.raises(Refused) as caught:
                run()
            assert caught.value.what.startswith("going back to 1.0.0 (")
            assert caught.value.hint == "shipit deploy --env staging --resume finishes it"
        machine = live.machine()
        assert machine.deploy(resume=True)["version"] == "1.0.0"
        assert machine.entries[0].decision.is_rollback

    def test_who_was_killed_at_the_first_deployment_has_nothing_to_go_back_to(self, scene: Scene) -> None:
        killed(scene, "switch-backend")
        with pytest.raises(Refused, match="nothing was ever deployed"):
            scene.machine().roll_back()
        assert scene.machine().deploy(resume=True)["deployed"] == "true"

    @pytest.mark.parametrize(
        "call", [f"{call}-{part}" for call in ("start", "switch") for part in ("frontend", "backend")]
    )
    def test_who_was_killed_is_finished_from_another_clone(self, live: Scene, call: str) -> None:
        killed(live, call)
        live.commit("1.2.0")  # what has come since is not deployed
        machine = live.machine()
        facts = machine.deploy(resume=True)
        assert facts["version"] == "1.1.0"
        assert machine.history == ["1.1.0 complete", "1.0.0 complete"]
        assert LOCK not in live.refs

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_who_was_killed_between_ledger_and_lock_has_ended(self, live: Scene, dry_run: bool) -> None:
        """A remote without atomic pushes moves one ref after the other."""
        machine = live.machine(DEAD)
        real = machine.remote.push

        def push(*updates: RefUpdate) -> None:
            real(updates[0])
            if len(updates) > 1:
                raise Killed

        vars(machine.remote)["push"] = push
        with pytest.raises(Killed):
            machine.deploy()
        assert machine.history == ["1.1.0 complete", "1.0.0 complete"]
        other = live.machine()
        assert other.deploy(resume=True, dry_run=dry_run) == {"deployed": "false"}
        assert other.recorder.said[-1].endswith(" complete")
        assert (LOCK in live.refs) == dry_run
        assert other.history == machine.history

    def test_a_resume_that_fails_names_the_migrations_of_the_first_run(self, live: Scene) -> None:
        assert live.smoke
        live.schema = FakeSchema(waiting=["0002_more"])
        killed(live, "start-frontend")
        live.smoke.sick = {"1.1.0"}
        stop = stops(live.machine(), RolledBack, resume=True)
        assert stop.evidence[-2:] == (
            "the database keeps 0002_more, which the version before can live with",
            "everything else is as before",
        )

    def test_a_resume_that_fails_goes_back_to_what_the_first_run_found(self, live: Scene) -> None:
        before = live.live
        killed(live, "switch-backend")
        assert live.smoke
        live.smoke.sick = {"1.1.0"}
        machine = live.machine()
        stops(machine, RolledBack, resume=True)
        assert live.live == before
        assert machine.history == ["1.1.0 rolled back", "1.0.0 complete"]

    def test_a_resume_that_is_interrupted_at_its_lock_goes_back_as_well(self, live: Scene) -> None:
        before = live.live
        killed(live, "switch-backend")
        machine = live.machine()
        real = machine.remote.push

        def push(*updates: RefUpdate) -> None:
            vars(machine.remote).pop("push")
            real(*updates)
            raise Signalled("SIGINT")

        vars(machine.remote)["push"] = push
        stops(machine, Interrupted, resume=True)
        assert live.live == before
        assert machine.history == ["1.1.0 rolled back", "1.0.0 complete"]

    def test_a_stop_at_the_lock_undoes_nothing_of_somebody_who_was_faster(self, live: Scene) -> None:
        slow, fast = live.machine(), live.machine()
        real = slow.remote.push

        def push(*updates: RefUpdate) -> None:
            vars(slow.remote).pop("push")
            fast.deploy()
            real(*updates)
            raise Signalled("SIGINT")

        vars(slow.remote)["push"] = push
        stops(slow, Interrupted)
        assert live.backend.live == slow.entries[0].decision.revision.reference
        assert "1.1.0 complete" in slow.history

    def test_nothing_under_way_is_nothing_to_do(self, scene: Scene, machine: Machine) -> None:
        assert machine.deploy(resume=True) == {"deployed": "false"}
        assert machine.recorder.said == ["nothing is under way on staging"]
        machine.deploy()
        machine.deploy(resume=True)
        assert machine.recorder.said[-1].endswith(" complete")

    def test_on_another_machine_is_taken_over_when_the_lock_has_expired(self, live: Scene) -> None:
        machine = killed(live, "switch-backend")
        elsewhere = live.machine()
        vars(elsewhere.outside.release)["has_ended"] = lambda _: False  # nobody can know
        stops(elsewhere, LostRace, resume=True)
        live.now += 600
        assert elsewhere.deploy(resume=True)["deployed"] == "true"
        assert machine.history == ["1.1.0 complete", "1.0.0 complete"]

    def test_who_took_over_is_not_disturbed(self, live: Scene) -> None:
        """The first owner goes on when the second has finished: it finds out, and writes nothing more."""
        first, second = live.machine(), live.machine()
        before: list[object] = []

        def take_over(happening: str) -> None:
            if happening == "switch-backend" and not before:
                before.append("")
                live.now += 600
                second.deploy(resume=True)
                before[0] = (live.world, live.refs[LEDGER])

        live.backend.before = take_over
        stop = stops(first, LostRace)
        assert "another run took over, and has finished it" in text(stop)
        assert "the lock of staging is no longer ours" in text(stop)
        assert (live.world, live.refs[LEDGER]) == before[0]
        assert first.history == ["1.1.0 complete", "1.0.0 complete"]

    def test_who_took_over_is_not_disturbed_by_the_last_push_either(self, live: Scene) -> None:
        first, second = live.machine(), live.machine()
        smoke = live.smoke
        assert smoke
        real = smoke.check

        def check(revision: Revision, say: object, via: str = "") -> str:
            seen = real(revision, lambda _: None, via)
            if not via and live.now < 1_750_000_600:
                live.now += 600
                second.deploy(resume=True)
            return seen

        vars(smoke)["check"] = check
        stop = stops(first, LostRace)
        assert stop.what == "record: a conflict appeared during the run"
        assert first.history == ["1.1.0 complete", "1.0.0 complete"]

    def test_who_is_faster_is_named(self, live: Scene) -> None:
        before = live.world
        slow = live.machine()

        def takes_the_lock() -> None:
            killed(live, "start-frontend")

        live.server.before_push = takes_the_lock
        stop = stops(slow, LostRace)
        assert stop.what.startswith("lock: somebody deploys 1.1.0 (")
        assert stop.evidence[0].startswith("held by ada on ")
        assert live.world != before  # the other one holds the lock
        assert live.live == before[2]

    def test_who_is_faster_and_has_ended_already_decides(self, live: Scene) -> None:
        """The decision of the slower run was made before: what it would go back to is not live any more."""
        slow, fast = live.machine(), live.machine()

        def deploys() -> None:
            fast.deploy()

        live.server.before_push = deploys
        stop = stops(slow, LostRace)
        assert stop.what == "lock: somebody else has just deployed to staging"
        assert stop.evidence[0].endswith("complete by ada")
        assert LOCK not in live.refs
        assert slow.history == ["1.1.0 complete", "1.0.0 complete"]

    def test_a_ledger_that_is_gone_meanwhile_is_noticed(self, live: Scene) -> None:
        slow = live.machine()
        live.server.before_push = lambda: live.server.refs.pop(LEDGER)
        stop = stops(slow, LostRace)
        assert "no entry is left" in stop.evidence

    def test_the_lock_comes_and_goes_while_it_is_read(self, live: Scene) -> None:
        killed(live, "switch-backend")
        lock = live.server.refs[LOCK]
        reader = live.machine()
        real = reader.remote.fetch

        def fetch(*refs: str) -> None:
            vars(reader.remote).pop("fetch")
            del live.server.refs[LOCK]
            real(*refs)

        vars(reader.remote)["fetch"] = fetch
        assert reader.held is None
        live.server.refs[LOCK] = lock
        live.server.objects.store.pop(lock)
        with pytest.raises(ExternalError):
            reader.held  # noqa: B018 - reading it is what fails


def test_fences_rise_whatever_the_clock_says(live: Scene) -> None:
    live.now -= 1000
    machine = live.machine()
    machine.deploy()
    newest, oldest = machine.entries
    assert newest.fence == oldest.fence + 1


def test_the_actor_of_a_ci_run_is_linked(scene: Scene) -> None:
    machine = scene.machine()
    machine.actor = Actor("ada", "runner", 1, "https://github.com/acme/acme/actions/runs/42")
    machine.deploy()
    assert machine.entries[0].url.endswith("/runs/42")
    assert replace(machine.entries[0], url="") != machine.entries[0]
