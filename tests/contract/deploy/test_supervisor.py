"""The supervisor of a service: what it survives, what it ends, what it keeps to itself, and who may command it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters.local import child as children
from shipit.adapters.local import client, launch
from shipit.adapters.local.child import Child
from shipit.adapters.local.client import Supervisor
from shipit.adapters.local.supervisor import BUSY
from shipit.errors import ExternalError, LeaseLost, Signalled
from shipit.model import Revision
from tests.support.distributions import wheel
from tests.support.served import ONE, SECRET, TWO, Service, copied, eventually, silent

TOP = Path(__file__).parents[3]


@pytest.fixture
def live(service: Service) -> Service:
    """ONE is live."""
    service.target().start(ONE, silent)
    service.target().switch(ONE.reference, silent)
    return service


def running(service: Service, revision: Revision) -> client.Running | None:
    status = Supervisor(path=service.path, address=service.address, fence=0).status()
    return status.children.get(revision.reference) if status else None


def is_ready_after(service: Service, restarts: int) -> bool:
    now = running(service, ONE)
    return bool(now and now.ready and now.restarts == restarts)


class TestCandidatesThatDoNotStart:
    def test_one_that_exits_is_an_error_with_its_last_words_masked(self, live: Service) -> None:
        masking.register(SECRET)
        live.faults[TWO.version] = "exit"
        with pytest.raises(ExternalError, match=f"{TWO.reference} ended with exit code 1 before") as caught:
            live.target().start(TWO, silent)
        assert caught.value.evidence == ("secret: ***", "the database is not there")
        assert (live.ask(), live.target().candidate(TWO), len(live.processes())) == ("1.0.0", None, 1)

    def test_one_that_never_accepts_is_an_error_and_the_version_before_answers_throughout(
        self, live: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(launch, "PATIENCE", 0.7)
        live.faults[TWO.version] = "never"
        answers: list[str] = []
        is_over = threading.Event()

        def ask() -> None:
            while not is_over.is_set():
                answers.append(live.ask())
                time.sleep(0.02)

        asker = threading.Thread(target=ask)
        asker.start()
        with pytest.raises(ExternalError, match="did not accept connections on its port within"):
            live.target().start(TWO, silent)
        is_over.set()
        asker.join()
        assert (set(answers), len(answers) > 10) == ({"1.0.0"}, True)
        assert (live.target().candidate(TWO), len(live.processes())) == (None, 1)

    def test_of_a_first_version_nothing_is_left_running(self, service: Service) -> None:
        service.faults[ONE.version] = "exit"
        with pytest.raises(ExternalError, match="exit code"):
            service.target().start(ONE, silent)
        assert eventually(lambda: not service.supervisor())
        assert (service.processes(), service.target().problems()) == ([], ())

    def test_a_program_that_is_not_there_is_named(self, live: Service) -> None:
        live.run = ("no-such-program", "{port}")
        with pytest.raises(ExternalError, match="`no-such-program` is neither in the environment of the wheel"):
            live.target().start(TWO, silent)
        assert live.ask() == "1.0.0"

    def test_a_new_one_that_does_not_start_is_removed_and_one_that_was_kept_stays(self, live: Service) -> None:
        new = Revision("2.0.0", "5" * 40)
        live.faults = {new.version: "exit", TWO.version: "exit"}
        for revision in (new, TWO):
            with pytest.raises(ExternalError, match="exit code"):
                live.target().start(revision, silent)
        there = [(live.path / "versions" / one.reference).exists() for one in (new, TWO)]
        assert there == [False, True]

    def test_a_wheel_that_cannot_be_installed_leaves_what_is_live(self, live: Service, tmp_path: Path) -> None:
        new = Revision("2.0.0", "5" * 40)
        broken = wheel(tmp_path / "broken", "served", "2.0.0", needs="served\nRequires-Python: >=99")
        target = replace(live.target(), wheel=lambda say: broken)
        with pytest.raises(ExternalError, match=r"served-2\.0\.0-py3-none-any\.whl cannot be installed") as caught:
            target.start(new, silent)
        assert [line for line in caught.value.evidence if "Python" in line]
        assert (live.ask(), target.candidate(new)) == ("1.0.0", None)

    def test_of_a_start_that_is_interrupted_nothing_is_left(
        self, live: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        new = Revision("2.0.0", "5" * 40)

        def interrupt(*_: object) -> None:
            raise Signalled("SIGINT")

        monkeypatch.setattr(launch.Launch, "_wait", interrupt)
        with pytest.raises(Signalled):
            live.target().start(new, silent)
        assert (live.ask(), len(live.processes())) == ("1.0.0", 1)
        assert not (live.path / "versions" / new.reference).exists()

    def test_one_that_was_fixed_starts_the_next_time(self, live: Service) -> None:
        live.faults[TWO.version] = "exit"
        with pytest.raises(ExternalError, match="exit code"):
            live.target().start(TWO, silent)
        live.faults.clear()
        live.target().start(TWO, silent)
        assert (live.target().candidate(TWO) is not None, live.built) == (True, 0)


def is_over(pid: int) -> bool:
    """Whether the kernel has closed all that a process had open: before, it may still accept a connection."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return True


