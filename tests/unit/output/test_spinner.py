"""The lines that move."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from shipit.output.row import Layout, Row
from shipit.output.spinner import Spinner

LAYOUT = Layout.of([("backend", "Deploy the backend"), ("frontend", "Deploy the frontend")], 60)
BACKEND = Row("→", "", "1/2", "backend", "Deploy the backend")
FRONTEND = Row("→", "", "2/2", "frontend", "Deploy the frontend")


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spinner(clock: Clock) -> Iterator[Spinner]:
    spinner = Spinner(Console(width=60, file=io.StringIO()), clock)
    yield spinner
    spinner.end()


def drawn(spinner: Spinner) -> list[str]:
    console = Console(width=60, file=io.StringIO())
    with console.capture() as captured:
        console.print(spinner.picture())
    return captured.get().splitlines()


def test_it_shows_the_seconds_and_what_was_said_last(spinner: Spinner, clock: Clock) -> None:
    spinner.begin(BACKEND, LAYOUT)
    clock.now += 2.34
    spinner.say("backend", "collecting " * 20)
    spinner.say("backend", "")  # an empty line says nothing new
    first, second = drawn(spinner)
    assert first[1:] == " 1/2  backend     Deploy the backend      2.3 s"
    assert second.startswith("       collecting collecting")
    assert second.endswith("…")
    assert len(second) == 60


def test_it_shows_every_step_that_is_running_with_its_own_seconds_and_words(spinner: Spinner, clock: Clock) -> None:
    spinner.begin(BACKEND, LAYOUT)
    clock.now += 1.0
    spinner.begin(FRONTEND, LAYOUT)
    clock.now += 1.0
    spinner.say("backend", "pulling")
    spinner.say("frontend", "uploading")
    assert [line[1:].strip() for line in drawn(spinner)] == [
        "1/2  backend     Deploy the backend      2.0 s",
        "pulling",
        "2/2  frontend    Deploy the frontend     1.0 s",
        "uploading",
    ]


def test_a_step_that_has_ended_is_not_drawn_any_more_and_the_others_are(spinner: Spinner) -> None:
    spinner.begin(BACKEND, LAYOUT)
    spinner.begin(FRONTEND, LAYOUT)
    spinner.end("backend")
    spinner.say("backend", "too late")
    assert [line[7:] for line in drawn(spinner)[:1]] == ["frontend    Deploy the frontend     0.0 s"]
    spinner.end("frontend")
    assert drawn(spinner) == []


def test_all_of_them_end_at_once(spinner: Spinner) -> None:
    spinner.begin(BACKEND, LAYOUT)
    spinner.begin(FRONTEND, LAYOUT)
    spinner.end()
    assert drawn(spinner) == []
