"""What is asked before anything is touched."""

from functools import partial

import pytest

from shipit.engine import events
from shipit.engine.plan import Look, Plan, Problem, Say, State, Together, absent
from shipit.engine.preview import Contents, page, preview, refuse
from shipit.errors import Denied, Interrupted, LostRace, Refused, Signalled, Stop, Unavailable
from tests.unit.engine.pretend import Asked, Stage, full, lock, push, upload, whole

REMARK = Problem("main is not protected", "acme/acme", "protect it", is_warning=True)


class TestPreview:
    def test_names_every_problem_together(self) -> None:
        stage = Stage(
            lock(),
            push(state=State.CONFLICT),
            checks=[
                Asked("tips", (Problem("main is behind", "here 1, remote 2", "git pull"),)),
                Asked("rights", Denied("no token", evidence=["401"], hint="set GITHUB_TOKEN")),
                Asked("index"),
            ],
        )
        seen = preview(stage.plan)
        assert [problem.what for problem in seen.problems] == [
            "main is behind",
            "no token",
            "push: conflict",
        ]
        assert seen.problems[1] == Problem("no token", "401", "set GITHUB_TOKEN")

    def test_of_what_another_run_has_made_meanwhile_ends_in_a_lost_race(self) -> None:
        stage = Stage(push(state=State.CONFLICT))
        for said, kind in (("another run was faster", LostRace), ("", Refused)):
            with pytest.raises(kind) as caught:
                refuse(preview(stage.plan), partial(str, said))
            assert caught.value.evidence == ("push: conflict", "  push is conflict")
            assert caught.value.what == said or not said

    def test_takes_an_error_of_one_look_as_a_problem_among_others(self) -> None:
        stage = Stage(lock(looks=[Unavailable("no answer", evidence=["timed out"])]), push(state=State.CONFLICT))
        seen = preview(stage.plan)
        assert [(problem.what, problem.evidence) for problem in seen.problems] == [
            ("lock: cannot be looked at", "no answer; timed out"),
            ("push: conflict", "push is conflict"),
        ]
        assert [one.look.state for one in seen.looked] == [State.UNKNOWN, State.CONFLICT]

    def test_runs_nothing(self) -> None:
        stage = whole()
        preview(stage.plan, stage.emit)
        assert stage.log == []
        assert stage.kinds == [f"Looked {step.name}" for step in stage.steps]

    def test_finds_nothing_to_object_to_in_a_good_plan(self) -> None:
        stage = whole()
        seen = preview(stage.plan)
        refuse(seen)
        assert seen.problems == ()

    def test_lists_steps_that_run_side_by_side_like_all_others(self) -> None:
        stage = Stage(Together((lock(), upload(state=State.CONFLICT))), push())
        seen = preview(stage.plan)
        assert [one.name for one in seen.looked] == ["lock", "upload", "push"]
        assert [problem.what for problem in seen.problems] == ["upload: conflict"]

    def test_has_the_title_the_point_of_no_return_and_the_hint_of_its_plan(self) -> None:
        seen = preview(whole().plan)
        assert (seen.title, seen.point_of_no_return) == ("Release acme 1.1.0", "push")
        assert seen.again == "fix that, then run the same command again"


class TestWarnings:
    def test_do_not_refuse_and_are_emitted_after_their_check(self) -> None:
        stage = Stage(push(), checks=[Asked("rules", (REMARK,)), Asked("tips")])
        stage.run()
        assert stage.log == ["run push"]
        assert stage.kinds[1:4] == ["Checked rules", "Warned rules", "Checked tips"]
        assert events.Warned("rules", REMARK) in stage.seen

    def test_are_no_problems_of_the_preview_but_stand_in_it(self) -> None:
        stage = Stage(push(), checks=[Asked("rules", (REMARK, Problem("main is behind")))])
        seen = preview(stage.plan)
        assert [problem.what for problem in seen.problems] == ["main is behind"]
        assert seen.checked[0].problems == (REMARK, Problem("main is behind"))
        assert seen.checked[0].objections == (Problem("main is behind"),)

    def test_are_not_among_the_reasons_of_a_refusal(self) -> None:
        stop = Stage(push(), checks=[Asked("rules", (REMARK, Problem("main is behind")))]).fails(Refused)
        assert stop.what == "Release acme 1.1.0: 1 problem found before anything was touched"
        assert stop.evidence == ("main is behind",)
        assert stop.hint == "fix that, then run the same command again"


