"""The one door to children: argv as it is, output masked, and no child or grandchild left behind."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters import pipes, process
from shipit.errors import Refused, Signalled, Unavailable, UsageError

SECRET = "hunter2/+ secret"
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(f"{os.getpid()} {child.pid}")
print("started", flush=True)
time.sleep(60)
"""


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code, *words)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def all_end(pids: list[int]) -> bool:
    for _ in range(100):
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.05)
    return False


def pids(file: Path) -> list[int]:
    for _ in range(200):
        if file.exists() and (text := file.read_text()):
            return [int(word) for word in text.split()]
        time.sleep(0.05)
    raise AssertionError("the child never started")


def ignore(_: str) -> None:
    return None


class TestRun:
    def test_argv_reaches_the_child_word_by_word(self) -> None:
        words = ("$HOME", "a b", "*", ";", "'\"", "ünï", "")
        finished = process.run(python("import sys; print(sys.argv[1:])", *words))
        assert finished.text.strip() == str(list(words))
        assert finished.argv[-len(words) :] == words

    def test_stdout_comes_as_bytes_and_the_exit_code_as_it_is(self) -> None:
        finished = process.run(python("import sys; sys.stdout.buffer.write(b'\\xff\\n'); sys.exit(3)"))
        assert (finished.stdout, finished.code) == (b"\xff\n", 3)
        assert finished.text == "\udcff\n"

    def test_data_goes_to_stdin_and_without_data_there_is_none(self) -> None:
        echo = python("import sys; sys.stdout.write(sys.stdin.read())")
        assert process.run(echo, data=b"given").text == "given"
        assert process.run(echo).text == ""

    def test_the_environment_is_ours_with_some_added_and_some_taken_away(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OURS", "1")
        monkeypatch.setenv("TAKEN", "1")
        show = python("import os; print(*(os.environ.get(name) for name in ('OURS', 'TAKEN', 'ADDED')))")
        assert process.run(show, env={"ADDED": "2", "TAKEN": None}).text.split() == ["1", "None", "2"]

    def test_the_folder_is_the_one_that_was_named(self, tmp_path: Path) -> None:
        assert process.run(python("import os; print(os.getcwd())"), cwd=tmp_path).text.strip() == str(tmp_path)

    def test_stderr_is_masked(self) -> None:
        masking.register(SECRET)
        finished = process.run(python("import sys; print('no:', sys.argv[1], file=sys.stderr)", SECRET))
        assert finished.stderr == "no: ***\n"

    def test_a_child_that_is_killed_has_a_negative_code(self) -> None:
        assert process.run(python("import os; os.kill(os.getpid(), 9)")).code == -9

    def test_of_a_command_of_hundreds_of_words_a_message_shows_the_beginning(self) -> None:
        with pytest.raises(UsageError) as caught:
            process.run(["no-such-program", *map(str, range(1, 500))])
        assert caught.value.evidence[0].endswith("21 22 23 … and 476 more words")

    def test_a_program_that_is_not_there_is_a_usage_error_that_says_so(self) -> None:
        masking.register(SECRET)
        with pytest.raises(UsageError, match="`no-such-program` is not installed or not on PATH") as caught:
            process.run(["no-such-program", SECRET])
        assert caught.value.evidence == ("no-such-program ***",)
        assert caught.value.hint == "install no-such-program"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("#!/no/such/interpreter\n", "`./script` is there, but not what it runs by"),
            ("no script\n", "`./script` cannot be run: Exec format error"),
        ],
    )
    def test_a_script_that_cannot_be_run_is_not_told_as_missing(
        self, tmp_path: Path, text: str, words: str
    ) -> None:
        script = tmp_path / "script"
        script.write_text(text)
        script.chmod(0o755)
        with pytest.raises(UsageError) as caught:
            process.run(["./script"], cwd=tmp_path)
        assert caught.value.what == words

    def test_a_folder_that_is_not_there_is_named_instead(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=f"no such folder: {tmp_path}/gone"):
            process.run(python("pass"), cwd=tmp_path / "gone")

    def test_a_program_that_may_not_be_run_is_a_usage_error(self, tmp_path: Path) -> None:
        (tmp_path / "tool").write_text("#!/bin/sh\n")
        with pytest.raises(UsageError, match="may not be run"):
            process.run([str(tmp_path / "tool")])

    def test_at_the_end_of_its_time_the_whole_family_ends(self, tmp_path: Path) -> None:
        masking.register(SECRET)
        with pytest.raises(Unavailable, match="did not end within 2 s") as caught:
            process.run(python(FAMILY, str(tmp_path / "pids"), SECRET), timeout=2)
        assert all_end(pids(tmp_path / "pids"))
        assert SECRET not in caught.value.what

    def test_a_signal_ends_the_whole_family_and_passes_through(self, tmp_path: Path) -> None:
        with interrupted(lambda: pids(tmp_path / "pids")), pytest.raises(Signalled):
            process.run(python(FAMILY, str(tmp_path / "pids")))
        assert all_end(pids(tmp_path / "pids"))

    def test_another_thread_may_stop_it_and_the_whole_family_ends(self, tmp_path: Path) -> None:
        stop = threading.Event()

        def stop_it() -> None:
            pids(tmp_path / "pids")
            stop.set()

        threading.Thread(target=stop_it).start()
        with pytest.raises(Unavailable, match="stopped, because the run was interrupted"):
            process.run(python(FAMILY, str(tmp_path / "pids")), stop=stop)
        assert all_end(pids(tmp_path / "pids"))

    def test_that_may_be_stopped_is_read_and_written_and_limited_as_any_other(self) -> None:
        slow_echo = python("import sys, time; time.sleep(0.3); sys.stdout.write(sys.stdin.read())")
        assert process.run(slow_echo, data=b"given", timeout=60, stop=threading.Event()).text == "given"
        with pytest.raises(Unavailable, match=r"did not end within 0\.3 s"):
            process.run(python("import time; time.sleep(60)"), timeout=0.3, stop=threading.Event())

    def test_ctrl_c_on_the_terminal_reaches_shipit_alone(self) -> None:
        finished = process.run(python("import os; print(os.getpgid(0) == os.getpid())"))
        assert finished.text.strip() == "True"


