"""shipit verify security --upload --comment from the command line, against a GitHub that judges every request."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.test_verify_security import Place
from tests.support.github import GitHubServer
from tests.support.github_security_state import Security
from tests.support.github_state import Pull
from tests.support.inside import Ended, shipit
from tests.support.misbehaviour import Kind

OFF = "Code Security must be enabled for this repository to use code scanning."
CONFIGURATION = """[project]
name = "acme"
version = "1.0.0"

[tool.shipit]
forge = {{ kind = "github", repository = "acme/widget", api = "{api}" }}

[tool.shipit.security]
scans = ["bandit"]
"""


class Published(Place):
    """A repository whose branch `topic` is on a remote that GitHub shows, with an open pull request."""

    def __init__(self, folder: Path, server: GitHubServer) -> None:
        super().__init__(folder)
        self.server, self.folder = server, folder
        remote = folder / "remote.git"
        self.here.git("init", "--quiet", "--bare", str(remote))
        self.here.git("remote", "add", "origin", str(remote))
        self.here.git("switch", "--quiet", "--create", "topic")
        self.write("pyproject.toml", CONFIGURATION.format(api=server.api))
        self.repository = server.add_repository("acme/widget", git=remote)
        self.repository.pulls.append(Pull(1, "topic", "main", "Title", None, "1" * 40))
        self.token = server.add_token("write")
        self.push()

    @property
    def security(self) -> Security:
        return self.repository.security

    def push(self) -> str:
        commit = self.here.commit("fix: something")
        self.here.git("push", "--quiet", "origin", "topic")
        return commit

    def publish(self, *words: str, **variables: str) -> Ended:
        path = f"{self.programs}:/usr/bin:/bin"
        return shipit(self.top, "verify", "security", *words, PATH=path, GITHUB_TOKEN=self.token, **variables)

    def in_fork(self) -> dict[str, str]:
        """The variables of a run for a pull request from a fork, whose token may only read."""
        self.token = self.server.add_token("read", installation=True)
        event = self.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 1, "head": {"repo": {"full_name": "who/widget"}}}}))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF": "refs/pull/1/merge",
            "GITHUB_SHA": self.here.git("rev-parse", "HEAD"),
            "GITHUB_REPOSITORY": "acme/widget",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_RUN_ID": "12",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Published]:
    with GitHubServer() as server:
        yield Published(tmp_path, server)


def test_findings_are_uploaded_and_one_comment_follows_them(place: Published) -> None:
    ended = place.publish("--upload", "--comment")
    assert ended.code == 0, ended.err
    [note] = place.security.notes
    assert "Security scans: passed" in note.body
    place.write("tool.py", "run('x', shell=True)\n")
    commit = place.push()
    ended = place.publish("--upload", "--comment", "--json")
    assert ended.code == 4, ended.err
    facts = json.loads(ended.out.splitlines()[-1])["outputs"]
    assert (facts["upload"], facts["comment"], facts["sarif"]) == ("complete", "written", "reports/security.sarif")
    assert [one.id for one in place.security.notes] == [note.id]
    assert f"/acme/widget/blob/{commit}/tool.py#L1" in note.body
    uploads = place.security.uploads
    assert [(one.asked["ref"], one.tools) for one in uploads] == [("refs/heads/topic", ["bandit"])] * 2
    assert uploads[1].asked["commit_sha"] == commit
    assert len(uploads[1].log["runs"][0]["results"]) == 1


def test_a_fork_gets_the_exit_code_of_its_scans_with_the_table_in_the_job_summary(place: Published) -> None:
    variables = place.in_fork()
    ended = place.publish("--upload", "--comment", **variables)
    assert ended.code == 0, ended.err
    summary = (place.folder / "summary.md").read_text()
    for text in (ended.err, summary.replace("&#58;", ":")):
        assert "bandit  clean    2/2 files" in text
        assert "not uploaded: the token of a run for a pull request from a fork may only read" in text
        assert "no comment: the token of a run for a pull request from a fork may only read" in text
    assert (place.top / "reports" / "security.sarif").is_file()
    assert (place.security.uploads, place.security.notes) == ([], [])


def test_a_repository_without_code_scanning_is_said_and_is_no_error(place: Published) -> None:
    place.security.refusals.append((403, OFF))
    ended = place.publish("--upload")
    assert ended.code == 0, ended.err
    assert f"not uploaded: GitHub refused: {OFF}" in ended.err


def test_a_wrong_token_ends_with_4_after_the_verdict(place: Published) -> None:
    place.token = "gone"
    ended = place.publish("--upload", "--comment")
    assert ended.code == 4
    assert ended.err.index("bandit  clean    2/2 files") < ended.err.index(
        "upload failed: GitHub refused: Bad cred"
    )
    assert "the comment failed: GitHub refused: Bad credentials" in ended.err


def test_a_failed_upload_ends_with_4_and_githubs_own_words(place: Published) -> None:
    place.security.errors, place.security.pending = ["rejecting SARIF, as it has too many runs"], 0
    place.server.misbehave("POST", "/sarifs$", Kind.DROP_AFTER)
    ended = place.publish("--upload")
    assert ended.code == 4
    assert "rejecting SARIF, as it has too many runs" in ended.err
    assert len(place.security.uploads) == 2


def test_a_commit_that_was_never_pushed_is_refused_before_any_scan(place: Published) -> None:
    place.here.commit("fix: not pushed")
    ended = place.publish("--upload")
    assert ended.code == 4
    assert "is not on topic of origin" in ended.err
    assert "git push origin topic" in ended.err
    assert not (place.top / "reports").exists()
    assert place.server.requests == []


def test_a_branch_without_a_pull_request_has_no_comment_and_that_is_no_error(place: Published) -> None:
    place.repository.pulls[0].state = "closed"
    ended = place.publish("--comment")
    assert ended.code == 0, ended.err
    assert "no comment: there is no open pull request" in ended.err


def test_a_page_over_the_sarif_of_the_same_run_is_a_mistake_that_is_said_before_any_scan(place: Published) -> None:
    ended = place.publish("--sarif", "new/x.sarif", "--html", "new/x.sarif")
    assert ended.code == 2
    assert "new/x.sarif is where --sarif writes" in ended.err
    assert not (place.top / "new").exists()
    assert place.publish("--sarif", "new/x.sarif", "--html", "new/x.html").code == 0
    assert sorted(one.suffix for one in (place.top / "new").iterdir()) == [".html", ".sarif"]
