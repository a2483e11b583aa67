"""The seven workflows of the sample product from a merged pull request to production, as GitHub runs them.

git with protected branches, PostgreSQL, docker engine, registry and package index are real; GitHub and Vercel are
stand-ins. How it ends is asked from outside.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import act
from tests.support.acme import git, refs
from tests.support.actions import GREEN, RED, Actions
from tests.support.online import Servers, World, servers, world
from tests.support.online_settings import ENVIRONMENTS
from tests.support.scanners import scanners

DEVELOP, MAIN, TAG = "refs/heads/develop", "refs/heads/main", "refs/tags/v1.1.0"
CHECKS = {
    "tests.yml": ("lint", "python-tests (3.11)", "python-tests (3.12)", "type-check"),
    "build.yml": ("build-mcp", "build-webhook", "verify-images"),
    "security.yml": ("security",),
}
REQUIRED = tuple(name for names in CHECKS.values() for name in names if name != "verify-images")
MIGRATIONS = 12
PAGE = "<!doctype html><title>acme</title><p>another page</p>\n"
BROKEN = {
    "migrations/postgresql/0013_more.sql": "ALTER TABLE notes ADD COLUMN more text;\n",
    "migrations/postgresql/0013_more.down.sql": "ALTER TABLE notes DROP COLUMN more;\n",
    "migrations/postgresql/0014_broken.sql": "-- shipit: depends 0013\n"
    "UPDATE notes SET body = (1 / length(left(body, 0)))::text;\n",  # an empty copy of the schema shows nothing
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Servers]:
    act.find_act()
    with servers() as running:
        yield running


@pytest.fixture
def made(shared: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in shared.engine.environment.items():
        monkeypatch.setenv(name, value)
    with world(tmp_path / tmp_path.name.replace("-", "_"), shared) as laid:
        yield laid


@pytest.fixture
def actions(made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Actions:
    monkeypatch.setenv("PATH", f"{scanners('bandit', 'semgrep')}{os.pathsep}{os.environ['PATH']}")
    return Actions(made, tmp_path / "act")


def is_green(ran: act.Ran, *names: str) -> None:
    """Every expected job has succeeded, and no other one has run: act ends with 0 for what it did not run."""
    assert (ran.code, dict(ran.checks)) == (0, dict.fromkeys(names, GREEN)), ran.said


def is_red(ran: act.Ran, name: str, *said: str) -> None:
    assert (ran.code != 0, dict(ran.checks)) == (True, {name: RED}), ran.said
    for one in said:
        assert one in ran.said, ran.said


def pushed(actions: Actions, ref: str, *others: str) -> None:
    """What a push of a shared branch starts: all checks, and these workflows, which are left to the test."""
    assert actions.waiting("push", ref) == sorted([*CHECKS, *others])
    for name, checks in CHECKS.items():
        is_green(actions.run(name, {"ref": ref}, ref), *checks)


def settled(made: World, environment: str, version: str, sha: str) -> None:
    """This commit is live: page, container, images, schema, ledger and GitHub's list say the same."""
    assert made.answer(environment) == (version, sha)
    assert made.site(environment) == PAGE
    assert made.running(environment).endswith(f"@{made.digest(f'{environment}-latest')}")
    assert made.applied(environment) == MIGRATIONS
    assert f"refs/shipit/env/{environment}" in refs(made.laid.remote)
    assert [one for one in refs(made.laid.remote) if "/lock/" in one] == []
    last = [one for one in made.repository.deployments if one.asked["environment"] == environment][-1]
    assert (last.asked["ref"], last.states[-1]) == (sha, "success")


def test_from_a_merged_pull_request_to_production(made: World, actions: Actions) -> None:
    first = made.merge("feat: another page", {"frontend/index.html": PAGE})
    pushed(actions, DEVELOP, "deploy-staging.yml")
    is_green(actions.run("deploy-staging.yml", {"ref": DEVELOP}, DEVELOP), "staging")
    settled(made, "staging", "1.0.0", first)
    assert (made.answer("production"), made.applied("production")) == (None, 0)
    with pytest.raises(RuntimeError, match="GH006: Protected branch update failed for refs/heads/main"):
        git(made.checkout("develop"), "push", "--quiet", "origin", "HEAD:refs/heads/main")

    is_green(actions.dispatch("release.yml", DEVELOP, type="minor", suffix="none"), "release")
    released = git(made.laid.remote, "rev-parse", f"{TAG}^{{commit}}")
    assert released == git(made.laid.remote, "rev-parse", MAIN)
    assert made.packages() == ["acme-1.1.0-py3-none-any.whl", "acme-1.1.0.tar.gz"]
    page = made.repository.release("v1.1.0")
    assert (page.draft, {*made.packages(), "SHA256SUMS"} <= {one.name for one in page.assets}) == (False, True)
    assert made.repository.dispatches == [("build.yml", "v1.1.0"), ("deploy-production.yml", "v1.1.0")]
    assert made.answer("production") is None

    pushed(actions, MAIN)
    assert actions.waiting("push", TAG) == ["build.yml", "deploy-production.yml", "security.yml", "tests.yml"]
    is_green(actions.dispatch("build.yml", TAG), *CHECKS["build.yml"])
    is_green(actions.dispatch("deploy-production.yml", TAG), "production")
    settled(made, "production", "1.1.0", released)
    assert made.digest("v1.1.0") == made.digest("production-latest")
    settled(made, "staging", "1.0.0", first)

    again = actions.dispatch("deploy-production.yml", MAIN)
    is_green(again, "production")
    assert f"nothing to deploy: 1.1.0 ({released[:10]}) is live on production" in again.said
    before = refs(made.laid.remote)
    nothing = actions.dispatch("release.yml", DEVELOP)
    is_green(nothing, "release")
    assert refs(made.laid.remote) == before
    for ran in (*actions.runs.values(), again):
        assert not [
            name
            for name in ("VERCEL_TOKEN", "INDEX_PASSWORD", "RELEASE_TOKEN", "GITHUB_TOKEN")
            if made.secrets[name] in ran.said
        ]


