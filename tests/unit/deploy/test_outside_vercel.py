"""What the table of a target on Vercel becomes."""

from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters.vercel.target import VercelTarget
from shipit.config import open_project
from shipit.deploy.checks_elsewhere import WayBack
from shipit.deploy.model import Decision, Intent
from shipit.deploy.outside import Outside
from shipit.errors import UsageError
from shipit.model import Revision
from tests.fakes import FakeCheckout
from tests.fakes_deploy import FakeTarget, Host
from tests.unit.memory import lay_out_git_folder

NEW = Revision("1.1.0", "1" * 40)
SETTINGS = """\
[project]
name = "acme"
version = "1.1.0"

[tool.shipit.environments.production]
from = "tags"
smoke.timeout = 7

[tool.shipit.environments.production.targets.frontend]
kind = "vercel"
project = "acme-production"
team = "acme"
token = "env:VERCEL_TOKEN"
source = "web"

[tool.shipit.environments.staging]
from = "develop"
targets.frontend = { kind = "vercel", project = "acme-staging", token = "env:VERCEL_TOKEN", source = "web" }
"""


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    lay_out_git_folder(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    made = Outside(open_project(tmp_path), "production", {"USER": "ada", "VERCEL_API_URL": "http://127.0.0.1:9"})
    vars(made.release)["checkout"] = FakeCheckout(tmp_path / ".git")
    return made


def target(outside: Outside, *, is_rollback: bool = False) -> VercelTarget:
    (found,) = outside.targets(Intent(revision=NEW, run="run-1", is_rollback=is_rollback))
    assert isinstance(found, VercelTarget)
    return found


def test_it_knows_its_environment_and_its_project(outside: Outside) -> None:
    found = target(outside)
    assert (found.kind, found.name, found.environment, found.project) == (
        "vercel",
        "frontend",
        "production",
        "acme-production",
    )
    assert (found.keep, found.limit, found.run, found.deployed, found.is_rollback) == (5, 7, "run-1", NEW, False)
    assert target(outside, is_rollback=True).is_rollback


def test_its_token_is_read_late_and_masked(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERCEL_TOKEN", "sentinel-of-vercel-91")
    client = target(outside).connect()
    client.close()
    assert masking.mask("a sentinel-of-vercel-91") == "a ***"


def test_its_source_is_in_a_clone_of_the_commit(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clone:
        path = Path("/clone")

    monkeypatch.setattr(outside, "clone", lambda revision: Clone() if revision == NEW else None)
    assert target(outside).source() == Path("/clone/web")


def test_a_token_that_is_missing_is_named_before_anything(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VERCEL_TOKEN", raising=False)
    monkeypatch.setattr(outside, "_has_folder", lambda *_: True)
    with pytest.raises(UsageError, match="the secret env:VERCEL_TOKEN is missing"):
        outside.require_inputs(NEW)
    monkeypatch.setenv("VERCEL_TOKEN", "sentinel-of-vercel-91")
    outside.require_inputs(NEW)


def test_two_environments_need_two_projects(outside: Outside) -> None:
    assert outside.places == {"frontend": ["vercel:acme/acme-production"]}
    assert outside.other_places == {"staging.frontend": ["vercel:/acme-staging"]}


def test_a_first_deployment_has_no_way_back() -> None:
    decision = Decision(run="r", environment="production", revision=NEW, replaces={"web": None}, began=0)
    (warning,) = WayBack(targets=(FakeTarget(Host(), "web", "vercel"),), decision=decision).problems()
    assert warning.is_warning
    assert "nothing is known to be live on web" in warning.what
