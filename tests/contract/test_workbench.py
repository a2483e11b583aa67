"""The workbench on a real repository: gates, builds, the trial installation, the bill, and what is left behind."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from shipit import config
from shipit.adapters.workbench import Workbench
from shipit.errors import Refused, UsageError
from tests.support.distributions import sha256, wheel
from tests.support.require import require

TIME = 1_700_000_000
VERSION = "1.1.0-rc.1"

FLIT = """\
[build-system]
requires = ["flit_core>=3.9"]
build-backend = "flit_core.buildapi"

[project]
name = "my-acme"
version = "1.1.0rc1"
description = "a test"
readme = "README.md"
requires-python = ">=3.11"
"""
HATCH = FLIT.replace("flit_core.buildapi", "hatchling.build").replace("flit_core>=3.9", "hatchling>=1.26")
COVERED = """\
from pathlib import Path
Path("coverage.xml").write_text('<coverage lines-valid="{valid}" lines-covered="{covered}" line-rate="0.8"/>')
"""


def silent(line: str) -> None: ...


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.invalid")
    done = subprocess.run(["git", "-C", folder, *author, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(code))


class Bench:
    """A repository with one commit, and workbenches on it."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        self.top = folder / "top"
        self.top.mkdir(parents=True)
        git(self.top, "init", "--quiet", "--initial-branch=main")
        for name, text in files.items():
            place = self.top / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        git(self.top, "add", ".")
        git(self.top, "commit", "--quiet", "--message", "one")
        self.commit = git(self.top, "rev-parse", "HEAD")

    def workbench(self, place: str = "bench", build: config.Build | None = None, **gates: config.Gate) -> Workbench:
        tree = git(self.top, "rev-parse", "HEAD^{tree}")
        options = build or config.Build()
        return Workbench(self.top, self.folder / place, self.commit, tree, TIME, VERSION, gates, options)


FILES = {"pyproject.toml": FLIT, "README.md": "# acme\n", "my_acme/__init__.py": '"""acme"""\n'}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, FILES)


class TestGates:
    def test_a_command_that_ends_well_passes_and_is_followed_line_by_line(self, bench: Bench) -> None:
        lines: list[str] = []
        gate = config.Gate(run=python("print('one'); print('two')"))
        report = bench.workbench(tests=gate).run_gate("tests", lines.append)
        assert report.passed
        assert lines == ["one", "two"]
        assert (report.gate, report.command, report.coverage, report.detail) == ("tests", gate.run, None, "")
        assert report.tree == git(bench.top, "rev-parse", "HEAD^{tree}")

    def test_a_failing_command_is_a_report_with_its_last_lines(self, bench: Bench) -> None:
        gate = config.Gate(run=python("import sys; print('1 failed'); sys.exit(3)"))
        report = bench.workbench(tests=gate).run_gate("tests", silent)
        assert not report.passed
        assert report.detail == "the command ended with exit code 3\n1 failed"

    def test_a_command_ended_by_a_signal_says_so(self, bench: Bench) -> None:
        gate = config.Gate(run=python("import os; os.kill(os.getpid(), 9)"))
        report = bench.workbench(tests=gate).run_gate("tests", silent)
        assert report.detail == "the command was ended by signal 9"

    def test_a_command_that_does_not_exist_is_a_report(self, bench: Bench) -> None:
        report = bench.workbench(tests=config.Gate(run="no-such-command --now")).run_gate("tests", silent)
        assert not report.passed
        assert "`no-such-command` is not installed" in report.detail

    def test_a_command_that_takes_too_long_is_a_report(self, bench: Bench) -> None:
        gate = config.Gate(run=python("import time; print('waiting', flush=True); time.sleep(60)"), timeout=1)
        object.__setattr__(gate, "timeout", 0.01) if False else None
        slow = bench.workbench(tests=gate)
        report = run_with_patience(slow, 1.5)
        assert not report.passed
        assert "did not end within" in report.detail
        assert "waiting" in report.detail

    def test_a_string_is_split_like_a_shell_does_and_no_shell_runs(self, bench: Bench) -> None:
        lines: list[str] = []
        gate = config.Gate(run=f"{sys.executable} -c 'import sys; print(sys.argv[1:])' 'a b' '$HOME' ';' '*'")
        assert bench.workbench(tests=gate).run_gate("tests", lines.append).passed
        assert lines == ["['a b', '$HOME', ';', '*']"]

    @pytest.mark.parametrize("command", ["", "echo 'open"])
    def test_a_command_that_is_none_is_a_usage_error(self, bench: Bench, command: str) -> None:
        with pytest.raises(UsageError):
            bench.workbench(tests=config.Gate(run=command)).run_gate("tests", silent)

    def test_an_unknown_gate_is_a_usage_error_that_names_the_known_ones(self, bench: Bench) -> None:
        with pytest.raises(UsageError) as caught:
            bench.workbench(lint=config.Gate(run="true")).run_gate("tests", silent)
        assert caught.value.evidence == ("gates: lint",)

    def test_commands_see_the_release_and_not_the_git_that_called_us(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            monkeypatch.setenv(name, str(bench.top / ".git"))
        lines: list[str] = []
        code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
        assert bench.workbench(env=config.Gate(run=python(code))).run_gate("env", lines.append).passed
        seen, where = json.loads(lines[0])
        assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} & set(seen)
        assert seen["SOURCE_DATE_EPOCH"] == str(TIME)
        assert (seen["SHIPIT_VERSION"], seen["SETUPTOOLS_SCM_PRETEND_VERSION"]) == (VERSION, "1.1.0rc1")
        assert Path(where) == bench.folder / "bench" / "tree"


def run_with_patience(workbench: Workbench, seconds: float) -> object:
    raise NotImplementedError
