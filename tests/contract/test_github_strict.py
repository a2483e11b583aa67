"""The stand-in lets no mistake through: what GitHub's description does not allow turns the suite red (bar B5)."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from shipit.adapters.github import client as github_client
from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.forge import GitHub
from shipit.errors import ExternalError
from shipit.model import ForgeRelease
from tests.contract.github.slice import OPERATIONS, cut
from tests.support import github_shapes
from tests.support.github import SLICE, GitHubServer
from tests.support.github_scene import SHAPE
from tests.support.github_state import NO_SHA

RELEASE = ForgeRelease(id=1, tag="v1.0.0", title="", body="", draft=True, prerelease=False, url="", assets={})

CALLS: dict[str, Callable[[GitHub], object]] = {
    "create_draft": lambda github: github.create_draft("v1.0.0", "Release", "notes", prerelease=False),
    "publish": lambda github: github.publish(RELEASE, SHAPE),
    "open_pull_request": lambda github: github.open_pull_request("release/v1", "main", "Release", "notes"),
    "close_pull_request": lambda github: github.close_pull_request(1),
    "dispatch": lambda github: github.dispatch("deploy.yml", "v1.0.0", NO_SHA),
}
FIELDS = [
    ("create_draft", "tag_name"),
    ("create_draft", "name"),
    ("create_draft", "body"),
    ("create_draft", "draft"),
    ("create_draft", "prerelease"),
    ("publish", "draft"),
    ("publish", "make_latest"),
    ("open_pull_request", "head"),
    ("open_pull_request", "base"),
    ("open_pull_request", "title"),
    ("open_pull_request", "body"),
    ("close_pull_request", "state"),
    ("dispatch", "ref"),
]


def make(server: GitHubServer) -> GitHub:
    server.add_repository("acme/widget", workflows=("deploy.yml",))
    return GitHub(server.api, "acme/widget", server.add_token(), pause=lambda _seconds: None)


def change_bodies(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]) -> None:
    honest = GitHubClient.write

    def write(
        self: GitHubClient, method: str, path: str, body: Mapping[str, object], *, accept: tuple[int, ...] = ()
    ) -> httpx.Response:
        changed = dict(body)
        change(changed)
        return honest(self, method, path, changed, accept=accept)

    monkeypatch.setattr(GitHubClient, "write", write)


@pytest.mark.parametrize(("call", "field"), FIELDS)
def test_a_mistyped_field_of_any_write_is_recorded(monkeypatch: pytest.MonkeyPatch, call: str, field: str) -> None:
    def mistype(body: dict[str, Any]) -> None:
        body[field[:-1]] = body.pop(field)

    change_bodies(monkeypatch, mistype)
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError):
            CALLS[call](make(server))
        assert any(f"'{field[:-1]}' was unexpected" in line for line in server.violations)
        assert not server.state.repositories["acme/widget"].releases


def test_the_fields_tried_are_all_that_the_adapter_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: set[tuple[str, str]] = set()
    for call, run in CALLS.items():
        with monkeypatch.context() as patch, GitHubServer() as server:
            change_bodies(patch, lambda body, call=call: sent.update((call, key) for key in body))  # type: ignore[misc]
            github = make(server)
            github.open_pull_request("other", "main", "Other", "")
            github.create_draft("v0.9.0", "Release", "", prerelease=False)
            released = github.release("v0.9.0")
            assert released
            if call == "publish":
                github.publish(released, SHAPE)
            else:
                run(github)
            github.client.http.close()
    assert sent - {("dispatch", "head")} >= set(FIELDS)
    assert {field for _, field in sent} == {field for _, field in FIELDS}


def test_a_value_of_the_wrong_kind_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    change_bodies(monkeypatch, lambda body: body.update(draft="yes"))
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError, match="refused"):
            CALLS["create_draft"](make(server))
        assert any("'yes' is not of type 'boolean'" in line for line in server.violations)


def test_an_unknown_query_parameter_is_recorded() -> None:
    with GitHubServer() as server:
        server.expects_violations = True
        client = GitHubClient(server.api, "acme/widget", server.add_token())
        with pytest.raises(ExternalError):
            list(client.pages("~/releases", perpage=3))
        assert server.violations == [
            "GET /repos/acme/widget/releases?perpage=3&per_page=100&page=1: unknown query parameter: perpage"
        ]


def test_a_mistyped_filter_of_the_runs_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = GitHubClient.find
    monkeypatch.setattr(
        GitHubClient, "find", lambda self, path, branch, **asked: honest(self, path, ref=branch, **asked)
    )
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError):
            make(server).dispatched("deploy.yml", "v1.0.0", NO_SHA)
        assert "unknown query parameter: ref" in server.violations[0]


def test_a_path_outside_of_the_description_is_recorded() -> None:
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError):
            GitHubClient(server.api, "acme/widget", server.add_token()).get("~/release")
        assert server.violations == [
            "GET /repos/acme/widget/release: no such operation in the slice of GitHub's description"
        ]


def test_a_missing_version_header_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_client, "API_VERSION", "2099-01-01")
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError):
            make(server).release("v1.0.0")
        assert "X-GitHub-Api-Version is not 2022-11-28" in server.violations[0]


def test_an_upload_to_the_wrong_host_is_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with GitHubServer() as server:
        server.expects_violations = True
        github = make(server)
        made = github.create_draft("v1.0.0", "Release", "", prerelease=False)
        monkeypatch.setattr(server._shapes, "uploads", server.api)
        with pytest.raises(ExternalError):
            github.upload(made, "file", tmp_path / "file")
        assert "uploads, and only they, go to the address in upload_url" in server.violations[0]


def test_an_answer_that_github_would_not_give_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = github_shapes.Shapes.release
    monkeypatch.setattr(github_shapes.Shapes, "release", lambda *told: honest(*told) | {"tagname": "v1.0.0"})
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError):
            CALLS["create_draft"](make(server))
        assert any("'tagname' was unexpected" in line for line in server.violations)


def test_a_run_that_github_would_not_show_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = github_shapes.Shapes.run
    monkeypatch.setattr(github_shapes.Shapes, "run", lambda *told: honest(*told) | {"tag": "v1.0.0"})
    with GitHubServer() as server:
        server.expects_violations = True
        with pytest.raises(ExternalError):
            CALLS["dispatch"](make(server))
        assert any("'tag' was unexpected" in line for line in server.violations)


def test_leaving_the_server_fails_the_test_that_broke_the_description() -> None:
    def careless_test() -> None:
        with GitHubServer() as server, pytest.raises(ExternalError):
            GitHubClient(server.api, "acme/widget", server.add_token()).get("~/release")

    with pytest.raises(AssertionError, match="not as GitHub describes it"):
        careless_test()


def test_the_slice_holds_these_operations_and_nothing_that_they_do_not_need() -> None:
    slice_ = json.loads(SLICE.read_text(encoding="utf-8"))
    assert cut(slice_, OPERATIONS) == slice_


def test_an_operation_that_is_not_there_cannot_be_cut_out() -> None:
    with pytest.raises(KeyError, match="repos/mistyped"):
        cut(json.loads(SLICE.read_text(encoding="utf-8")), ["repos/get", "repos/mistyped"])


def test_the_stand_in_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    port_file, log = tmp_path / "port", tmp_path / "log"
    argv = [sys.executable, "-m", "tests.support.github", "--port-file", str(port_file), "--log", str(log)]
    child = subprocess.Popen([*argv, "--repository", "acme/widget", "--token", "secret=write"])
    try:
        deadline = time.monotonic() + 30
        while not port_file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        github = GitHub(json.loads(port_file.read_text())["api"], "acme/widget", "secret")
        github.create_draft("v1.0.0", "Release v1.0.0", "notes", prerelease=False)
        github.client.http.close()
    finally:
        child.terminate()
        assert child.wait(30) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/repos/acme/widget/releases", 201)
    ]
    assert "secret" not in log.read_text()
