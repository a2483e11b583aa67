"""The lock of a release: what it says of its holder, when it is freed, when it stays, and whose it is."""

import json
import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shipit.engine.lock import read_lock
from shipit.engine.plan import Plan, Problem
from shipit.errors import (
    Denied,
    Interrupted,
    LostRace,
    Refused,
    RolledBack,
    Signalled,
    Stop,
    StoppedHalfway,
    Unavailable,
)
from shipit.gates.report import Verdict
from shipit.model import Actor, RefUpdate
from shipit.release import recipe
from shipit.release.context import ReleaseContext
from shipit.release.landing import PATIENCE
from shipit.release.lock import ReleaseLock
from shipit.release.refs import DECISION, LOCK, RECORD
from shipit.release.run import ReleaseRun
from tests.unit.memory import DEAD, NOW, Machine, Product

BOB = Actor("bob", "pluto", 7)
BRANCH = "refs/heads/release/v1.1.0"
SDIST = "acme-1.1.0.tar.gz"
CI = {"GITHUB_ACTOR": "ada", "GITHUB_RUN_ID": "42", "GITHUB_REPOSITORY": "acme/acme", "USER": "runner"}


class Killed(BaseException):
    """SIGKILL: nothing is cleaned up."""


@pytest.fixture
def product() -> Product:
    return Product(forge=True)


@pytest.fixture
def machine(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "here")


@pytest.fixture
def other(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "elsewhere")


def raises(error: BaseException) -> Callable[..., None]:
    """Something that raises this as soon as it is called, whatever it is called with."""

    def call(*_: object) -> None:
        raise error

    return call


def killed(machine: Machine, **options: Any) -> None:
    """A run that is killed while it builds."""
    machine.on_build = raises(Killed())
    with pytest.raises(Killed):
        machine.release(**options)
    machine.on_build = None


class TestTheRecord:
    def test_names_user_host_process_and_the_second_since_when(self, product: Product, machine: Machine) -> None:
        killed(machine)
        assert product.lock_record.holder == Actor("ada", socket.gethostname(), os.getpid())
        assert product.lock_record.since == NOW

    def test_leads_to_the_page_of_the_run_in_ci(self, product: Product, tmp_path: Path) -> None:
        killed(Machine(product, tmp_path / "ci", CI))
        holder = product.lock_record.holder
        assert (holder.user, holder.url) == ("ada", "https://github.com/acme/acme/actions/runs/42")

    def test_has_a_token_that_no_other_run_has(self, product: Product, machine: Machine, other: Machine) -> None:
        killed(machine)
        first = product.lock_record.token
        killed(other, resume=True)
        assert product.lock_record.token not in {first, ""}

    def test_is_read_back_as_it_was_written(self, product: Product, machine: Machine) -> None:
        killed(machine)
        assert read_lock(product.lock_record.text) == product.lock_record

    def test_is_json_beside_the_decision(self, product: Product, machine: Machine) -> None:
        killed(machine)
        lock = product.refs[LOCK]
        assert sorted(product.server.objects.files(lock)) == [DECISION, RECORD]
        assert json.loads(product.read(LOCK, RECORD))["holder"]["user"] == "ada"
        assert json.loads(product.read(LOCK, DECISION))["version"] == "1.1.0"

    def test_is_told_to_people_in_the_message_of_the_lock_commit(self, product: Product, machine: Machine) -> None:
        killed(machine)
        place = f"{socket.gethostname()}, process {os.getpid()}"
        message = product.server.objects.at(product.refs[LOCK]).message.strip()
        assert message.startswith(f"v1.1.0: held by ada on {place}, since 2025-06-15 15:06 UTC\n")
        assert message.endswith(f"\nrun {product.lock_record.token}")


class TestWhetherItsHolderHasEnded:
    def test_is_known_of_a_process_of_this_host(self, machine: Machine) -> None:
        assert machine.outside.has_ended(DEAD)
        assert not machine.outside.has_ended(machine.outside.actor())

    def test_is_not_known_of_another_host(self, machine: Machine) -> None:
        assert not machine.outside.has_ended(BOB)

    def test_is_not_known_without_proc(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Path, "is_dir", lambda _: False)
        assert not machine.outside.has_ended(DEAD)


