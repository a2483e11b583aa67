"""All text is cleaned and masked on its way out."""

import errno
from collections.abc import Iterator

import pytest

from shipit import masking
from shipit.engine import events
from shipit.engine.plan import Problem, State, absent, conflict
from shipit.engine.preview import Preview
from shipit.errors import Refused
from shipit.output import KEPT, Renderer
from shipit.output.json_lines import JsonLines
from shipit.output.text import SafeStream, clean, clean_text, count, duration
from tests.unit.output.stage import Stage, Stream, terminal

SECRET = "s3cr3t/with+signs&more"


@pytest.fixture(autouse=True)
def one_secret() -> Iterator[None]:
    masking.forget_all()
    masking.register(SECRET)
    yield
    masking.forget_all()


@pytest.mark.parametrize("stage", [Stage(), terminal(60), Stage(json=True), Stage(GITHUB_ACTIONS="true")])
def test_no_output_shows_a_secret(stage: Stage) -> None:
    cut = SECRET[:4] + "\x1b[31m" + SECRET[4:]  # an escape sequence in its middle
    problem = Problem(SECRET, f"at {SECRET}", SECRET)
    looked = events.Looked("push", f"Push {SECRET}", conflict(f"{'x' * 30} {SECRET}"))
    checked = events.Checked("token", SECRET, (problem,))
    stage.show(
        events.RunStarted(SECRET, (("push", SECRET),), None),
        checked,
        events.Warned("token", problem),
        looked,
        events.StepStarted("push", SECRET, 1, 1),
        events.Said("push", cut),
        events.StepFailed("push", SECRET, cut, 1.0),
        events.RunFinished("rolled back", 7, 1.0),
    )
    stage.renderer.preview(Preview(title=SECRET, looked=(looked,), checked=(checked,)))
    stage.renderer.summary(SECRET)
    stage.renderer.outputs({"notes": SECRET})
    stage.renderer.error(Refused(SECRET, where=SECRET, evidence=[cut], hint=SECRET))
    stage.renderer.close()
    shown = stage.stdout.getvalue() + stage.text
    shown = "\n".join(line for line in shown.splitlines() if not line.startswith("::add-mask::"))
    assert "***" in shown
    assert not [form for form in masking.known_forms() if form in shown]
    assert SECRET[:8] not in shown


def test_control_characters_do_not_get_through() -> None:
    assert clean_text("a\x1b[2Jb\x07c\x1b]0;title\x07d\u202ee\x9bf") == "abcdef"
    assert clean_text("10 %\r20 %\r\nnext\tend") == "10 %\n20 %\nnext    end"
    assert clean_text("lone \udcff surrogate") == "lone ? surrogate"


@pytest.mark.parametrize(("listens", "shown"), [(True, 25), (False, KEPT)])
def test_where_no_output_listens_only_the_last_lines_come_before_the_next_event(listens: bool, shown: int) -> None:
    output = Remembering(listens)
    renderer = Renderer(output)
    for number in range(25):
        renderer(events.Said("apply", f"line {number}"))
    assert len(output.events) == (shown if listens else 0)
    renderer(events.RollingBack("why"))
    lines = [event.line for event in output.events if isinstance(event, events.Said)]
    assert lines == [f"line {number}" for number in range(25 - shown, 25)]
    assert output.events[-1] == events.RollingBack("why")


class Remembering(JsonLines):
    """Remembers the events."""

    def __init__(self, listens: bool) -> None:
        super().__init__(Stream())
        self.listens = listens
        self.events: list[events.Event] = []

    def event(self, event: events.Event) -> None:
        self.events.append(event)


def test_states_and_numbers_pass_as_they_are() -> None:
    event = events.StepDone("push", "Push", absent("\x07"), 1.5, 1, 2)
    assert clean(event) == events.StepDone("push", "Push", absent(), 1.5, 1, 2)
    assert clean(event).look.state is State.ABSENT
    assert clean(Problem) is Problem


def test_tables_and_lists_are_cleaned_as_deep_as_they_are() -> None:
    found = {"version\x07": None, "drift": [f"a\x1b[2J {SECRET}"], "images": {"web": "\u202ex"}, "at": 1}
    assert clean(found) == {"version": None, "drift": ["a ***"], "images": {"web": "x"}, "at": 1}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (99.9, "99.9 s"), (99.96, "1 min 40 s"), (3599.2, "59 min 59 s"), (3725, "1 h 02 min")],
)
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_one_is_not_several() -> None:
    assert (count(1, "check"), count(2, "check")) == ("1 check", "2 checks")


class Gone(Stream):
    """The reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, "gone")

    def flush(self) -> None:
        raise BrokenPipeError(errno.EPIPE, "gone")

    def fileno(self) -> int:
        return 7


def test_a_run_goes_on_when_nobody_reads_any_more() -> None:
    safe_stream = SafeStream(Gone())
    assert safe_stream.write("text") == 4
    safe_stream.flush()
    assert safe_stream.fileno() == 7


def test_a_stream_that_does_not_know_its_encoding_is_taken_for_utf_8() -> None:
    assert SafeStream(Gone("")).encoding == "utf-8"
