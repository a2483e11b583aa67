"""However a deployment ends, those that the configuration names are notified once, and that changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import shipit.deploy.ending
from shipit.config import Project
from shipit.deploy import command
from shipit.errors import (
    Denied,
    Interrupted,
    LostRace,
    Refused,
    RolledBack,
    Signalled,
    StoppedHalfway,
    Unavailable,
    UsageError,
)
from shipit.model import Notice
from tests.unit.deploy.scene import DEAD, SETTINGS, Killed, Machine, Scene
from tests.unit.deploy.test_command import answers_nobody

ALL = '"complete", "refused", "rolled-back", "stopped-half-way", "interrupted"'
RUN = "https://ci.example/acme/runs/7"


@dataclass
class FakeNotifier:
    """Plays notification.ports.Notifier and remembers; `error` is raised, `lost` is what it cannot deliver."""

    lost: Sequence[str] = ()
    error: BaseException | None = None
    notices: list[Notice] = field(default_factory=list)

    def notify(self, notice: Notice) -> Sequence[str]:
        self.notices.append(notice)
        if self.error:
            raise self.error
        return self.lost

    @property
    def events(self) -> list[tuple[object, object, object]]:
        """Event, command and version of each."""
        return [(one.facts["event"], one.facts["command"], one.facts.get("version")) for one in self.notices]


@pytest.fixture
def notifier(monkeypatch: pytest.MonkeyPatch) -> FakeNotifier:
    made = FakeNotifier()

    def notifiers(_: Project) -> Iterator[FakeNotifier]:
        yield made

    monkeypatch.setattr(shipit.deploy.ending, "notifiers", notifiers)
    return made


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path, f"{SETTINGS}\n[tool.shipit.notify]\non = [{ALL}]\n")
    made.commit("1.0.0")
    return made


@pytest.fixture
def live(scene: Scene, notifier: FakeNotifier) -> Scene:
    """1.0.0 is deployed, 1.1.0 waits on develop, and nobody was notified yet."""
    scene.machine().deploy()
    scene.commit("1.1.0")
    notifier.notices.clear()
    return scene


def interrupts(scene: Scene, call: str, error: BaseException) -> None:
    """This call of a target raises the error."""

    def happen(happening: str) -> None:
        if happening == call:
            scene.backend.before = None
            raise error

    scene.backend.before = happen


class TestTheEvent:
    def test_of_what_is_complete_says_which_version_of_which_commit_went_where(
        self, scene: Scene, machine: Machine, notifier: FakeNotifier
    ) -> None:
        machine.actor = replace(machine.actor, url=RUN)
        facts = machine.deploy()
        [notice] = notifier.notices
        assert (notice.title, notice.failed) == ("staging: deploy complete", False)
        assert notice.body == f"1.0.0 ({facts['commit'][:10]})\n{RUN}"
        assert notice.facts == {
            "event": "complete",
            "command": "deploy",
            "environment": "staging",
            "run": machine.entries[0].decision.run,
            "version": "1.0.0",
            "commit": facts["commit"],
            "url": RUN,
            "detail": "",
            "actor": str(machine.actor),
        }

    def test_leaves_out_what_is_not_known(self, scene: Scene, machine: Machine, notifier: FakeNotifier) -> None:
        scene.server.trouble = Unavailable("no answer")
        with pytest.raises(Unavailable):
            machine.deploy()
        [notice] = notifier.notices
        assert sorted(notice.facts) == ["actor", "command", "detail", "environment", "event"]
        assert (notice.facts["event"], notice.body) == ("refused", "no answer")


class TestEachEnd:
    def test_what_failed_and_was_undone_is_rolled_back(self, live: Scene, notifier: FakeNotifier) -> None:
        live.backend.fails["switch"] = Denied("it cannot be written")
        with pytest.raises(RolledBack):
            live.machine().deploy()
        assert notifier.events == [("rolled-back", "deploy", "1.1.0")]
        assert "it cannot be written" in str(notifier.notices[0].facts["detail"])
        assert notifier.notices[0].failed

    def test_what_was_refused_before_its_first_step_is_refused(self, live: Scene, notifier: FakeNotifier) -> None:
        with pytest.raises(Refused):
            live.machine().deploy(version="3.0.0")
        assert notifier.events == [("refused", "deploy", None)]

    def test_what_another_run_is_doing_is_refused(self, live: Scene, notifier: FakeNotifier) -> None:
        interrupts(live, "switch-backend", Killed())
        with pytest.raises(Killed):
            live.machine().deploy()
        with pytest.raises(LostRace):
            live.machine().deploy()
        assert notifier.events == [("refused", "deploy", None)]

    def test_a_signal_is_an_interruption(self, live: Scene, notifier: FakeNotifier) -> None:
        interrupts(live, "switch-backend", Signalled("SIGTERM"))
        with pytest.raises(Interrupted):
            live.machine().deploy()
        assert notifier.events == [("interrupted", "deploy", "1.1.0")]

    def test_a_signal_before_the_first_step_is_one_too(
        self, live: Scene, notifier: FakeNotifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def choose(*_: object) -> None:
            raise Signalled("SIGTERM")

        monkeypatch.setattr(command, "choose", choose)
        with pytest.raises(Signalled):
            live.machine().deploy()
        assert notifier.events == [("interrupted", "deploy", None)]

    def test_a_rollback_is_called_one(self, live: Scene, notifier: FakeNotifier) -> None:
        live.machine().deploy()
        live.machine().roll_back()
        assert notifier.events == [("complete", "deploy", "1.1.0"), ("complete", "deploy rollback", "1.0.0")]
        with pytest.raises(Refused):
            live.machine().roll_back()
        assert notifier.events[2:] == [("refused", "deploy rollback", None)]

    def test_what_is_left_half_way_and_gone_on_with_is_two_ends_of_one_run(
        self, live: Scene, notifier: FakeNotifier
    ) -> None:
        assert live.smoke
        answers_nobody(live.smoke)
        with pytest.raises(StoppedHalfway):
            live.machine(DEAD).deploy()
        del live.smoke.check, live.smoke.confirm
        live.machine().deploy(resume=True)
        assert [event for event, _, _ in notifier.events] == ["stopped-half-way", "complete"]
        assert len({one.facts["run"] for one in notifier.notices}) == 1


class TestNobodyIsNotified:
    def test_of_a_dry_run(self, live: Scene, notifier: FakeNotifier) -> None:
        live.machine().deploy(dry_run=True)
        with pytest.raises(Refused):
            live.machine().deploy(dry_run=True, version="3.0.0")
        assert notifier.notices == []

    def test_where_there_is_nothing_to_do(self, live: Scene, notifier: FakeNotifier) -> None:
        live.machine().deploy()
        live.machine().deploy()
        live.machine().deploy(resume=True)
        assert len(notifier.notices) == 1

    def test_where_a_person_said_no(self, live: Scene, notifier: FakeNotifier) -> None:
        job = live.machine().job()
        job.reporter.ask = lambda _: False
        with pytest.raises(Refused, match="the answer was no"):
            command.deploy(job)
        assert notifier.notices == []

    def test_of_a_mistake_of_configuration(self, live: Scene, notifier: FakeNotifier) -> None:
        machine = live.machine()
        vars(machine.outside)["targets"] = lambda *_: ()
        with pytest.raises(UsageError):
            machine.deploy()
        assert notifier.notices == []

    def test_where_the_interpreter_leaves_by_itself(self, live: Scene, notifier: FakeNotifier) -> None:
        interrupts(live, "switch-backend", SystemExit(3))
        with pytest.raises(SystemExit):
            live.machine().deploy()
        assert notifier.notices == []

    def test_of_what_the_configuration_does_not_name(self, scene: Scene, notifier: FakeNotifier) -> None:
        scene.settings = scene.settings.replace('"complete", ', "")
        scene.machine().deploy()
        assert notifier.notices == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lost": ["no answer within 30 s"]}, "nobody could be notified: no answer within 30 s"),
        ({"error": UsageError("the secret env:CHAT is missing")}, "the secret env:CHAT is missing"),
        ({"error": ValueError("no closing quotation")}, "no closing quotation"),
        ({"error": Signalled("SIGINT")}, "nobody could be notified: interrupted by SIGINT"),
    ],
)
def test_a_notification_that_fails_is_said_and_changes_no_end(
    live: Scene, notifier: FakeNotifier, changed: Mapping[str, Any], said: str
) -> None:
    vars(notifier).update(changed)
    machine = live.machine()
    assert machine.deploy()["deployed"] == "true"
    assert said in machine.recorder.said[-1]
    live.commit("1.2.0")
    live.backend.fails["switch"] = Denied("it cannot be written")
    with pytest.raises(RolledBack):
        live.machine().deploy()
    assert machine.history == ["1.2.0 rolled back", "1.1.0 complete", "1.0.0 complete"]