class TestProcessesThatDie:
    def test_a_live_one_is_started_again_and_who_asks_meanwhile_waits(self, live: Service) -> None:
        before = running(live, ONE)
        assert before
        os.kill(before.pid, signal.SIGKILL)
        assert eventually(lambda: is_over(before.pid))
        assert [live.ask() for _ in range(20)] == ["1.0.0"] * 20
        assert eventually(partial(is_ready_after, live, 1))  # it answers a moment before it is seen to
        after = running(live, ONE)
        assert after
        assert (after.pid != before.pid, live.target().problems()) == (True, ())

    def test_one_that_dies_again_and_again_is_given_longer_pauses(self, live: Service) -> None:
        began = time.monotonic()
        for number in range(3):
            assert eventually(partial(is_ready_after, live, number))
            with pytest.raises(OSError, match=r"no answer|reset"):
                live.get("/die")
        assert eventually(lambda: is_ready_after(live, 3))
        assert time.monotonic() - began > 0.1 + 0.2 + 0.4
        assert (live.ask(), live.target().problems()) == ("1.0.0", ())

    def test_as_long_as_a_live_one_does_not_run_that_is_a_warning(self, live: Service) -> None:
        now = running(live, ONE)
        assert now
        environment = live.path / "versions" / ONE.reference
        next(environment.glob("environment-*")).rename(environment / "elsewhere")
        os.kill(now.pid, signal.SIGKILL)
        assert eventually(lambda: bool(live.target().problems()))
        (problem,) = live.target().problems()
        assert (problem.what, problem.is_warning) == (f"{ONE.reference} is live on api, but does not run", True)
        assert (live.target().live(), live.target().candidate(ONE)) == (ONE.reference, None)

    def test_its_helpers_end_with_it(self, service: Service) -> None:
        service.faults[ONE.version] = "helper"
        service.target().start(ONE, silent)
        assert eventually(lambda: len(service.processes()) == 2)
        before = service.processes()
        now = running(service, ONE)
        assert now
        os.kill(now.pid, signal.SIGKILL)
        assert eventually(lambda: len(service.processes()) == 2 and not {*before} & {*service.processes()})

    def test_a_process_that_does_not_listen_to_term_is_killed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(children, "GRACE", 0.1)
        deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
        child = Child([sys.executable, "-c", deaf], {}, tmp_path)
        child.start(time.monotonic())
        assert eventually(lambda: "deaf" in (tmp_path / "log").read_text())
        child.end(time.monotonic())
        assert eventually(lambda: ([*child.look(time.monotonic())], child.process is None)[1])
        assert (child.code, child.has_failed) == (-signal.SIGKILL, True)

    def test_a_log_that_is_too_long_begins_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(children, "LOG_LIMIT", 10)
        child = Child([], {}, tmp_path)
        child.trim_log()
        (tmp_path / "log").write_text("a line of some length")
        child.trim_log()
        assert ((tmp_path / "log").read_text(), (tmp_path / "log.1").read_text()) == ("", "a line of some length")

    def test_a_program_that_cannot_be_started_says_so_in_its_log(self, tmp_path: Path) -> None:
        child = Child(["/no/such/program"], {}, tmp_path)
        child.start(time.monotonic())
        assert (child.code, child.has_failed) == (127, True)
        assert "/no/such/program cannot be started" in (tmp_path / "log").read_text()


