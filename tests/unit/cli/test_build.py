"""shipit build and shipit verify images from their command lines down."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

import shipit.cli.deploy
import shipit.deploy.verify_images
import shipit.images.outside
from shipit.cli import main
from shipit.deploy.job import DeployJob
from shipit.errors import LiveDiffers, UsageError
from tests.unit.images.yard import MCP, WEBHOOK, Yard


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    made = Yard(tmp_path)
    monkeypatch.setattr(shipit.images.outside, "Outside", lambda _project: made.outside)
    monkeypatch.chdir(tmp_path)
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(main.app, list(words), prog_name="shipit")


def test_every_image_is_built_and_none_pushed(yard: Yard) -> None:
    result = run("build", "--json")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {row["name"] for row in rows if row["event"] == "step-done"} == {"build-mcp", "build-webhook"}
    assert yard.registry.tags == {}


def test_what_is_named_is_pushed_for_the_branch_that_is_named(yard: Yard) -> None:
    result = run("build", "webhook", "--push", "--branch", "main", "--verbose")
    assert result.exit_code == 0, result.output
    assert set(yard.tags(WEBHOOK)) == {"main", f"main-{yard.head[:9]}"}
    assert yard.tags(MCP) == {}
    assert run("verify", "images").exit_code != 0


def test_a_dry_run_builds_nothing(yard: Yard) -> None:
    result = run("build", "--push", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "push-mcp" in result.output
    assert yard.builder.built == []


def test_the_files_are_removed_also_where_it_fails(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(yard.outside, "close", lambda: closed.append(True))
    assert isinstance(run("build", "nothing").exception, UsageError)
    assert closed == [True]


def test_the_proof_answers_with_its_exit_code(yard: Yard) -> None:
    yard.tag("v1.1.0")
    assert isinstance(run("verify", "images", "--version", "1.1.0").exception, LiveDiffers)
    assert run("build", "--push").exit_code == 0
    result = run("verify", "images", "--version", "1.1.0")
    assert result.exit_code == 0, result.output
    assert "are what was built" in result.stderr


def test_an_environment_has_one_version(yard: Yard) -> None:
    stop = run("verify", "images", "--env", "staging", "--version", "1.1.0").exception
    assert isinstance(stop, UsageError)
    assert stop.hint == "leave out --version, or --env"


def test_the_images_of_an_environment_are_those_of_its_ledger(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[DeployJob] = []

    @contextmanager
    def job_of(env: str, *, json: bool) -> Iterator[SimpleNamespace]:
        assert (env, json) == ("staging", True)
        yield SimpleNamespace(reporter=yard.reporter)

    def proved(job: DeployJob) -> dict[str, str]:
        asked.append(job)
        return {"verified": "true"}

    monkeypatch.setattr(shipit.cli.deploy, "job_of", job_of)
    monkeypatch.setattr(shipit.deploy.verify_images, "verify_images", proved)
    assert run("verify", "images", "--env", "staging", "--json").exit_code == 0
    assert len(asked) == 1
    assert yard.recorder.facts == [{"verified": "true"}]
