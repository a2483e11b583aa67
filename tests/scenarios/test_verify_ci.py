"""shipit verify ci from its command line down, on the workflows of the sample product."""

import json
import shutil
from pathlib import Path

import pytest
from examples.lay_out import ACME

from tests.support.inside import Ended, shipit

TIMEOUT = "    timeout-minutes: 20\n"


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    shutil.copytree(ACME / ".github", tmp_path / ".github")
    shutil.copy(ACME / "pyproject.toml", tmp_path)
    return tmp_path


def verify(folder: Path, *words: str) -> Ended:
    ended = shipit(folder, "verify", "ci", *words)
    assert "Traceback" not in ended.out + ended.err
    return ended


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / ".github" / "workflows" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_the_configuration_made_is_as_it_should_be(acme: Path) -> None:
    ended = verify(acme)
    assert (ended.code, "7 workflows, nothing found" in ended.err) == (0, True), ended.err


def test_every_difference_is_named_with_its_line_and_what_mends_it(acme: Path) -> None:
    change(acme, "security.yml", TIMEOUT, "")
    change(acme, "build.yml", "  pull_request:", '  pull_request: { paths: ["Dockerfile.*"] }')
    (acme / ".github" / "workflows" / "deploy-staging.yml").unlink()
    ended = verify(acme)
    assert ended.code == 6
    for line in (
        ": missing-call: environments.staging is configured, and no workflow calls for it; write: run: ",
        ".github/workflows/build.yml:7: filtered-check: build-mcp is required",
        "security.yml:18: no-timeout: security may hang for six hours; write: timeout-minutes: 15",
    ):
        assert line in ended.err
    events = [json.loads(line) for line in verify(acme, "--json").out.splitlines()]
    assert [len(one["evidence"]) for one in events if one["event"] == "error"] == [4]


def test_a_file_that_is_no_yaml_is_refused_with_its_line(acme: Path) -> None:
    change(acme, "tests.yml", "permissions:\n", "permissions: [\n")
    ended = verify(acme)
    assert (ended.code, ".github/workflows/tests.yml:" in ended.err) == (4, True), ended.err


def test_without_workflows_nothing_can_be_said(acme: Path) -> None:
    shutil.rmtree(acme / ".github")
    assert verify(acme).code == 4
