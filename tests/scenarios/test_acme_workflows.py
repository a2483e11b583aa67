"""The workflows of the sample product, run as GitHub runs them: develop is live on staging, a tag on production."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.demo_deploy import free_ports
from examples.lay_out import Laid, git, lay_out

from shipit.adapters.local.client import Supervisor
from tests.support import act, run

SECRETS = {"ACME_WEBHOOK_SECRET": "throw-away-secret"}


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_ports()


@pytest.fixture
def acme(tmp_path: Path, ports: tuple[int, int]) -> Iterator[Laid]:
    """Laid out so that what is deployed lies outside of the folders that a job has for itself."""
    act.find_act()
    laid = lay_out(tmp_path / "acme", ports)
    settings = laid.clone / "pyproject.toml"
    text = settings.read_text("utf-8").replace("../live", str(laid.folder / "live"))
    settings.write_text(text.replace("../index", str(laid.index)), encoding="utf-8")
    git(laid.clone, "commit", "--quiet", "--all", "--message", "chore: live on this machine")
    git(laid.clone, "push", "--quiet", "origin", "develop")
    yield laid
    for name, port in zip(("staging", "production"), ports, strict=True):
        path = laid.folder / "live" / name / "webhook"
        status = Supervisor(path=path, address=f"127.0.0.1:{port}", fence=0).status() if path.exists() else None
        if status:
            os.kill(status.pid, signal.SIGTERM)


def answer(port: int) -> tuple[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as page:
        found = json.load(page)
    return found["version"], found["commit"]


def test_a_push_to_develop_is_live_on_staging_and_a_tag_on_production(
    acme: Laid, ports: tuple[int, int], tmp_path: Path
) -> None:
    pushed = act.run(acme.clone, "deploy-staging.yml", {"ref": "refs/heads/develop"}, SECRETS, tmp_path / "first")
    assert (pushed.code, pushed.jobs) == (0, {"staging": "success"}), pushed.said
    assert answer(ports[0]) == ("1.0.0", git(acme.remote, "rev-parse", "develop"))

    released = run.shipit(acme.clone, "release", "--type", "minor", "--yes")
    assert released.code == 0, released.said
    git(acme.clone, "fetch", "--quiet", "--tags", "origin")
    git(acme.clone, "checkout", "--quiet", "v1.1.0")
    tagged = act.run(acme.clone, "deploy-production.yml", {"ref": "refs/tags/v1.1.0"}, SECRETS, tmp_path / "second")
    assert (tagged.code, tagged.jobs) == (0, {"production": "success"}), tagged.said
    assert answer(ports[1]) == ("1.1.0", git(acme.remote, "rev-parse", "v1.1.0^{commit}"))
    assert answer(ports[0])[0] == "1.0.0"
    assert SECRETS["ACME_WEBHOOK_SECRET"] not in pushed.said + tagged.said
