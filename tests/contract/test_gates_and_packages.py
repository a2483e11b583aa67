"""Gates and packages on a real repository: builds, the trial installation, the SBOM, and what is left behind."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import pytest

from shipit import config
from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.git.clone_settings import without_repository
from shipit.adapters.git.private_clone import PrivateClone
from shipit.adapters.python.build_versions import release_variables
from shipit.adapters.python.packager import Packager
from shipit.engine.plan import Say
from shipit.errors import Refused, UsageError
from shipit.gates.outside import UsersTree, gate_runner
from shipit.gates.report import GateReport, Verdict
from shipit.gates.runner import GateRunner, split
from shipit.versioning.number import pep440
from tests.fakes import ADA
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


AUTO = config.Distribution(isolation="auto")


def silent(line: str) -> None: ...


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.invalid")
    done = subprocess.run(["git", "-C", folder, *author, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(code))


@dataclass
class Workbench:
    """Gates and packages on one work tree, as a release has them."""

    gates: GateRunner
    packager: Packager

    @property
    def folder(self) -> Path:
        return self.packager.folder.base

    @property
    def source(self) -> Path:
        return self.packager.tree.path

    def run_gate(self, name: str, say: Say) -> GateReport:
        return self.gates.run(name, say)

    def build(self, say: Say) -> Sequence[Path]:
        return self.packager.build(say)

    def check(self, dist: Sequence[Path], say: Say) -> Sequence[str]:
        return self.packager.check(dist, say)

    def try_install(self, dist: Sequence[Path], say: Say) -> Path:
        python = self.packager.try_install(dist, say)
        assert python
        return python

    def sbom(self, python: Path, say: Say) -> bytes:
        return self.packager.sbom(python, say)

    def clear(self) -> None:
        self.packager.clear()


class Bench:
    """A repository with one commit, and workbenches on it."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        self.top = folder / "top"
        self.top.mkdir(parents=True)
        git(self.top, "init", "--quiet", "--initial-branch=main")
        self.add(files)

    def add(self, files: Mapping[str, str]) -> None:
        """Commit these files."""
        for name, text in files.items():
            place = self.top / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        git(self.top, "add", ".")
        git(self.top, "commit", "--quiet", "--message", "one")
        self.commit = git(self.top, "rev-parse", "HEAD")

    def workbench(
        self, place: str = "bench", build: config.Distribution | None = None, **gates: config.Gate
    ) -> Workbench:
        options = build or config.Distribution(isolation="never")
        folder = self.folder / place
        tree = PrivateClone(
            top=self.top,
            commit=self.commit,
            tag="v1.1.0-rc.1",
            author=ADA,
            time=TIME,
            id=git(self.top, "rev-parse", "HEAD^{tree}"),
        )
        variables = {**without_repository(), **release_variables(VERSION, TIME)}
        packager = Packager(
            tree=tree,
            folder=ClaimedFolder(folder),
            time=TIME,
            project="My_Acme",
            version=pep440(VERSION),
            options=options,
            command=None if options.run is None else split(options.run, "distribution.run"),
            variables=variables,
        )
        return Workbench(gate_runner(gates, tree, variables), packager)


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
        assert (report.gate, report.command, report.coverage) == ("tests", gate.run, None)
        assert report.detail == "judged by its exit code alone: no junit-file is set"
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
        gate = config.Gate(
            run=python("import time; print('waiting', flush=True); time.sleep(60)"),
            timeout=cast(int, 0.02),  # minutes
        )
        report = bench.workbench(tests=gate).run_gate("tests", silent)
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
        monkeypatch.setenv("SETUPTOOLS_SCM_PRETEND_VERSION", "7.7.7")
        lines: list[str] = []
        code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
        assert bench.workbench(env=config.Gate(run=python(code))).run_gate("env", lines.append).passed
        seen, where = json.loads(lines[0])
        assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} & set(seen)
        assert seen["SOURCE_DATE_EPOCH"] == str(TIME)
        assert seen["SHIPIT_VERSION"] == VERSION
        assert not [name for name in seen if name.startswith("SETUPTOOLS_SCM_") or name.endswith("_BYPASS")]
        assert ".git" not in Path(where).parts

    def test_each_way_to_end_has_its_verdict(self, bench: Bench) -> None:
        """A gate that could not look has not passed, and is not called a finding either."""
        gates = {
            "clean": config.Gate(run=python("pass")),
            "findings": config.Gate(run=python("import sys; sys.exit(1)")),
            "killed": config.Gate(run=python("import os; os.kill(os.getpid(), 9)")),
            "slow": config.Gate(run=python("import time; time.sleep(60)"), timeout=cast("int", 0.005)),
            "missing": config.Gate(run="no-such-command --now"),
            "short": config.Gate(run=python(COVERED.format(valid=10, covered=1)), coverage=80),
            "unmeasured": config.Gate(run=python("pass"), coverage=80),
        }
        runner = bench.workbench("bench", None, **gates)
        assert {name: runner.run_gate(name, silent).verdict for name in gates} == {
            "clean": Verdict.CLEAN,
            "findings": Verdict.FINDINGS,
            "killed": Verdict.INCONCLUSIVE,
            "slow": Verdict.INCONCLUSIVE,
            "missing": Verdict.NOT_RUN,
            "short": Verdict.FINDINGS,
            "unmeasured": Verdict.INCONCLUSIVE,
        }

    def test_also_run_on_the_users_own_tree_as_it_is(self, bench: Bench) -> None:
        (bench.top / "README.md").write_text("not committed")
        gate = config.Gate(run=python("print(open('README.md').read())"))
        lines: list[str] = []
        report = gate_runner({"read": gate}, UsersTree(bench.top), {}).run("read", lines.append)
        assert (report.verdict, report.tree, lines) == (Verdict.CLEAN, "", ["not committed"])


