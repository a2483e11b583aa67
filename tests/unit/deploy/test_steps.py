"""Each step of a deployment alone: its answers before and after, its undo, and that it wants the lock."""

import dataclasses
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from shipit.config import Smoke, SmokeCheck
from shipit.deploy import recipe
from shipit.deploy.checks import AnswersProve, PlacesDiffer
from shipit.deploy.guard import Guard
from shipit.deploy.recipe import DeployContext
from shipit.engine.plan import End, Look, State, Step, Undoable
from shipit.errors import LeaseLost, LostRace, StoppedHalfway, Unavailable
from shipit.model import Revision
from shipit.release.landing import PATIENCE
from tests.fakes import ADA
from tests.fakes_deploy import FakeSchema
from tests.unit.deploy.scene import LEDGER, LOCK, Machine, Scene, names


def silent(_: str) -> None:
    pass


@pytest.fixture
def made(live: Scene) -> Iterator[DeployContext]:
    """A deployment of 1.1.0 over 1.0.0, with a database; nothing of it is done."""
    live.schema = FakeSchema(waiting=["0002_more"], applied=["0001_begin"])
    with live.machine().made(Revision("1.1.0", live.refs["refs/heads/develop"])) as found:
        yield found


def step(made: DeployContext, name: str) -> Step:
    return next(one for one in recipe.deploy(made).all_steps if one.name == name)


def run(made: DeployContext, name: str) -> Look:
    """What the engine does: absent before, and a look after."""
    one = step(made, name)
    assert one.look().state is State.ABSENT, one.look()
    one.run(silent)
    return one.look()


def undo(made: DeployContext, name: str) -> None:
    one = step(made, name)
    assert isinstance(one, Undoable)
    one.undo(silent)


def somebody_takes_over(live: Scene) -> None:
    objects = live.server.objects
    live.server.refs[LOCK] = objects.commit(objects.change_tree(None, {}), [], "theirs\n", ADA, 0)


class TestThePlan:
    def test_in_order(self, made: DeployContext) -> None:
        plan = recipe.deploy(made)
        parts = ["frontend", "backend"]
        assert names(plan) == [
            "former",
            "lock",
            "migrate",
            *(f"start-{part}" for part in parts),
            "check-backend",  # nobody can ask a folder before it is served
            *(f"switch-{part}" for part in parts),
            "smoke",
            "record",
        ]
        assert plan.point_of_no_return == "record"
        assert all(one.summary for one in plan.all_steps)
        assert [check.name for check in plan.checks] == [
            "target-frontend",
            "target-backend",
            "places",
            "proof",
            "migrations",
            "contracts",
        ]
        assert all(check.summary for check in plan.checks)

    def test_of_a_rollback_has_no_migration(self, made: DeployContext) -> None:
        back = recipe.deploy(replace(made, decision=replace(made.decision, is_rollback=True)))
        assert "migrate" not in names(back)
        assert [check.name for check in back.checks][-1] == "proof"
        assert back.title.startswith("Go back to 1.1.0 (")

    def test_of_the_first_deployment_says_so(self, made: DeployContext) -> None:
        assert recipe.deploy(replace(made, standing=None)).title.endswith("on staging (the first)")

    def test_without_database_and_smoke_checks(self, made: DeployContext) -> None:
        short = names(recipe.deploy(replace(made, schema=None, smoke=None)))
        assert short == [
            "former",
            "lock",
            "start-frontend",
            "start-backend",
            "switch-frontend",
            "switch-backend",
            "record",
        ]


