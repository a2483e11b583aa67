"""A command reports what it does: into the journal first, then to whoever watches."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipit.engine import events
from shipit.engine.plan import Plan
from shipit.errors import ExternalError, Refused
from shipit.output.reporter import Reporter
from tests.unit.engine.pretend import Asked, Pretend
from tests.unit.output.stage import PROTECTED, Stage

PLAN = Plan(title="Release acme 1.1.0", steps=(Pretend("push"),), point_of_no_return="push")
REFUSED = Plan(title="Release", steps=(), checks=(Asked("rules", (PROTECTED,)),))
EVENT = events.RollingBack("why")


def journal(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def asking(stage: Stage, answer: bool) -> tuple[Reporter, list[str]]:
    questions: list[str] = []

    def ask(question: str) -> bool:
        questions.append(question)
        return answer

    return Reporter(stage.renderer, ask), questions


def test_without_a_journal_events_are_only_shown() -> None:
    stage = Stage()
    Reporter(stage.renderer).emit(EVENT)
    assert stage.text == "\nrolling back: why\n"


def test_events_are_written_into_the_journal_that_is_followed(tmp_path: Path) -> None:
    stage, path = Stage(), tmp_path / "journal"
    reporter = Reporter(stage.renderer)
    reporter.follow(path)
    reporter.emit(EVENT)
    assert journal(path) == [{"event": "RollingBack", "why": "why"}]
    assert "rolling back: why" in stage.text


def test_the_decision_comes_before_the_events(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    reporter = Reporter(Stage().renderer)
    reporter.decide(path, {"version": "1.1.0"})
    reporter.emit(EVENT)
    assert [line["event"] for line in journal(path)] == ["Decided", "RollingBack"]


def test_what_cannot_be_written_is_not_shown_as_done(tmp_path: Path) -> None:
    stage = Stage()
    reporter = Reporter(stage.renderer)
    (tmp_path / "file").write_text("")
    reporter.follow(tmp_path / "file" / "journal")
    with pytest.raises(ExternalError, match="the journal cannot be written"):
        reporter.emit(EVENT)
    assert stage.text == ""


def test_a_preview_shows_the_plan_and_touches_nothing() -> None:
    stage = Stage()
    Reporter(stage.renderer).preview(PLAN)
    assert stage.lines[0] == "Release acme 1.1.0"
    assert stage.lines[-1] == "1 to do, 0 done; nothing was changed"


@pytest.mark.parametrize(
    "act", [lambda reporter: reporter.preview(REFUSED), lambda reporter: reporter.confirm(REFUSED, "Release?")]
)
def test_a_plan_with_a_problem_is_shown_and_refused_before_anybody_is_asked(
    act: Callable[[Reporter], None],
) -> None:
    stage = Stage()
    reporter, questions = asking(stage, answer=True)
    with pytest.raises(Refused, match="1 problem found before anything was touched"):
        act(reporter)
    assert "main is protected" in stage.text
    assert questions == []


def test_where_nobody_is_there_nothing_is_asked_and_nothing_shown() -> None:
    stage = Stage()
    Reporter(stage.renderer).confirm(PLAN, "Release v1.1.0?")
    assert stage.text == ""


def test_who_is_asked_has_seen_the_plan() -> None:
    stage = Stage()
    reporter, questions = asking(stage, answer=True)
    reporter.confirm(PLAN, "Release v1.1.0?")
    assert "Release acme 1.1.0" in stage.text
    assert questions == ["Release v1.1.0?"]


def test_the_answer_no_refuses_and_nothing_was_touched() -> None:
    reporter, _ = asking(Stage(), answer=False)
    with pytest.raises(Refused, match="the answer was no") as caught:
        reporter.confirm(PLAN, "Release v1.1.0?")
    assert caught.value.evidence == ("nothing was touched",)


def test_a_result_is_shown_as_it_is() -> None:
    stage = Stage()
    Reporter(stage.renderer).say("v1.1.0 is released and complete")
    assert stage.text == "v1.1.0 is released and complete\n"
