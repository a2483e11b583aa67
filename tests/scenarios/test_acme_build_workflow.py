"""The workflows of the sample product that build images, run as on GitHub: a real engine, a real registry."""

import json
import os
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from examples import base_image
from examples.lay_out import Laid, git, lay_out

from tests.support import act
from tests.support.engine import Engine, engine
from tests.support.github import GitHubServer
from tests.support.github_state import Pull, Repository
from tests.support.registry import PASSWORD, USER, docker_registry
from tests.support.scanners import scanners

SECRETS = {"GITHUB_TOKEN": PASSWORD}
IMAGES = ("build-mcp", "build-webhook")
GREEN = dict.fromkeys(IMAGES, "success")
KEPT = {"actions/upload-artifact": "test -s reports/security.html && test -s reports/security.sarif"}
RUNNER = {"GITHUB_REPOSITORY": "acme/acme"}
NO_DOWNLOAD = "runs: { using: composite, steps: [{ run: 'true', shell: bash }] }\n"
WAIVERS = "".join(
    f"""
[tool.shipit.security.waivers.{name}]
scan = "{name}"
reason = "not on this machine"
until = 2999-12-31
"""
    for name in ("codeql", "trivy", "trufflehog")
)


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    act.find_act()
    with engine() as started:
        yield started


@dataclass(frozen=True)
class Site:
    """acme beside a registry that only who has the token may use."""

    laid: Laid
    root: str

    def tags(self, key: str) -> list[str]:
        login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        address = f"{self.root}/v2/acme/acme-{key}/tags/list"
        asked = urllib.request.Request(address, headers={"Authorization": f"Basic {login}"})
        try:
            with urllib.request.urlopen(asked, timeout=10) as page:
                return sorted(json.load(page)["tags"])
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return []


