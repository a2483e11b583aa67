"""What an environment of the configuration becomes: targets in order, places, a wheel, and who sees what."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shipit.adapters.local.directory import DirectoryTarget
from shipit.adapters.local.process import ProcessTarget
from shipit.adapters.python.packager import Packager
from shipit.config import open_project
from shipit.deploy.model import Intent
from shipit.deploy.outside import Outside
from shipit.errors import ExternalError, Refused, UsageError
from shipit.model import Revision
from tests.fakes import FakeCheckout
from tests.unit.memory import lay_out_git_folder

NEW = Revision("1.1.0", "1" * 40)
SETTINGS = """\
[project]
name = "acme"
version = "1.1.0"

[tool.shipit.gates.tests]
run = "pytest"

[tool.shipit.distribution]
run = "make wheel"

[tool.shipit.environments.staging]
from = "develop"
gates = ["tests"]
targets.frontend = { kind = "directory", path = "site", source = "frontend", keep = 2 }
targets.docs = { kind = "directory", path = "/srv/docs", source = "docs", role = "frontend" }

[tool.shipit.environments.staging.targets.api]
kind = "process"
path = "service"
run = "serve --port {port}"
address = "localhost:8080"
variables = { VERSION = "{version} of {commit}", STATE = "{path}/state", KEY = "env:ACME_KEY" }
"""


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    lay_out_git_folder(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    made = Outside(open_project(tmp_path), "staging", {"SOURCE_DATE_EPOCH": "1750000000", "USER": "ada"})
    vars(made.release)["checkout"] = FakeCheckout(tmp_path / ".git")
    return made


def service(outside: Outside) -> ProcessTarget:
    found = outside.targets(Intent(revision=NEW, fence=7))[-1]
    assert isinstance(found, ProcessTarget)
    return found


def silent(_: str) -> None:
    pass


def test_frontends_come_first_and_each_knows_the_number_of_its_owner(outside: Outside, tmp_path: Path) -> None:
    frontend, docs, api = outside.targets(Intent(revision=NEW, fence=7))
    assert isinstance(frontend, DirectoryTarget)
    assert (frontend.name, frontend.path, frontend.keep, frontend.fence) == ("frontend", tmp_path / "site", 2, 7)
    assert isinstance(docs, DirectoryTarget)
    assert (docs.name, docs.path, docs.fence) == ("docs", Path("/srv/docs"), 7)
    assert isinstance(api, ProcessTarget)
    assert (api.name, api.path, api.run, api.fence) == (
        "api",
        tmp_path / "service",
        ("serve", "--port", "{port}"),
        7,
    )
    assert api.address == "localhost:8080"
    assert [
        target.fence for target in outside.targets(Intent(revision=NEW)) if isinstance(target, DirectoryTarget)
    ] == [0, 0]


def test_every_folder_and_address_is_a_place(outside: Outside, tmp_path: Path) -> None:
    assert outside.places == {
        "api": [str(tmp_path / "service"), "localhost:8080"],
        "frontend": [str(tmp_path / "site")],
        "docs": ["/srv/docs"],
    }


def test_a_service_sees_its_variables_with_secrets_resolved(
    outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", "s3cr3t-of-acme")
    assert service(outside).variables(NEW) == {
        "VERSION": f"1.1.0 of {NEW.commit}",
        "STATE": f"{tmp_path / 'service'}/state",
        "KEY": "s3cr3t-of-acme",
    }


def test_the_wheel_is_built_from_the_commit_and_not_kept(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Packager] = []

    def build(packager: Packager, say: Any) -> Sequence[Path]:
        made.append(packager)
        folder = packager.folder.claim()
        names = ("acme-1.1.0.tar.gz", "acme-1.1.0-py3-none-any.whl")
        return [folder / name for name in names]

    monkeypatch.setattr(Packager, "build", build)
    wheel = service(outside).wheel(silent)
    (packager,) = made
    assert wheel == outside.release.private / "work" / f"deploy-{NEW.reference}" / "acme-1.1.0-py3-none-any.whl"
    assert (packager.version, packager.command) == ("1.1.0", ("make", "wheel"))
    assert getattr(packager.tree, "commit", "") == NEW.commit
    for clone in outside._clones.values():
        monkeypatch.setattr(type(clone), "remove", lambda _: None)
    outside.close()
    assert not packager.folder.base.exists()


def test_a_build_without_a_wheel_fails(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Packager, "build", lambda *_: [Path("acme-1.1.0.tar.gz")])
    with pytest.raises(ExternalError, match="the build made no wheel"):
        service(outside).wheel(silent)


def test_the_gates_run_on_the_commit(outside: Outside) -> None:
    runner = outside.gates(NEW).commands
    assert getattr(runner.tree, "commit", "") == NEW.commit
    assert outside.gates(NEW).commands.tree is runner.tree


def test_without_checks_there_is_no_smoke_test(outside: Outside) -> None:
    assert outside.smoke is None


def test_without_database_there_is_no_schema(outside: Outside) -> None:
    with outside.schema(NEW) as schema:
        assert schema is None


@pytest.mark.parametrize("key", ["run", "address"])
def test_a_target_without_what_its_kind_needs_says_what(outside: Outside, key: str) -> None:
    outside.options = replace(
        outside.options, targets={"api": replace(outside.options.targets["api"], **{key: None})}
    )
    with pytest.raises(UsageError, match=f"the target api has no {key}"):
        outside.targets(Intent(revision=NEW))


def test_a_tag_that_no_release_has_is_not_published(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    def pushed(*_: object) -> None:
        raise Refused("there is no release v1.1.0")

    monkeypatch.setattr("shipit.release.open_release.pushed", pushed)
    with pytest.raises(Refused, match="there is no release"):
        outside.published("v1.1.0")


def test_a_release_is_published_by_its_own_steps(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipit.release.open_release.pushed", lambda _, tag: tag)
    monkeypatch.setattr("shipit.release.open_release.context", lambda *given: given)
    monkeypatch.setattr("shipit.release.recipe.published", lambda made, **_: made[1:2])
    assert [str(step) for step in outside.published("v1.1.0")] == ["v1.1.0"]


def test_the_clock_is_that_of_the_day_whatever_is_built(outside: Outside) -> None:
    assert outside.now() > outside.release.now() == 1_750_000_000


class Files:
    """Plays the history of a repository whose commits have these folders."""

    def __init__(self, *folders: str) -> None:
        self.folders = folders

    def files(self, commit: str, prefix: str = "") -> Sequence[str]:
        return [f"{folder}/index.html" for folder in self.folders if folder == prefix]


class TestWhatADeploymentNeeds:
    def test_is_there(self, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ACME_KEY", "throw-away")
        vars(outside.release)["objects"] = Files("frontend", "docs")
        outside.require_inputs(NEW)

    def test_and_a_folder_that_the_commit_lacks_is_said_before_anything(self, outside: Outside) -> None:
        vars(outside.release)["objects"] = Files("frontend")
        with pytest.raises(UsageError, match="docs is no folder of 1"):
            outside.require_inputs(NEW)

    def test_and_a_secret_that_is_missing_too(self, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ACME_KEY", raising=False)
        vars(outside.release)["objects"] = Files("frontend", "docs")
        with pytest.raises(UsageError, match="the secret env:ACME_KEY is missing"):
            outside.require_inputs(NEW)


def test_the_places_of_other_environments_are_known(tmp_path: Path) -> None:
    lay_out_git_folder(tmp_path)
    more = (
        SETTINGS
        + """
[tool.shipit.environments.live]
targets.site = { kind = "directory", path = "live", source = "frontend" }
"""
    )
    (tmp_path / "pyproject.toml").write_text(more)
    assert Outside(open_project(tmp_path), "staging").other_places == {"live.site": [str(tmp_path / "live")]}
