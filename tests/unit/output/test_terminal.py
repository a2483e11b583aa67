"""What people see during a run, in a pipe and on a terminal."""

import pytest

from shipit.engine import events
from shipit.engine.plan import absent, conflict, done
from shipit.errors import FollowUpNeeded, NothingToDo, Refused
from shipit.output import KEPT
from tests.unit.output.stage import STEPS, WHEEL, Stage, Stream, checked, failure, started, success, terminal


def test_a_pipe_gets_plain_lines_without_control_codes() -> None:
    stage = Stage().show(*success())
    assert "\x1b" not in stage.raw
    assert stage.lines == [
        "Release acme 1.1.0",
        "",
        "✓      pre-flight  2 checks, 1 of 3 steps done already",
        "✓ 1/3  branch      Open the release branch   already  release/v1.1.0 at 3f2a91c",
        "→ 2/3  build       Build sdist and wheel",
        f"✓ 2/3  build       Build sdist and wheel       2.1 s  {WHEEL}",
        "point of no return " + "─" * 81,
        "→ 3/3  push        Push all at once",
        "✓ 3/3  push        Push all at once            0.5 s",
        "",
        "complete after 2.7 s",
    ]


def test_a_terminal_gets_one_lasting_line_per_step() -> None:
    stage = terminal().show(*success())
    stage.renderer.close()
    assert stage.text.count(f"✓ 2/3  build       Build sdist and wheel       2.1 s  {WHEEL}") == 1
    assert "→ 2/3" not in stage.text
    assert stage.raw.count("\x1b[?25l") == stage.raw.count("\x1b[?25h") > 0  # the cursor comes back


@pytest.mark.parametrize("width", [30, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    stage = terminal(width).show(
        started(),
        events.StepDone("build", "Build " * 30, done("evidence " * 40), 1.0, 2, 3),
        events.StepFailed("a-name-that-is-longer-than-a-column", "Push", "said no " * 20, 1.0),
    )
    rows = [line for line in stage.lines if "…" in line and "pre-flight" not in line]
    assert len(rows) == 2
    assert all(len(line) <= width for line in rows)


def test_a_dumb_terminal_gets_what_a_pipe_gets() -> None:
    stage = Stage(Stream(terminal=True), TERM="dumb", COLUMNS="100").show(*success())
    assert stage.raw == Stage(COLUMNS="80").show(*success()).raw


def test_no_color_leaves_words_and_marks_and_no_colour() -> None:
    stage = terminal(NO_COLOR="1").show(*success())
    assert "✓ 1/3" in stage.text
    assert "\x1b[32m" not in stage.raw
    assert "\x1b[32m" in terminal().show(*success()).raw


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_locale_without_the_marks_gets_ascii(encoding: str) -> None:
    stage = Stage(Stream(encoding)).show(*success(), events.Said("x", "never seen"), *failure())
    assert stage.raw.isascii()
    assert "+ 1/3  branch" in stage.text
    assert "x 2/3  build" in stage.text


def test_a_failed_step_shows_the_last_things_it_said() -> None:
    stage = Stage().show(*failure())
    quoted = [line for line in stage.lines if "│" in line]
    assert quoted == [f"    │ line {number}" for number in range(25 - KEPT, 25)]
    assert "✗ 2/3  build       Build sdist and wheel      failed  hatchling answered 1 (after 1.4 s)" in stage.lines
    assert stage.lines[-5:] == [
        "",
        "rolling back: hatchling answered 1",
        "↶      branch      Open the release branch    undone  after 0.1 s",
        "",
        "rolled back after 3.1 s (exit code 7)",
    ]


def test_verbose_shows_each_line_once() -> None:
    stage = Stage(verbose=True).show(*failure())
    assert [line for line in stage.lines if "│" in line] == [f"    │ line {number}" for number in range(25)]


def test_what_preflight_found_stands_in_full_before_anything_else() -> None:
    stage = Stage().show(
        started(),
        *checked(bad=True),
        events.Looked("build", STEPS[1][1], absent()),
        events.Looked("push", STEPS[2][1], conflict("v1.1.0 is 1111111")),
        events.RunFinished("refused", 4, 0.3),
    )
    assert stage.lines[2:] == [
        "✗      pre-flight  2 checks, 0 of 2 steps done already",
        "  ✗ problem  branch-rules  main takes a push",
        "      main is protected",
        "      ruleset 12 of acme/acme",
        "      hint: run `shipit release --pr`",
        "  ✗ conflict  push  Push all at once",
        "      v1.1.0 is 1111111",
        "",
        "refused after 0.3 s (exit code 4)",
    ]


def test_a_run_that_only_looks_or_only_checks_counts_what_was_asked() -> None:
    only_looked = Stage().show(events.Looked("push", "Push", done()), events.RunFinished("complete", 0, 1))
    only_checked = Stage().show(*checked(), events.RunFinished("complete", 0, 1))
    assert only_looked.lines[0] == "✓      pre-flight  1 of 1 step done already"
    assert only_checked.lines[0] == "✓      pre-flight  2 checks"


def test_an_error_says_what_where_the_evidence_and_after_a_blank_line_the_hint() -> None:
    stage = Stage()
    stage.renderer.error(
        Refused("v1.1.0 exists", where="step tag", evidence=["it is 1111111\nnot 2222222"], hint="shipit verify")
    )
    assert stage.text == (
        "\nerror: v1.1.0 exists\n  where: step tag\n  it is 1111111\n  not 2222222\n\nhint: shipit verify\n"
    )


def test_not_every_stop_is_an_error() -> None:
    stage = Stage()
    stage.renderer.error(NothingToDo("no commit asks for a release"))
    stage.renderer.error(FollowUpNeeded("develop needs a merge"))
    assert stage.text == "\nnotice: no commit asks for a release\n\nwarning: develop needs a merge\n"


def test_long_addresses_are_not_broken() -> None:
    stage = Stage()
    address = "https://example.org/" + "a" * 300
    stage.renderer.summary(address)
    stage.renderer.outputs({"version": "1.1.0"})
    assert stage.text == address + "\n"


def test_nothing_in_a_text_is_taken_for_markup() -> None:
    stage = Stage()
    stage.renderer.summary("[bold]no[/bold] :smile:")
    assert stage.text == "[bold]no[/bold] :smile:\n"