class TestTheLockIsFreed:
    def ends(self, product: Product, machine: Machine, kind: type[Stop], **options: Any) -> None:
        with pytest.raises(kind) as caught:
            machine.release(**options)
        assert type(caught.value) is kind
        assert any(LOCK in [one.ref for one in push] for push in product.server.pushes)
        assert LOCK not in product.refs

    def test_when_a_run_completes(self, product: Product, machine: Machine) -> None:
        assert machine.release()["released"] == "true"
        assert LOCK not in product.refs

    def test_when_a_gate_refuses(self, product: Product, machine: Machine) -> None:
        machine.verdicts["tests"] = Verdict.FINDINGS
        self.ends(product, machine, Refused)

    def test_when_a_run_is_rolled_back(self, product: Product, machine: Machine) -> None:
        product.server.declined.add("refs/heads/main")
        self.ends(product, machine, RolledBack)

    def test_when_a_run_is_interrupted_before_the_push(self, product: Product, machine: Machine) -> None:
        machine.on_build = raises(Signalled("SIGINT"))
        self.ends(product, machine, Interrupted)

    def test_when_a_bug_ends_a_run_before_the_push(self, product: Product, machine: Machine) -> None:
        machine.on_build = raises(ZeroDivisionError("by nothing"))
        self.ends(product, machine, Stop)

    def test_when_a_run_stops_half_way_after_the_push(self, product: Product, machine: Machine) -> None:
        product.index.refusals[SDIST] = Denied("503")
        self.ends(product, machine, StoppedHalfway)

    def test_when_a_run_is_interrupted_after_the_push(self, product: Product, machine: Machine) -> None:
        vars(product.index)["upload"] = raises(Signalled("SIGTERM"))
        self.ends(product, machine, Interrupted)

    def test_when_a_run_that_took_it_over_is_refused(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        killed(machine)
        other.verdicts["tests"] = Verdict.FINDINGS
        self.ends(product, other, Refused, resume=True)
        assert BRANCH not in product.refs

    def test_when_the_second_half_of_a_proposal_completes(self, product: Product, machine: Machine) -> None:
        machine.release(pull_request=True)
        product.merge_pull_request()
        assert machine.release(resume=True)["released"] == "true"
        assert LOCK not in product.refs

    def test_by_undo(self, product: Product, machine: Machine, other: Machine) -> None:
        before = product.refs
        killed(machine)
        other.release(undo=True)
        assert product.refs == before

    def test_by_undo_of_a_proposal(self, product: Product, machine: Machine, other: Machine) -> None:
        before = product.refs
        machine.release(pull_request=True)
        other.release(undo=True)
        assert product.refs == before


class TestTheLockStays:
    def test_when_a_rollback_got_stuck_before_the_push_so_that_resume_finds_the_decision(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.on_build = lambda *_: self.fail_and_keep_the_branch(product)
        with pytest.raises(StoppedHalfway):
            machine.release()
        assert LOCK in product.refs
        product.server.declined.clear()
        assert other.release(resume=True)["released"] == "true"

    @staticmethod
    def fail_and_keep_the_branch(product: Product) -> None:
        product.server.declined.add(BRANCH)
        raise Denied("no")

    def test_when_undo_gets_stuck(self, product: Product, machine: Machine, other: Machine) -> None:
        killed(machine)
        product.server.declined.add(BRANCH)
        with pytest.raises(StoppedHalfway, match=f"v1.1.0 could not be undone: origin declined {BRANCH}"):
            other.release(undo=True)
        assert LOCK in product.refs

    def test_when_a_proposal_waits_for_its_pull_request(self, product: Product, machine: Machine) -> None:
        machine.release(pull_request=True)
        assert LOCK in product.refs

    def test_when_a_proposal_is_interrupted_after_its_pull_request_was_opened(
        self, product: Product, machine: Machine
    ) -> None:
        assert product.forge
        opened = product.forge.open_pull_request

        def interrupted(*words: str) -> None:
            opened(*words)
            raise Signalled("SIGINT")

        vars(product.forge)["open_pull_request"] = interrupted
        with pytest.raises(Interrupted, match="past the point of no return"):
            machine.release(pull_request=True)
        assert LOCK in product.refs

    def test_when_a_gate_fails_on_what_people_have_merged(self, product: Product, machine: Machine) -> None:
        machine.release(pull_request=True)
        product.merge_pull_request()
        machine.verdicts["tests"] = Verdict.FINDINGS
        with pytest.raises(StoppedHalfway, match="the gate tests failed"):
            machine.release(resume=True)
        assert LOCK in product.refs
        machine.verdicts.clear()
        assert machine.release(resume=True)["released"] == "true"


class TestTheLockOfAnotherRun:
    def test_is_left_alone_by_a_plain_run(self, product: Product, machine: Machine, other: Machine) -> None:
        killed(machine)
        held = product.refs[LOCK]
        with pytest.raises(LostRace):
            other.release()
        assert product.refs[LOCK] == held

    def test_that_came_first_by_a_moment_is_left_alone(self, product: Product, machine: Machine) -> None:
        product.server.before_push = lambda: product.server.refs.update({LOCK: product.refs["refs/heads/main"]})
        with pytest.raises(LostRace):
            machine.release()
        assert product.refs[LOCK] == product.refs["refs/heads/main"]
        assert BRANCH not in product.refs
        assert machine.benches[-1].asked == []  # the work tree of this tag may be that of the other run

    @pytest.mark.parametrize("error", [Refused("no"), Denied("no"), Signalled("SIGINT"), ZeroDivisionError()])
    def test_that_took_ours_over_is_left_alone_however_we_end(
        self, product: Product, machine: Machine, error: BaseException
    ) -> None:
        theirs: list[str] = []

        def taken_over(*_: object) -> None:
            theirs.append(product.lock_is_held_by(BOB))
            raise error

        machine.on_build = taken_over
        with pytest.raises(Stop):
            machine.release()
        assert [product.refs[LOCK]] == theirs

    def test_that_took_ours_over_keeps_our_push_away(self, product: Product, machine: Machine) -> None:
        def taken_over() -> None:
            if BRANCH in product.refs:
                product.lock_is_held_by(BOB)
            else:
                product.server.before_push = taken_over

        product.server.before_push = taken_over
        machine.outside.config.gates.clear()
        with pytest.raises(LostRace):
            machine.release()
        assert product.lock_record.holder == BOB
        assert "refs/tags/v1.1.0" not in product.refs


class TestALockWhosePushGotNoAnswer:
    @pytest.fixture(autouse=True)
    def hurried(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """Nobody waits in these tests; what was waited is written down."""
        waited: list[float] = []
        monkeypatch.setattr(recipe, "ReleaseLock", partial(ReleaseLock, pause=waited.append))
        return waited

    def test_is_undone_when_it_has_landed(self, product: Product, machine: Machine, hurried: list[float]) -> None:
        before, product.server.slow = product.refs, 9
        product.server.on_take = lambda: setattr(product.server, "slow", 0)
        with pytest.raises(RolledBack) as caught:
            machine.release()
        assert caught.value.what == "lock: the server is slow"
        assert caught.value.evidence[-1:] == ("everything is as before",)
        assert product.refs == before
        assert [{one.ref for one in push} for push in product.server.pushes] == [{LOCK, BRANCH}] * 2
        assert 0 < sum(hurried) < PATIENCE

    def test_is_not_called_undone_as_long_as_it_may_land(
        self, product: Product, machine: Machine, other: Machine, hurried: list[float]
    ) -> None:
        before, product.server.slow = product.refs, 99
        with pytest.raises(StoppedHalfway) as caught:
            machine.release()
        assert sum(hurried) == PATIENCE
        assert caught.value.evidence[-2:] == (
            f"the lock could not be freed: the push of {LOCK} got no answer, and may still land",
            "everything else is as before",
        )
        assert caught.value.hint == "shipit release --undo undoes the rest; shipit release --resume goes on"
        while product.server.waiting:
            product.server.look()
        product.server.slow = 0
        assert {*product.refs} - {*before} == {LOCK, BRANCH}
        other.release(undo=True)
        assert product.refs == before

    def test_is_not_waited_for_when_another_run_has_the_lock(
        self, product: Product, machine: Machine, other: Machine, hurried: list[float]
    ) -> None:
        product.server.slow = 99
        take = machine.remote.push

        def push(*updates: RefUpdate) -> None:
            del vars(machine.remote)["push"]
            try:
                take(*updates)
            finally:
                product.server.slow = 0
                killed(other)

        vars(machine.remote)["push"] = push
        with pytest.raises(RolledBack) as caught:
            machine.release()
        assert hurried == []
        assert "another run has taken v1.1.0 over and goes on with it" in caught.value.evidence
        assert {LOCK, BRANCH} < {*product.refs}

    @pytest.mark.parametrize("options", [{"resume": True}, {"undo": True}])
    def test_and_that_lands_after_another_run_released_the_same_is_undone_by_either_command(
        self, product: Product, machine: Machine, other: Machine, options: dict[str, bool]
    ) -> None:
        killed(machine)
        late = {ref: product.refs[ref] for ref in (LOCK, BRANCH)}
        machine.release(undo=True)
        product.commit("develop", "feat: more\n", {"more.py": b""})
        other.release(kind="minor")
        complete = product.refs
        product.server.refs |= late
        with pytest.raises(LostRace):
            machine.release()
        assert machine.release(**options) == {"released": "false", "tag": "v1.1.0"}
        said = "v1.1.0 was released by another run; what came of this one after that is undone"
        assert machine.recorder.said[-1] == said
        assert product.refs == complete


class TestARunWhoseReleaseAnotherOneHasTakenOver:
    def test_says_so_and_leaves_lock_and_branch_to_it(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.on_build = lambda *_: self.fail_when_taken_over(other)
        with pytest.raises(RolledBack) as caught:
            machine.release()
        assert caught.value.evidence[-2:] == (
            "another run has taken v1.1.0 over and goes on with it",
            "everything else is as before",
        )
        assert {LOCK, BRANCH} < {*product.refs}
        assert other.release(resume=True)["released"] == "true"

    @staticmethod
    def fail_when_taken_over(other: Machine) -> None:
        killed(other, resume=True)
        raise Denied("no")

    @pytest.mark.parametrize("moved", [LOCK, BRANCH])
    def test_at_the_last_moment_takes_nothing_away_from_it(
        self, product: Product, machine: Machine, moved: str
    ) -> None:
        def fail(*_: object) -> None:
            product.server.before_push = lambda: self.move(product, moved)
            raise Denied("no")

        machine.on_build = fail
        kind, words = (
            (RolledBack, "another run has taken v1.1.0 over and goes on with it")
            if moved == LOCK
            else (StoppedHalfway, f"the lock could not be freed: somebody else moved {BRANCH} on origin first")
        )
        with pytest.raises(kind) as caught:
            machine.release()
        assert words in caught.value.evidence
        assert {LOCK, BRANCH} < {*product.refs}

    @staticmethod
    def move(product: Product, ref: str) -> None:
        if ref == LOCK:
            product.lock_is_held_by(BOB)
        else:
            product.server.refs[ref] = product.refs["refs/heads/main"]


class TestAReleaseThatAnotherRunHasMadeMeanwhile:
    def test_between_the_decision_and_the_looks_is_a_lost_race(
        self, product: Product, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin, other = ReleaseRun.begin, Machine(product, tmp_path / "later", {"SOURCE_DATE_EPOCH": str(NOW + 1)})

        def late(run: ReleaseRun, plan: Plan, made: ReleaseContext) -> Mapping[str, str]:
            monkeypatch.undo()
            other.release()
            return begin(run, plan, made)

        monkeypatch.setattr(ReleaseRun, "begin", late)
        with pytest.raises(LostRace, match="another run has just released v1\\.1\\.0") as caught:
            machine.release()
        assert any("push: conflict" in line for line in caught.value.evidence)

    @pytest.mark.parametrize("later", [0, 1])
    def test_between_the_looks_and_the_lock_is_a_lost_race_that_leaves_nothing(
        self, product: Product, machine: Machine, tmp_path: Path, later: int
    ) -> None:
        other = Machine(product, tmp_path / "later", {"SOURCE_DATE_EPOCH": str(NOW + later)})

        def release() -> None:
            other.release()
            complete.append(product.refs)

        complete: list[dict[str, str]] = []
        product.server.before_push = release
        with pytest.raises(LostRace, match="lock: another run has just released this"):
            machine.release()
        assert [product.refs] == complete
        assert {*machine.benches[-1].asked} <= {"clear"}

    def test_that_nobody_can_look_for_leaves_the_refusal_as_it_is(
        self, product: Product, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        product.index.files["acme-1.1.0.tar.gz"] = b"other"

        def cut(*_: object) -> list[Problem]:
            product.server.trouble = Unavailable("the cable is out")
            return []

        monkeypatch.setattr("shipit.release.checks.NotesFit.problems", cut)
        with pytest.raises(Refused):
            machine.release()


class TestALockThatMovesWhileItIsLookedAt:
    @staticmethod
    def fetched(machine: Machine, happens: Callable[[], object]) -> None:
        """Let this happen at each look at the lock, before it is fetched."""
        fetch = machine.remote.fetch

        def late(*refs: str) -> None:
            if LOCK in refs:
                happens()
            fetch(*refs)

        vars(machine.remote)["fetch"] = late

    def test_is_looked_at_again_if_it_is_freed(self, product: Product, machine: Machine, other: Machine) -> None:
        killed(machine)
        self.fetched(other, lambda: machine.release(undo=True))
        assert other.release()["released"] == "true"

    def test_is_looked_at_again_if_another_run_takes_it(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        killed(machine)
        taken = iter([BOB])
        self.fetched(other, lambda: [product.lock_is_held_by(who) for who in taken])
        with pytest.raises(LostRace) as caught:
            other.release()
        assert "held by bob on pluto" in caught.value.evidence[0]

    def test_is_not_looked_at_for_ever(self, product: Product, machine: Machine, other: Machine) -> None:
        killed(machine)
        objects = product.server.objects
        tree, moves = objects.tree(product.refs[LOCK]), iter(range(100))

        def move() -> None:
            product.server.refs[LOCK] = objects.commit(tree, [], f"{next(moves)}\n", product.author, 0)

        refs = other.remote.refs

        def never_the_same() -> Mapping[str, str]:
            move()
            found = refs()
            move()
            return found

        vars(other.remote)["refs"] = never_the_same
        with pytest.raises(Unavailable, match="never stays the same"):
            other.release()

    def test_that_stays_and_cannot_be_fetched_is_said(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        killed(machine)
        self.fetched(other, raises(Unavailable("the cable is out")))
        with pytest.raises(Unavailable, match="the cable is out"):
            other.release()


class TestWhatDeadRunsHaveKept:
    def test_of_the_same_version_goes_when_that_is_complete(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        releases = machine.outside.private / "releases"
        old, another = releases / "v1.1.0-0123456789ab~2", releases / "v1.1.0-rc.1-0123456789ab"
        old.mkdir(parents=True)
        another.mkdir()
        other.release()
        machine.release()
        assert list(releases.iterdir()) == [another]


class TestALockThatCannotBeRead:
    def refusal(self, machine: Machine) -> Stop:
        with pytest.raises(Refused) as caught:
            machine.release()
        return caught.value

    def test_is_refused_with_the_way_to_look_at_it(self, product: Product, machine: Machine) -> None:
        product.server.refs[LOCK] = held = product.refs["refs/heads/main"]
        stop = self.refusal(machine)
        assert stop.what == f"{LOCK} does not hold a decision of this version of shipit"
        assert stop.evidence == (held,)
        assert stop.hint == f"look at it with `git fetch origin {LOCK}` and `git show FETCH_HEAD`"

    def test_for_want_of_a_record_is_refused_in_the_same_way(self, product: Product, machine: Machine) -> None:
        killed(machine)
        objects, held = product.server.objects, product.refs[LOCK]
        decision = objects.read(held, DECISION) or b""
        tree = objects.change_tree(None, {DECISION: decision})
        product.server.refs[LOCK] = objects.commit(tree, objects.at(held).parents, "old\n", product.author, 0)
        assert "git show FETCH_HEAD" in (self.refusal(machine).hint or "")