class TestSupervisorsThatEnd:
    def test_killed_it_takes_all_with_it_and_the_next_start_brings_it_back(self, live: Service) -> None:
        os.kill(live.supervisor(), signal.SIGKILL)
        assert eventually(lambda: not live.processes())
        target = live.target()
        assert (target.live(), target.candidate(ONE)) == (ONE.reference, None)
        (problem,) = target.problems()
        assert (problem.what, problem.is_warning) == ("nothing of api runs", True)
        target.start(TWO, silent)
        assert (target.live(), live.ask(), target.problems()) == (ONE.reference, "1.0.0", ())

    def test_a_switch_brings_it_back_too(self, live: Service) -> None:
        os.kill(live.supervisor(), signal.SIGKILL)
        live.target().switch(ONE.reference, silent)
        assert live.ask() == "1.0.0"

    def test_who_asks_while_it_comes_back_waits(self, live: Service) -> None:
        live.target().start(TWO, silent)
        os.kill(live.supervisor(), signal.SIGKILL)
        assert eventually(lambda: not live.processes())
        answers: list[str] = []

        def ask() -> None:
            def answered() -> bool:
                try:
                    answers.append(live.ask())
                except ConnectionRefusedError:  # nobody listens yet
                    return False
                return True

            assert eventually(answered)

        askers = [threading.Thread(target=ask) for _ in range(5)]
        for asker in askers:
            asker.start()
        live.target().start(ONE, silent)
        for asker in askers:
            asker.join()
        assert answers == ["1.0.0"] * 5

    def test_what_is_live_and_broken_does_not_keep_a_new_version_from_starting(self, live: Service) -> None:
        os.kill(live.supervisor(), signal.SIGKILL)
        live.faults[ONE.version] = "exit"
        lines: list[str] = []
        live.target().start(TWO, lines.append)
        assert [line for line in lines if "does not start" in line]
        live.target().switch(TWO.reference, silent)
        assert live.ask() == "1.1.0"

    def test_helpers_that_outlive_a_killed_one_are_ended_by_the_next(self, service: Service) -> None:
        service.faults[ONE.version] = "helper"
        service.target().start(ONE, silent)
        service.target().switch(ONE.reference, silent)
        assert eventually(lambda: len(service.processes()) == 2)
        os.kill(service.supervisor(), signal.SIGKILL)
        assert eventually(lambda: len(service.processes()) == 1)
        left = service.processes()
        service.faults.clear()
        service.target().start(ONE, silent)
        assert eventually(lambda: not {*left} & {*service.processes()})

    def test_term_ends_everything_and_the_address_is_free(self, live: Service) -> None:
        live.target().start(TWO, silent)
        os.kill(live.supervisor(), signal.SIGTERM)
        assert eventually(lambda: not live.supervisor() and not live.processes())
        with pytest.raises(ConnectionRefusedError):
            live.ask()
        assert not (live.path / ".supervisor.socket").exists()

    def test_hanging_up_and_ctrl_c_do_not_reach_it(self, live: Service) -> None:
        pid = live.supervisor()
        for number in (signal.SIGHUP, signal.SIGINT):
            os.kill(pid, number)
        assert (os.getsid(pid) == pid, live.ask(), live.supervisor()) == (True, "1.0.0", pid)

    def test_the_command_quit_ends_it(self, live: Service) -> None:
        Supervisor(path=live.path, address=live.address, fence=0).carry_out("quit")
        assert eventually(lambda: not live.supervisor() and not live.processes())

    def test_a_second_one_for_the_same_folder_ends_at_once(self, live: Service) -> None:
        argv = [sys.executable, "-m", "shipit.adapters.local.supervisor", str(live.path), "127.0.0.1:1"]
        assert subprocess.run(argv, check=False).returncode == BUSY