@pytest.fixture
def site(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    with docker_registry(members=True) as root:
        laid = lay_out(tmp_path / "acme")
        settings = laid.clone / "pyproject.toml"
        text = settings.read_text("utf-8").replace("registry]", f'registry]\nhost = "{urlsplit(root).netloc}"')
        text = text.replace('"{commit}" }\n\n', f'"{{commit}}", BASE = "{base_image.BUSYBOX}" }}\n\n')
        settings.write_text(text, encoding="utf-8")
        git(laid.clone, "commit", "--quiet", "--all", "--message", "chore: images on this machine")
        git(laid.clone, "push", "--quiet", "origin", "develop")
        yield Site(laid, root)


def test_a_pull_request_builds_and_pushes_nothing_and_a_push_pushes_with_the_token(
    site: Site, running: Engine, tmp_path: Path
) -> None:
    clone = site.laid.clone
    head = git(clone, "rev-parse", "HEAD")
    request = {"number": 7, "pull_request": {"number": 7, "head": {"sha": head}, "base": {"ref": "develop"}}}
    asked = act.run(clone, "build.yml", request, SECRETS, tmp_path / "first", on="pull_request", actor=USER)
    assert (asked.code, {name: asked.jobs.get(name) for name in IMAGES}) == (0, GREEN), asked.said
    assert all("acme-" + key in running.docker("images") for key in ("mcp", "webhook"))
    assert (site.tags("mcp"), site.tags("webhook")) == ([], [])

    branch = {"ref": "refs/heads/develop"}
    pushed = act.run(clone, "build.yml", branch, SECRETS, tmp_path / "second", actor=USER)
    assert (pushed.code, pushed.jobs) == (0, {**GREEN, "verify-images": "success"}), pushed.said
    assert site.tags("mcp") == site.tags("webhook") == ["develop", f"develop-{head[:9]}"]

    git(clone, "tag", "v1.1.0")
    tagged = act.run(clone, "build.yml", {"ref": "refs/tags/v1.1.0"}, SECRETS, tmp_path / "third", actor=USER)
    assert (tagged.code, tagged.jobs) == (0, {**GREEN, "verify-images": "success"}), tagged.said
    assert site.tags("mcp") == site.tags("webhook") == ["develop", f"develop-{head[:9]}", "v1.1.0"]
    assert PASSWORD not in asked.said + pushed.said + tagged.said


@dataclass(frozen=True)
class Scanned:
    """acme on GitHub with an open pull request, where no scan downloads its program."""

    site: Site
    server: GitHubServer
    repository: Repository

    def commit(self, message: str) -> None:
        clone = self.site.laid.clone
        git(clone, "commit", "--quiet", "--all", "--message", message)
        git(clone, "push", "--quiet", "origin", "develop")

    def waive(self) -> None:
        with (self.site.laid.clone / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(WAIVERS)
        self.commit("ci: what this machine does not have")

    def run(self, place: Path, *, of: str = "") -> act.Ran:
        """For a push, or for the pull request of the repository `of`."""
        clone = self.site.laid.clone
        event: dict[str, Any] = {"ref": "refs/heads/develop"}
        if of:
            head = {"sha": git(clone, "rev-parse", "HEAD"), "repo": {"full_name": of}}
            event = {"number": 1, "pull_request": {"number": 1, "head": head, "base": {"ref": "main"}}}
        kind = "pull_request" if of else "push"
        more: dict[str, Any] = {"actor": USER, "variables": RUNNER, "actions": KEPT}
        return act.run(clone, "security.yml", event, SECRETS, place, on=kind, **more)


@pytest.fixture
def scanned(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scanned]:
    place, clone = scanners("bandit", "semgrep"), site.laid.clone
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    with GitHubServer() as server:
        (clone / ".github" / "actions" / "trufflehog" / "action.yml").write_text(NO_DOWNLOAD, encoding="utf-8")
        settings = clone / "pyproject.toml"
        forge = f'forge]\nrepository = "acme/acme"\napi = "{server.api}"\n'
        settings.write_text(settings.read_text("utf-8").replace("forge]\n", forge), encoding="utf-8")
        repository = server.add_repository("acme/acme", git=site.laid.remote)
        repository.pulls.append(Pull(1, "develop", "main", "Title", None, "1" * 40))
        found = Scanned(site, server, repository)
        found.commit("ci: nothing is downloaded here")
        yield found


def test_the_scans_are_red_without_their_programs_and_green_once_that_is_waived_and_github_shows_both(
    scanned: Scanned, running: Engine, tmp_path: Path
) -> None:
    scanned.server.add_token(text=PASSWORD, installation=True)
    security = scanned.repository.security

    red = scanned.run(tmp_path / "first")

    assert red.jobs == {"security": "failure"}, red.said
    for line in ("codeql=not run", "trivy=not run", "trufflehog=not run", "bandit=clean", "semgrep=clean"):
        assert line in red.said, red.said
    assert "acme-mcp" in running.docker("images")
    [upload] = security.uploads
    assert (upload.asked["ref"], {"bandit", "semgrep"} <= {*upload.tools}) == ("refs/heads/develop", True)
    assert not {"codeql", "trivy", "trufflehog"} & {*upload.tools}
    assert security.notes == []

    scanned.waive()
    green = scanned.run(tmp_path / "second", of="acme/acme")
    assert (green.code, green.jobs) == (0, {"security": "success"}), green.said
    assert "not on this machine" in green.said
    [upload] = security.uploads[1:]
    head = git(scanned.site.laid.clone, "rev-parse", "HEAD")
    assert (upload.asked["ref"], upload.asked["commit_sha"]) == ("refs/pull/1/merge", head)
    [note] = security.notes
    assert (note.issue, note.is_bot, "Security scans: passed" in note.body) == (1, True, True), note.body
    assert PASSWORD not in red.said + green.said


def test_the_scans_of_a_pull_request_from_a_fork_are_green_without_alerts_and_without_a_comment(
    scanned: Scanned, tmp_path: Path
) -> None:
    scanned.server.add_token("read", text=PASSWORD, installation=True)
    scanned.waive()

    ran = scanned.run(tmp_path / "act", of="who/acme")

    assert (ran.code, ran.jobs) == (0, {"security": "success"}), ran.said
    why = "the token of a run for a pull request from a fork may only read"
    for line in (f"not uploaded: {why}", f"no comment: {why}"):
        assert line in ran.said.replace("&#58;", ":"), ran.said
    assert (scanned.repository.security.uploads, scanned.repository.security.notes) == ([], [])