class TestStream:
    def test_stdout_comes_in_pieces_while_the_child_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "_PIECE", 3)
        assert list(process.stream(python("print('abcdefg', end='')"), Refused)) == [b"abc", b"def", b"g"]

    @pytest.mark.parametrize("pause", [0, 0.02])
    def test_a_child_that_says_much_is_heard_whole_at_whatever_speed(self, pause: float) -> None:
        steps = f"import sys, time\nfor n in range(8): print(str(n) * 99_999, flush=True); time.sleep({pause})"
        expected = "".join(f"{str(number) * 99_999}\n" for number in range(8))
        pieces = list(process.stream(python(steps), Refused))
        assert b"".join(pieces).decode() == expected
        assert len(pieces) == 4

    def test_where_a_pipe_cannot_grow_nobody_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr("fcntl.F_SETPIPE_SZ")
        monkeypatch.setattr(pipes, "_PAUSE", -1)  # seconds: who waits so long fails
        assert b"".join(process.stream(python("print('x' * 600_000)"), Refused)) == b"x" * 600_000 + b"\n"

    def test_much_on_stderr_stops_nobody(self) -> None:
        noisy = python("import sys; sys.stderr.write('x' * 1_000_000); print('out')")
        assert b"".join(process.stream(noisy, Refused)) == b"out\n"

    def test_a_child_that_fails_is_told_of_with_its_masked_words(self) -> None:
        masking.register(SECRET)
        failing = python("import sys; print('out'); sys.exit(f'no: {sys.argv[1]}')", SECRET)
        pieces = process.stream(failing, Refused)
        assert next(pieces) == b"out\n"
        with pytest.raises(Refused, match=r"no: \*\*\*"):
            next(pieces)

    def test_who_stops_listening_ends_the_child(self) -> None:
        endless = "import os, time; print(os.getpid(), 'x' * 300_000, flush=True); time.sleep(60)"
        pieces = process.stream(python(endless), Refused)
        child = int(next(pieces).split()[0])
        pieces.close()
        assert all_end([child])

    def test_at_the_end_of_its_time_the_whole_family_ends(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="did not end within 2 s"):
            list(process.stream(python(FAMILY, str(tmp_path / "pids")), Refused, timeout=2))
        assert all_end(pids(tmp_path / "pids"))


