"""What is allowed and must be seen is shown by every output."""

import json
from pathlib import Path

from shipit.engine import events
from shipit.engine.plan import Problem, absent
from shipit.engine.preview import Preview
from tests.unit.output.stage import OPEN, STEPS, Stage, started, terminal, warned

SEEN = Preview(title="Release", checked=(events.Checked("branch-rules", "main takes a push", (OPEN,)),))


def shown(stage: Stage) -> Stage:
    """A run with a warning, as far as its first step."""
    look = events.Looked("build", STEPS[1][1], absent())
    return stage.show(started(), *warned(), look, events.StepStarted("build", STEPS[1][1], 2, 3))


def test_in_a_pipe_it_stands_below_the_preflight() -> None:
    assert shown(Stage()).lines[2:] == [
        "✓      pre-flight  1 check, 0 of 1 step done already",
        "  ! warning  branch-rules  main is not protected",
        "      anybody may push to it",
        "      hint: shipit verify protection",
        "→ 2/3  build       Build sdist and wheel",
    ]


def test_it_stands_there_once() -> None:
    stage = shown(Stage()).show(events.RunFinished("complete", 0, 1.0))
    assert stage.text.count("! warning") == 1


def test_on_a_terminal_it_stands_there_too() -> None:
    stage = shown(terminal())
    stage.renderer.close()
    assert "  ! warning  branch-rules  main is not protected" in stage.lines
    assert "\x1b[1;33m! warning" in stage.raw


def test_on_github_it_is_an_annotation_and_the_group_goes_on() -> None:
    lines = shown(Stage(GITHUB_ACTIONS="true")).lines
    at = lines.index(
        "::warning title=shipit%3A branch-rules::main is not protected%0Aanybody may push to it%0A"
        "hint: shipit verify protection"
    )
    assert lines[1] == "::group::pre-flight"
    assert lines[at - 1].startswith("::")  # commands are on again
    assert lines[at + 1].startswith("::stop-commands::")
    assert lines[at + 2] == "● to do  build — Build sdist and wheel"


def test_on_github_outside_of_a_group_no_command_is_stopped() -> None:
    stage = Stage(GITHUB_ACTIONS="true").show(*warned())
    assert len(stage.lines) == 2
    assert stage.lines[1].startswith("::warning title=shipit%3A branch-rules::main is not protected")


def test_the_step_summary_calls_it_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = shown(Stage(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(path)))
    stage.renderer.close()
    assert "<pre>warning: branch-rules:\nmain is not protected\n" in path.read_text("utf-8")


def test_for_programs_it_is_an_event_of_its_own() -> None:
    lines = [json.loads(line) for line in shown(Stage(json=True)).stdout.getvalue().splitlines()]
    assert lines[2] == {
        "event": "warned",
        "name": "branch-rules",
        "problem": {
            "what": "main is not protected",
            "evidence": "anybody may push to it",
            "hint": "shipit verify protection",
            "is_warning": True,
        },
    }


def test_the_page_of_a_dry_run_shows_it_and_counts_its_check_as_passed() -> None:
    stage = Stage()
    stage.renderer.preview(SEEN)
    assert stage.lines[2:7] == [
        "✓ 1 check passed  branch-rules",
        "! warning  branch-rules  main is not protected",
        "    anybody may push to it",
        "    hint: shipit verify protection",
        "",
    ]
    assert "nothing starts" not in stage.text


def test_the_page_shows_it_beside_what_stops_the_run() -> None:
    stage = Stage()
    check = events.Checked("branch-rules", "main takes a push", (OPEN, Problem("no token")))
    stage.renderer.preview(Preview(title="Release", checked=(check,)))
    assert [line.strip() for line in stage.lines[2:5]] == [
        "✗ problem  branch-rules  main takes a push",
        "no token",
        "! warning  branch-rules  main is not protected",
    ]
    assert stage.lines[-1] == "0 to do, 0 done, 1 problem: nothing starts before this is resolved"


def test_a_dry_run_on_github_annotates_it() -> None:
    stage = Stage(GITHUB_ACTIONS="true")
    check = events.Checked("branch-rules", "main takes a push", (OPEN, Problem("no token")))
    stage.renderer.preview(Preview(title="Release", checked=(check,)))
    [annotation] = [line for line in stage.lines if line.startswith("::warning")]
    assert annotation.startswith("::warning title=shipit%3A branch-rules::main is not protected%0Aanybody may push")
