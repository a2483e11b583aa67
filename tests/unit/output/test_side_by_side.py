"""Steps that run at the same time: whose line is whose can be seen in every output."""

import json
import re
from pathlib import Path

from shipit.engine import events
from shipit.engine.plan import done
from tests.unit.output.stage import Stage, side_by_side, terminal


def test_in_a_pipe_the_step_that_failed_is_followed_by_its_own_lines() -> None:
    stage = Stage().show(*side_by_side())
    assert stage.lines == [
        "Deploy",
        "",
        "→ 1/2  backend     Deploy the backend",
        "→ 2/2  frontend    Deploy the frontend",
        "✗ 2/2  frontend    Deploy the frontend    failed  no (after 1.0 s)",
        "    │ uploading",
        "    │ 403",
        "✓ 1/2  backend     Deploy the backend      3.0 s  2 of 2",
        "",
        "rolling back: frontend: no",
        "↶      backend     Deploy the backend     undone  after 0.5 s",
        "",
        "rolled back after 4.0 s (exit code 7)",
    ]


def test_verbose_names_the_step_of_a_line_as_long_as_there_are_several() -> None:
    stage = Stage(verbose=True).show(*side_by_side())
    assert [line for line in stage.lines if "│" in line] == [
        "    │ pulling",
        "    │ frontend: uploading",
        "    │ backend: starting",
        "    │ frontend: 403",
        "    │ healthy",
        "    │ stopping",
    ]


def test_a_step_keeps_its_last_lines_however_much_another_one_says() -> None:
    stage = Stage().show(
        events.StepStarted("backend", "Deploy", 1, 2),
        events.StepStarted("frontend", "Deploy", 2, 2),
        events.Said("frontend", "403"),
        *(events.Said("backend", f"line {number}") for number in range(100)),
        events.StepFailed("frontend", "Deploy", "no", 1.0),
    )
    assert stage.lines[-1] == "    │ 403"


def test_a_terminal_gets_one_lasting_line_for_each() -> None:
    stage = terminal().show(*side_by_side())
    stage.renderer.close()
    assert re.findall(r"[✓✗↶] +(?:\S/2  )?\w+ ", stage.text) == [
        "✗ 2/2  frontend ",
        "✓ 1/2  backend ",
        "↶      backend ",
    ]
    assert stage.raw.count("\x1b[?25l") == stage.raw.count("\x1b[?25h") > 0  # the cursor comes back


def test_on_github_each_has_a_group_of_its_own_lines() -> None:
    stage = Stage(GITHUB_ACTIONS="true").show(*side_by_side())
    text = re.sub("[0-9a-f]{32}", "TOKEN", stage.raw)
    assert text.splitlines()[4:] == [
        "::endgroup::",
        "::group::backend — Deploy the backend",
        "::stop-commands::TOKEN",
        "pulling",
        "::TOKEN::",
        "::endgroup::",
        "::group::frontend — Deploy the frontend",
        "::stop-commands::TOKEN",
        "uploading",
        "403",
        "::TOKEN::",
        "::endgroup::",
        "✗ frontend failed after 1.0 s: no",
        "::group::backend — Deploy the backend",
        "::stop-commands::TOKEN",
        "starting",
        "healthy",
        "::TOKEN::",
        "::endgroup::",
        "✓ backend done in 3.0 s  2 of 2",
        "rolling back: frontend: no",
        "stopping",
        "↶ backend undone in 0.5 s — Deploy the backend",
        "rolled back after 4.0 s (exit code 7)",
    ]


def test_the_bars_of_the_step_summary_overlap(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    stage = Stage(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(path)).show(
        events.StepStarted("build", "Build", 1, 3),
        events.StepDone("build", "Build", done(), 1.5, 1, 3),
        *side_by_side(),
    )
    stage.renderer.close()
    assert [line.strip() for line in path.read_text("utf-8").splitlines() if "ms" in line] == [
        "build 1.5 s :done, 0, 1500ms",
        "frontend 1.0 s :crit, 1500, 1000ms",
        "backend 3.0 s :done, 1500, 3000ms",
        "backend 0.5 s :active, 4500, 500ms",
    ]


def test_for_programs_each_line_has_the_name_of_its_step() -> None:
    lines = [json.loads(line) for line in Stage(json=True).show(*side_by_side()).stdout.getvalue().splitlines()]
    assert [(line["name"], line["line"]) for line in lines if line["event"] == "said"][:3] == [
        ("backend", "pulling"),
        ("frontend", "uploading"),
        ("backend", "starting"),
    ]
