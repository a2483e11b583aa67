"""What the tables of targets elsewhere, and of their images, become."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shipit import masking
from shipit.adapters import process
from shipit.adapters.remote.answers import SeenFromOutside
from shipit.adapters.remote.command import OwnCommand, PrintedByCommand
from shipit.adapters.remote.hook import Hook
from shipit.adapters.remote.target import RemoteTarget
from shipit.config import open_project
from shipit.deploy.images import split
from shipit.deploy.model import Decision, Entry, Intent
from shipit.deploy.outside import Outside
from shipit.errors import ExternalError, UsageError
from shipit.images.model import REVISION
from shipit.model import Revision
from tests.fakes import FakeCheckout
from tests.fakes_images import FakeRegistry
from tests.unit.memory import lay_out_git_folder

OLD, NEW = Revision("1.0.0", "0" * 40), Revision("1.1.0", "1" * 40)
SETTINGS = """\
[project]
name = "acme"
version = "1.1.0"

[tool.shipit]
branches.develop = "develop"

[tool.shipit.registry]
host = "registry.test"
namespace = "acme"
[tool.shipit.images]
web = { file = "Dockerfile", name = "acme-web" }

[tool.shipit.environments.staging]
from = "develop"
smoke.checks = [{ get = "http://127.0.0.1:9/healthz", json = { commit = "{commit}" } }]
smoke.timeout = 7
targets.web = { kind = "webhook", url = "env:DEPLOY_HOOK", image = "web", role = "frontend" }

[tool.shipit.environments.staging.targets.api]
kind = "command"
deploy = "roll-out {image}"
live = ["what", "is-live"]
image = "web"
variables = { KEY = "env:ACME_KEY" }

