"""GitHub's list of deployments says what the ledger says, whatever happened to a run, and delays none."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.acme import git
from tests.support.deploying import Estate
from tests.support.github import GitHubServer
from tests.support.github_state import Repository
from tests.support.inside import Ended, shipit
from tests.support.misbehaviour import Kind
from tests.support.run import environment, start, wait

DEPLOY = ("deploy", "--env", "staging", "--yes")
BACK = ("deploy", "rollback", "--env", "staging", "--yes")
STATES = {"complete": "success", "rolled back": "failure"}


class Listed:
    """An estate whose forge is a GitHub; only the configuration in the clone says so."""

    def __init__(self, folder: Path, server: GitHubServer) -> None:
        self.estate = Estate.lay(folder / "laid")
        self.server = server
        self.repository: Repository = server.add_repository("acme/small", git=self.estate.remote)
        self.token = {"GITHUB_TOKEN": server.add_token("write")}
        self.configure()

    def configure(self, more: str = "") -> None:
        settings = self.estate.clone / "pyproject.toml"
        forge = f'kind = "github"\nrepository = "acme/small"\napi = "{self.server.api}"\n{more}'
        settings.write_text(settings.read_text().replace('kind = "none"\n', forge))

    def commit(self, version: str, more: str = "") -> None:
        git(self.estate.clone, "checkout", "--quiet", "pyproject.toml")
        self.estate.commit(version)
        self.configure(more)

    def shipit(self, *words: str) -> Ended:
        return shipit(self.estate.clone, *words, **self.token)

    def kill(self) -> None:
        """Begin to deploy, and kill it where it waits for an answer at the public address."""
        hold = self.estate.live / "wait"
        hold.touch()
        child = start(self.estate.clone, *DEPLOY, env={**environment(), **self.token})
        until = time.monotonic() + 60
        while not (self.states and self.states[-1] == "in_progress" and "current" in self.switched):
            assert time.monotonic() < until
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        wait(child)
        hold.unlink()

    @property
    def switched(self) -> list[str]:
        return [one.name for one in (self.estate.live / "site").glob("*")]

    @property
    def states(self) -> list[str]:
        """The last state of each, oldest first."""
        return [one.states[-1] if one.states else "" for one in self.repository.deployments]

    def as_the_ledger(self) -> None:
        """One for each entry, in its order; what was replaced is inactive, and the last complete one is not."""
        entries = self.estate.entries[::-1]
        assert [one.run for one in self.repository.deployments] == [one["decision"]["run"] for one in entries]
        complete = [number for number, one in enumerate(entries) if one["outcome"] == "complete"]
        expected = [
            "inactive" if number in complete[:-1] else STATES[one["outcome"]] for number, one in enumerate(entries)
        ]
        assert self.states == expected


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[Listed]:
    with GitHubServer() as server:
        yield Listed(tmp_path, server)


def test_the_story_of_an_environment(listed: Listed) -> None:
    assert listed.shipit(*DEPLOY).code == 0
    assert listed.repository.deployments[0].states == ["in_progress", "success"]
    assert listed.repository.deployments[0].asked["ref"] == listed.estate.refs["refs/heads/develop"]
    listed.commit("1.1.0")
    listed.estate.sicken("1.1.0")
    assert listed.shipit(*DEPLOY).code == 7
    listed.as_the_ledger()
    listed.estate.sicken()
    assert listed.shipit(*DEPLOY).code == 0
    listed.as_the_ledger()
    assert listed.shipit(*BACK).code == 0
    listed.as_the_ledger()
    assert [one.asked["task"] for one in listed.repository.deployments] == [*3 * ["deploy"], "rollback"]
    writes = len(listed.server.writes())
    assert listed.shipit(*BACK[:2], "--env", "staging", "--to", "1.0.0", "--yes").code == 0
    assert listed.shipit(*DEPLOY, "--dry-run").code == 0
    assert listed.shipit(*DEPLOY, "--resume").code == 0
    assert len(listed.server.writes()) == writes


def test_a_run_that_was_killed_is_gone_on_with_under_its_own_number(listed: Listed) -> None:
    listed.kill()
    assert listed.states == ["in_progress"]
    assert listed.shipit(*DEPLOY, "--resume").code == 0
    listed.as_the_ledger()


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.ERROR_AFTER])
def test_an_answer_that_is_lost_makes_no_second_one(listed: Listed, kind: Kind) -> None:
    listed.server.misbehave("POST", "/deployments$", kind)
    assert listed.shipit(*DEPLOY).code == 0
    listed.as_the_ledger()


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/deployments$", Kind.FORBIDDEN, "`deployments: write`"),
        ("/deployments$", Kind.ERROR_BEFORE, "is failing (503)"),
        ("/statuses$", Kind.INVALID, "Validation Failed"),
    ],
)
def test_what_cannot_be_listed_is_one_line_and_changes_nothing(
    listed: Listed, path: str, kind: Kind, said: str
) -> None:
    listed.server.misbehave("POST", path, kind)
    ended = listed.shipit(*DEPLOY)
    assert ended.code == 0
    assert [line for line in ended.err.splitlines() if "the forge's list of deployments" in line and said in line]
    assert listed.estate.history == ["1.0.0 complete"]


def test_a_configuration_that_wants_no_list_has_none(listed: Listed) -> None:
    listed.commit("1.0.0", "deployments = false\n")
    assert listed.shipit(*DEPLOY).code == 0
    assert listed.server.requests == []


def test_a_person_without_a_token_hears_nothing_and_a_job_does(listed: Listed) -> None:
    listed.token.clear()
    ended = listed.shipit(*DEPLOY)
    assert (ended.code, "list of deployments" in ended.err) == (0, False)
    listed.commit("1.1.0")
    job = {"GITHUB_SERVER_URL": "https://forge.example", "GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "acme/small"}
    listed.token.update(job)
    ended = listed.shipit(*DEPLOY)
    assert (ended.code, "GITHUB_TOKEN" in ended.err, "list of deployments" in ended.err) == (0, True, True), (
        ended.err
    )
    assert listed.server.requests == []
