"""The calls that the configuration asks for, and how the whole question ends."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from shipit.config import Config
from shipit.errors import LiveDiffers, Refused
from shipit.output import make
from shipit.output.reporter import Reporter
from shipit.project.ci.command import Job, verify
from shipit.project.ci.document import Document, Node
from shipit.project.ci.outside import WorkTreeFiles
from shipit.project.workflows.source import product_in
from tests.unit.project.ci.samples import DEPLOY, LINT, changed, config, found, workflow

TOP = Path(__file__).parents[4]
FILES = "shipit verify migrations"
DATABASE = {"url": "env:URL"}


def missing(call: str, **tables: Any) -> list[str]:
    """What is to be written, where the one call is this one."""
    text = changed(DEPLOY, "shipit deploy --env staging", call)
    return [one.fix.removeprefix("run: ") for one in found({"one.yml": text}, config(**tables))]


@pytest.mark.parametrize(
    ("call", "tables", "wanted"),
    [
        ("shipit verify lint", {"gates": {"style": {"run": "ruff check .", "verify": "lint"}}}, []),
        ("shipit verify types", {"gates": {"lint": {"run": "ruff check ."}}}, ["shipit verify lint"]),
        ("echo shipit-verify", {"gates": {"spelling": {"run": "make spelling"}}}, []),
        ("shipit verify security", {"protection": {"required-checks": []}, "security": {"fail-on": "high"}}, []),
        ("shipit verify lint", {"security": {"fail-on": "high"}}, ["shipit verify security"]),
        ("shipit build --push", {"images": {"web": {"file": "F"}}}, []),
        ("shipit build --push --branch web", {"images": {"web": {"file": "F"}}}, []),
        ("shipit build api --push", {"images": {"web": {"file": "F"}}}, ["shipit build web --push"]),
        ('shipit build "$IMAGE" --push', {"images": {"web": {"file": "F"}}}, []),
        ("shipit build web", {"images": {"web": {"file": "F"}}}, ["shipit build web --push"]),
        ("shipit deploy --env=live", {"environments": {"live": {"from": "tags"}}}, []),
        ('shipit deploy -e "$WHERE"', {"environments": {"live": {"from": "tags"}}}, []),
        ("shipit deploy", {"environments": {"live": {"from": "tags"}}}, ["shipit deploy --env live"]),
        ("shipit migrate --env live", {"environments": {"live": {"database": DATABASE}}}, [FILES]),
        ("shipit verify migrations", {"environments": {"testing": {"database": DATABASE}}}, []),
    ],
)  # fmt: skip
def test_what_is_configured_is_called(call: str, tables: dict[str, Any], wanted: list[str]) -> None:
    assert missing(call, **tables) == wanted


def test_pythons_and_schedule_are_those_of_the_configuration() -> None:
    text = changed(LINT, "shipit verify lint", "shipit verify tests")
    text = changed(text, "    steps:", '    strategy: { matrix: { python: ["3.13"] } }\n    steps:')
    scans = changed(LINT, "shipit verify lint", "shipit verify security")
    scans = changed(scans, "  push:\n", '  push:\n  schedule: [{ cron: "1 2 * * 3" }]\n')
    files = {"tests.yml": text, "security.yml": scans}
    one = {"pythons": ["3.13"], "security-schedule": "1 2 * * 3"}
    assert found(files, config(workflows=one)) == []
    two = {"pythons": ["3.13", "3.14"], "security-schedule": "2 2 * * 3"}
    assert [one.rule for one in found(files, config(workflows=two))] == ["missing-python", "other-schedule"]


class Files:
    """Workflows in memory."""

    def __init__(self, *documents: Document) -> None:
        self.documents = documents

    def read(self) -> Sequence[Document]:
        return self.documents


def job(files: Any, settings: Config | None = None) -> Job:
    renderer = make(json=False, verbose=False, environment={}, stdout=StringIO(), stderr=StringIO())
    return Job(files=files, config=settings or Config(), reporter=Reporter(renderer, None))


def test_workflows_without_a_fault_are_counted() -> None:
    asked = job(Files(workflow("one.yml", LINT).document))
    assert verify(asked) == {"verified": "true", "workflows": "1"}


def test_every_finding_is_named_at_once() -> None:
    text = changed(changed(LINT, "    timeout-minutes: 5\n", ""), " # v7.0.1", "")
    asked = job(Files(workflow("one.yml", text).document))
    with pytest.raises(LiveDiffers) as caught:
        verify(asked)
    assert len(caught.value.evidence) == 2


def test_without_a_workflow_there_is_nothing_to_look_at() -> None:
    asked = job(Files(workflow(".github/actions/a/action.yml", "runs: {}\n").document))
    with pytest.raises(Refused):
        verify(asked)


@pytest.mark.parametrize("top", [TOP / "examples" / "acme", TOP], ids=["acme", "shipit"])
def test_the_workflows_of_the_sample_product_and_of_shipit_are_as_they_should_be(top: Path) -> None:
    asked = job(WorkTreeFiles(top), product_in(top).config)
    assert verify(asked)["verified"] == "true"


def test_files_are_read_from_both_folders_with_both_endings(tmp_path: Path) -> None:
    folder = tmp_path / ".github"
    for name in ("workflows/b.yaml", "workflows/a.yml", "actions/x/action.yml", "workflows/note.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("on: push\n")
    seen = WorkTreeFiles(tmp_path).read()
    assert [one.path for one in seen] == [
        ".github/actions/x/action.yml", ".github/workflows/a.yml", ".github/workflows/b.yaml",
    ]  # fmt: skip
    assert seen[0].root.get("on") == Node(1, "push")


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows" / "a.yml").mkdir(parents=True)
    with pytest.raises(Refused) as caught:
        WorkTreeFiles(tmp_path).read()
    assert caught.value.where == ".github/workflows/a.yml"


def test_odd_shapes_are_no_crash() -> None:
    for text in ("", "[]", "on: 1\njobs: x\n", "jobs: { a: 1, b: [], c: { steps: { x: 1 } } }\n", "jobs: [1]\n"):
        assert isinstance(found({"one.yml": text}), list)
