"""Runs several command lines at once, and strikes each at the moments that its job names.

    python -m tests.faults.rounds_runner

A job is a line of JSON on stdin; when its run is over, a line says how it ended and when it was struck. Every run
is a fork of this process, which has imported everything, with a supervisor of its own that starts it, strikes it,
and waits for it: so no signal can reach a process that only has its number.
"""

import contextlib
import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shipit.cli.main import main as command_line
from tests.faults.runner import warm_up

LONGEST = 60  # seconds
UNUSUAL = 45  # seconds after which a run that has not ended says where it stands
MARK = "SHIPIT_TEST_ROUND_RUN"
"""In the environment of every child of a run, with a value that no other run has."""
TOKEN = 8
"""bytes of a run's token under the lock"""


def marked(mark: str) -> list[int]:
    """The processes that runs whose mark begins so have started, and those that these have started."""
    wanted = f"{MARK}={mark}".encode()
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if wanted in _read(path)]


def _read(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def be(job: Mapping[str, Any]) -> int:
    """Be the command line, in a fork; its token is the one that the job names."""
    os.setpgid(0, 0)
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"] | {MARK: job["mark"]})
    for number, path in enumerate((os.devnull, job["out"], job["err"])):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
    sys.argv = ["shipit", *job["argv"]]
    real, token = os.urandom, bytes.fromhex(job["token"])
    os.urandom = lambda size: token if size == TOKEN else real(size)
    signal.alarm(LONGEST)
    faulthandler.dump_traceback_later(UNUSUAL, file=2)
    try:
        command_line()
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 - whatever ends it is shown
        traceback.print_exc()
        return 99
    finally:
        faulthandler.cancel_dump_traceback_later()
    return 0


def blows(strikes: Sequence[Mapping[str, Any]]) -> list[tuple[float, int, bool]]:
    """Every signal of a job in the order of time: (seconds from its beginning, signal, to its children too)."""

    def each() -> Iterator[tuple[float, int, bool]]:
        for one in strikes:
            yield one["at"], signal.Signals[one["how"]], one["all"]
            if one["how"] == "SIGSTOP":
                yield one["at"] + one["pause"], signal.SIGCONT, one["all"]

    return sorted(each())


def strike(pid: int, how: int, mark: str, *, children: bool) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, how)
    for child in marked(mark) if children else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, how)


def supervise(job: Mapping[str, Any], answers: int) -> None:
    """Start a run, strike it when its time has come, and say how it ended."""
    for path in (job["out"], job["err"]):  # there also of a run that is struck before it is the command line
        Path(path).touch()
    began, left, struck = time.time(), blows(job["strikes"]), []
    pid = os.fork()
    if pid == 0:
        code = be(job)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    with contextlib.suppress(OSError):  # whoever of the two comes first
        os.setpgid(pid, pid)
    while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
        while left and time.time() >= began + left[0][0]:
            _, how, children = left.pop(0)
            strike(pid, how, job["mark"], children=children)
            struck.append((time.time(), f"{signal.Signals(how).name}{' to all' if children else ''}"))
        time.sleep(0.004)
    for child in marked(job["mark"]) if any(how == signal.SIGCONT for _, how, _ in left) else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGCONT)  # nobody else would wake its orphans
    code = os.waitstatus_to_exitcode(ended[1])
    facts = {"number": job["number"], "code": code, "began": began, "ended": time.time(), "struck": struck}
    os.write(answers, json.dumps(facts).encode() + b"\n")


def serve() -> None:
    answers = os.dup(1)
    warm_up()
    os.write(answers, b"ready\n")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the supervisors need nobody to wait for them
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            supervise(json.loads(line), answers)
            os._exit(0)


if __name__ == "__main__":
    serve()