class TestWithheldSecrets:
    ASKED = "import os; print([os.environ.get(n) for n in ('GH_TOKEN', 'PYPI_TOKEN', 'USER_NAME')]); {then}"

    @pytest.fixture(autouse=True)
    def _variables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("GH_TOKEN", "PYPI_TOKEN", "USER_NAME"):
            monkeypatch.setenv(name, f"of {name}")

    def run(self, bench: Bench, then: str, *secrets: str) -> tuple[list[str], str]:
        gate = config.Gate(run=python(self.ASKED.format(then=then)), secrets=secrets)
        lines: list[str] = []
        withheld = frozenset({"GH_TOKEN", "PYPI_TOKEN"})
        runner = gate_runner({"asked": gate}, UsersTree(bench.top), {}, withheld)
        return lines, runner.run("asked", lines.append).detail

    def test_a_gate_does_not_see_them(self, bench: Bench) -> None:
        lines, detail = self.run(bench, "pass")
        assert (lines, detail) == (["[None, None, 'of USER_NAME']"], "")

    def test_but_those_that_it_is_let_see(self, bench: Bench) -> None:
        lines, _ = self.run(bench, "pass", "GH_TOKEN", "NOWHERE")
        assert lines == ["['of GH_TOKEN', None, 'of USER_NAME']"]

    def test_one_that_fails_says_what_it_did_not_see(self, bench: Bench) -> None:
        _, detail = self.run(bench, "exit(1)", "GH_TOKEN")
        assert detail.splitlines()[-1] == "it did not see PYPI_TOKEN: gates.asked.secrets names what it may see"


