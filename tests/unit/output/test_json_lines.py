"""One JSON object per line, for programs."""

import json
from typing import Any

from shipit.engine.preview import Preview
from shipit.errors import Refused
from tests.unit.output.stage import Stage, checked, failure, looked, success


def parsed(stage: Stage) -> list[dict[str, Any]]:
    stage.renderer.close()
    return [json.loads(line) for line in stage.stdout.getvalue().splitlines()]


def test_each_event_is_one_object_and_the_last_one_is_the_outcome() -> None:
    stage = Stage(json=True).show(*success())
    stage.renderer.summary("v1.1.0 is out")
    stage.renderer.outputs({"version": "1.1.0"})
    lines = parsed(stage)
    assert [one["event"] for one in lines] == [
        *("run-started", "checked", "checked", "looked", "looked", "looked", "step-skipped"),
        *("step-started", "said", "step-done", "point-of-no-return-passed", "step-started", "step-done"),
        *("run-finished", "summary", "outcome"),
    ]
    assert lines[0]["steps"][0] == {"name": "branch", "summary": "Open the release branch"}
    assert lines[6]["look"] == {"state": "done", "evidence": "release/v1.1.0 at 3f2a91c"}
    assert lines[-1] == {
        "event": "outcome",
        "outcome": "complete",
        "exit_code": 0,
        "outputs": {"version": "1.1.0"},
    }
    assert stage.raw == ""


def test_an_error_has_what_where_evidence_hint_and_exit_code() -> None:
    stage = Stage(json=True)
    stage.renderer.error(Refused("no", where="step tag", evidence=["é", "b"], hint="do"))
    error, outcome = parsed(stage)
    assert error == {
        "event": "error",
        "level": "error",
        "title": "refused",
        "what": "no",
        "where": "step tag",
        "evidence": ["é", "b"],
        "hint": "do",
        "exit_code": 4,
    }
    assert outcome == {"event": "outcome", "outcome": "refused", "exit_code": 4, "outputs": {}}
    assert stage.stdout.getvalue().isascii()


def test_a_failed_run_ends_with_its_exit_code() -> None:
    assert parsed(Stage(json=True).show(*failure()))[-1]["exit_code"] == 7


def test_a_plan_is_one_object() -> None:
    stage = Stage(json=True)
    stage.renderer.preview(
        Preview(title="Release", looked=looked(bad=True), checked=checked(bad=True), point_of_no_return="build")
    )
    plan = parsed(stage)[0]
    assert plan["event"] == "preview"
    assert plan["point_of_no_return"] == "build"
    assert [one["look"]["state"] for one in plan["looked"]] == ["done", "absent", "conflict"]
    assert plan["checked"][1]["problems"][0]["hint"] == "run `shipit release --pr`"


def test_on_github_programs_read_stdout_and_the_runner_reads_stderr() -> None:
    stage = Stage(json=True, GITHUB_ACTIONS="true").show(*success())
    assert parsed(stage)[-1]["outcome"] == "complete"
    assert "::group::build" in stage.raw
