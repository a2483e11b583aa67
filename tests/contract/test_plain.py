"""The plain forms of light commands answer what the command line answers, word for word, and nothing else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shipit.cli import main, startup
from shipit.errors import Signalled
from shipit.repository import answers
from shipit.signals import ENDING
from tests.support.light import Clone

FORMS = sorted(startup.ANSWERS)
Streams = tuple[int, str, str]


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    made = Clone(tmp_path / "tool")
    monkeypatch.chdir(made.top)
    return made


class Command:
    """Runs one of the two doors in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, door: object, *argv: str) -> Streams:
        self.monkeypatch.setattr(sys, "argv", ["shipit", *argv])
        code = 0
        try:
            door()  # type: ignore[operator]
        except SystemExit as end:
            code = int(end.code or 0)
        told = self.capsys.readouterr()
        return code, told.out, told.err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def refuse() -> None:
    raise AssertionError("the command line was asked")


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("subject", ["feat: more", "chore: tidy"])
def test_a_plain_form_says_what_the_command_line_says(
    clone: Clone, command: Command, form: tuple[str, ...], subject: str
) -> None:
    clone.change(subject)
    asked = command(main.main, *form)
    command.monkeypatch.setattr(main, "main", refuse)
    assert command(startup.main, *form) == asked
    assert asked[0] == 0
    assert asked[1] or asked[2]


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_what_goes_wrong_is_told_by_the_command_line(
    tmp_path: Path, command: Command, form: tuple[str, ...]
) -> None:
    command.monkeypatch.chdir(tmp_path)
    code, out, err = command(startup.main, *form)
    assert (code, out) == (2, "")
    assert "not a git repository" in err


def test_every_other_form_is_the_command_lines(clone: Clone, command: Command) -> None:
    command.monkeypatch.setattr(answers, "plain_upcoming", refuse)
    code, out, _ = command(startup.main, "version", "--next", "--json")
    assert code == 0
    assert out.startswith("{")


def test_a_signal_ends_it_with_130(clone: Clone, command: Command) -> None:
    def interrupted() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal was not heard")

    command.monkeypatch.setattr(answers, "plain_upcoming", interrupted)
    code, _, err = command(startup.main, "version", "--next")
    assert code == 130
    assert "interrupted by SIGTERM" in err


def test_a_second_signal_does_not_interrupt_the_first() -> None:
    from shipit import signals

    signals.listen()
    with pytest.raises(Signalled, match="SIGHUP"):
        os.kill(os.getpid(), signal.SIGHUP)
    assert [signal.getsignal(number) for number in ENDING] == [signal.SIG_IGN] * 3


def test_a_reader_who_has_heard_enough_is_no_error(clone: Clone, command: Command) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        command.monkeypatch.setattr(sys, "stdout", closed)
        command.monkeypatch.setattr(sys, "argv", ["shipit", "changelog", "--all"])
        startup.main()
        closed.write("what comes later goes nowhere")


def test_a_closed_pipe_leaves_no_word_on_stderr(clone: Clone) -> None:
    line = f"set -o pipefail; '{sys.executable}' -m shipit changelog --all | true"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_process_ends_as_soon_as_all_is_told(
    clone: Clone, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    ended: list[int] = []
    command.monkeypatch.setattr(os, "_exit", ended.append)
    command(startup.main, "version")
    assert ended == []  # somebody listens who goes on
    command.monkeypatch.setattr(sys, "__stdout__", sys.stdout)
    assert command(startup.main, "version")[1] == "1.0.0\n"
    assert ended == [0]


def test_what_is_told_arrives_whole_in_a_file(clone: Clone, tmp_path: Path) -> None:
    with (tmp_path / "told").open("w") as file:
        argv = [sys.executable, "-m", "shipit", "changelog", "--all"]
        assert subprocess.run(argv, stdout=file, check=False).returncode == 0
    assert (tmp_path / "told").read_text().rstrip().splitlines()[0].startswith("## [1.0.0] - ")


def test_typing_extensions_are_spared_and_can_be_imported_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "typing_extensions", raising=False)
    startup._spare_typing_extensions()
    assert "typing_extensions" not in sys.modules


def test_no_parser_of_command_lines_is_loaded(clone: Clone) -> None:
    program = (
        "import io, sys; from shipit.cli import startup; sys.argv = ['shipit', 'version', '--next']; "
        "sys.stdout = io.StringIO(); startup.main(); sys.exit('typer' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL).returncode == 0
