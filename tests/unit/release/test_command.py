"""shipit release in memory: begin, go on, finish, undo, decided by what the remote says."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipit.engine import events
from shipit.errors import (
    Denied,
    FollowUpNeeded,
    Interrupted,
    LiveDiffers,
    LostRace,
    NothingToDo,
    Refused,
    RolledBack,
    Signalled,
    Stop,
    StoppedHalfway,
    Unavailable,
    UsageError,
)
from shipit.gates.report import Verdict
from shipit.model import Actor, PullRequest
from shipit.release import command
from shipit.release.refs import LOCK
from shipit.release.run import Options, ReleaseRun
from tests.fakes import FakeWorkbench
from tests.unit.memory import DEAD, TRUNK, Machine, Product

WHEEL, SDIST = "acme-1.1.0-py3-none-any.whl", "acme-1.1.0.tar.gz"
EVIDENCE, KEPT = "refs/shipit/release/v1.1.0", "refs/shipit/kept/v1.1.0"
PREPARED = ["lock", "gate-tests", "build", "check", "install", "evidence"]
RELEASE = "refs/heads/release/v1.1.0"
INCOMPLETE = f"v1.1.0 is incomplete: upload: sdist missing ({SDIST}); {WHEEL} there with equal sha256"


class Killed(BaseException):
    """SIGKILL: nothing is cleaned up."""


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
def machine(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "here")


@pytest.fixture
def other(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "elsewhere")


def commit_here(product: Product, machine: Machine) -> str:
    """A commit of this clone on top of develop, which nobody has pushed."""
    tip = product.refs["refs/heads/develop"]
    machine.remote.fetch("refs/heads/develop")
    return machine.objects.commit(machine.objects.tree(tip), [tip], "feat: mine\n", product.author, 0)


def stops(machine: Machine, kind: type[Stop], **options: Any) -> Stop:
    with pytest.raises(kind) as caught:
        machine.release(**options)
    assert caught.value.exit_code == kind.exit_code
    return caught.value


def fail_with(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


def kill_at(machine: Machine, step: str) -> None:
    """The machine dies as soon as this step starts."""
    original = machine.recorder.event

    def event(told: events.Event) -> None:
        original(told)
        if isinstance(told, events.StepStarted) and told.name == step:
            raise Killed

    vars(machine.recorder)["event"] = event
    with pytest.raises(Killed):
        machine.release()
    del vars(machine.recorder)["event"]


class TestAWholeRelease:
    def test_ends_with_main_develop_tag_and_evidence_and_nothing_else(
        self, product: Product, machine: Machine
    ) -> None:
        before = product.refs
        assert machine.release() == {"released": "true", "version": "1.1.0", "tag": "v1.1.0"}
        assert sorted(product.refs) == sorted([*before, "refs/tags/v1.1.0", EVIDENCE])
        assert machine.recorder.started == [*PREPARED, "push", "tag-here", "upload", "close"]
        assert sorted(product.index.files) == [WHEEL, SDIST]
        assert machine.checkout.refs["refs/tags/v1.1.0"] == product.refs["refs/tags/v1.1.0"]
        assert machine.recorder.said == ["v1.1.0 is released and complete"]

    def test_stays_complete_where_its_files_cannot_be_removed(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: FakeWorkbench) -> None:
            raise PermissionError(errno.EACCES, "Permission denied", "/there")

        monkeypatch.setattr(FakeWorkbench, "clear", refuse)
        assert machine.release()["released"] == "true"
        left, complete = machine.recorder.said
        assert left.startswith("files of this run are left on this machine: ")
        assert "Permission denied" in left
        assert complete == "v1.1.0 is released and complete"

    def test_writes_version_and_changelog_on_both_branches(self, product: Product, machine: Machine) -> None:
        machine.release()
        for branch in ("refs/heads/main", "refs/heads/develop"):
            assert 'version = "1.1.0"' in product.read(branch, "pyproject.toml")
            assert "say it louder" in product.read(branch, "CHANGELOG.md")

    def test_shows_a_forge_release_with_every_file(self, tmp_path: Path) -> None:
        product = Product(forge=True)
        Machine(product, tmp_path).release()
        assert product.forge
        [made] = product.forge.releases
        assert (made.tag, made.title, made.draft) == ("v1.1.0", "Release v1.1.0", False)
        assert sorted(made.assets) == ["SHA256SUMS", WHEEL, SDIST, "release.json", "sbom.cdx.json"]

    def test_of_a_trunk_needs_no_develop(self, tmp_path: Path) -> None:
        product = Product(TRUNK)
        Machine(product, tmp_path).release()
        assert product.server.objects.peel(product.refs["refs/tags/v1.1.0"]) == product.refs["refs/heads/main"]

    def test_writes_the_decision_before_the_story(self, machine: Machine) -> None:
        machine.release()
        lines = machine.journal.splitlines()
        assert lines[0].startswith('{"event": "Decided", "version": "1.1.0"')
        assert lines[-1].startswith('{"event": "RunFinished"')

    def test_leaves_no_file_of_its_own_but_the_journal(self, machine: Machine) -> None:
        machine.release()
        assert [path.name for path in (machine.outside.private / "releases").glob("*")] == []
        assert machine.benches[0].asked[-1] == "clear"

    def test_may_be_a_prerelease_of_a_kind(self, product: Product, machine: Machine) -> None:
        assert machine.release(kind="prerelease", pre="rc")["tag"] == "v1.1.0-rc.1"
        assert "acme-1.1.0rc1.tar.gz" in product.index.files

    def test_may_start_from_another_branch(self, product: Product, machine: Machine) -> None:
        product.commit("main", "fix: hot\n", {"hot.py": b""})
        assert machine.release(base="main")["tag"] == "v1.0.1"

    def test_deepens_a_clone_whose_history_is_cut_off(self, machine: Machine) -> None:
        machine.checkout.is_shallow = True
        with pytest.raises(AttributeError, match="deepen"):  # the fake cannot: that it is asked is what counts
            machine.release()


class TestADryRun:
    def test_shows_the_plan_and_touches_nothing(self, product: Product, machine: Machine) -> None:
        before = product.refs
        assert machine.release(dry_run=True) == {"released": "false", "version": "1.1.0", "tag": "v1.1.0"}
        [preview] = machine.recorder.previews
        assert [one.name for one in preview.looked] == [
            *PREPARED,
            "push",
            "tag-here",
            "upload",
            "back-merge",
            "close",
        ]
        assert preview.point_of_no_return == "push"
        assert product.refs == before
        assert machine.journal == ""

    def test_refuses_with_every_problem_after_it_has_shown_the_plan(
        self, product: Product, machine: Machine
    ) -> None:
        product.server.read_only = True
        product.index.files[WHEEL] = b"other"
        stop = stops(machine, Refused, dry_run=True)
        assert "2 problems found before anything was touched" in stop.what
        assert len(machine.recorder.previews) == 1


class TestAPersonInFront:
    def test_is_shown_the_plan_and_asked(self, machine: Machine) -> None:
        facts = command.release(machine.outside, Options(), machine.asking_reporter)
        assert facts["released"] == "true"
        assert machine.questions == ["Release v1.1.0?"]
        assert len(machine.recorder.previews) == 1

    def test_who_says_no_gets_nothing_touched(self, product: Product, machine: Machine) -> None:
        before = product.refs
        machine.answer = False
        with pytest.raises(Refused, match="the answer was no"):
            command.release(machine.outside, Options(), machine.asking_reporter)
        assert product.refs == before

    def test_whose_branch_is_elsewhere_is_told(self, product: Product, machine: Machine) -> None:
        machine.checkout.tips["refs/heads/develop"] = product.refs["refs/heads/main"]
        assert "develop here is 3 commits behind origin" in stops(machine, Refused).evidence

    def test_whose_commits_are_not_pushed_is_told(self, product: Product, machine: Machine) -> None:
        machine.checkout.tips["refs/heads/develop"] = commit_here(product, machine)
        before = product.refs
        stop = stops(machine, Refused)
        assert stop.evidence[0] == "develop here is 1 commit ahead of origin"
        assert stop.hint == "git push origin develop"
        assert product.refs == before

    def test_whose_head_is_detached_on_commits_of_their_own_is_told(
        self, product: Product, machine: Machine
    ) -> None:
        mine = commit_here(product, machine)
        machine.checkout.branch = None
        machine.checkout.tips["HEAD"] = mine
        stop = stops(machine, Refused)
        assert stop.evidence[0] == "the detached HEAD is not at the remote tip of develop"
        assert f"here {mine[:10]}" in stop.evidence[1]

    def test_whose_head_is_detached_elsewhere_is_told(self, product: Product, machine: Machine) -> None:
        machine.checkout.branch = None
        machine.checkout.tips["HEAD"] = product.refs["refs/heads/main"]
        assert "the detached HEAD is not at the remote tip of develop" in stops(machine, Refused).evidence


class TestAFailureBeforeThePush:
    @pytest.mark.parametrize(
        ("cause", "kind"),
        [
            (lambda machine: machine.verdicts.update(tests=Verdict.FINDINGS), Refused),
            (lambda machine: machine.refused.update(check="no description"), Refused),
            (lambda machine: machine.product.server.declined.add("refs/heads/main"), RolledBack),
            (lambda machine: machine.product.server.declined.add("refs/tags/v1.1.0"), RolledBack),
        ],
    )
    def test_leaves_everything_as_it_was(
        self, product: Product, machine: Machine, cause: Callable[[Machine], object], kind: type[Stop]
    ) -> None:
        before = product.refs
        cause(machine)
        stop = stops(machine, kind)
        assert stop.evidence[-1] == "everything is as before"
        assert product.refs == before
        assert machine.checkout.refs == {}
        assert machine.benches[0].asked[-1] == "clear"
        assert not list((machine.outside.private / "releases").glob("*"))

    def test_can_be_mended_and_the_next_run_makes_the_same_version(
        self, product: Product, machine: Machine
    ) -> None:
        product.server.declined.add("refs/heads/main")
        stops(machine, RolledBack)
        product.server.declined.clear()
        assert machine.release()["tag"] == "v1.1.0"

    def test_that_is_a_push_of_somebody_else_is_a_lost_race(self, product: Product, machine: Machine) -> None:
        def moved() -> None:
            product.commit("main", "fix: hot\n", {"hot.py": b""})

        lock = machine.remote.push

        def push(*updates: Any) -> None:
            lock(*updates)
            if len(product.server.pushes) == 1:
                moved()

        vars(machine.remote)["push"] = push
        stop = stops(machine, LostRace)
        assert stop.exit_code == 9
        assert "refs/tags/v1.1.0" not in product.refs
        assert LOCK not in product.refs

    def test_that_is_a_signal_undoes_everything(self, product: Product, machine: Machine) -> None:
        before = product.refs

        def interrupt(*_: object) -> None:
            raise Signalled("SIGINT")

        machine.on_build = interrupt
        assert stops(machine, Interrupted).exit_code == 130
        assert product.refs == before


class TestAFailureAfterThePush:
    @pytest.fixture(autouse=True)
    def half_uploaded(self, product: Product, machine: Machine) -> None:
        product.index.refusals[SDIST] = Denied("503")
        stop = stops(machine, StoppedHalfway)
        assert stop.what == "upload: 503"
        assert (stop.hint or "").endswith("; shipit release --resume")

    def test_frees_the_lock_and_keeps_the_files(self, product: Product) -> None:
        assert LOCK not in product.refs
        assert KEPT in product.refs

    def test_is_named_by_a_plain_run_on_another_machine_though_work_went_on(
        self, product: Product, other: Machine
    ) -> None:
        product.commit("develop", "feat: meanwhile\n", {"more.py": b""})
        stop = stops(other, StoppedHalfway)
        assert stop.what == INCOMPLETE
        assert stop.hint == "shipit release --resume"

    def test_is_finished_from_another_machine_with_the_very_bytes(self, product: Product, other: Machine) -> None:
        kept = product.refs[KEPT]
        product.commit("develop", "feat: meanwhile\n", {"more.py": b""})
        assert other.release(resume=True)["released"] == "true"
        assert product.index.files[SDIST] == product.server.objects.read(kept, SDIST)
        assert other.recorder.started == ["lock", "tag-here", "upload", "close"]
        assert other.benches[0].asked == ["clear"]

    def test_shows_what_is_left_in_a_dry_run(self, product: Product, other: Machine) -> None:
        before = product.refs
        other.release(resume=True, dry_run=True)
        assert [one.name for one in other.recorder.previews[0].looked][:2] == ["lock", "push"]
        assert product.refs == before

    def test_that_is_a_signal_frees_the_lock_and_keeps_the_files(self, product: Product, machine: Machine) -> None:
        def interrupt(*_: object) -> None:
            raise Signalled("SIGTERM")

        vars(product.index)["upload"] = interrupt
        stop = stops(machine, Interrupted, resume=True)
        assert stop.what == "interrupted at upload, past the point of no return"
        assert LOCK not in product.refs
        assert KEPT in product.refs
        assert list((machine.outside.private / "releases").glob("*/*.whl"))

    def test_keeps_the_files_also_when_the_resume_is_refused(self, product: Product, machine: Machine) -> None:
        """Packages above keep-limit are on this machine alone."""
        kept = product.server.objects
        product.server.refs[KEPT] = kept.commit(kept.change_tree(None, {}), [], "small\n", product.author, 0)
        product.index.files[SDIST] = b"other"
        stops(machine, Refused, resume=True)
        del product.index.files[SDIST]
        assert machine.release(resume=True)["released"] == "true"

    def test_cannot_be_undone(self, other: Machine) -> None:
        assert stops(other, Refused, undo=True).what == "v1.1.0 is past its point of no return"

    def test_is_incomplete_also_where_the_index_cannot_be_looked_at(
        self, product: Product, other: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(product.index, "hashes", fail_with(Unavailable("the index does not answer")))
        stop = stops(other, StoppedHalfway)
        assert stop.what == "v1.1.0 is incomplete: close: its files are still kept on the remote"
        assert stop.evidence == ("upload: the index does not answer (not known)",)

    def test_that_is_all_there_but_not_closed_says_so(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.release(resume=True)
        product.server.refs[KEPT] = product.refs[EVIDENCE]
        assert (
            stops(other, StoppedHalfway).what
            == "v1.1.0 is incomplete: close: its files are still kept on the remote"
        )


class TestAMachineThatDied:
    def test_before_the_push_leaves_a_lock_that_says_who_holds_it(self, machine: Machine, other: Machine) -> None:
        kill_at(machine, "build")
        stop = stops(other, LostRace)
        assert stop.what == "another run holds the release lock"
        assert stop.evidence[0].startswith("v1.1.0: held by ada on ")
        assert stop.hint == (
            "if that run is dead: shipit release --resume takes it over, shipit release --undo undoes it"
        )

    def test_is_known_to_be_gone_where_its_process_can_be_looked_for(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        kill_at(machine, "build")
        product.lock_is_held_by(DEAD)
        assert (stops(other, LostRace).hint or "").startswith("its process has ended; ")

    def test_before_the_push_is_taken_over(self, product: Product, machine: Machine, other: Machine) -> None:
        kill_at(machine, "build")
        decided = product.server.objects.read(product.refs[LOCK], "decision.json")
        assert other.release(resume=True)["released"] == "true"
        assert len([updates for updates in product.server.pushes if RELEASE in {one.ref for one in updates}]) == 2
        assert decided
        assert product.refs["refs/heads/main"] in decided.decode()

    def test_before_the_push_is_undone(self, product: Product, machine: Machine, other: Machine) -> None:
        before = product.refs
        kill_at(machine, "build")
        assert other.release(undo=True) == {"released": "false", "tag": "v1.1.0"}
        assert product.refs == before
        assert other.recorder.said == ["v1.1.0 is undone: everything is as before"]

    def test_after_the_push_is_taken_over(self, product: Product, machine: Machine, other: Machine) -> None:
        kill_at(machine, "upload")
        assert LOCK in product.refs
        stops(other, Refused, undo=True)
        assert other.release(resume=True)["released"] == "true"
        assert sorted(product.index.files) == [WHEEL, SDIST]
        assert LOCK not in product.refs

    def test_after_the_push_holds_the_lock_until_it_is_known_to_be_gone(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        kill_at(machine, "upload")
        stops(other, LostRace)
        product.lock_is_held_by(DEAD)
        assert stops(other, StoppedHalfway).what.startswith("v1.1.0 is incomplete: upload: wheel missing")

    def test_on_another_machine_may_be_alive_for_all_we_know(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        kill_at(machine, "upload")
        product.lock_is_held_by(Actor("bob", "pluto", 7))
        assert stops(other, LostRace).evidence[0].startswith("v1.1.0: held by bob on pluto, process 7, since ")

    def test_leaves_the_lock_where_the_remote_does_not_answer_any_more(
        self, product: Product, machine: Machine
    ) -> None:
        product.index.refusals[WHEEL] = Denied("503")
        vars(product.index)["upload"] = lambda *_: self.cut(product)
        stops(machine, StoppedHalfway)
        product.server.trouble = None
        assert LOCK in product.refs

    @staticmethod
    def cut(product: Product) -> None:
        product.server.trouble = Unavailable("the cable is out")
        raise Denied("503")

    def test_before_the_push_with_a_remote_that_is_gone_keeps_the_lock_for_the_resume(
        self, product: Product, machine: Machine
    ) -> None:
        def cut(*_: object) -> None:
            product.server.trouble = Unavailable("the cable is out")
            raise Denied("no")

        machine.on_build = cut
        stop = stops(machine, StoppedHalfway)
        assert stop.evidence == (
            "the lock could not be freed: the cable is out",
            "everything else is as before",
        )
        assert stop.hint == "shipit release --undo undoes the rest; shipit release --resume goes on"
        product.server.trouble = None
        assert LOCK in product.refs

    def test_before_the_push_whose_branch_cannot_be_undone_keeps_the_lock_for_the_resume(
        self, product: Product, machine: Machine
    ) -> None:
        def fail(*_: object) -> None:
            product.server.declined.add(RELEASE)
            raise Denied("no")

        machine.on_build = fail
        stop = stops(machine, StoppedHalfway)
        assert stop.what == "build: no"
        assert f"the lock could not be freed: origin declined {RELEASE}" in stop.evidence
        assert LOCK in product.refs
        assert RELEASE in product.refs


class TestADecisionThatSomebodyElseWrote:
    @pytest.mark.parametrize(
        ("field", "value", "wanted"),
        [
            ("branch", "develop", "release/v1.1.0"),
            ("tag", "v9.9.9", "v1.1.0"),
            ("main", "secret", "main"),
            ("develop", None, "develop"),
            ("develop", "other", "develop"),
        ],
    )
    @pytest.mark.parametrize("options", [{"undo": True}, {"resume": True}])
    def test_is_followed_only_as_far_as_the_configuration_names_the_same(
        self,
        product: Product,
        machine: Machine,
        other: Machine,
        field: str,
        value: str | None,
        wanted: str,
        options: dict[str, bool],
    ) -> None:
        kill_at(machine, "build")
        product.decision_says(**{field: value})
        before = product.refs
        stop = stops(other, Refused, **options)
        assert stop.what == "the decision in refs/shipit/lock/release is not one for this configuration"
        assert f"{field} is {value or 'none'}, and would be {wanted}" in stop.evidence
        assert (stop.hint or "").endswith("or free the lock: git push origin :refs/shipit/lock/release")
        assert product.refs == before


class TestAnIncompleteRelease:
    def test_is_told_as_far_as_it_can_be_looked_at(
        self, product: Product, machine: Machine, other: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(*_: object) -> list[str]:
            raise Refused("the index could not be looked at", evidence=["it does not answer"])

        kill_at(machine, "upload")
        product.lock_is_held_by(DEAD)
        monkeypatch.setattr(ReleaseRun, "missing", missing)
        stop = stops(other, StoppedHalfway)
        assert stop.what == "v1.1.0 is incomplete: it was not closed"
        assert stop.evidence == ("the index could not be looked at", "it does not answer")


class TestARefThatSomebodyElseKeeps:
    @pytest.mark.parametrize("options", [{}, {"resume": True}])
    def test_is_refused_with_the_way_out(
        self, product: Product, machine: Machine, options: dict[str, bool]
    ) -> None:
        product.server.refs["refs/shipit/kept/v7"] = product.refs["refs/heads/main"]
        stop = stops(machine, Refused, **options)
        assert stop.what == "v7 has no evidence on origin"
        assert "there is refs/shipit/kept/v7, which no run of shipit leaves alone" in stop.evidence
        assert stop.hint == "if somebody else made it: git push origin :refs/shipit/kept/v7"
        del product.server.refs["refs/shipit/kept/v7"]
        assert machine.release(dry_run=True)["version"] == "1.1.0"


class TestNothingToDo:
    def test_is_said_together_with_the_proof_of_the_last_release(self, product: Product, machine: Machine) -> None:
        machine.release()
        pushes = len(product.server.pushes)
        assert machine.release() == {"released": "false", "tag": "v1.1.0"}
        assert machine.recorder.said[-1] == "nothing to release: v1.1.0 is complete"
        assert len(product.server.pushes) == pushes

    def test_is_said_where_another_tool_released_last(self, product: Product, machine: Machine) -> None:
        product.tag("v1.1.0", product.refs["refs/heads/develop"])
        machine.release()
        assert machine.recorder.said[0].startswith("nothing to release: no commit")

    def test_is_an_error_only_if_asked_for(self, machine: Machine) -> None:
        machine.release()
        assert stops(machine, NothingToDo, fail_if_nothing=True).exit_code == 3

    def test_is_not_said_when_the_last_release_is_not_what_it_was(self, product: Product, machine: Machine) -> None:
        machine.release()
        product.index.files[SDIST] = b"other"
        stop = stops(machine, LiveDiffers)
        assert stop.what == "v1.1.0 is not what was released any more"
        [said] = stop.evidence
        assert said.startswith(f"upload: fake index already has {SDIST} with different content ({SDIST}: sha256 ")
        assert stop.hint == "shipit verify release v1.1.0"

    def test_is_not_told_of_a_release_that_cannot_be_looked_at(
        self, product: Product, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        machine.release()
        monkeypatch.setattr(product.index, "hashes", fail_with(Unavailable("the index does not answer")))
        stop = stops(machine, Refused)
        assert stop.what == "Release acme 1.1.0 (after v1.0.0): it is not known whether all of it is there"
        assert stop.evidence == ("upload: the index does not answer",)

    def test_is_not_said_to_somebody_whose_commits_are_not_pushed(self, product: Product, machine: Machine) -> None:
        machine.release()
        machine.checkout.tips["refs/heads/develop"] = commit_here(product, machine)
        stop = stops(machine, Refused)
        assert stop.what == "develop here is 1 commit ahead of origin"
        assert stop.hint == "git push origin develop"

    def test_is_said_to_somebody_who_is_behind(self, product: Product, machine: Machine) -> None:
        machine.release()
        machine.checkout.tips["refs/heads/develop"] = product.refs["refs/heads/main"]
        machine.release()
        assert machine.recorder.said[-1] == "nothing to release: v1.1.0 is complete"

    def test_can_be_undone_and_says_so(self, machine: Machine) -> None:
        assert machine.release(undo=True) == {"released": "false"}
        assert machine.recorder.said == ["nothing to undo: no release is under way"]


class TestABackMergeForAPerson:
    def test_leaves_the_release_complete_and_says_8(self, product: Product, machine: Machine) -> None:
        vars(machine.outside)["builder"] = _Stubborn(machine)
        stop = stops(machine, FollowUpNeeded)
        assert stop.exit_code == 8
        assert stop.what == "v1.1.0 is released and complete, but not merged back into develop"
        assert stop.hint == "merge back-merge/v1.1.0 into develop and resolve what conflicts"
        assert "refs/heads/back-merge/v1.1.0" in product.refs
        assert KEPT not in product.refs

    def test_is_named_by_a_further_release_with_the_branch_to_merge(
        self, product: Product, machine: Machine
    ) -> None:
        vars(machine.outside)["builder"] = _Stubborn(machine)
        stops(machine, FollowUpNeeded)
        before = product.refs
        stop = stops(machine, Refused)
        assert stop.what == "v1.1.0 is released, but not merged back into develop yet"
        assert "back-merge/v1.1.0" in stop.evidence[0]
        assert (stop.hint or "").startswith("merge back-merge/v1.1.0 into develop and resolve what conflicts")
        assert product.refs == before


class _Stubborn:
    """A builder whose merges into develop always conflict."""

    def __init__(self, machine: Machine) -> None:
        self.builder = machine.outside.builder

    def make(self, *words: Any) -> Any:
        return self.builder.make(*words)

    def back_merge(self, *_: object) -> None:
        return None


class TestThroughAPullRequest:
    @pytest.fixture
    def product(self) -> Product:
        return Product(forge=True)

    @pytest.fixture
    def proposed(self, machine: Machine) -> Machine:
        assert machine.release(pull_request=True) == {"released": "false", "version": "1.1.0", "tag": "v1.1.0"}
        return machine

    def test_without_a_forge_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="--pr needs a forge"):
            Machine(Product(), tmp_path).release(pull_request=True)

    def test_waits_for_people_and_holds_the_lock(self, product: Product, proposed: Machine) -> None:
        assert proposed.recorder.said == [
            "v1.1.0 waits for its pull request; once it is merged: shipit release --resume"
        ]
        assert LOCK in product.refs
        assert "refs/tags/v1.1.0" not in product.refs

    def test_says_what_it_waits_for(self, proposed: Machine, other: Machine) -> None:
        stop = stops(other, StoppedHalfway)
        assert stop.what == "v1.1.0 is under way through a pull request"
        assert stop.hint == "shipit release --resume once it is merged, or shipit release --undo"
        stop = stops(other, StoppedHalfway, resume=True)
        assert (stop.what, stop.evidence) == ("v1.1.0 waits for its pull request", ("memory:1",))

    def test_is_finished_once_it_is_merged(self, product: Product, proposed: Machine, other: Machine) -> None:
        merged = product.merge_pull_request()
        assert other.release(resume=True)["released"] == "true"
        assert product.server.objects.peel(product.refs["refs/tags/v1.1.0"]) == merged
        assert product.server.objects.is_ancestor(merged, product.refs["refs/heads/develop"])
        assert LOCK not in product.refs

    def test_is_finished_on_the_machine_that_has_the_merge_already(
        self, product: Product, proposed: Machine
    ) -> None:
        product.merge_pull_request()
        proposed.remote.fetch("refs/heads/main")
        assert proposed.release(resume=True)["released"] == "true"

    def test_is_finished_also_when_it_is_merged_at_this_very_moment(
        self, product: Product, proposed: Machine, other: Machine
    ) -> None:
        forge = product.forge
        assert forge
        ask = forge.pull_request

        def merged_meanwhile(head: str, base: str) -> PullRequest | None:
            vars(forge).pop("pull_request", None)
            product.merge_pull_request()
            return ask(head, base)

        vars(forge)["pull_request"] = merged_meanwhile
        assert other.release(resume=True)["released"] == "true"

    def test_that_was_closed_is_refused_with_the_way_out(self, product: Product, proposed: Machine) -> None:
        assert product.forge
        product.forge.close_pull_request(1)
        stop = stops(proposed, Refused, resume=True)
        assert (stop.what, stop.hint) == ("the pull request of v1.1.0 was closed", "shipit release --undo")

    def test_that_was_never_opened_is_opened(self, product: Product, proposed: Machine, other: Machine) -> None:
        assert product.forge
        product.forge.pulls.clear()
        assert other.release(resume=True)["released"] == "false"
        assert len(product.forge.pulls) == 1

    def test_is_undone(self, product: Product, proposed: Machine, other: Machine) -> None:
        assert product.forge
        other.release(undo=True)
        assert LOCK not in product.refs
        assert "refs/heads/release/v1.1.0" not in product.refs
        assert product.forge.pulls[0][2].state == "closed"

    def test_cannot_be_undone_once_it_is_merged(self, product: Product, proposed: Machine, other: Machine) -> None:
        product.merge_pull_request()
        assert stops(other, Refused, undo=True).what == "v1.1.0 is past its point of no return"

    def test_cannot_be_finished_without_the_forge(
        self, product: Product, proposed: Machine, other: Machine
    ) -> None:
        vars(other.outside)["forge"] = None
        assert "no forge is configured" in stops(other, UsageError, resume=True).what