class TestCoverage:
    def covered(self, bench: Bench, code: str, least: float = 80) -> tuple[bool, float | None, str]:
        gate = config.Gate(run=python(code), coverage=least)
        report = bench.workbench(tests=gate).run_gate("tests", silent)
        return report.passed, report.coverage, report.detail

    def test_enough_coverage_passes_and_is_told(self, bench: Bench) -> None:
        assert self.covered(bench, COVERED.format(valid=10, covered=8)) == (True, 80.0, "coverage 80.0 %")

    def test_too_little_coverage_does_not_pass(self, bench: Bench) -> None:
        assert self.covered(bench, COVERED.format(valid=1000, covered=612)) == (
            False,
            61.2,
            "coverage 61.2 % is below 80 %",
        )

    def test_a_rounded_rate_does_not_lift_coverage_over_the_minimum(self, bench: Bench) -> None:
        passed, _, detail = self.covered(bench, COVERED.format(valid=100_000, covered=79_996))
        assert not passed
        assert detail == "coverage 79.996 % is below 80 %"

    def test_a_report_without_counts_is_read_by_its_rate(self, bench: Bench) -> None:
        code = """open("coverage.xml", "w").write('<coverage line-rate="0.9"><line/><line/></coverage>')"""
        assert self.covered(bench, code)[:2] == (True, 90.0)

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("pass", "no coverage report coverage.xml was written"),
            (COVERED.format(valid=0, covered=0), "coverage.xml measures 0 lines"),
            ("open('coverage.xml', 'w').write('<coverage')", "cannot be read"),
            ("open('coverage.xml', 'w').write('<report/>')", "no Cobertura report: <report>"),
            ("open('coverage.xml', 'w').write('<coverage line-rate=\"1\"/>')", "measures 0 lines"),
        ],
    )
    def test_a_report_that_proves_nothing_does_not_pass(self, bench: Bench, code: str, said: str) -> None:
        passed, percent, detail = self.covered(bench, code)
        assert (passed, percent) == (False, None)
        assert said in detail

    def test_a_report_from_before_the_run_does_not_pass(self, tmp_path: Path) -> None:
        old = '<coverage lines-valid="1" lines-covered="1" line-rate="1"/>'
        bench = Bench(tmp_path, {**FILES, "coverage.xml": old})
        assert self.covered(bench, "pass") == (
            False,
            None,
            "the coverage report coverage.xml is older than this run",
        )