[tool.shipit.environments.staging.targets.job]
kind = "command"
deploy = "run {version}"
rollback = "run-back {version}"
live = "what"
"""


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    lay_out_git_folder(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    made = Outside(open_project(tmp_path), "staging", {"SOURCE_DATE_EPOCH": "1750000000", "USER": "ada"})
    vars(made.release)["checkout"] = FakeCheckout(tmp_path / ".git")
    registry = FakeRegistry()
    vars(made.images_outside)["registry"] = lambda host: replace_host(registry, host)
    vars(made)["fake"] = registry
    return made


def replace_host(registry: FakeRegistry, host: str) -> FakeRegistry:
    registry.host = host
    return registry


def entry(**images: str) -> Entry:
    decision = Decision(run="r", environment="staging", revision=OLD, replaces={}, began=0)
    return Entry(decision=decision, targets={}, actor="ada", ended=0, outcome="complete", images=images)


def targets(outside: Outside, **more: Any) -> dict[str, RemoteTarget]:
    found = outside.targets(Intent(revision=NEW, run="run-1", **more))
    return {one.name: one for one in found if isinstance(one, RemoteTarget)}


def test_what_only_answers_show_is_switched_last(outside: Outside) -> None:
    assert [*targets(outside)] == ["api", "job", "web"]
    assert [one.kind for one in targets(outside).values()] == ["command", "command", "webhook"]
    assert outside.places == {"web": [], "api": [], "job": []}


def test_a_webhook_knows_its_run_and_its_secret(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_HOOK", "https://hooks.example/deploy?key=s3cr3t-key")
    web = targets(outside)["web"]
    assert isinstance(web.way, Hook)
    assert (web.way.target, web.way.environment, web.way.run) == ("web", "staging", "run-1")
    assert web.way.address() == "https://hooks.example/deploy?key=s3cr3t-key"
    assert masking.mask("to https://hooks.example/deploy?key=s3cr3t-key") == "to ***"
    assert isinstance(web.witness, SeenFromOutside)
    assert web.witness.by_commit


def test_an_address_in_the_configuration_is_masked_as_well(outside: Outside) -> None:
    assert outside.address("https://hooks.example/s3cr3t-path") == "https://hooks.example/s3cr3t-path"
    assert masking.mask("https://hooks.example/s3cr3t-path") == "***"


def test_a_missing_secret_is_said_before_anything(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEPLOY_HOOK", raising=False)
    with pytest.raises(UsageError, match="the secret env:DEPLOY_HOOK is missing"):
        outside.require_inputs(NEW)


def test_commands_become_words(outside: Outside, tmp_path: Path) -> None:
    found = targets(outside, is_rollback=True, is_resumed=True)
    api, job = found["api"], found["job"]
    assert isinstance(api.way, OwnCommand)
    assert (api.way.deploy, api.way.rollback, api.way.others) == (
        ("roll-out", "{image}"),
        None,
        (("what", "is-live"),),
    )
    assert api.way.top == tmp_path
    assert api.way.where == "environments.staging.targets.api"
    assert isinstance(api.witness, PrintedByCommand)
    assert (api.witness.words, api.witness.limit) == (("what", "is-live"), 7)
    assert isinstance(job.way, OwnCommand)
    assert job.way.rollback == ("run-back", "{version}")
    assert job.image is None
    assert (job.is_rollback, job.is_resumed) == (True, True)
    assert isinstance(job.witness, PrintedByCommand)
    assert job.witness.image(NEW) is None


def test_a_command_sees_the_secrets_that_its_target_names_and_no_others(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", "s3cr3t-of-acme")
    found = targets(outside)
    for one in (found["api"].way, found["api"].witness):
        assert isinstance(one, OwnCommand | PrintedByCommand)
        seen = one.variables(NEW)
        assert seen["KEY"] == "s3cr3t-of-acme"
        assert (seen["GIT_DIR"], seen["SOURCE_DATE_EPOCH"]) == (None, "1750000000")
    other = found["job"].way
    assert isinstance(other, OwnCommand)
    assert "KEY" not in other.variables(NEW)


def test_where_a_command_says_nothing_the_answers_do(outside: Outside) -> None:
    without = replace(outside.options.targets["api"], live=None)
    outside.options = replace(outside.options, targets={"api": without})
    api = targets(outside)["api"]
    assert isinstance(api.witness, SeenFromOutside)
    assert isinstance(api.way, OwnCommand)
    assert api.way.others == ()
    vars(outside)["smoke"] = None
    with pytest.raises(UsageError, match="nobody can know what is live on api"):
        targets(outside)


def test_critical_paths_have_a_time_limit_since_the_lock_waits_for_them(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, Any]] = []

    def follow(words: Any, say: Any, **options: Any) -> process.Finished:
        asked.append((words, options["timeout"]))
        return process.Finished(tuple(words), len(asked) - 1, b"one\ntwo", "")

    monkeypatch.setattr(process, "follow", follow)
    smoke = replace(outside.options.smoke, run="check {version}", checks=())
    outside.options = replace(outside.options, smoke=smoke)
    assert outside.smoke
    outside.smoke.check(NEW, print)
    assert asked == [(["check", "1.1.0"], process.LONGEST)]
    with pytest.raises(ExternalError, match="a critical path failed") as caught:
        outside.smoke.check(NEW, print)
    assert caught.value.evidence == ("one", "two")


def test_an_image_is_found_by_its_tags_and_in_a_ledger(outside: Outside) -> None:
    registry: FakeRegistry = vars(outside)["fake"]
    new = registry.has("acme/acme-web", "develop-111111111", {REVISION: NEW.commit})
    old = registry.has("elsewhere/web", "gone", {REVISION: OLD.commit})
    standing = entry(web=f"old.test/elsewhere/web@{old}")
    web = targets(outside, standing=standing)["web"]
    assert web.image
    assert web.image(NEW) == f"registry.test/acme/acme-web@{new}"
    assert web.image(OLD) == f"old.test/elsewhere/web@{old}"
    api = targets(outside)["api"]
    assert isinstance(api.witness, PrintedByCommand)
    assert api.witness.image(NEW) == f"registry.test/acme/acme-web@{new}"
    assert web.standing == OLD
    assert [one.pinned for one in outside.images(Intent(revision=NEW))] == [f"registry.test/acme/acme-web@{new}"]


@pytest.mark.parametrize(
    ("source", "tag", "lasting"),
    [
        ("develop", "", ("develop-111111111",)),
        ("develop", "v1.1.0", ("v1.1.0", "develop-111111111")),
        ("tags", "v1.1.0", ("v1.1.0", "main-111111111", "develop-111111111")),
        (None, "", ("main-111111111", "develop-111111111")),
    ],
)
def test_the_tags_are_those_of_a_build(
    outside: Outside, source: str | None, tag: str, lasting: tuple[str, ...]
) -> None:
    outside.options = replace(outside.options, from_=source)
    assert outside.image("web", NEW, tag, {}).pushed.names.lasting == lasting


def test_the_tag_of_an_environment_has_its_name(outside: Outside) -> None:
    assert outside.image_tag == "staging-latest"
    outside.options = replace(outside.options, image_tag="now-{environment}")
    assert outside.image_tag == "now-staging"


def test_registries_are_those_of_the_configuration(tmp_path: Path) -> None:
    lay_out_git_folder(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    made = Outside(open_project(tmp_path), "staging", {"USER": "ada"})
    assert made.images_outside.release is made.release


def test_a_full_name_has_three_parts() -> None:
    assert split("host:5000/a/b@sha256:1") == ("host:5000", "a/b", "sha256:1")
