"""shipit verify protection from its command line down, on the stand-in for GitHub."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.acme import git
from tests.support.github import GitHubServer
from tests.support.github_scene import SENTINEL
from tests.support.github_state import Repository
from tests.support.inside import Ended, shipit

SETTINGS = """\
[project]
name = "widget"
version = "1.0.0"

[tool.shipit.branches]
develop = "develop"

[tool.shipit.forge]
kind = "{kind}"
repository = "acme/widget"
api = "{api}"

[tool.shipit.protection]
{protection}
"""
PROTECTION = 'required-checks = ["lint", "python-tests (3.11)"]\nrelease-actor = "app:acme-release"'


@dataclass
class Project:
    folder: Path
    server: GitHubServer
    repository: Repository

    def configure(self, protection: str = PROTECTION, kind: str = "github") -> None:
        text = SETTINGS.format(api=self.server.api, protection=protection, kind=kind)
        (self.folder / "pyproject.toml").write_text(text)

    def verify(self, *words: str, token: str = SENTINEL) -> Ended:
        ended = shipit(self.folder, "verify", "protection", *words, GITHUB_TOKEN=token)
        assert "Traceback" not in ended.out + ended.err
        assert SENTINEL not in ended.out + ended.err
        return ended


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    git(tmp_path, "init", "--quiet", "--template=", "--initial-branch=main", ".")
    with GitHubServer() as server:
        repository = server.add_repository("acme/widget")
        server.add_token("admin", text=SENTINEL)
        server.state.actors["app", "acme-release"] = 70001
        for branch in ("main", "develop"):
            repository.files[branch, "CODEOWNERS"] = "* @acme/core\n"
        made = Project(tmp_path, server, repository)
        made.configure()
        yield made


def test_what_is_missing_is_named_then_written_then_held(project: Project) -> None:
    before = project.verify()
    assert before.code == 6
    assert "main: check python-tests (3.11): nothing asks for it" in before.err
    assert "hint: shipit verify protection --apply" in before.err
    assert project.server.writes() == []
    applied = project.verify("--apply", "--yes")
    assert applied.code == 0
    assert "+ rules: required_status_checks" in applied.out + applied.err
    again = project.verify("--apply")
    assert again.code == 0
    assert "nothing to write" in again.out + again.err
    assert [one.method for one in project.server.writes()] == ["POST"]
    assert project.verify().code == 0


def test_programs_read_how_many_demands_are_held(project: Project) -> None:
    ended = project.verify("--apply", "--json")
    assert '"verified": "true", "held": "16", "missing": "0", "unknown": "0"' in ended.out
    assert ended.code == 0


def test_branch_protection_that_stops_the_release_actor_is_left_to_a_person(project: Project) -> None:
    project.repository.protect("main", required_status_checks={"contexts": ["lint"], "checks": []})
    ended = project.verify("--apply")
    assert ended.code == 6
    assert "gh api --method DELETE repos/acme/widget/branches/main/protection/required_status_checks" in ended.err
    assert [one.method for one in project.server.writes()] == ["POST"]
    del project.repository.protection["main"]
    assert project.verify().code == 0


def test_a_token_that_may_not_look_is_no_difference(project: Project) -> None:
    project.repository.protect("main")
    project.repository.protect("develop")
    ended = project.verify(token=project.server.add_token("write"))
    assert ended.code == 4
    assert "administration: read" in ended.err


@pytest.mark.parametrize(
    ("protection", "kind", "said"),
    [
        ("", "github", "no check is required"),
        (PROTECTION, "none", "no forge that could protect"),
        ('required-checks = ["lint"]\nrelease-actor = "bot"', "github", "app:SLUG, team:SLUG or user:LOGIN"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_a_mistake(
    project: Project, protection: str, kind: str, said: str
) -> None:
    project.configure(protection, kind)
    ended = project.verify()
    assert ended.code == 2
    assert said in ended.err
    assert project.server.requests == []
