"""The workflows of the sample product that build images, run as on GitHub: a real engine, a real registry."""

import json
import os
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from examples import base_image
from examples.lay_out import Laid, git, lay_out

from tests.support import act
from tests.support.engine import Engine, engine
from tests.support.registry import PASSWORD, USER, docker_registry
from tests.support.scanners import scanners

SECRETS = {"GITHUB_TOKEN": PASSWORD}
IMAGES = ("build-mcp", "build-webhook")
GREEN = dict.fromkeys(IMAGES, "success")
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


def test_the_scans_are_red_without_their_programs_and_green_once_that_is_waived(
    site: Site, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, clone = scanners("bandit", "semgrep"), site.laid.clone
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    (clone / ".github" / "actions" / "trufflehog" / "action.yml").write_text(NO_DOWNLOAD, encoding="utf-8")
    git(clone, "commit", "--quiet", "--all", "--message", "ci: nothing is downloaded here")
    branch = {"ref": "refs/heads/develop"}

    red = act.run(clone, "security.yml", branch, SECRETS, tmp_path / "first", actor=USER)

    assert red.jobs == {"security": "failure"}, red.said
    for line in ("codeql=not run", "trivy=not run", "trufflehog=not run", "bandit=clean", "semgrep=clean"):
        assert line in red.said, red.said
    assert "acme-mcp" in running.docker("images")

    with (clone / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(WAIVERS)
    git(clone, "commit", "--quiet", "--all", "--message", "ci: what this machine does not have")
    green = act.run(clone, "security.yml", branch, SECRETS, tmp_path / "second", actor=USER)
    assert (green.code, green.jobs) == (0, {"security": "success"}), green.said
    assert "not on this machine" in green.said
    assert PASSWORD not in red.said + green.said
