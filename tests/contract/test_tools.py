"""Tools asked for their version: the real git and Python, and programs that hang, fail, lie or say nothing."""

import os
import sys
import time
from pathlib import Path
from threading import Event, Timer

import pytest

from shipit import masking
from shipit.adapters import tools
from shipit.adapters.tools import Asker, Found
from tests.support.require import require

SECRET = "-".join(("never", "shown", "anywhere"))  # noqa: FLY002 - no scanner of this repository is to see it


class Bench:
    """A folder of programs that comes first on PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.top = folder / "top"
        self.top.mkdir()
        self.programs = folder / "bin"
        self.programs.mkdir()
        monkeypatch.setenv("PATH", f"{self.programs}{os.pathsep}{os.environ['PATH']}")

    def program(self, name: str, *lines: str) -> str:
        """Make a shell script; returns its path."""
        path = self.programs / name
        path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
        path.chmod(0o755)
        return str(path)

    def ask(self, *argv: str, says: str = "", patience: float = 5) -> Found:
        return Asker(top=self.top, patience=patience).program(argv, says)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


class TestAProgram:
    def test_says_its_version_and_where_it_is(self, bench: Bench) -> None:
        found = bench.ask("git", "--version")
        assert found.is_here
        assert not found.fault
        assert tools.fits(found.version, ">=2")
        assert found.place.endswith("/git")

    def test_that_is_not_on_path_is_missing(self, bench: Bench) -> None:
        assert bench.ask("there-is-no-such-program", "--version") == Found(is_here=False)

    @pytest.mark.parametrize(
        ("printed", "version"),
        [
            ("git version 2.39.5.windows.1", "2.39.5"),
            ("github.com/docker/buildx v0.12.1 30feaa1", "0.12.1"),
            ("Docker version 20.10.24+dfsg1, build 297e128", "20.10.24"),
            ("git-lfs/3.3.0 (GitHub; linux amd64; go 1.19.8)", "3.3.0"),
            ("tool on py3.11 is 4.2", "4.2"),
            ("no number here", ""),
            ("", ""),
        ],
    )
    def test_may_say_it_in_odd_words(self, bench: Bench, printed: str, version: str) -> None:
        bench.program("odd", f"echo '{printed}'")
        assert (bench.ask("odd").version, bench.ask("odd").fault) == (version, "")

    def test_may_say_it_on_stderr(self, bench: Bench) -> None:
        bench.program("loud", "echo 'loud 1.2.3' >&2")
        assert bench.ask("loud").version == "1.2.3"

    def test_that_fails_is_here_and_does_not_run(self, bench: Bench) -> None:
        bench.program("sick", "echo starting", "echo 'libfoo.so is missing' >&2", "exit 3")
        found = bench.ask("sick")
        assert (found.is_here, found.fault) == (True, "it ended with exit code 3: libfoo.so is missing")

    def test_that_fails_without_a_word_is_told_by_its_exit_code(self, bench: Bench) -> None:
        bench.program("mute", "exit 3")
        assert bench.ask("mute").fault == "it ended with exit code 3"

    def test_that_crashes_is_told_by_its_signal(self, bench: Bench) -> None:
        bench.program("crash", "kill -ABRT $$")
        assert bench.ask("crash").fault == "it was ended by signal 6"

    def test_that_hangs_is_not_waited_for(self, bench: Bench) -> None:
        bench.program("slow", "exec sleep 60")
        began = time.monotonic()
        assert bench.ask("slow", patience=0.3).fault == "no answer within 0.3 s"
        assert time.monotonic() - began < 10

    def test_that_cannot_be_run_says_why(self, bench: Bench) -> None:
        path = bench.programs / "lost"
        path.write_text("#!/there/is/no/such/shell\n")
        path.chmod(0o755)
        found = bench.ask("lost")
        assert found.is_here
        assert found.fault

    def test_of_the_same_name_that_is_another_is_told(self, bench: Bench) -> None:
        bench.program("docker", "echo 'podman version 4.9.4'")
        found = bench.ask("docker", "--version", says="Docker version")
        assert found.fault == "it is another program of this name: podman version 4.9.4"

    def test_without_the_subcommand_lacks_that_part(self, bench: Bench) -> None:
        bench.program("docker", """echo "docker: 'buildx' is not a docker command." >&2""", "exit 1")
        assert bench.ask("docker", "buildx", "version") == Found(is_here=False)

    def test_that_prints_a_secret_is_masked(self, bench: Bench) -> None:
        masking.register(SECRET)
        bench.program("chatty", f"echo 'token {SECRET}'", "exit 1")
        assert bench.ask("chatty").fault == "it ended with exit code 1: token ***"

    def test_is_ended_once_nobody_waits_any_more(self, bench: Bench) -> None:
        bench.program("slow", "exec sleep 60")
        stop = Event()
        timer = Timer(0.2, stop.set)
        timer.start()
        began = time.monotonic()
        assert Asker(top=bench.top, stop=stop).program(["slow"]).fault
        assert time.monotonic() - began < 8
        timer.join()

    def test_by_its_path_is_looked_for_from_the_top(self, bench: Bench) -> None:
        (bench.top / "run").symlink_to(bench.program("made", "echo 1.0"))
        assert bench.ask("./run").version == "1.0"


class TestAProgramOfTheProjects:
    def test_is_found_and_never_started(self, bench: Bench) -> None:
        path = bench.program("deploy", f"touch {bench.top / 'started'}")
        asker = Asker(top=bench.top)
        assert asker.file("deploy") == Found(is_here=True, place=path)
        assert asker.file("deplore") == Found(is_here=False)
        assert not (bench.top / "started").exists()


class TestAModule:
    def ask(self, bench: Bench, name: str, python: str = sys.executable) -> Found:
        return Asker(top=bench.top).module(python, name)

    def test_is_found_with_the_version_of_its_package(self, bench: Bench) -> None:
        assert self.ask(bench, "pytest").version == pytest.__version__

    def test_that_is_not_there_is_missing(self, bench: Bench) -> None:
        found = self.ask(bench, "there_is_no_such_module")
        assert (found.is_here, found.fault) == (False, "")

    def test_of_a_python_that_is_not_there_is_missing(self, bench: Bench) -> None:
        assert self.ask(bench, "pytest", "there-is-no-such-python") == Found(is_here=False)

    def test_of_the_project_is_found_without_being_imported(self, bench: Bench) -> None:
        for name in ("ours", "json"):  # the second stands where Python has one of its own
            (bench.top / f"{name}.py").write_text(f"open({str(bench.top / 'imported')!r}, 'w')\n")
        found = self.ask(bench, "ours")
        assert (found.is_here, found.version) == (True, "")
        assert not (bench.top / "imported").exists()

    def test_is_found_although_the_python_prints_something_first(self, bench: Bench) -> None:
        bench.program("python9", "echo hello", f'exec {sys.executable} "$@"')
        assert self.ask(bench, "pytest", "python9").version == pytest.__version__

    def test_of_a_python_that_answers_something_else_is_unknown(self, bench: Bench) -> None:
        bench.program("python9", "echo sorry")
        assert self.ask(bench, "pytest", "python9").fault == "it ended with exit code 0: sorry"

    def test_of_a_python_that_says_nothing_is_unknown(self, bench: Bench) -> None:
        bench.program("python9", "exit 1")
        assert self.ask(bench, "pytest", "python9").fault == "it ended with exit code 1"

    def test_of_a_python_that_hangs_is_not_waited_for(self, bench: Bench) -> None:
        bench.program("python9", "exec sleep 60")
        found = Asker(top=bench.top, patience=0.3).module("python9", "pytest")
        assert found.fault == "no answer within 0.3 s"


class TestTheProgramsOfPostgresql:
    def test_are_those_that_migrate_would_find(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        from shipit.adapters.postgres.tools import FOLDER

        for name in ("pg_dump", "pg_restore"):
            bench.program(name, f"echo '{name} (PostgreSQL) 17.4'")
        monkeypatch.setenv(FOLDER, str(bench.programs))
        found = Asker(top=bench.top).client()
        assert (found.version, found.place) == ("17.4", str(bench.programs / "pg_dump"))

    def test_are_missing_where_the_folder_has_none(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        from shipit.adapters.postgres.tools import FOLDER

        monkeypatch.setenv(FOLDER, str(bench.top))
        assert Asker(top=bench.top).client() == Found(is_here=False)

    def test_that_hang_do_not_run(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        from shipit.adapters import process
        from shipit.adapters.postgres.tools import FOLDER
        from shipit.errors import Unavailable

        def hang(*_: object, **__: object) -> None:
            raise Unavailable("`pg_dump --version` did not end within 10 s")

        for name in ("pg_dump", "pg_restore"):
            bench.program(name, "exec sleep 60")
        monkeypatch.setenv(FOLDER, str(bench.programs))
        monkeypatch.setattr(process, "run", hang)
        assert Asker(top=bench.top).client().fault == "`pg_dump --version` did not end within 10 s"

    def test_are_asked_on_path_without_psycopg(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.program("pg_dump", "echo 'pg_dump (PostgreSQL) 16.2'")
        monkeypatch.setitem(sys.modules, "shipit.adapters.postgres.tools", None)
        assert Asker(top=bench.top).client().version == "16.2"

    def test_of_this_machine_say_which_they_are(self, bench: Bench) -> None:
        found = Asker(top=bench.top).client()
        require("pg_dump and pg_restore", found.is_here)
        assert tools.fits(found.version, ">=9")


def test_a_package_beside_shipit_has_its_version_and_one_that_is_not_there_has_none() -> None:
    assert tools.package("pytest").version == pytest.__version__
    assert tools.package("there-is-no-such-package") == Found(is_here=False)


def test_the_python_that_runs_shipit_is_this_one() -> None:
    assert tools.own_python().place == sys.executable
    assert tools.fits(tools.own_python().version, ">=3.11")


def test_a_version_fits_or_not_and_what_is_no_specifier_refuses_nobody() -> None:
    assert tools.fits("10.2.0", ">=9.9,!=10.0.*,!=10.1.*")
    assert not tools.fits("10.1.0", ">=9.9,!=10.0.*,!=10.1.*")
    assert not tools.fits("2.9", ">=2.38")
    assert tools.fits("3.14.0", ">=3.11,<4")
    assert tools.fits("1.0", "whatever")
