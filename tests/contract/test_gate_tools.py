"""The known ways in which ruff, black, mypy and pytest end green without having looked, with the real tools.

The number in a name is that of the list of measured facts.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from shipit.config import Gate
from shipit.gates import defaults
from shipit.gates.outside import UsersTree, gate_runner, tracked_python
from shipit.gates.report import GateReport, Verdict
from tests.support.acme import git
from tests.support.require import require

CODE = "def f(x):\n    if x:\n        return 1\n    return 2\n"
TEST = "from acme.a import f\n\n\ndef test_f():\n    assert f(1) == 1\n"
FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\naddopts = ['-p', 'no:cacheprovider']\n",
    "src/acme/__init__.py": "",
    "src/acme/a.py": CODE,
    "tests/test_a.py": TEST,
}
PYTEST = "python -m pytest -q"
COVERED = f"{PYTEST} --cov=acme --cov-branch --cov-report=xml"
SKIPPED = "import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    pass\n"
FAILS = "def test_a():\n    assert False\n"


class Tree:
    """A repository whose files are tracked; the tools are those of the environment that runs this."""

    def __init__(self, top: Path) -> None:
        self.top = top
        git(top, "init", "--quiet")

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.top / name).parent.mkdir(parents=True, exist_ok=True)
            (self.top / name).write_text(text)
        git(self.top, "add", "--all")

    def run(self, gate: Gate | str) -> GateReport:
        made = Gate(run=gate) if isinstance(gate, str) else gate
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        variables = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return gate_runner({"tests": made}, UsersTree(self.top), variables).run("tests", lambda _: None)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.write(FILES)
    (tmp_path / "empty").mkdir()
    return made


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    for name in ("ruff", "black", "mypy"):
        require(name, (Path(sys.executable).parent / name).exists())


def test_a_healthy_project_is_clean(tree: Tree) -> None:
    report = tree.run(Gate(run=COVERED, coverage=60))
    assert (report.verdict, report.detail) == (Verdict.CLEAN, "1 test; coverage 66.6 %")


def test_fact_1_a_rounded_percentage_does_not_reach_the_minimum(tree: Tree) -> None:
    report = tree.run(f"{COVERED} --cov-fail-under=66.7")
    assert report.verdict is Verdict.FINDINGS
    report = tree.run(Gate(run=COVERED, coverage=66.7))
    assert report.detail.splitlines()[0] == "1 test; coverage 66.67 % is below 66.7 %"


def test_fact_2_lines_alone_do_not_reach_the_minimum(tree: Tree) -> None:
    report = tree.run(Gate(run=COVERED, coverage=75))  # of lines it is 75 %
    assert report.verdict is Verdict.FINDINGS
    assert "  src/acme/a.py: 66.6 %, lines 4" in report.detail.splitlines()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--cov-fail-under=60", "no coverage report coverage.xml was written"),
        ("--cov tests --cov-report=xml", "coverage of tests alone"),
        ("--cov=nothing --cov-report=xml", "no coverage report coverage.xml was written"),
    ],
)
def test_fact_3_nothing_measured_is_inconclusive(tree: Tree, words: str, said: str) -> None:
    report = tree.run(Gate(run=f"{PYTEST} {words}", coverage=60))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert said in report.detail


def test_fact_4_a_module_that_no_test_imports_counts_as_not_covered(tree: Tree) -> None:
    tree.write({"src/acme/deep/b.py": CODE})
    report = tree.run(Gate(run=COVERED, coverage=60))
    assert report.verdict is Verdict.FINDINGS
    assert "1 tracked file is in no report, since no test imports it: 4 lines at 0 %" in report.detail


def test_fact_5_reports_of_an_earlier_run_do_not_count(tree: Tree) -> None:
    gate = Gate(run=f"{COVERED} --junitxml=j.xml", coverage=60, junit_file="j.xml")
    assert tree.run(gate).passed
    assert (
        tree.run(Gate(run="true", coverage=60)).detail == "the coverage report coverage.xml is older than this run"
    )
    assert tree.run(Gate(run="true", junit_file="j.xml")).detail == "the JUnit report j.xml is older than this run"
    tree.write({"tests/test_a.py": "import nowhere\n"})
    assert tree.run(gate).verdict is Verdict.INCONCLUSIVE


ENDS_EARLY = f"import pytest\n\n\ndef test_first():\n    pytest.exit('x', returncode=0)\n\n\n{FAILS}"


@pytest.mark.parametrize(
    ("test", "words", "said"),
    [
        (SKIPPED, "", "no test ran: 1 skipped"),
        ("import pytest\n\npytest.importorskip('nowhere')\n", "", "pytest: it found no test"),
        (TEST, " --collect-only", "with --collect-only it looks at nothing"),
        (ENDS_EARLY, "", "ended before"),
    ],
)
def test_fact_6_exit_code_0_without_a_test_is_inconclusive(tree: Tree, test: str, words: str, said: str) -> None:
    tree.write({"tests/test_a.py": test})
    report = tree.run(PYTEST + words)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert said in report.detail


def test_fact_7_exit_code_1_without_a_test_is_inconclusive(tree: Tree) -> None:
    tree.write({"tests/test_a.py": "\n"})
    report = tree.run(f"{COVERED} --cov-fail-under=60")
    assert (report.verdict, report.detail.splitlines()[0]) == (Verdict.INCONCLUSIVE, "no test ran")


def test_fact_7_a_killed_worker_is_a_finding(tree: Tree) -> None:
    tree.write({"tests/test_a.py": "import os\n\n\ndef test_a():\n    os._exit(3)\n"})
    assert tree.run(f"{PYTEST} -n 1 --max-worker-restart=0").verdict is Verdict.FINDINGS


def test_fact_8_failures_in_the_report_count_though_the_command_ends_with_0(tree: Tree) -> None:
    tree.write({"tests/test_a.py": FAILS, "run.sh": f"{PYTEST} --junitxml=j.xml || true\n"})
    report = tree.run(Gate(run="sh run.sh", junit_file="j.xml"))
    assert (report.verdict, report.detail.splitlines()[0]) == (
        Verdict.FINDINGS,
        "1 test failed, by its JUnit report",
    )


@pytest.mark.parametrize(
    ("number", "command"),
    [
        (9, "ruff check nowhere"),
        (9, "ruff check empty"),
        (9, "ruff check --quiet empty"),
        (9, "ruff format --check nowhere"),
        (9, "ruff format --check empty"),
        (10, "black --check empty"),
        (10, "black --check --quiet empty"),
        (10, "black --check nowhere"),
        (10, "black"),
        (10, "mypy empty"),
        (10, "mypy nowhere"),
    ],
)
def test_facts_9_and_10_a_place_without_python_is_inconclusive(tree: Tree, number: int, command: str) -> None:
    assert tree.run(command).verdict is Verdict.INCONCLUSIVE, number


@pytest.mark.parametrize("command", ["ruff format --check src", "black --check src", "mypy src"])
def test_facts_9_and_10_a_file_that_nobody_can_read_is_inconclusive(tree: Tree, command: str) -> None:
    tree.write({"src/acme/b.py": "def (\n"})
    assert tree.run(command).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("command", ["ruff check --exit-zero src", "ruff check src"])
def test_fact_9_errors_are_findings_whatever_the_exit_code_is(tree: Tree, command: str) -> None:
    tree.write({"src/acme/b.py": "import os\n"})
    assert tree.run(command).verdict is Verdict.FINDINGS


@pytest.mark.parametrize(("table", "command"), [("black", "black --check src"), ("mypy", "mypy src")])
def test_fact_10_a_key_that_is_ignored_is_inconclusive(tree: Tree, table: str, command: str) -> None:
    assert tree.run(command).passed
    tree.write({"pyproject.toml": f"[tool.{table}]\nstrictt = true\n"})
    assert tree.run(command).verdict is Verdict.INCONCLUSIVE


def test_fact_10_two_files_of_one_name_are_inconclusive_for_mypy(tree: Tree) -> None:
    tree.write({"tests/conftest.py": "", "more/conftest.py": ""})
    assert tree.run("mypy tests more").verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "settings", ["select = []", "ignore = ['ALL']", "exclude = ['*.py']", "per-file-ignores = { '*' = ['ALL'] }"]
)
def test_fact_24_ruff_without_a_rule_or_a_file_for_it_is_inconclusive(tree: Tree, settings: str) -> None:
    assert tree.run("ruff check src").passed
    tree.write({"src/acme/b.py": "import os\n", "ruff.toml": f"[lint]\n{settings}\n"})
    for command in ("ruff check src", "ruff check -q ."):
        assert tree.run(command).verdict is Verdict.INCONCLUSIVE


def test_fact_25_mypy_that_is_to_ignore_every_error_is_inconclusive(tree: Tree) -> None:
    tree.write({"src/acme/b.py": "x: int = ''\n"})
    assert tree.run("mypy src").verdict is Verdict.FINDINGS
    for text in ("[mypy]\nignore_errors = True\n", "[mypy-acme.*]\nignore_errors = True\n"):
        tree.write({"mypy.ini": text})
        report = tree.run("mypy src")
        assert (report.verdict, "ignore_errors ignores" in report.detail) == (Verdict.INCONCLUSIVE, True)


@pytest.mark.parametrize("word", ["--setup-plan", "--setup-only"])
def test_fact_26_tests_that_are_only_set_up_are_inconclusive(tree: Tree, word: str) -> None:
    tree.write({"tests/test_a.py": FAILS})
    assert tree.run(PYTEST).verdict is Verdict.FINDINGS
    assert tree.run(f"{PYTEST} {word}").verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("table", "command"),
    [
        ("[tool.black]\nexclude = '.*'", "black --check -q ."),
        ("[tool.black]\nexclude = '.*'\nquiet = true", "black --check ."),
        ("[tool.ruff]\nexclude = ['*']", "ruff format --check -q ."),
        ("[tool.ruff.format]\nexclude = ['*']", "ruff format --check --silent ."),
    ],
)
def test_fact_27_a_quiet_formatter_without_a_file_is_inconclusive(tree: Tree, table: str, command: str) -> None:
    assert tree.run(command).passed
    tree.write({"pyproject.toml": f"{table}\n"})
    assert tree.run(command).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "command",
    [
        "ruff --version",
        "ruff help",
        "ruff check --add-noqa .",
        "black --version",
        "mypy --help",
        "pytest --version",
    ],
)
def test_fact_28_a_command_that_only_says_something_is_inconclusive(tree: Tree, command: str) -> None:
    report = tree.run(command)
    assert (report.verdict, len(report.detail.splitlines())) == (Verdict.INCONCLUSIVE, 2)


def test_fact_11_the_usual_gate_does_not_look_into_environments_and_builds(tree: Tree) -> None:
    tree.write({"build/x.py": "x: int = ''\n", "venv/y.py": "y: int = ''\n"})
    tracked = tracked_python(tree.top) or ()
    found = defaults.gates(defaults.TYPES, tree.top, tracked, "reports")
    assert {name: tree.run(gate).verdict for name, gate in found.items()} == {"mypy": Verdict.CLEAN}
    assert tree.run("mypy .").verdict is not Verdict.CLEAN


def test_a_module_that_is_not_installed_was_not_run(tree: Tree) -> None:
    assert tree.run("python -m no_such_tool").verdict is Verdict.NOT_RUN


def test_outside_of_a_repository_nothing_is_tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert tracked_python(tmp_path) is None
