"""The page that a dry run prints."""

import pytest

from shipit.engine import events
from shipit.engine.plan import Look, Problem, State, absent, conflict, done
from shipit.engine.preview import Preview
from tests.unit.output.stage import STEPS, Stage, checked, looked, terminal


def test_the_plan_has_checks_steps_and_the_point_of_no_return() -> None:
    stage = Stage(COLUMNS="110")
    stage.renderer.preview(
        Preview(title="Release acme 1.1.0", looked=looked(), checked=checked(), point_of_no_return="build")
    )
    assert stage.lines == [
        "Release acme 1.1.0",
        "",
        "✓ 2 checks passed  history, branch-rules",
        "",
        "1  ✓  done   branch  Open the release branch  release/v1.1.0 at 3f2a91c",
        "2  ●  to do  build   Build sdist and wheel",
        "",
        "point of no return " + "─" * 91,
        "before it, a failure is rolled back; after it there is only forward",
        "",
        "3  ●  to do  push    Push all at once         v1.1.0 absent",
        "",
        "2 to do, 1 done; nothing was changed",
    ]


def test_where_it_is_narrow_the_evidence_stands_below() -> None:
    stage = Stage(COLUMNS="70")
    stage.renderer.preview(Preview(title="Release", looked=looked()))
    assert stage.lines[2:7] == [
        "1  ✓  done   branch  Open the release branch",
        "                     release/v1.1.0 at 3f2a91c",
        "2  ●  to do  build   Build sdist and wheel",
        "3  ●  to do  push    Push all at once",
        "                     v1.1.0 absent",
    ]
    assert "point of no return" not in stage.text


def test_problems_and_conflicts_are_all_named_with_evidence_and_hint() -> None:
    stage = Stage(COLUMNS="110")
    stage.renderer.preview(Preview(title="Release", looked=looked(bad=True), checked=checked(bad=True)))
    assert stage.lines[2:] == [
        "✓ 1 check passed  history",
        "✗ problem  branch-rules  main takes a push",
        "    main is protected",
        "    ruleset 12 of acme/acme",
        "    hint: run `shipit release --pr`",
        "",
        "1  ✓  done      branch  Open the release branch  release/v1.1.0 at 3f2a91c",
        "2  ●  to do     build   Build sdist and wheel",
        "3  ✗  conflict  push    Push all at once",
        "                        refs/tags/v1.1.0 is 1111111",
        "                        this release wants 2222222",
        "",
        "1 to do, 1 done, 1 conflict, 1 problem: nothing starts before this is resolved",
    ]


def test_a_step_that_could_not_look_is_told_as_unknown_and_not_as_a_conflict() -> None:
    stage = Stage(COLUMNS="110")
    unknown = events.Looked("push", "Push all at once", Look(State.UNKNOWN, "origin does not answer"))
    stage.renderer.preview(Preview(title="Release", looked=(*looked()[:1], unknown)))
    assert stage.lines[2:] == [
        "1  ✓  done     branch  Open the release branch  release/v1.1.0 at 3f2a91c",
        "2  ?  unknown  push    Push all at once",
        "                       origin does not answer",
        "",
        "0 to do, 1 done, 1 unknown: nothing starts before this is resolved",
    ]


def test_a_problem_without_a_hint_ends_with_its_evidence() -> None:
    stage = Stage()
    bare = events.Checked("history", "It is", (Problem("shallow"),))
    stage.renderer.preview(Preview(title="Release", checked=(bare,), point_of_no_return="nowhere"))
    assert stage.lines[2:5] == ["✗ problem  history  It is", "    shallow", ""]


def test_a_complete_release_says_that_there_is_nothing_to_do() -> None:
    stage = Stage()
    stage.renderer.preview(Preview(title="Release", looked=(events.Looked("push", "Push", done()),)))
    assert stage.lines[-1] == "everything is there: nothing to do"


@pytest.mark.parametrize("width", [40, 80, 100, 140])
def test_the_plan_keeps_to_the_width(width: int) -> None:
    stage = terminal(width)
    looks = (
        events.Looked("branch", "Open " * 12, absent("evidence " * 30)),
        events.Looked("a-step-with-a-very-long-name-indeed", STEPS[1][1], conflict("f" * 300)),
    )
    seen = Preview(title="Release", looked=looks, checked=checked(bad=True), point_of_no_return="branch")
    stage.renderer.preview(seen)
    assert max(len(line) for line in stage.lines) <= width
    assert stage.text.count("f" * 10) >= 3
    assert "evidence evi" in stage.text
