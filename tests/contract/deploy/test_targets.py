"""Every target of this machine keeps the same promises: the folder behind a symlink, and the service."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from shipit.adapters.local import versions
from shipit.adapters.local.directory import DirectoryTarget
from shipit.deploy.ports import Target
from shipit.errors import Denied, ExternalError, LeaseLost, Unavailable
from shipit.model import Candidate, Revision
from tests.support.served import ONE, THREE, TWO, Service, eventually, free_address, silent

TOP = Path(__file__).parents[3]
NONE_OF_OURS = Revision("9.9.9", "9" * 40)


class TargetContract:
    """What a step of a deployment may rely on, whoever plays the port."""

    def test_nothing_is_live_at_first(self, target: Target) -> None:
        assert (target.live(), target.problems(), target.candidate(ONE)) == (None, (), None)

    def test_what_is_started_is_a_candidate_and_not_live(self, target: Target) -> None:
        target.start(ONE, silent)
        found = target.candidate(ONE)
        assert (found and found.reference, target.live()) == (ONE.reference, None)

    def test_starting_does_not_touch_what_is_live(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        target.start(TWO, silent)
        assert (target.live(), answer()) == (ONE.reference, ONE.version)

    def test_starting_twice_changes_nothing(self, target: Target) -> None:
        target.start(ONE, silent)
        found = target.candidate(ONE)
        target.start(ONE, silent)
        assert target.candidate(ONE) == found

    def test_traffic_goes_to_what_was_switched_to(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        deploy(target, TWO)
        assert (target.live(), answer()) == (TWO.reference, TWO.version)

    def test_what_was_live_before_stays_ready(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        deploy(target, TWO)
        assert target.candidate(ONE)
        target.switch(ONE.reference, silent)
        assert (target.live(), answer()) == (ONE.reference, ONE.version)

    def test_switching_twice_is_no_fault(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        target.switch(ONE.reference, silent)
        assert (target.live(), answer()) == (ONE.reference, ONE.version)

    def test_switched_to_nothing_nobody_answers(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        target.switch(None, silent)
        assert (target.live(), bool(target.candidate(ONE))) == (None, True)
        with pytest.raises(OSError, match=r"Errno|no answer"):
            answer()

    def test_switching_to_nothing_where_nothing_is_changes_nothing(self, target: Target) -> None:
        target.switch(None, silent)
        assert (target.live(), target.problems()) == (None, ())

    def test_an_unknown_reference_is_an_error(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        for reference in (NONE_OF_OURS.reference, "../versions", ""):
            with pytest.raises(ExternalError, match="nothing is kept"):
                target.switch(reference, silent)
        assert (target.live(), answer()) == (ONE.reference, ONE.version)

    def test_what_is_stopped_is_gone(self, target: Target) -> None:
        deploy(target, ONE)
        target.start(TWO, silent)
        target.stop(TWO.reference, silent)
        assert (target.candidate(TWO), target.live()) == (None, ONE.reference)

    def test_what_is_live_is_not_stopped(self, target: Target, answer: Callable[[], str]) -> None:
        deploy(target, ONE)
        target.stop(ONE.reference, silent)
        assert (target.live(), answer()) == (ONE.reference, ONE.version)

    def test_stopping_what_is_not_there_changes_nothing(self, target: Target) -> None:
        target.stop(NONE_OF_OURS.reference, silent)
        assert target.problems() == ()

    def test_what_was_stopped_can_be_started_again(self, target: Target, answer: Callable[[], str]) -> None:
        target.start(ONE, silent)
        target.stop(ONE.reference, silent)
        deploy(target, ONE)
        assert answer() == ONE.version

    def test_another_commit_of_the_same_version_is_another_candidate(self, target: Target) -> None:
        target.start(ONE, silent)
        assert target.candidate(Revision(ONE.version, "4" * 40)) is None

    def test_a_commit_with_the_same_beginning_is_no_candidate(self, target: Target) -> None:
        target.start(ONE, silent)
        assert target.candidate(Revision(ONE.version, "1" * 12 + "4" * 28)) is None

    def test_an_owner_who_was_overtaken_changes_nothing(
        self, fenced: Callable[[int], Target], answer: Callable[[], str]
    ) -> None:
        old, new = fenced(7), fenced(8)
        deploy(old, ONE)
        new.start(TWO, silent)
        changes: list[Callable[[], None]] = [
            lambda: old.start(TWO, silent),
            lambda: old.switch(TWO.reference, silent),
            lambda: old.switch(None, silent),
            lambda: old.stop(TWO.reference, silent),
            lambda: old.prune((), silent),
        ]
        for change in changes:
            with pytest.raises(LeaseLost, match="taken over"):
                change()
        assert (old.live(), bool(new.candidate(TWO)), answer()) == (ONE.reference, True, ONE.version)

    def test_two_that_start_the_same_both_find_it_done(self, target: Target) -> None:
        failures: list[BaseException] = []

        def start() -> None:
            try:
                target.start(ONE, silent)
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test fails
                failures.append(error)

        threads = [threading.Thread(target=start) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (failures, bool(target.candidate(ONE))) == ([], True)

    def test_who_waits_too_long_for_another_is_told_for_whom(
        self, target: Target, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(versions, "PATIENCE", 0.05)
        holder = versions.Versions(path=path, fence=0)
        with holder.changing(), pytest.raises(Unavailable, match=f"process {os.getpid()} of shipit"):
            target.start(ONE, silent)

    def test_names_of_others_are_never_touched(self, target: Target, path: Path) -> None:
        others = [path / "notes.txt", path / "versions" / "readme.json", path / "versions" / "old" / "x"]
        for other in others:
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_text("mine")
        for revision in (ONE, TWO, THREE):
            deploy(target, revision)
        target.prune((), silent)
        target.stop("old", silent)
        assert [other.read_text() for other in others] == ["mine"] * 3

    def test_a_file_in_the_place_is_a_problem(self, target: Target, path: Path) -> None:
        if path.exists():
            (path / "versions").rename(path / "elsewhere")
        path.mkdir(exist_ok=True)
        (path / "versions").write_text("mine")
        (problem,) = target.problems()
        assert "versions is not a directory" in problem.evidence
        with pytest.raises(Denied):
            target.start(ONE, silent)

    def test_a_folder_that_may_not_be_written_is_a_problem(
        self, target: Target, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
        (problem,) = target.problems()
        assert problem.evidence.endswith("may not be written")


class TidyContract:
    """Which versions stay; `keep` is 1."""

    def test_the_oldest_go_and_as_many_stay_as_are_configured(self, thrifty: Target) -> None:
        for revision in (ONE, TWO, THREE):
            deploy(thrifty, revision)
        thrifty.prune((), silent)
        assert kept(thrifty) == [TWO, THREE]

    def test_what_is_needed_stays_however_old_it_is(self, thrifty: Target) -> None:
        for revision in (ONE, TWO, THREE):
            deploy(thrifty, revision)
        thrifty.prune([ONE.reference], silent)
        assert kept(thrifty) == [ONE, TWO, THREE]

    def test_what_was_live_last_counts_as_new(self, thrifty: Target) -> None:
        for revision in (ONE, TWO, ONE, THREE):
            deploy(thrifty, revision)
        thrifty.prune((), silent)
        assert kept(thrifty) == [ONE, THREE]


def deploy(target: Target, revision: Revision) -> None:
    target.start(revision, silent)
    target.switch(revision.reference, silent)


def kept(target: Target) -> Sequence[Revision]:
    return [revision for revision in (ONE, TWO, THREE) if target.keeps(revision)]


def export(commit: str, folder: Path) -> None:
    version = next((known.version for known in (ONE, TWO, THREE) if known.commit == commit), "?")
    (folder / "assets").mkdir()
    (folder / "assets" / "style.css").write_text("body {}")
    (folder / "index.html").write_text(version)


class TestDirectory(TargetContract, TidyContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "www"

    @pytest.fixture
    def fenced(self, path: Path) -> Callable[[int], Target]:
        return lambda fence: DirectoryTarget(name="web", path=path, keep=2, export=export, fence=fence)

    @pytest.fixture
    def target(self, fenced: Callable[[int], Target]) -> Target:
        return fenced(0)

    @pytest.fixture
    def thrifty(self, path: Path) -> Target:
        return DirectoryTarget(name="web", path=path, keep=1, export=export)

    @pytest.fixture
    def answer(self, path: Path) -> Callable[[], str]:
        return (path / "current" / "index.html").read_text

    def test_its_kind_is_that_of_the_configuration(self, target: Target) -> None:
        assert (target.kind, target.name) == ("directory", "web")

    def test_the_link_stays_right_when_the_folder_is_moved(self, target: Target, path: Path) -> None:
        deploy(target, ONE)
        path.rename(path.with_name("moved"))
        assert (path.with_name("moved") / "current" / "index.html").read_text() == ONE.version

    @pytest.mark.parametrize("what", ["folder", "file", "link elsewhere"])
    def test_something_else_in_the_place_of_the_link_is_a_problem_and_stays(
        self, target: Target, path: Path, what: str
    ) -> None:
        target.start(ONE, silent)
        current = path / "current"
        make: dict[str, Callable[[], object]] = {
            "folder": current.mkdir,
            "file": lambda: current.write_text("mine"),
            "link elsewhere": lambda: current.symlink_to(path.parent),
        }
        make[what]()
        before = current.lstat()
        assert ["cannot be switched" in problem.what for problem in target.problems()] == [True]
        assert target.live() is None
        for reference in (ONE.reference, None):
            with pytest.raises(Denied, match="not a link to one of its versions"):
                target.switch(reference, silent)
        assert current.lstat() == before

    def test_a_folder_of_others_under_the_same_name_is_not_replaced(self, target: Target, path: Path) -> None:
        mine = path / "versions" / ONE.reference / "mine"
        mine.parent.mkdir(parents=True)
        mine.write_text("mine")
        with pytest.raises(ExternalError, match="is in the way") as caught:
            target.start(ONE, silent)
        assert caught.value.evidence == ("shipit did not put it there",)
        assert (mine.read_text(), target.candidate(ONE)) == ("mine", None)

    def test_an_export_that_fails_leaves_nothing(self, path: Path) -> None:
        def fail(commit: str, folder: Path) -> None:
            (folder / "half").write_text("half")
            raise ExternalError("the disk is full")

        target = DirectoryTarget(name="web", path=path, keep=1, export=fail)
        with pytest.raises(ExternalError, match="full"):
            target.start(ONE, silent)
        assert (entries(path), target.candidate(ONE)) == ([], None)

    def test_who_reads_while_it_is_switched_always_finds_a_version(self, target: Target, path: Path) -> None:
        deploy(target, ONE)
        target.start(TWO, silent)
        found: set[str] = set()
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                found.add((path / "current" / "index.html").read_text())

        reader = threading.Thread(target=read)
        reader.start()
        for revision in (TWO, ONE) * 20:
            target.switch(revision.reference, silent)
        done.set()
        reader.join()
        assert found == {ONE.version, TWO.version}

    @pytest.mark.parametrize("moment", ["export", "sync_tree", "mark", "rename", "place", "link"])
    def test_a_kill_leaves_the_old_version_and_the_next_run_converges(
        self, target: Target, path: Path, moment: str
    ) -> None:
        deploy(target, ONE)
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, moment, str(path)],
            cwd=TOP,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        assert (target.live(), (path / "current" / "index.html").read_text()) == (ONE.reference, ONE.version)
        deploy(target, TWO)
        assert target.live() == TWO.reference
        assert entries(path) == sorted(f"{one.reference}{end}" for one in (ONE, TWO) for end in ("", ".json"))
        assert [left.name for left in path.iterdir() if "partial" in left.name] == []


KILLED = """
import os, signal, sys
from pathlib import Path
from shipit.adapters import files
from shipit.adapters.local import versions
from shipit.adapters.local.directory import DirectoryTarget
from tests.contract.deploy import test_targets
from tests.support.served import TWO, silent