def test_failing_tests_let_nothing_be_deployed(made: World, actions: Actions) -> None:
    made.merge("feat: a mistake", {"tests/test_mistake.py": "def test_it() -> None:\n    assert False\n"})
    ran = actions.run("tests.yml", {"ref": DEVELOP}, DEVELOP)
    python = {name: RED for name in CHECKS["tests.yml"] if name.startswith("python")}
    assert dict(ran.checks) == {"lint": RED, "type-check": GREEN, **python}, ran.said
    is_green(actions.run("build.yml", {"ref": DEVELOP}, DEVELOP), *CHECKS["build.yml"])

    deployed = actions.run("deploy-staging.yml", {"ref": DEVELOP}, DEVELOP)

    is_red(deployed, "staging", "the checks of 1.0.0", "are not green on GitHub", "python-tests (3.11): failure")
    assert (made.answer("staging"), made.site("staging"), made.applied("staging")) == (None, "", 0)
    assert [one for one in refs(made.laid.remote) if one.startswith("refs/shipit/")] == []
    assert made.digest("staging-latest") == ""
    assert [one["event"] for one in made.notified()] == ["refused"]


def test_a_broken_migration_is_rolled_back_and_notified_and_red(made: World, actions: Actions) -> None:
    first = made.merge("feat: another page", {"frontend/index.html": PAGE})
    ready(made, actions, first)
    is_green(actions.run("deploy-staging.yml", {"ref": DEVELOP}, DEVELOP), "staging")
    digest = made.digest("staging-latest")
    made.ask("staging", "INSERT INTO notes (id, body, written_at) VALUES ('1', 'kept', now()) RETURNING id")

    second = made.merge("feat: more", {"frontend/index.html": "never seen\n", **BROKEN})
    assert actions.waiting("push", DEVELOP, list(BROKEN))[2] == "migrate.yml"
    ready(made, actions, second)
    ran = actions.run("deploy-staging.yml", {"ref": DEVELOP}, DEVELOP)

    is_red(ran, "staging", "division by zero", "0014_broken")
    assert made.digest("staging-latest") == digest
    settled_before_the_last = made.repository.deployments.pop()
    assert settled_before_the_last.states[-1] == "failure"
    settled(made, "staging", "1.0.0", first)
    assert made.ask("staging", "SELECT body FROM notes") == [("kept",)]
    assert "more" not in made.columns("staging", "notes")
    assert [(one["event"], one["commit"]) for one in made.notified()] == [("rolled-back", second)]


def ready(made: World, actions: Actions, sha: str) -> None:
    """All checks of this commit are green; the images are built."""
    for name in REQUIRED:
        made.repository.check(sha, name, GREEN)
    is_green(actions.run("build.yml", {"ref": DEVELOP}, DEVELOP), *CHECKS["build.yml"])


def test_a_database_is_migrated_on_demand_and_empty_inputs_start_nothing(made: World, actions: Actions) -> None:
    assert actions.waiting("workflow_dispatch") == [
        "build.yml",
        "deploy-production.yml",
        "deploy-staging.yml",
        "migrate.yml",
        "release.yml",
    ]
    nothing = actions.dispatch("migrate.yml", DEVELOP, environment="", version="")
    assert (nothing.code, dict(nothing.checks)) == (0, {}), nothing.said
    some = actions.dispatch("migrate.yml", DEVELOP, environment="staging", version="0002")
    is_green(some, "migrate-staging")
    assert [made.applied(name) for name in ENVIRONMENTS] == [2, 0]
    is_green(actions.dispatch("migrate.yml", DEVELOP, environment="staging", version=""), "migrate-staging")
    assert [made.applied(name) for name in ENVIRONMENTS] == [MIGRATIONS, 0]
    is_green(actions.dispatch("migrate.yml", DEVELOP, environment="production", version=""), "migrate-production")
    assert [made.applied(name) for name in ENVIRONMENTS] == [MIGRATIONS, MIGRATIONS]


def test_every_week_the_scans_look_at_what_is_there(made: World, actions: Actions) -> None:
    assert actions.waiting("schedule") == ["security.yml"]
    is_green(actions.run("security.yml", {"schedule": "17 4 * * 1"}, DEVELOP, on="schedule"), "security")
    made.merge("feat: a query", {"src/acme/query.py": QUERY})
    is_red(actions.run("security.yml", {"schedule": "17 4 * * 1"}, DEVELOP, on="schedule"), "security", "B608")


QUERY = '''\
"""A query that bandit finds."""

import sqlite3


def find(connection: sqlite3.Connection, name: str) -> list[tuple[str]]:
    """Look a name up."""
    return connection.execute("SELECT name FROM people WHERE name = '" + name + "'").fetchall()
'''