class TestConnectionsUnderWay:
    def test_they_stay_with_the_version_that_they_began_with(self, live: Service) -> None:
        live.target().start(TWO, silent)
        found: list[str] = []
        slow = threading.Thread(target=lambda: found.append(live.ask("/slow")))
        slow.start()
        time.sleep(0.2)
        live.target().switch(TWO.reference, silent)
        assert live.ask() == "1.1.0"
        slow.join()
        assert found == ["1.0.0"]

    def test_a_version_that_is_stopped_ends_when_they_have_ended(self, live: Service) -> None:
        live.target().start(TWO, silent)
        found: list[str] = []
        slow = threading.Thread(target=lambda: found.append(live.ask("/slow")))
        slow.start()
        time.sleep(0.2)
        live.target().switch(TWO.reference, silent)
        live.target().stop(ONE.reference, silent)
        assert len(live.processes()) == 1
        slow.join()
        assert found == ["1.0.0"]

    def test_before_anything_is_live_they_end_at_once(self, service: Service) -> None:
        service.target().start(ONE, silent)
        began = time.monotonic()
        with pytest.raises(OSError, match=r"no answer|reset"):
            service.ask()
        assert time.monotonic() - began < 2

    def test_large_answers_come_whole(self, live: Service) -> None:
        assert len(live.get("/large")) == 5_000_000


class TestSecrets:
    def test_they_are_neither_on_disk_nor_in_any_command_line(self, live: Service) -> None:
        now = running(live, ONE)
        assert now
        assert f"SECRET={SECRET}".encode() in Path(f"/proc/{now.pid}/environ").read_bytes()
        files = [path for path in live.path.rglob("*") if path.is_file() and not path.name.startswith("log")]
        assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (now.pid, live.supervisor())]
        assert [line for line in lines if SECRET.encode() in line] == []

    def test_a_service_and_its_supervisor_see_nothing_else_of_our_environment(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_of_the_job")
        monkeypatch.setenv("RUNNER_TRACKING_ID", "github_1234")  # by which a runner ends what a job left
        service.target().start(ONE, silent)
        now = running(service, ONE)
        assert now
        for pid in (now.pid, service.supervisor()):
            found = Path(f"/proc/{pid}/environ").read_bytes()
            assert (b"ghp_of_the_job" in found, b"RUNNER_TRACKING_ID" in found) == (False, False)

    def test_only_the_user_may_command_it_and_read_the_logs(self, live: Service) -> None:
        files = (live.path / ".supervisor.socket", live.path / "versions" / ONE.reference / "log")
        assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]


