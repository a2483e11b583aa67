"""Child processes, started in this one place: argv in, text out, secrets masked."""

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from msgspec import Struct

from shipit import signals
from shipit.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from shipit.engine.plan import Say  # a plan's types are a tenth of what `shipit version --next` may cost


LONGEST = 1800.0
"""Seconds for a child that may talk to the network, where nothing better is known: what takes longer is hanging."""

_PIECE = 256 * 1024  # bytes
_WORDS = 24
"""of a command, that a message shows"""


class Finished(Struct, frozen=True):
    """A child that ended: `code` negative for a signal; `stderr` is masked text, `stdout` raw bytes."""

    argv: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "surrogateescape")


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    data: bytes | None = None,
    timeout: float | None = None,
    stop: threading.Event | None = None,
) -> Finished:
    """Run to the end and return what it said; `env` is added to ours, None removes; `timeout` in seconds.

    Once `stop` is set the child is ended: for one that another thread waits for than the one that gets signals.

    Raises UsageError if there is no such program, Unavailable when the time is over or it was stopped.
    """
    stdin = subprocess.PIPE if data is not None else subprocess.DEVNULL
    with _child(argv, cwd, env, stdin=stdin) as child:
        try:
            if stop is None:
                out, err = child.communicate(data, timeout)
            else:
                from shipit.adapters import pipes  # noqa: PLC0415 - light commands do without

                out, err = pipes.communicate(child, data, timeout, stop)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"`{_shown(argv)}` did not end within {timeout:g} s") from None
    return Finished(tuple(argv), child.returncode, out, _masked(err.decode("utf-8", "replace")))


def words(command: str | Sequence[str]) -> tuple[str, ...]:
    """A command of the configuration as argv: a text is split as a shell would, but no shell sees it.

    Raises ValueError for a text with a quotation mark that nothing closes.
    """
    return tuple(shlex.split(command) if isinstance(command, str) else command)


def stream(
    argv: Sequence[str],
    failure: Callable[[str], Exception],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    timeout: float | None = None,
) -> Generator[bytes]:
    """Run and pass on stdout in large pieces as it comes; who stops listening ends the child.

    Raises UsageError if there is no such program, what `failure` makes of stderr if the child fails, and
    Unavailable when the time (seconds) is over.
    """
    said: list[bytes] = []
    with _child(argv, cwd, env, stdin=subprocess.DEVNULL) as child, _limited(child, timeout) as timed_out:
        out, err = cast("IO[bytes]", child.stdout), cast("IO[bytes]", child.stderr)
        listener = threading.Thread(target=lambda: said.append(err.read()))  # or a full pipe would stop the child
        listener.start()
        try:
            while piece := out.read(_PIECE):
                yield piece
                if len(piece) == _PIECE:
                    from shipit.adapters import pipes  # noqa: PLC0415 - short answers do without

                    pipes.let_fill(out.fileno(), _PIECE)
            child.wait()
        except BaseException:
            _end(child)
            raise
        finally:
            listener.join()
    if timed_out.is_set():
        raise Unavailable(f"`{_shown(argv)}` did not end within {timeout:g} s")
    if child.returncode:
        raise failure(_masked(said[0].decode("utf-8", "replace")))


def follow(
    argv: Sequence[str],
    say: "Say",
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    timeout: float | None = None,
) -> Finished:
    """Run to the end and pass on each line of both streams, masked, as it comes.

    `stdout` of the result holds both streams, masked.

    Raises UsageError if there is no such program, Unavailable when the time (seconds) is over.
    """
    lines: list[str] = []
    with (
        _child(argv, cwd, env, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT) as child,
        _limited(child, timeout) as timed_out,
    ):
        for line in _lines(child.stdout):
            lines.append(line)
            say(line)
        child.wait()
    if timed_out.is_set():
        raise Unavailable(f"`{_shown(argv)}` did not end within {timeout:g} s", evidence=lines[-5:])
    return Finished(tuple(argv), child.returncode, "\n".join(lines).encode("utf-8", "surrogateescape"), "")


@contextmanager
def _child(
    argv: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str | None] | None,
    *,
    stdin: int,
    stderr: int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that does not outlive an error of ours, nor a signal while it starts; its pipes are closed."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        with signals.held_back():
            started.append(_start(argv, cwd, env, stdin=stdin, stderr=stderr))
        yield started[0]
    except BaseException:
        for child in started:
            _end(child)
        raise
    finally:
        for child in started:
            child.__exit__(None, None, None)


@contextmanager
def _limited(child: subprocess.Popen[bytes], timeout: float | None) -> Iterator[threading.Event]:
    """End the child when the time (seconds) is over, and set the event that it gives."""
    timed_out = threading.Event()

    def expire() -> None:
        timed_out.set()
        _end(child)

    watch = threading.Timer(timeout or 0, expire)
    watch.daemon = True
    try:
        if timeout:
            watch.start()
        yield timed_out
    finally:
        watch.cancel()


def _start(
    argv: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str | None] | None,
    *,
    stdin: int,
    stderr: int,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            cwd=cwd,
            env={name: value for name, value in {**os.environ, **(env or {})}.items() if value is not None},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,  # Ctrl-C reaches shipit alone; it decides what happens to the child
        )
    except FileNotFoundError:
        if cwd is not None and not cwd.is_dir():
            raise UsageError(f"no such folder: {cwd}") from None
        if cwd is not None and (cwd / argv[0]).is_file():  # the name in its first line is looked for, and not found
            raise UsageError(f"`{argv[0]}` is there, but not what it runs by", evidence=[_shown(argv)]) from None
        raise UsageError(
            f"`{argv[0]}` is not installed or not on PATH", evidence=[_shown(argv)], hint=f"install {argv[0]}"
        ) from None
    except PermissionError:
        raise UsageError(f"`{argv[0]}` may not be run", evidence=[_shown(argv)]) from None
    except OSError as error:
        raise UsageError(f"`{argv[0]}` cannot be run: {error.strerror}", evidence=[_shown(argv)]) from None


def _lines(stream: IO[bytes] | None) -> Iterable[str]:
    for raw in stream or ():
        yield _masked(raw.decode("utf-8", "replace").rstrip("\r\n"))


def _end(child: subprocess.Popen[bytes]) -> None:
    """TERM to the whole group, since test suites start children of their own; KILL for what is left of it.

    The first child has five seconds; who it leaves behind and does not listen to TERM must not hold our pipes.
    """
    with signals.held_back(), contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(5)


def _shown(argv: Sequence[str]) -> str:
    """A command in one line; of one that names hundreds of files only the beginning."""
    words = [*argv[:_WORDS], f"… and {len(argv) - _WORDS} more words"] if len(argv) > _WORDS else argv
    return _masked(" ".join(words))


def _masked(text: str) -> str:
    if not text:
        return ""
    from shipit import masking  # noqa: PLC0415 - git says nothing on stderr as a rule

    return masking.mask(text)
