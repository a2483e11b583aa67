"""Child processes, started in this one place: argv in, text out, secrets masked."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from msgspec import Struct

from shipit.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from shipit.engine.plan import Say  # a plan's types are a tenth of what `shipit version --next` may cost


_PIECE = 256 * 1024  # bytes
_PIPE = 4 * _PIECE
_PAUSE = 0.008  # seconds


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
) -> Finished:
    """Run to the end and return what it said; `env` is added to ours, None removes; `timeout` in seconds.

    Raises UsageError if there is no such program, Unavailable when the time is over.
    """
    stdin = subprocess.PIPE if data is not None else subprocess.DEVNULL
    with _child(argv, cwd, env, stdin=stdin) as child:
        try:
            out, err = child.communicate(data, timeout)
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
) -> Generator[bytes]:
    """Run and pass on stdout in large pieces as it comes; who stops listening ends the child.

    Raises UsageError if there is no such program, and what `failure` makes of stderr if the child fails.
    """
    said: list[bytes] = []
    with _child(argv, cwd, env, stdin=subprocess.DEVNULL) as child:
        out, err = cast("IO[bytes]", child.stdout), cast("IO[bytes]", child.stderr)
        listener = threading.Thread(target=lambda: said.append(err.read()))  # or a full pipe would stop the child
        listener.start()
        try:
            while piece := out.read(_PIECE):
                yield piece
                if len(piece) == _PIECE:
                    _let_fill(out.fileno())
            child.wait()
        except BaseException:
            _end(child)
            raise
        finally:
            listener.join()
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
    timed_out = threading.Event()
    lines: list[str] = []
    with _child(argv, cwd, env, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT) as child:

        def expire() -> None:
            timed_out.set()
            _end(child)

        watch = threading.Timer(timeout, expire) if timeout else None
        try:
            if watch:
                watch.start()
            for line in _lines(child.stdout):
                lines.append(line)
                say(line)
            child.wait()
        finally:
            if watch:
                watch.cancel()
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
    """A child that does not outlive an error of ours; its pipes are closed."""
    with _start(argv, cwd, env, stdin=stdin, stderr=stderr) as child:
        try:
            yield child
        except BaseException:
            _end(child)
            raise


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


def _let_fill(pipe: int) -> None:
    """Wait a little if less than a piece is there: who writes 4 KB at a time would wake who reads as often.

    Of a long history that costs a tenth of what git itself does, on both sides. Where a pipe cannot be made larger
    nothing is gained, and nothing is done.
    """
    import fcntl  # noqa: PLC0415 - short answers do without
    from termios import FIONREAD  # noqa: PLC0415 - as above

    try:
        if fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) < _PIPE:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    except (AttributeError, OSError):  # not Linux; more pipes than a user may have
        return
    if int.from_bytes(fcntl.ioctl(pipe, FIONREAD, bytes(4)), sys.byteorder) < _PIECE:
        time.sleep(_PAUSE)


def _lines(stream: IO[bytes] | None) -> Iterable[str]:
    for raw in stream or ():
        yield _masked(raw.decode("utf-8", "replace").rstrip("\r\n"))


def _end(child: subprocess.Popen[bytes]) -> None:
    """TERM to the whole group, since test suites start children of their own; KILL for what is left of it.

    The first child has five seconds; who it leaves behind and does not listen to TERM must not hold our pipes.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(5)


def _shown(argv: Sequence[str]) -> str:
    return _masked(" ".join(argv))


def _masked(text: str) -> str:
    if not text:
        return ""
    from shipit import masking  # noqa: PLC0415 - git says nothing on stderr as a rule

    return masking.mask(text)