class TestCommands:
    def test_an_owner_who_was_overtaken_is_refused_by_the_supervisor_itself(self, live: Service) -> None:
        """Who was paused between the lock of the folder and its command gets nothing done either."""
        Supervisor(path=live.path, address=live.address, fence=5).carry_out("switch", reference=ONE.reference)
        late = Supervisor(path=live.path, address=live.address, fence=4)
        for do in ("switch", "stop", "start", "quit"):
            with pytest.raises(LeaseLost) as caught:
                late.carry_out(do, reference=None)
            assert "the number of this run is 4, the highest that was seen is 5" in caught.value.evidence
        assert (late.live(), live.ask()) == (ONE.reference, "1.0.0")
        os.kill(live.supervisor(), signal.SIGKILL)
        live.target(5).start(ONE, silent)
        with pytest.raises(LeaseLost):
            late.carry_out("switch", reference=None)

    def test_what_is_live_is_not_stopped_by_the_supervisor_itself(self, live: Service) -> None:
        with pytest.raises(ExternalError, match="is live"):
            Supervisor(path=live.path, address=live.address, fence=0).carry_out("stop", reference=ONE.reference)

    def test_it_does_not_switch_to_what_does_not_run(self, live: Service) -> None:
        with pytest.raises(ExternalError, match="does not run"):
            Supervisor(path=live.path, address=live.address, fence=0).carry_out("switch", reference=TWO.reference)

    @pytest.mark.parametrize("line", [b"nonsense\n", b'{"do": "dance"}\n', b'{"do": "start"}\n', b"[]\n", b"half"])
    def test_what_it_does_not_understand_changes_nothing(self, live: Service, line: bytes) -> None:
        with client._connected(live.path) as connection:
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(1000)
        assert answer == b"" or json.loads(answer)["error"] == "unknown"
        assert live.ask() == "1.0.0"

    def test_a_supervisor_of_another_version_of_shipit_is_a_problem(
        self, live: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client, "PROTOCOL", 2)
        (problem,) = live.target().problems()
        assert problem.what == "the supervisor that runs was started by another version of shipit"
        assert problem.hint.startswith("kill ")
        monkeypatch.undo()

    def test_a_folder_with_a_long_path_is_no_obstacle(
        self, installed: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deep = tmp_path / ("a" * 60) / ("b" * 60)
        deep.mkdir(parents=True)
        monkeypatch.setattr("tempfile.tempdir", str(deep))  # as where TMPDIR lies as deep
        with copied(installed, deep) as service:
            service.target().start(ONE, silent)
            service.target().switch(ONE.reference, silent)
            assert service.ask() == "1.0.0"


KILLED = """
import os, signal, sys
from pathlib import Path
from shipit.adapters.local import client, process
from shipit.adapters.local.launch import Launch
from shipit.adapters.python.virtualenv import Environment
from tests.support.served import TWO, Service, silent

moment, service = sys.argv[1], Service(path=Path(sys.argv[2]), address=sys.argv[3])
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
ask = client.Supervisor.carry_out

def after(self, do, **words):
    ask(self, do, **words)
    die()

match moment:
    case "install":
        Environment.install = die
    case "mark":
        os.sync = die
    case "start":
        Launch.run = die
    case "wait":
        Launch._wait = die
    case "switch":
        client.Supervisor.carry_out = lambda self, do, **words: (
            die() if do == "switch" else ask(self, do, **words))
    case "switched":
        client.Supervisor.carry_out = lambda self, do, **words: (
            after if do == "switch" else ask)(self, do, **words)
target = service.target()
target.start(TWO, silent)
target.switch(TWO.reference, silent)
"""


class TestKills:
    @pytest.mark.parametrize("moment", ["install", "mark", "start", "wait", "switch", "switched"])
    def test_killed_at_any_moment_a_version_answers_and_the_next_run_converges(
        self, live: Service, moment: str
    ) -> None:
        target = live.target()
        target.stop(TWO.reference, silent)  # so that it has to be installed
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, moment, str(live.path), live.address],
            cwd=TOP,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        wanted = TWO if moment == "switched" else ONE
        assert (target.live(), live.ask()) == (wanted.reference, wanted.version)
        target.start(TWO, silent)
        target.switch(TWO.reference, silent)
        assert (target.live(), live.ask(), len(live.processes())) == (TWO.reference, "1.1.0", 2)
        environments = [*(live.path / "versions" / TWO.reference).glob("environment-*")]
        assert len(environments) == 1
