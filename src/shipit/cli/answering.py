"""What a command answers: whoever stops reading has heard enough, but a disk that is full is an error."""

import os
import sys
from contextlib import suppress
from typing import TextIO

from shipit.errors import ExternalError

WHERE = "stdout"


def begin() -> None:
    """Put something in the place of a stream that whoever started us has closed: else the next file becomes it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for as long as we are


def say(text: str, *, err: bool = False) -> None:
    """Print it and a line end; raises ExternalError if an answer on stdout is lost, though somebody reads it."""
    stream = sys.stderr if err else sys.stdout
    try:
        _write(stream, f"{text}\n")
    except BrokenPipeError:
        _silence(stream)
    except OSError as error:
        _silence(stream)
        if not err:
            raise lost(error) from error


def lost(error: Exception) -> ExternalError:
    """The end of a command whose answer could not be written."""
    return ExternalError(
        "the answer could not be written",
        where=WHERE,
        evidence=[getattr(error, "strerror", None) or str(error)],
        hint=_HINT,
    )


_HINT = "free some space, or write it elsewhere, then run the same command again"


def is_of_writing(error: BaseException) -> bool:
    """Whether the framework met with it where it prints help."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return isinstance(error, OSError) and trace is not None and trace.tb_frame.f_code.co_name == "echo"


def end() -> None:
    """Write what is still to be written; else the interpreter would, and end with another exit code if it fails."""
    for stream in (sys.stderr, sys.stdout):
        try:
            if not stream.closed:
                stream.flush()
        except OSError:
            _silence(stream)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
    stream.flush()


def _silence(stream: TextIO) -> None:
    """From now on what is written goes nowhere, also what waits to be written."""
    with suppress(OSError, ValueError):  # in tests it may be no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