class TestBuild:
    @pytest.mark.parametrize("project", [FLIT, HATCH], ids=["flit_core", "hatchling"])
    def test_two_builds_in_different_folders_are_byte_identical(self, tmp_path: Path, project: str) -> None:
        bench = Bench(tmp_path, {**FILES, "pyproject.toml": project})
        benches = [bench.workbench("a"), bench.workbench("elsewhere/b")]
        digests = [{path.name: sha256(path) for path in each.build(silent)} for each in benches]
        assert digests[0] == digests[1]
        assert [name.partition("-py")[0] for name in digests[0]] == ["my_acme-1.1.0rc1", "my_acme-1.1.0rc1.tar.gz"]

    def test_what_gates_leave_behind_does_not_get_into_the_build(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, {**FILES, "pyproject.toml": HATCH})
        clean = {path.name: sha256(path) for path in bench.workbench("clean").build(silent)}
        mess = "open('junk.py', 'w').close(); open('README.md', 'a').write('changed')"
        dirty = bench.workbench("dirty", tests=config.Gate(run=python(mess)))
        assert dirty.run_gate("tests", silent).passed
        assert {path.name: sha256(path) for path in dirty.build(silent)} == clean

    def test_folders_that_are_named_like_our_tools_do_not_stand_in_for_them(self, tmp_path: Path) -> None:
        trap = "raise SystemExit('the wrong one')\n"
        names = ("build/__init__.py", "twine.py", "pip.py", "venv.py", "cyclonedx_py.py")
        bench = Bench(tmp_path, {**FILES, **dict.fromkeys(names, trap)}).workbench()
        dist = bench.build(silent)
        bench.check(dist, silent)
        bench.sbom(bench.try_install(dist, silent), silent)

    def test_another_version_in_the_names_is_refused(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, {**FILES, "pyproject.toml": FLIT.replace("1.1.0rc1", "1.0.0")})
        with pytest.raises(Refused, match="not what is released") as caught:
            bench.workbench().build(silent)
        assert "my_acme-1.0.0.tar.gz has version 1.0.0, the release is 1.1.0rc1" in caught.value.evidence

    def test_a_build_that_fails_is_refused_with_its_last_lines(self, tmp_path: Path) -> None:
        broken = FLIT.replace('readme = "README.md"', 'readme = "NOT-THERE.md"')
        with pytest.raises(Refused, match="the build failed") as caught:
            Bench(tmp_path, {**FILES, "pyproject.toml": broken}).workbench().build(silent)
        assert any("NOT-THERE.md" in line for line in caught.value.evidence)

    def test_a_malformed_pyproject_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="cannot be read"):
            Bench(tmp_path, {**FILES, "pyproject.toml": "["}).workbench().build(silent)

    def test_an_own_command_builds_too(self, bench: Bench) -> None:
        source = wheel(bench.folder / "ready", version="1.1.0rc1")
        code = f"import shutil, os; os.mkdir('out'); shutil.copy({str(source)!r}, 'out')"
        built = bench.workbench(build=config.Distribution(run=python(code), directory="out")).build(silent)
        assert [path.name for path in built] == [source.name]

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("pass", "neither wheel nor sdist"),
            ("raise SystemExit(2)", "the build failed"),
            ("import os; os.mkdir('dist'); open('dist/my-acme-1.1.0rc1.tar.gz', 'w')", "not what is released"),
        ],
    )
    def test_an_own_command_that_leaves_nothing_fit_is_refused(self, bench: Bench, code: str, said: str) -> None:
        with pytest.raises(Refused, match=said):
            bench.workbench(build=config.Distribution(run=python(code))).build(silent)

    def test_a_missing_build_requirement_asks_for_a_fresh_environment(self, tmp_path: Path) -> None:
        project = FLIT.replace('"flit_core>=3.9"', '"flit_core>=3.9", "no-such-thing-shipit>=1"')
        lines: list[str] = []
        with pytest.raises(Refused, match="the build failed") as caught:
            Bench(tmp_path, {**FILES, "pyproject.toml": project}).workbench(build=AUTO).build(lines.append)
        assert any("Creating isolated environment" in line for line in lines)
        assert caught.value.evidence[-1] == "ERROR: No matching distribution found for no-such-thing-shipit>=1"
        assert all(line.startswith("ERROR: ") for line in caught.value.evidence)

    def test_a_backend_that_asks_for_more_than_is_here_gets_a_fresh_environment(self, tmp_path: Path) -> None:
        asking = "from flit_core.buildapi import *\n"
        asking += "def get_requires_for_build_sdist(config=None):\n    return ['no-such-thing-shipit']\n"
        project = FLIT.replace("flit_core.buildapi", "asking").replace(
            "[project]", 'backend-path = ["."]\n\n[project]'
        )
        lines: list[str] = []
        with pytest.raises(Refused):
            Bench(tmp_path, {**FILES, "pyproject.toml": project, "asking.py": asking}).workbench(build=AUTO).build(
                lines.append
            )
        assert any("in a fresh environment" in line for line in lines)

    def test_a_second_attempt_begins_from_clean_files(self, tmp_path: Path) -> None:
        asking = """\
import pathlib
from flit_core.buildapi import *
def get_requires_for_build_sdist(config=None):
    print("found:", pathlib.Path("junk.py").exists())
    pathlib.Path("junk.py").touch()
    return ["no-such-thing-shipit"]
"""
        project = FLIT.replace("flit_core.buildapi", "asking").replace(
            "[project]", 'backend-path = ["."]\n\n[project]'
        )
        bench = Bench(tmp_path, {**FILES, "pyproject.toml": project, "asking.py": asking})
        lines: list[str] = []
        with pytest.raises(Refused):
            bench.workbench(build=AUTO).build(lines.append)
        assert [line for line in lines if line.startswith("found")] == ["found: False", "found: False"]

    def test_programs_beside_this_python_are_found_though_it_is_not_activated(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", os.pathsep.join(("/usr/local/bin", os.defpath)))
        project = FLIT.replace("flit_core.buildapi", "uv_build").replace("flit_core>=3.9", "uv_build>=0.8")
        files = {"pyproject.toml": project, "README.md": "# acme\n", "src/my_acme/__init__.py": '"""acme"""\n'}
        built = Bench(tmp_path, files).workbench().build(silent)
        assert [path.name.partition("-py")[0] for path in built] == ["my_acme-1.1.0rc1", "my_acme-1.1.0rc1.tar.gz"]

    def test_a_fresh_environment_is_the_default(self) -> None:
        assert config.Distribution().isolation == "always"

    @pytest.mark.parametrize(("isolation", "isolated"), [("always", True), ("never", False)])
    def test_isolation_can_be_chosen(self, bench: Bench, isolation: str, isolated: bool) -> None:
        lines: list[str] = []
        options = config.Distribution(isolation=cast(Literal["always", "never"], isolation))
        bench.workbench(build=options).build(lines.append)
        assert any("isolated environment" in line for line in lines) == isolated

    def test_a_python_that_the_project_does_not_take_is_told_before_anything_is_made(self, tmp_path: Path) -> None:
        project = FLIT.replace(">=3.11", ">=3.99")
        bench = Bench(tmp_path, {**FILES, "pyproject.toml": project})
        [problem] = bench.workbench().packager.problems()
        assert problem.evidence.startswith("pyproject.toml: requires-python is >=3.99, this is Python 3.")
        own = config.Distribution(run="make dist", install=False)
        assert bench.workbench(build=own).packager.problems() == ()
        assert bench.workbench().packager.tree.read("nowhere") is None

    def test_metadata_that_an_index_would_refuse_is_refused(self, tmp_path: Path) -> None:
        project = FLIT.replace("README.md", "README.rst")
        files = {**FILES, "pyproject.toml": project, "README.rst": "Title\n==\n\n.. nonsense::\n"}
        workbench = Bench(tmp_path, files).workbench()
        with pytest.raises(Refused, match="metadata check") as caught:
            workbench.check(workbench.build(silent), silent)
        assert caught.value.evidence


class TestInstallation:
    def test_the_wheel_is_installed_and_described_the_same_in_every_folder(self, bench: Bench) -> None:
        sboms = []
        for place in ("a", "elsewhere/b"):
            workbench = bench.workbench(place)
            where = workbench.try_install(workbench.build(silent), silent)
            assert where.is_relative_to(workbench.folder)
            sboms.append(workbench.sbom(where, silent))
        assert sboms[0] == sboms[1]
        assert str(bench.folder).encode() not in sboms[0]
        sbom = json.loads(sboms[0])
        assert sbom["metadata"]["component"]["purl"] == "pkg:pypi/my-acme@1.1.0rc1"
        assert sbom["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
        assert "serialNumber" not in sbom
        assert validated(sboms[0])

    def test_an_sdist_is_installed_where_there_is_no_wheel(self, bench: Bench) -> None:
        workbench = bench.workbench()
        sdist = [path for path in workbench.build(silent) if path.name.endswith(".tar.gz")]
        lines: list[str] = []
        workbench.try_install(sdist, lines.append)
        assert lines[-1] == "my_acme-1.1.0rc1.tar.gz installs and answers as 1.1.0rc1"

    def test_a_wheel_that_needs_something_unknown_is_refused(self, tmp_path: Path) -> None:
        project = FLIT + 'dependencies = ["no-such-thing-shipit>=1"]\n'
        workbench = Bench(tmp_path, {**FILES, "pyproject.toml": project}).workbench()
        with pytest.raises(Refused, match="cannot be installed") as caught:
            workbench.try_install(workbench.build(silent), silent)
        assert any("no-such-thing-shipit" in line for line in caught.value.evidence)

    def test_a_wheel_whose_inside_tells_another_version_is_refused(self, bench: Bench) -> None:
        honest = wheel(bench.folder / "ready", version="1.0.0")
        lying = honest.with_name(honest.name.replace("1.0.0", "1.1.0rc1"))
        shutil.copy(honest, lying)
        with pytest.raises(Refused):
            bench.workbench().try_install([lying], silent)

    def test_nothing_to_install_is_refused(self, bench: Bench) -> None:
        with pytest.raises(Refused, match="nothing to install"):
            bench.workbench().try_install([], silent)

    def test_no_sbom_without_a_python(self, bench: Bench) -> None:
        with pytest.raises(Refused, match="no SBOM could be made"):
            bench.workbench().sbom(bench.folder / "nowhere", silent)

    def test_a_tool_environment_without_pip_installs_with_the_one_python_carries(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import ensurepip
        from importlib import util

        carried = Path(ensurepip.__file__).parent / "_bundled"
        require("pip wheel inside ensurepip", any(carried.glob("pip-*.whl")))
        real = util.find_spec
        monkeypatch.setattr(
            "shipit.adapters.python.virtualenv.find_spec", lambda name: None if name == "pip" else real(name)
        )
        workbench = bench.workbench()
        workbench.try_install([wheel(bench.folder / "ready", version="1.1.0rc1")], silent)


def validated(sbom: bytes) -> bool:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom.decode()) is None


class TestTraces:
    def state(self, bench: Bench) -> tuple[str, ...]:
        refs = git(bench.top, "for-each-ref"), git(bench.top, "rev-parse", "HEAD")
        status = git(bench.top, "status", "--porcelain=v2", "--branch", "--untracked-files=all")
        files = sorted(
            f"{path} {sha256(path)}"
            for path in bench.top.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(bench.top).parts
        )
        return *refs, status, git(bench.top, "worktree", "list", "--porcelain"), *files

    def dirty(self, bench: Bench) -> None:
        (bench.top / "README.md").write_text("staged")
        git(bench.top, "add", "README.md")
        (bench.top / "README.md").write_text("unstaged")
        (bench.top / "untracked.txt").write_text("mine")
        for hook in ("post-checkout", "post-index-change", "reference-transaction"):
            place = bench.top / ".git" / "hooks" / hook
            place.write_text(f"#!/bin/sh\necho {hook} >> '{bench.folder}/hooks-ran'\n")
            place.chmod(0o755)

    def test_the_own_tree_index_refs_and_hooks_are_not_touched(self, bench: Bench) -> None:
        self.dirty(bench)
        before = self.state(bench)
        (bench.folder / "hooks-ran").unlink(missing_ok=True)
        workbench = bench.workbench(tests=config.Gate(run=python("print(open('README.md').read())")))
        lines: list[str] = []
        assert workbench.run_gate("tests", lines.append).passed
        workbench.build(silent)
        workbench.clear()
        assert lines == ["# acme", ""]
        assert not (bench.folder / "hooks-ran").exists()
        assert self.state(bench) == before
        assert not workbench.folder.exists()

    def test_a_run_killed_while_it_checks_out_is_recovered_from(self, bench: Bench) -> None:
        code = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
        trap = bench.folder / "smudge.sh"
        trap.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}'\n")
        trap.chmod(0o755)
        git(bench.top, "config", "filter.trap.smudge", str(trap))
        bench.add({".gitattributes": "README.md filter=trap\n"})
        workbench = bench.workbench(tests=config.Gate(run=python("pass")))
        with pytest.raises(Exception, match=r"signal|failed"):
            workbench.run_gate("tests", silent)
        git(bench.top, "config", "--unset", "filter.trap.smudge")
        assert bench.workbench(tests=config.Gate(run=python("pass"))).run_gate("tests", silent).passed

    def test_clearing_twice_or_before_anything_is_no_error(self, bench: Bench) -> None:
        bench.workbench().clear()
        bench.workbench().clear()

    def test_a_cleared_bench_can_be_used_again(self, bench: Bench) -> None:
        workbench = bench.workbench(tests=config.Gate(run=python("pass")))
        workbench.run_gate("tests", silent)
        workbench.clear()
        assert workbench.run_gate("tests", silent).passed

    def test_submodules_are_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
        inner = Bench(tmp_path / "inner", {"inside.txt": "hello\n"})
        outer = Bench(tmp_path / "outer", FILES)
        git(outer.top, "submodule", "add", "--quiet", str(inner.top), "vendor/inner")
        git(outer.top, "commit", "--quiet", "--message", "two")
        outer.commit = git(outer.top, "rev-parse", "HEAD")
        lines: list[str] = []
        code = "p = 'vendor/inner/inside.txt'; print(open(p).read().strip()); open(p, 'w').write('mess')"
        workbench = outer.workbench(tests=config.Gate(run=python(code)))
        assert workbench.run_gate("tests", lines.append).passed
        assert lines == ["hello"]
        workbench.build(silent)
        assert (workbench.source / "vendor/inner/inside.txt").read_text() == "hello\n"
        workbench.clear()
        assert git(outer.top, "status", "--porcelain") == ""