class interrupted:  # noqa: N801 - reads as a word in a with statement
    """SIGUSR1 arrives as soon as this answers, and is raised like the command line's own signals."""

    def __init__(self, ready: Callable[[], object]) -> None:
        def send() -> None:
            ready()
            os.kill(os.getpid(), signal.SIGUSR1)

        self.thread = threading.Thread(target=send)

    def __enter__(self) -> None:
        def arrive(number: int, _frame: object) -> None:
            raise Signalled(signal.Signals(number).name)

        self.before = signal.signal(signal.SIGUSR1, arrive)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.thread.join()
        signal.signal(signal.SIGUSR1, self.before)


class TestFollow:
    def test_each_line_of_both_streams_is_passed_on_masked_as_it_comes(self) -> None:
        masking.register(SECRET)
        said: list[str] = []
        code = (
            "import sys\nprint('one', flush=True)\nprint('two', sys.argv[1], file=sys.stderr, flush=True)\n"
            "sys.stdout.buffer.write(b'three \\xff\\r\\nlast without an end')\nsys.exit(4)"
        )
        finished = process.follow(python(code, SECRET), said.append)
        assert said == ["one", "two ***", "three \ufffd", "last without an end"]
        assert finished.text.splitlines() == said
        assert finished.code == 4

    def test_nothing_is_said_by_a_silent_child(self) -> None:
        said: list[str] = []
        assert process.follow(python("pass"), said.append, timeout=60).code == 0
        assert said == []

    def test_there_is_nothing_on_stdin(self) -> None:
        said: list[str] = []
        process.follow(python("import sys; print(repr(sys.stdin.read()))"), said.append)
        assert said == ["''"]

    def test_at_the_end_of_its_time_the_whole_family_ends_and_the_last_lines_are_the_evidence(
        self, tmp_path: Path
    ) -> None:
        said: list[str] = []
        with pytest.raises(Unavailable, match="did not end within 2 s") as caught:
            process.follow(python(FAMILY, str(tmp_path / "pids")), said.append, timeout=2)
        assert caught.value.evidence == ("started",) == tuple(said)
        assert all_end(pids(tmp_path / "pids"))

    def test_a_listener_that_fails_ends_the_whole_family(self, tmp_path: Path) -> None:
        def fail(line: str) -> None:
            raise OSError(line)

        with pytest.raises(OSError, match="started"):
            process.follow(python(FAMILY, str(tmp_path / "pids")), fail)
        assert all_end(pids(tmp_path / "pids"))

    def test_a_child_that_does_not_listen_to_term_is_killed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FAMILY
        with pytest.raises(Unavailable):
            process.follow(python(deaf, str(tmp_path / "pids")), ignore, timeout=2)
        assert all_end(pids(tmp_path / "pids")[:1])

    def test_who_is_left_behind_and_does_not_listen_to_term_does_not_hold_the_run(self, tmp_path: Path) -> None:
        """The first child ends at once when it is told to; its own child ignores that, and has our pipe."""
        deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        deaf += "; print('deaf', flush=True); time.sleep(60)"
        family = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {deaf!r}]); time.sleep(60)"
        began = time.monotonic()
        with pytest.raises(Unavailable, match="did not end within 1 s"):
            process.follow(python(family), ignore, timeout=1)
        assert time.monotonic() - began < 10

    def test_a_program_that_is_not_there_is_a_usage_error(self) -> None:
        with pytest.raises(UsageError, match="not installed"):
            process.follow(["no-such-program"], ignore)
