"""shipit deploy with real git, real folders and a real database, from the first deployment to a rollback."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shipit.adapters.clock import Clock
from tests.support.acme import commit, git
from tests.support.deploying import LEDGER, LOCK, Estate
from tests.support.github import GitHubServer
from tests.support.inside import Ended, shipit
from tests.support.standing import files

DEPLOY = ("deploy", "--env", "staging", "--yes")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate.lay(tmp_path / "laid")


@pytest.fixture
def live(estate: Estate) -> Estate:
    """1.0.0 is deployed, and 1.1.0 waits on develop."""
    ended(shipit(estate.clone, *DEPLOY), 0)
    estate.commit("1.1.0")
    return estate


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        yield running


def ended(found: Ended, code: int) -> str:
    """What it said, if it ended with that code."""
    assert found.code == code, f"{found.code}\n{found.out}{found.err}"
    assert "Traceback" not in found.err
    return found.out + found.err


def reference(estate: Estate, version: str, commit: str = "") -> str:
    return f"{version}-{(commit or git(estate.clone, 'rev-parse', 'HEAD'))[:12]}"


def test_the_story_of_an_environment(estate: Estate) -> None:
    said = ended(shipit(estate.clone, *DEPLOY), 0)
    first = reference(estate, "1.0.0")
    assert estate.served == ["site 1.0.0", "api 1.0.0"]
    assert estate.schema == ["more_1"]
    assert estate.history == ["1.0.0 complete"]
    assert "critical paths passed" in said
    assert LOCK not in estate.refs

    everything = files(estate.folder)
    assert "nothing to deploy: 1.0.0 (" in ended(shipit(estate.clone, *DEPLOY), 0)
    assert files(estate.folder) == everything

    estate.commit("1.1.0")
    ended(shipit(estate.clone, *DEPLOY), 0)
    second = reference(estate, "1.1.0")
    assert estate.served == ["site 1.1.0", "api 1.1.0"]
    assert estate.schema == ["more_1", "more_2"]
    (newest, _) = estate.entries
    assert newest["targets"] == {"site": second, "api": second}
    assert newest["decision"]["replaces"] == {"site": first, "api": first}
    assert (newest["schema"], newest["actor"]) == ("0002", os.environ.get("USER", "somebody"))

    estate.commit("1.2.0")
    estate.sicken("1.2.0")
    said = ended(shipit(estate.clone, *DEPLOY), 7)
    assert "smoke: a critical path failed" in said
    assert "served: site 1.2.0 api 1.2.0" in said
    assert "the database keeps 0003_more, which the version before can live with" in said
    assert "everything else is as before" in said
    assert estate.served == ["site 1.1.0", "api 1.1.0"]
    assert estate.schema == ["more_1", "more_2", "more_3"]
    assert estate.kept == [sorted(f"{one}{end}" for one in (first, second) for end in ("", ".json"))] * 2
    assert estate.history == ["1.2.0 rolled back", "1.1.0 complete", "1.0.0 complete"]
    assert LOCK not in estate.refs

    ended(shipit(estate.clone, "deploy", "rollback", "--env", "staging", "--yes"), 0)
    assert estate.served == ["site 1.0.0", "api 1.0.0"]
    assert len(estate.schema) == 3
    assert "1.0.0 was never live" not in ended(shipit(estate.clone, "deploy", "history", "--env", "staging"), 0)

    lines = ended(shipit(estate.clone, "deploy", "history", "--env", "staging"), 0).splitlines()
    assert [line.partition("UTC  ")[2].split(" by ")[0] for line in lines] == [
        f"rollback to 1.0.0 ({first[6:16]}), schema 0003  complete",
        f"1.2.0 ({git(estate.clone, 'rev-parse', 'HEAD')[:10]}), schema 0003  rolled back",
        f"1.1.0 ({second[6:16]}), schema 0002  complete",
        f"1.0.0 ({first[6:16]}), schema 0001  complete",
    ]
    (text,) = ended(shipit(estate.clone, "deploy", "history", "--env", "staging", "--json"), 0).splitlines()
    assert len(json.loads(text)["deployments"]) == 4

    said = ended(shipit(estate.clone, "deploy", "rollback", "--env", "staging", "--yes"), 4)
    assert "another version was never live on staging" in said
    ended(shipit(estate.clone, "deploy", "rollback", "--env", "staging", "--to", "1.1.0", "--yes"), 0)
    assert estate.served == ["site 1.1.0", "api 1.1.0"]


def test_old_versions_are_removed_and_those_that_are_needed_stay(estate: Estate) -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"):
        if version != "1.0.0":
            estate.commit(version)
        ended(shipit(estate.clone, *DEPLOY), 0)
    for kept in estate.kept:
        assert [name.partition("-")[0] for name in kept if not name.endswith(".json")] == [
            "1.1.0",
            "1.2.0",
            "1.3.0",
            "1.4.0",
        ][-len(kept) // 2 :]
        assert 6 <= len(kept) <= 8
    ended(shipit(estate.clone, "deploy", "rollback", "--env", "staging", "--to", "1.0.0", "--yes"), 0)
    assert estate.served == ["site 1.0.0", "api 1.0.0"]


def test_a_dry_run_touches_nothing(live: Estate) -> None:
    git(live.clone, "push", "--quiet", "origin", "HEAD:refs/tags/v1.1.0")
    everything = files(live.folder)
    for more in ((), ("--version", "1.1.0")):
        said = ended(shipit(live.clone, "deploy", "--env", "staging", "--dry-run", *more), 0)
        assert "start-site" in said
    assert files(live.folder) == everything
    assert live.served == ["site 1.0.0", "api 1.0.0"]


def test_what_is_on_the_remote_is_deployed_and_no_work_in_hand(live: Estate) -> None:
    (live.clone / "site" / "index.html").write_text("site in hand\n")
    (live.clone / "site" / "more.html").write_text("in hand\n")
    (live.clone / "migrations" / "0003_more.sql").write_text("CREATE TABLE more_in_hand (id INTEGER);\n")
    commit(live.clone, "feat: never pushed", {"api/index.html": "api never pushed\n"})
    work = files(live.clone, ".git", "reports")  # the audit log of migrations
    ended(shipit(live.clone, *DEPLOY), 0)
    assert live.served == ["site 1.1.0", "api 1.1.0"]
    assert not (live.live / "site" / "current" / "more.html").exists()
    assert live.schema == ["more_1", "more_2"]
    assert files(live.clone, ".git", "reports") == work
    assert live.entries[0]["decision"]["revision"]["commit"] == live.refs["refs/heads/develop"]


def test_a_clone_that_is_behind_deploys_and_goes_back_to_what_it_does_not_have(live: Estate) -> None:
    behind = live.fresh_clone()
    live.commit("1.2.0")
    ended(shipit(behind, *DEPLOY), 0)
    live.commit("1.3.0")
    ended(shipit(live.clone, *DEPLOY), 0)
    ended(shipit(behind, "deploy", "rollback", "--env", "staging", "--yes"), 0)
    assert live.served == ["site 1.2.0", "api 1.2.0"]


def test_a_commit_waits_for_its_checks_on_github(
    live: Estate, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clock, "sleep", lambda _, seconds: time.sleep(seconds / 10))
    repository = github.add_repository("acme/small")
    token = {"GITHUB_TOKEN": github.add_token("read")}
    settings = live.clone / "pyproject.toml"
    forge = f'kind = "github"\nrepository = "acme/small"\napi = "{github.api}"\n'
    checks = '[tool.shipit.protection]\nrequired-checks = ["lint", "preview"]\n'
    text = settings.read_text().replace('kind = "none"\n', forge, 1)
    text = text.replace('from = "develop"\n', 'from = "develop"\nwait-for-checks = true\n', 1)
    settings.write_text(text + checks)
    commit, before = git(live.clone, "rev-parse", "HEAD"), (live.refs, live.served)
    failed = repository.check(commit, "lint", "failure")
    for more in ((), ("--dry-run",)):
        said = ended(shipit(live.clone, *DEPLOY, *more, **token), 4)
        assert "lint: failure (" in said
    assert (live.refs, live.served) == before

    failed.conclusion = None
    running = repository.check(commit, "preview", None, context=True)
    assert "Wait until lint, preview are green" in ended(shipit(live.clone, *DEPLOY, "--dry-run", **token), 0)
    finish = threading.Timer(1, lambda: [vars(one).update(conclusion="success") for one in (failed, running)])
    finish.start()
    said = ended(shipit(live.clone, *DEPLOY, **token), 0)
    finish.join()
    assert "waiting for lint (in_progress), preview (pending)" in said
    assert "2 of 2 checks are green on GitHub" in said
    assert live.served == ["site 1.1.0", "api 1.1.0"]


class TestTags:
    def test_the_highest_release_is_deployed(self, live: Estate) -> None:
        tips = [git(live.clone, "rev-parse", name) for name in ("HEAD~1", "HEAD")]
        git(live.clone, "tag", "-a", "-m", "v1.0.0", "v1.0.0", tips[0])
        git(live.clone, "push", "--quiet", "origin", "v1.0.0")
        ended(shipit(live.clone, "deploy", "--env", "production", "--yes"), 0)
        current = live.live / "production" / "current"
        assert (current / "index.html").read_text() == "site 1.0.0\n"
        git(live.clone, "push", "--quiet", "origin", f"{tips[1]}:refs/tags/v1.1.0")
        ended(shipit(live.fresh_clone(), "deploy", "--env", "production", "--yes"), 0)
        assert (current / "index.html").read_text() == "site 1.1.0\n"

    def test_a_named_release_is_deployed_where_a_branch_is_usual(self, estate: Estate) -> None:
        git(estate.clone, "tag", "-a", "-m", "v1.0.0", "v1.0.0", "HEAD")
        git(estate.clone, "push", "--quiet", "origin", "v1.0.0")
        estate.commit("1.0.1")
        ended(shipit(estate.clone, *DEPLOY), 0)
        ended(shipit(estate.clone, *DEPLOY, "--version", "1.0.0"), 0)
        assert estate.served == ["site 1.0.0", "api 1.0.0"]
        assert estate.entries[0]["decision"]["tag"] == "v1.0.0"
        assert "1.0.1 is not released on origin" in ended(shipit(estate.clone, *DEPLOY, "--version", "1.0.1"), 4)

    def test_a_release_that_is_older_than_the_database_is_gone_back_to_and_not_deployed(self, live: Estate) -> None:
        ended(shipit(live.clone, *DEPLOY), 0)
        git(live.clone, "push", "--quiet", "origin", "HEAD~1:refs/tags/v1.0.0")
        before = live.standing()
        said = ended(shipit(live.clone, *DEPLOY, "--version", "1.0.0"), 4)
        assert "0002_more is applied, and this checkout does not know it: the database is newer" in said
        assert live.standing() == before
        ended(shipit(live.clone, "deploy", "rollback", "--env", "staging", "--to", "1.0.0", "--yes"), 0)
        said = ended(shipit(live.clone, "deploy", "rollback", "--env", "staging", "--to", "1.0.0", "--yes"), 0)
        assert "nothing to deploy: 1.0.0 (" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deploy", "--env", "stagin"), "there is no environment stagin"),
        (("deploy", "--env", "bare"), "bare has no targets"),
        (("deploy",), "which environment?"),
        ((*DEPLOY, "--resume", "--version", "1.0.0"), "--resume finishes what was begun"),
        (("deploy", "rollback", "--env", "nowhere"), "there is no environment nowhere"),
        (("deploy", "history", "--env", "nowhere"), "there is no environment nowhere"),
    ],
)
def test_what_is_no_environment_is_a_matter_of_usage(estate: Estate, words: tuple[str, ...], said: str) -> None:
    refs = estate.refs
    assert said in ended(shipit(estate.clone, *words), 2)
    assert estate.refs == refs


def test_a_folder_that_the_commit_does_not_have_is_found_out_before_anything(live: Estate) -> None:
    before = live.standing()
    git(live.clone, "rm", "--quiet", "-r", "site")
    commit(live.clone, "feat: no site", push=True)
    said = ended(shipit(live.clone, *DEPLOY), 2)
    assert "site is no folder of 1." in said
    assert {**live.standing(), "refs": {}} == {**before, "refs": {}}
    assert live.history == ["1.0.0 complete"]


def test_two_targets_in_one_place_are_refused(estate: Estate) -> None:
    settings = estate.settings("1.0.0").replace(str(estate.live / "api"), str(estate.live / "site"))
    commit(estate.clone, "feat: one place", {"pyproject.toml": settings}, push=True)
    said = ended(shipit(estate.clone, *DEPLOY), 4)
    assert f"site and api share {estate.live / 'site'}" in said
    assert LEDGER not in estate.refs


def test_a_contract_is_refused_while_something_is_live_that_may_use_it(live: Estate) -> None:
    drop = {"migrations/0003_drop.sql": "-- shipit: contract\nDROP TABLE more_1;\n"}
    commit(live.clone, "feat: drop", drop, push=True)
    before = live.standing()
    said = ended(shipit(live.clone, *DEPLOY), 4)
    assert "0003_drop drops what 1.0.0 may still use (`contract`)" in said
    assert "once nothing that is live needs it: shipit migrate --env staging, then deploy again" in said
    assert {**live.standing(), "refs": {}} == {**before, "refs": {}}


def test_a_mistake_in_a_migration_is_found_out_before_the_lock(live: Estate) -> None:
    broken = {"migrations/0002_more.sql": "CREATE TABLE more_2 (id INTEGER);\nINSERT nothing;\n"}
    commit(live.clone, "feat: broken", broken, push=True)
    before = live.standing()
    for more in ((), ("--dry-run",)):
        said = ended(shipit(live.clone, *DEPLOY, *more), 4)
        assert "migrations/0002_more.sql:2:8:" in said
        assert "1 problem found before anything was touched" in said
    assert (live.standing(), LOCK in live.refs) == (before, False)


def test_a_migration_that_fails_in_its_rehearsal_stops_before_anything_starts(live: Estate) -> None:
    broken = {"migrations/0003_broken.sql": "CREATE TABLE more_1 (id INTEGER);\n"}
    commit(live.clone, "feat: broken", broken, push=True)
    before = live.standing()
    said = ended(shipit(live.clone, *DEPLOY), 4)
    assert "table more_1 already exists" in said
    assert "everything is as before" in said
    assert {**live.standing(), "entries": []} == {**before, "entries": []}
    assert live.history == ["1.1.0 rolled back", "1.0.0 complete"]
    assert live.entries[0]["schema"] == "0001"


def test_what_was_changed_by_hand_is_a_conflict_for_the_status_and_put_right_by_a_deployment(live: Estate) -> None:
    ended(shipit(live.clone, *DEPLOY), 0)
    link = live.live / "api" / "current"
    old = next(path.name for path in (live.live / "api" / "versions").iterdir() if path.name.startswith("1.0.0"))
    link.unlink()
    link.symlink_to(Path("versions", old.removesuffix(".json")))
    assert "api: 1.0.0-" in ended(shipit(live.clone, "verify", "deployment", "--env", "staging"), 6)
    ended(shipit(live.clone, *DEPLOY), 0)
    assert live.served == ["site 1.1.0", "api 1.1.0"]
    ended(shipit(live.clone, "verify", "deployment", "--env", "staging"), 0)


def test_the_status_names_releases_and_environments(live: Estate) -> None:
    lines = ended(shipit(live.clone, "status"), 0).splitlines()
    assert lines[0].startswith("project     small")
    environments = [line for line in lines if line.startswith("environment ")]
    assert environments[0].startswith("environment staging: 1.0.0 (")
    assert environments[1:] == ["environment production: nothing deployed yet"]
    found = json.loads(ended(shipit(live.clone, "status", "--json"), 0))
    staging = found["environments"][0]
    assert (found["project"], staging["environment"], staging["version"]) == ("small", "staging", "1.0.0")
    assert staging["drift"] == []


def test_the_status_is_a_page_too(live: Estate) -> None:
    live.sicken("1.1.0")
    ended(shipit(live.clone, *DEPLOY), 7)
    said = ended(shipit(live.clone, "status", "--html", "reports/status.html"), 0)
    assert said.splitlines()[-1] == "page        reports/status.html"
    page = (live.clone / "reports" / "status.html").read_text()
    assert page.count("<summary>") == 2  # the deployments of staging
    assert "rolled back" in page
    assert git(live.clone, "rev-parse", "HEAD~1")[:10] in page
    found = json.loads(ended(shipit(live.clone, "status", "--json", "--html", str(live.folder / "out.html")), 0))
    assert found["project"] == "small"
    assert (live.folder / "out.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("file", "said"), [("pyproject.toml", "is tracked by git"), ("site", "is a folder"), (".git/x", ".git")]
)
def test_the_page_takes_the_place_of_no_other_file(live: Estate, file: str, said: str) -> None:
    before = (live.clone / "pyproject.toml").read_bytes()
    assert said in shipit(live.clone, "status", "--html", file).err
    assert (live.clone / "pyproject.toml").read_bytes() == before
