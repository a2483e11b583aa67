"""How a deployment ends is notified once, by a command that reads JSON; one that fails or hangs changes nothing."""

import json
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters import notify_command
from tests.support.acme import git
from tests.support.deploying import LOCK, Estate
from tests.support.inside import Ended, shipit
from tests.support.run import environment, start, wait

DEPLOY = ("deploy", "--env", "staging", "--yes")
ENDS = ("complete", "refused", "rolled-back", "stopped-half-way", "interrupted")
RUN = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://forge.example", "GITHUB_RUN_ID": "7"}


class Told:
    """An estate with a program that keeps each event as a line of JSON."""

    def __init__(self, folder: Path) -> None:
        self.estate = Estate.lay(folder / "laid")
        self.kept, self.program = folder / "kept.jsonl", folder / "keep"
        self.does()
        self.configure()

    def does(self, *more: str) -> None:
        """What the program does beside."""
        self.program.write_text("\n".join(("#!/bin/sh", f"cat >> {self.kept}", f"echo >> {self.kept}", *more)))
        self.program.chmod(0o755)

    def configure(self) -> None:
        """Only the configuration is read where one stands."""
        settings = self.estate.clone / "pyproject.toml"
        notify = f'\n[tool.shipit.notify]\nrun = ["{self.program}"]\non = {json.dumps(ENDS)}\n'
        settings.write_text(settings.read_text() + notify)

    def commit(self, version: str) -> None:
        git(self.estate.clone, "checkout", "--quiet", "pyproject.toml")
        self.estate.commit(version)
        self.configure()

    def shipit(self, *words: str, **variables: str) -> Ended:
        return shipit(self.estate.clone, *words, **variables)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Those since it was last asked."""
        found = self.kept.read_text().splitlines() if self.kept.exists() else []
        self.kept.unlink(missing_ok=True)
        return [json.loads(line) for line in found]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_each_end_is_notified_once_also_where_the_database_was_migrated(told: Told) -> None:
    first = told.estate.refs["refs/heads/develop"]
    assert told.shipit(*DEPLOY, GITHUB_REPOSITORY="acme/small", **RUN).code == 0
    [event] = told.events
    assert told.estate.schema == ["more_1"]
    actor = event.pop("actor")
    assert event == {
        "event": "complete",
        "command": "deploy",
        "environment": "staging",
        "run": told.estate.entries[0]["decision"]["run"],
        "version": "1.0.0",
        "commit": first,
        "url": "https://forge.example/acme/small/actions/runs/7",
        "detail": "",
        "title": "staging: deploy complete",
        "body": f"1.0.0 ({first[:10]})\nhttps://forge.example/acme/small/actions/runs/7",
        "failed": False,
    }
    assert "https://forge.example/acme/small/actions/runs/7" in actor
    assert told.shipit(*DEPLOY).code == 0
    assert told.shipit(*DEPLOY, "--dry-run").code == 0
    assert told.shipit(*DEPLOY, "--resume").code == 0
    assert told.events == []

    told.commit("1.1.0")
    told.estate.sicken("1.1.0")
    assert told.shipit(*DEPLOY).code == 7
    [event] = told.events
    assert (event["event"], event["version"], event["failed"]) == ("rolled-back", "1.1.0", True)
    assert event["detail"].startswith("smoke: a critical path failed; ")

    told.estate.sicken()
    assert told.shipit(*DEPLOY).code == 0
    assert told.shipit("deploy", "rollback", "--env", "staging", "--yes").code == 0
    assert [(one["event"], one["command"], one["version"]) for one in told.events] == [
        ("complete", "deploy", "1.1.0"),
        ("complete", "deploy rollback", "1.0.0"),
    ]
    assert told.shipit(*DEPLOY, "--version", "3.0.0").code == 4
    [event] = told.events
    assert (event["event"], "version" in event) == ("refused", False)
    assert "3.0.0 is not released on origin" in event["detail"]
    assert told.shipit("deploy", "--env", "bare").code == 2
    assert told.events == []


def test_an_interruption_is_notified(told: Told) -> None:
    hold = told.estate.live / "wait"
    hold.touch()
    child = start(told.estate.clone, *DEPLOY, env=environment())
    until(lambda: told.estate.served == ["site 1.0.0", "api 1.0.0"])
    child.send_signal(signal.SIGINT)
    wait(child).ended(130)
    [event] = told.events
    assert (event["event"], event["version"], event["failed"]) == ("interrupted", "1.0.0", True)
    assert told.estate.served == ["", ""]
    assert LOCK not in told.estate.refs


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("echo 'nobody is in' >&2", "exit 1"), "keep` failed: nobody is in"),
        (("exec sleep 60",), "did not end within 0.5 s"),
    ],
)
def test_a_notifier_that_fails_or_hangs_is_said_and_changes_neither_exit_code_nor_end(
    told: Told, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], said: str
) -> None:
    impatient = partial(notify_command.CommandNotifier, patience=0.5)
    monkeypatch.setattr(notify_command, "CommandNotifier", impatient)
    told.does(*more)
    ended = told.shipit(*DEPLOY)
    assert (ended.code, "nobody could be notified: " in ended.err, said in ended.err) == (0, True, True), ended.err
    told.commit("1.1.0")
    told.estate.sicken("1.1.0")
    ended = told.shipit(*DEPLOY)
    assert (ended.code, said in ended.err) == (7, True), ended.err
    assert told.estate.history == ["1.1.0 rolled back", "1.0.0 complete"]
    assert [one["event"] for one in told.events] == ["complete", "rolled-back"]


def until(holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