class TestFormer:
    def test_says_what_a_failure_goes_back_to(self, made: DeployContext) -> None:
        look = step(made, "former").look()
        assert look == Look(State.DONE, f"{made.standing} is what a failure goes back to")
        step(made, "former").run(silent)

    def test_where_nothing_is_live(self, made: DeployContext) -> None:
        decision = replace(made.decision, replaces={"frontend": None, "backend": None})
        first = replace(made, standing=None, decision=decision)
        assert step(first, "former").look().evidence == "nothing is live yet"

    @pytest.mark.parametrize(
        ("standing", "found", "words"),
        [
            (True, "0.9.0-x", "was deployed; a failure goes back to backend: 0.9.0-x"),
            (True, None, "was deployed; a failure goes back to nothing"),
            (False, "0.9.0-x", "a failure goes back to backend: 0.9.0-x"),
        ],
    )
    def test_what_drifted_is_named(
        self, made: DeployContext, standing: bool, found: str | None, words: str
    ) -> None:
        decision = replace(made.decision, replaces={"frontend": None, "backend": found})
        drifted = replace(made, decision=decision, standing=made.standing if standing else None)
        assert step(drifted, "former").look().evidence.endswith(words)


class TestTheLock:
    def test_is_taken(self, live: Scene, made: DeployContext) -> None:
        assert run(made, "lock") == Look(State.DONE, f"{LOCK} is ours")
        assert live.refs[LOCK] == made.lock.mine

    def test_that_is_ours_is_freed_once(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        made.lock.free()
        assert LOCK not in live.refs
        made.lock.free()

    def test_of_somebody_else_is_not_freed(self, live: Scene, made: DeployContext) -> None:
        somebody_takes_over(live)
        made.lock.free()
        assert LOCK in live.refs

    def test_that_was_taken_and_freed_by_somebody_is_a_lost_race(self, live: Scene, made: DeployContext) -> None:
        stale = replace(made, lock=dataclasses.replace(made.lock, observed="f" * 40))
        with pytest.raises(LostRace, match="somebody else has just deployed to staging"):
            step(stale, "lock").run(silent)

    @pytest.mark.parametrize(
        ("looks", "words"),
        [(9, None), (99, f"the push of {LOCK} got no answer, and may still land")],
    )
    def test_whose_push_got_no_answer_is_waited_for_and_freed_or_said_to_be_possible(
        self, live: Scene, made: DeployContext, looks: int, words: str | None
    ) -> None:
        waited: list[float] = []
        lock = dataclasses.replace(made.lock, pause=waited.append)
        guard = Guard(lock=lock, ledger=made.ledger, entry=made.entry)
        live.server.slow = looks
        with pytest.raises(Unavailable):
            lock.take()
        live.server.slow = 0
        if words:
            with pytest.raises(StoppedHalfway, match=words):
                guard.free(End.ROLLED_BACK)
            assert sum(waited) == PATIENCE
        else:
            guard.free(End.ROLLED_BACK)
            assert 0 < sum(waited) < PATIENCE
        assert LOCK not in live.refs

    def test_that_was_never_asked_for_is_not_waited_for(self, made: DeployContext) -> None:
        waited: list[float] = []
        lock = dataclasses.replace(made.lock, pause=waited.append)
        Guard(lock=lock, ledger=made.ledger, entry=made.entry).free(End.REFUSED)
        assert waited == []
        assert "mine" not in vars(lock)

    def test_undone_undoes_all_that_is_on_the_targets(self, live: Scene, made: DeployContext) -> None:
        before = live.live
        for name in ("lock", "start-frontend", "start-backend", "switch-frontend"):
            run(made, name)
        undo(made, "lock")
        assert live.live == before
        assert [len(host.kept) for host in (live.frontend, live.backend)] == [1, 1]


class TestMigrate:
    def test_says_what_is_pending_and_what_was_applied(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        assert step(made, "migrate").look().evidence == "1 pending: 0002_more"
        assert run(made, "migrate") == Look(State.DONE, "at version 0002_more")
        assert live.schema
        live.schema.applied.clear()
        assert step(made, "migrate").look().evidence == "there are no migrations"

    def test_leaves_what_was_pending_when_it_was_decided_and_is_applied_now(
        self, live: Scene, made: DeployContext
    ) -> None:
        held = recipe.hold(made)
        assert held.lasts() == ""
        run(made, "lock")
        run(made, "migrate")
        assert held.lasts() == "the database keeps 0002_more, which the version before can live with"
        assert live.schema
        live.schema.breaks = Unavailable("the database is gone")
        assert held.lasts() == "it is not known what the database keeps: it did not answer"
        assert recipe.hold(replace(made, schema=None)).lasts() == ""


class TestStart:
    def test_twice_is_once(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        reference = made.decision.revision.reference
        assert run(made, "start-frontend") == Look(State.DONE, reference)
        assert run(made, "start-backend") == Look(State.DONE, f"{reference} at 127.0.0.1:20001")

    def test_of_another_commit_of_the_same_name_is_not_done(self, live: Scene, made: DeployContext) -> None:
        reference = made.decision.revision.reference
        live.backend.kept[reference] = Revision("1.1.0", "f" * 40)
        assert step(made, "start-backend").look().state is State.ABSENT

    def test_undone_removes_it(self, live: Scene, made: DeployContext) -> None:
        for name in ("lock", "start-backend"):
            run(made, name)
        undo(made, "start-backend")
        assert len(live.backend.kept) == 1

    def test_undone_leaves_what_was_kept_before_and_what_is_live(self, live: Scene, made: DeployContext) -> None:
        for name in ("lock", "start-backend"):
            run(made, name)
        kept = replace(made, decision=replace(made.decision, kept=("backend",)))
        undo(kept, "start-backend")
        assert len(live.backend.kept) == 2
        live.backend.live = made.decision.revision.reference
        undo(made, "start-backend")
        assert len(live.backend.kept) == 2


class TestSwitch:
    def test_gives_the_traffic_and_gives_it_back(self, live: Scene, made: DeployContext) -> None:
        before = live.backend.live
        for name in ("lock", "start-backend"):
            run(made, name)
        assert step(made, "switch-backend").look().evidence == f"{before} is live"
        assert run(made, "switch-backend").evidence == f"{made.decision.revision.reference} is live"
        undo(made, "switch-backend")
        assert live.backend.live == before
        undo(made, "switch-backend")
        assert live.backend.live == before

    def test_where_something_else_went_live_is_a_conflict(self, live: Scene, made: DeployContext) -> None:
        before, live.backend.live = live.backend.live, "0.9.0-x"
        look = step(made, "switch-backend").look()
        assert look == Look(State.CONFLICT, f"0.9.0-x is live, and {before} was when this began")
        live.backend.live = None
        assert step(made, "switch-backend").look().evidence.startswith("nothing is live, and ")

    def test_of_the_first_goes_back_to_nothing(self, live: Scene, made: DeployContext) -> None:
        first = replace(made, decision=replace(made.decision, replaces={"frontend": None, "backend": None}))
        live.backend.live = None
        assert step(first, "switch-backend").look() == Look(State.ABSENT, "nothing is live")
        for name in ("lock", "start-backend", "switch-backend"):
            run(first, name)
        undo(first, "switch-backend")
        assert live.backend.live is None


class TestAnswers:
    def test_are_remembered_by_one_run_only(self, live: Scene, made: DeployContext) -> None:
        assert live.smoke
        for name in ("lock", "start-backend"):
            run(made, name)
        assert run(made, "check-backend") == Look(State.DONE, "1.1.0 answers")
        assert live.smoke.asked[-1] == "1.1.0 127.0.0.1:20001"
        run(made, "switch-backend")
        assert run(made, "smoke").evidence == "1.1.0 answers"
        assert live.smoke.asked[-1] == "1.1.0"

    def test_of_a_candidate_that_is_gone_are_those_of_the_public_address(self, made: DeployContext) -> None:
        with pytest.raises(Exception, match="does not answer as it should"):
            step(made, "check-backend").run(silent)


class TestRecord:
    def test_writes_the_ledger_and_frees_the_lock_at_once(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        assert run(made, "record") == Look(State.DONE, f"run {made.decision.run}")
        assert LOCK not in live.refs
        assert {update.ref for update in live.server.pushes[-1]} == {LOCK, LEDGER}

    def test_by_another_owner_of_the_same_run_is_a_conflict(self, made: DeployContext) -> None:
        run(made, "lock")
        run(made, "record")
        look = step(replace(made, fence=made.fence - 1), "record").look()
        assert look == Look(State.CONFLICT, "another run took over, and has finished it")

    def test_is_not_done_by_another_run_or_by_a_failure(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        made.ledger.remote.push(made.ledger.update(made.entry("rolled back")))
        assert step(made, "record").look().state is State.ABSENT

    def test_whose_ledger_moved_is_a_lost_lease(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        somebody: Machine = live.machine()
        ledger, later = somebody.job().ledger, made.entry("rolled back")
        live.server.before_push = lambda: somebody.remote.push(ledger.update(later))
        with pytest.raises(LeaseLost):
            step(made, "record").run(silent)

    def test_without_the_lock_says_that(self, live: Scene, made: DeployContext) -> None:
        run(made, "lock")
        somebody_takes_over(live)
        with pytest.raises(LostRace, match="no longer ours"):
            step(made, "record").run(silent)


@pytest.mark.parametrize("name", ["migrate", "start-backend", "switch-backend"])
def test_without_the_lock_nothing_is_written(live: Scene, made: DeployContext, name: str) -> None:
    run(made, "lock")
    before, (applied, waiting) = live.live, (["0001_begin"], ["0002_more"])
    somebody_takes_over(live)
    with pytest.raises(LostRace) as caught:
        step(made, name).run(silent)
    assert caught.value.evidence == (
        "somebody took over after it had expired, and this run has written nothing since",
    )
    assert (live.live, live.schema and (live.schema.applied, live.schema.waiting)) == (before, (applied, waiting))


@pytest.mark.parametrize("name", ["start-backend", "switch-backend"])
def test_without_the_lock_nothing_is_undone(live: Scene, made: DeployContext, name: str) -> None:
    for one in ("lock", "start-backend", "switch-backend"):
        run(made, one)
    world = live.live, dict(live.backend.kept)
    somebody_takes_over(live)
    with pytest.raises(LostRace):
        undo(made, name)
    undo(made, "lock")
    undo(made, "former")
    assert (live.live, dict(live.backend.kept)) == world


def test_two_targets_in_one_place_are_a_problem() -> None:
    places = {"frontend": ["/srv/acme"], "backend": ["/srv/acme", "localhost:8080"], "other": ["localhost:8080"]}
    found = PlacesDiffer(places=places, others={}).problems()
    assert [problem.what for problem in found] == [
        "frontend and backend share /srv/acme",
        "backend and other share localhost:8080",
    ]
    apart = {"frontend": ["/srv/a"], "backend": ["/srv/b", "localhost:8080"]}
    assert PlacesDiffer(places=apart, others={"live.backend": ["/srv/ab", "localhost:8090"]}).problems() == ()


@pytest.mark.parametrize(("place", "other"), [("/srv/a", "/srv/a/versions"), ("/srv/a/versions", "/srv/a")])
def test_a_target_inside_of_another_is_a_problem_in_whichever_environment(place: str, other: str) -> None:
    [found] = PlacesDiffer(places={"frontend": [place]}, others={"live.backend": [other]}).problems()
    assert found.what == "frontend and live.backend share /srv/a/versions"


@pytest.mark.parametrize(
    ("options", "is_release", "doubt"),
    [
        (Smoke(), True, "nothing is asked from outside"),
        (Smoke(run="true"), False, ""),
        (Smoke(checks=(SmokeCheck(get="http://a/"),)), True, "no smoke check carries version or commit"),
        (Smoke(checks=(SmokeCheck(get="http://a/", json={"v": "{version}"}),)), False, "carries the commit"),
        (Smoke(checks=(SmokeCheck(get="http://a/", json={"v": "{version}"}),)), True, ""),
        (Smoke(checks=(SmokeCheck(get="http://a/", json={"c": "{commit}"}),)), False, ""),
    ],
)
def test_checks_that_would_not_notice_another_version_are_warned_of(
    options: Smoke, is_release: bool, doubt: str
) -> None:
    found = AnswersProve(options=options, is_release=is_release).problems()
    assert [problem.is_warning for problem in found] == ([True] if doubt else [])
    assert doubt in "".join(problem.what for problem in found)
