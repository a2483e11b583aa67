"""What becomes of an answer that nobody reads, that no disk takes, or whose stream was closed from the start."""

import errno
import io
import os
import sys

import pytest

from shipit.cli import answering, startup
from shipit.errors import ExternalError
from shipit.repository.answers import Answer


class Refusing(io.StringIO):
    """Takes what is written, and fails with this when it is to go out."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def flush(self) -> None:
        raise OSError(self.number, os.strerror(self.number))


class Latin(io.StringIO):
    encoding = "latin-1"

    def write(self, text: str) -> int:
        text.encode(self.encoding)
        return super().write(text)


def test_an_answer_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    answering.say("1.1.0")
    answering.say("a word", err=True)
    assert capsys.readouterr() == ("1.1.0\n", "a word\n")


def test_a_reader_who_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Refusing(errno.EPIPE))
    answering.say("1.1.0")


def test_a_full_disk_is_one_but_not_for_what_goes_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Refusing(errno.ENOSPC))
    monkeypatch.setattr(sys, "stderr", Refusing(errno.ENOSPC))
    answering.say("a word", err=True)
    with pytest.raises(ExternalError, match="the answer could not be written") as caught:
        answering.say("1.1.0")
    assert (caught.value.where, caught.value.evidence) == ("stdout", ("No space left on device",))


def test_what_the_encoding_lacks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    latin = Latin()
    monkeypatch.setattr(sys, "stdout", latin)
    answering.say("→ é")
    assert latin.getvalue() == "? é\n"


def test_at_the_end_nothing_is_left_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", Refusing(errno.ENOSPC))
    monkeypatch.setattr(sys, "stderr", closed)
    answering.end()


def test_a_stream_that_was_closed_is_put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    answering.begin()
    with sys.stdout as stream:
        answering.say("1.1.0")
        assert stream.name == os.devnull


def test_a_light_command_says_that_its_answer_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Refusing(errno.ENOSPC))
    with pytest.raises(SystemExit) as ended:
        startup._tell(Answer("1.1.0", ""))
    assert ended.value.code == 4
    assert "the answer could not be written" in capsys.readouterr().err


def test_what_the_framework_could_not_print_is_known_by_where_it_failed() -> None:
    def echo() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space") as caught:
        echo()
    assert answering.is_of_writing(caught.value)
    assert not answering.is_of_writing(OSError(errno.ENOSPC, "elsewhere"))