class TestRefusal:
    def test_nothing_runs_when_a_conflict_is_there(self) -> None:
        stage = whole(upload=upload(state=State.CONFLICT))
        stop = stage.fails(Refused)
        assert stage.log == []
        assert stop.exit_code == 4
        assert stop.what == "Release acme 1.1.0: 1 problem found before anything was touched"
        assert stop.evidence == ("upload: conflict", "  upload is conflict")
        assert stop.hint
        assert stage.end == ("refused", 4)

    def test_nothing_runs_when_a_check_has_problems_and_each_hint_stands_there_once(self) -> None:
        two = [Asked(name, (Problem(f"{name} says no", "a\nb", "do this"),)) for name in ("one", "two")]
        stop = Stage(push(), checks=two).fails(Refused)
        assert "2 problems found" in stop.what
        assert stop.evidence == ("one says no", "  a", "  b", "two says no", "  a", "  b")
        assert stop.hint == "do this"

    def test_a_signal_while_it_only_looks_says_130_and_that_nothing_was_touched(self) -> None:
        def interrupt(event: events.Event) -> None:
            if isinstance(event, events.Looked):
                raise Signalled("SIGINT")

        stage = whole()
        stage.listeners.append(interrupt)
        stop = stage.fails(Interrupted)
        assert (stop.exit_code, stop.evidence) == (130, ("nothing was touched",))
        assert stop.what == "pre-flight: interrupted by SIGINT"
        assert stage.log == []
        assert stage.end == ("interrupted", 130)

    def test_a_bug_in_a_check_is_called_a_bug_and_nothing_was_touched(self) -> None:
        stage = Stage(push(), checks=[Asked("tips", ZeroDivisionError("by zero"))])
        stop = stage.fails(Stop)
        assert stop.what == "pre-flight: a bug in shipit: ZeroDivisionError: by zero"
        assert stop.evidence[-1] == "nothing was touched"
        assert stage.log == []
        assert stage.end == ("bug", 1)

    def test_a_plan_that_only_goes_forward_can_be_refused_before_its_first_step(self) -> None:
        stage = Stage(push(), no_return=None)
        stage.listeners.append(full(events.Looked))
        stop = stage.fails(Refused)
        assert stop.what == "pre-flight: the journal cannot be written: No space left on device"
        assert stop.evidence == ("nothing was touched",)
        assert stage.log == []


class _Run:
    """A step that runs a command, or cannot say which."""

    name = summary = "run"

    def __init__(self, *argv: str, trouble: Stop | None = None) -> None:
        self._argv, self._trouble = argv, trouble

    def argv(self) -> tuple[str, ...]:
        if self._trouble:
            raise self._trouble
        return self._argv

    def look(self) -> Look:
        return absent()

    def run(self, say: Say) -> None:
        raise AssertionError("it ran")


class TestThePage:
    def test_has_the_command_of_each_step_that_runs_one_and_what_the_plan_is_about(self) -> None:
        contents = Contents(notes="- new\n", diffs=())
        steps = (_Run("git", "push"), Together((_Run("make"), lock())), _Run(trouble=Denied("no login")))
        seen = page(Plan(title="Release", steps=steps), contents)
        assert [one.argv for one in seen.looked] == [("git", "push"), ("make",), (), ()]
        assert seen.contents == contents

    def test_is_otherwise_what_the_preview_is(self) -> None:
        plan = whole().plan
        assert page(plan) == preview(plan)