moment, path = sys.argv[1], Path(sys.argv[2])
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

def export(commit, folder):
    test_targets.export(commit, folder)
    if moment == "export":
        die()

target = DirectoryTarget(name="web", path=path, keep=2, export=export)
match moment:
    case "sync_tree":
        versions.sync_tree = die
    case "mark":
        versions.Versions.mark = die
    case "rename":
        files.rename = die
    case "place":
        versions.Versions.place = lambda self, reference: die() if (self.folder / f"{reference}.json").exists(
            ) else self.folder / reference
target.start(TWO, silent)
if moment == "link":
    Path.replace = die
target.switch(TWO.reference, silent)
"""


def entries(path: Path) -> list[str]:
    return sorted(entry.name for entry in (path / "versions").iterdir() if not entry.name.startswith((".l", ".f")))


class TestProcess(TargetContract):
    @pytest.fixture
    def path(self, service: Service) -> Path:
        return service.path

    @pytest.fixture
    def fenced(self, service: Service) -> Callable[[int], Target]:
        return service.target

    @pytest.fixture
    def target(self, service: Service) -> Target:
        return service.target()

    @pytest.fixture
    def answer(self, service: Service) -> Callable[[], str]:
        return service.ask

    def test_its_kind_is_that_of_the_configuration(self, target: Target) -> None:
        assert (target.kind, target.name) == ("process", "api")

    def test_a_candidate_answers_at_its_own_address(self, target: Target, service: Service) -> None:
        deploy(target, ONE)
        target.start(TWO, silent)
        candidate = target.candidate(TWO)
        assert isinstance(candidate, Candidate)
        assert (Service(path=service.path, address=candidate.address).ask(), service.ask()) == ("1.1.0", "1.0.0")

    def test_the_oldest_go_and_what_is_needed_or_was_live_last_stays(self, service: Service) -> None:
        service.keep = 1
        target = service.target()
        for revision in (ONE, TWO, ONE, THREE):
            deploy(target, revision)
        target.prune([TWO.reference], silent)
        assert kept(target) == [ONE, TWO, THREE]
        target.prune((), silent)
        assert kept(target) == [ONE, THREE]

    def test_only_what_is_live_goes_on_running_and_is_started_again_on_the_way_back(
        self, target: Target, service: Service
    ) -> None:
        for revision in (ONE, TWO):
            deploy(target, revision)
        assert len(service.processes()) == 2
        target.prune([ONE.reference], silent)
        assert eventually(lambda: len(service.processes()) == 1)
        assert (service.ask(), target.keeps(ONE), target.candidate(ONE)) == ("1.1.0", True, None)
        deploy(target, ONE)
        assert (service.ask(), service.built) == ("1.0.0", 0)

    def test_what_is_under_way_with_one_that_ends_is_finished(self, target: Target, service: Service) -> None:
        deploy(target, ONE)
        host, _, port = service.address.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\n")
            deploy(target, TWO)
            target.prune((), silent)
            slow.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: slow.recv(1 << 16), b""))
        assert b'"version": "1.0.0"' in answer
        assert eventually(lambda: len(service.processes()) == 1)

    def test_two_targets_at_one_address_do_not_take_it_from_each_other(
        self, target: Target, service: Service, tmp_path: Path
    ) -> None:
        deploy(target, ONE)
        other = Service(path=tmp_path / "other", address=service.address).target()
        (problem,) = other.problems()
        assert problem.evidence == f"{service.address} is in use by another program"
        assert not problem.is_warning

    def test_another_address_is_a_problem_as_long_as_the_old_one_is_held(
        self, target: Target, service: Service
    ) -> None:
        deploy(target, ONE)
        before, service.address = service.address, free_address()
        (problem,) = service.target().problems()
        assert problem.what == f"api answers at {before}, not at {service.address}"
        service.address = before

    @pytest.mark.parametrize("address", ["192.0.2.1:8080", "no-such-host.invalid:8080", "127.0.0.1:99999"])
    def test_an_address_that_cannot_be_had_is_a_problem(self, service: Service, address: str) -> None:
        service.address = address
        (problem,) = service.target().problems()
        assert problem.what == f"api cannot answer at {address}"
        with pytest.raises(ExternalError, match="supervisor cannot start"):
            service.target().start(ONE, silent)
