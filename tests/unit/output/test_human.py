"""The choice between plain lines and a terminal, with as little to load as possible."""

import io
import sys
from collections.abc import Iterator

import pytest

from shipit.engine import events
from shipit.engine.plan import done
from shipit.engine.preview import Preview
from shipit.output.human import HumanOutput
from shipit.output.problem import Report
from shipit.output.terminal import TerminalOutput
from tests.unit.output.stage import checked, failure, looked, started, success


def test_a_sentence_is_written_as_it_is_and_loads_no_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shipit.output.terminal", None)  # to import it now would fail
    stream = io.StringIO()
    human = HumanOutput(stream, {})
    human.summary("nothing to migrate: staging is at 0008 …")
    human.outputs({"migrated": "false"})
    human.close()
    assert stream.getvalue() == "nothing to migrate: staging is at 0008 …\n"


def test_a_sentence_looks_the_same_after_the_terminal_was_needed() -> None:
    stream = io.StringIO()
    human = HumanOutput(stream, {})
    human.summary("before [bold] and a long line " + "x" * 200)
    human.event(events.RunFinished("complete", 0, 1.0))
    before = stream.getvalue().splitlines()[0]
    human.summary("before [bold] and a long line " + "x" * 200)
    human.close()
    assert stream.getvalue().splitlines()[-1] == before


def test_a_run_in_a_pipe_loads_no_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shipit.output.terminal", None)
    human = HumanOutput(stream := io.StringIO(), {})
    for event in [*success(), *failure()]:
        human.event(event)
    human.close()
    assert "complete after" in stream.getvalue()


@pytest.mark.parametrize("verbose", [False, True])
def test_a_pipe_gets_what_a_terminal_without_colours_would_draw(verbose: bool) -> None:
    """Rich's own way of drawing is the measure; it takes a tenth of a second to load."""
    report = Report("error", "refused", "no", "here", ("evidence",), "do this", 4)
    plain, drawn = io.StringIO(), io.StringIO()
    for output in (HumanOutput(plain, {}, verbose=verbose), TerminalOutput(drawn, {}, verbose=verbose)):
        for event in [*success(), *failure(), *refused()]:
            output.event(event)
        output.summary("the end [bold] of it")
        output.error(report)
        output.close()
    assert plain.getvalue() == drawn.getvalue()


def refused() -> Iterator[events.Event]:
    """Objections, and letters that take two columns."""
    yield started()
    yield from checked(bad=True)
    yield from looked(bad=True)
    yield events.StepDone("枝", "枝を切る", done("松 " * 60), 725.0, 1, 3)
    yield events.RunFinished("refused", 4, 0.1)


def test_a_preview_is_drawn_in_a_pipe_too() -> None:
    human = HumanOutput(stream := io.StringIO(), {})
    human.event(events.RunFinished("complete", 0, 1.0))
    human.preview(Preview(title="A plan"))
    assert stream.getvalue().splitlines()[2] == "A plan"


@pytest.mark.parametrize("name", ["COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"])
def test_who_asks_for_more_gets_the_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shipit.output.plain_output", None)
    human = HumanOutput(stream := io.StringIO(), {name: "1" if name != "COLUMNS" else "70"})
    human.event(events.PointOfNoReturnPassed("push"))
    assert "point of no return" in stream.getvalue()


def test_a_stream_that_knows_ascii_only_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    HumanOutput(stream, {}).summary("✓ done")
    assert raw.getvalue() == b"+ done\n"
