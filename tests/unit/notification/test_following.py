"""However a command without an environment ends, those that the configuration names are notified once."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import shipit.notification.following
from shipit import masking, output
from shipit.config import open_project
from shipit.errors import Refused, Signalled, UsageError
from shipit.model import Notice
from shipit.notification.following import notified
from shipit.output.reporter import Reporter
from tests.unit.memory import lay_out_git_folder

ALL = '"complete", "refused", "rolled-back", "stopped-half-way", "interrupted"'


@dataclass
class FakeNotifier:
    """Plays notification.ports.Notifier and remembers; `lost` is what it cannot deliver."""

    lost: Sequence[str] = ()
    error: Exception | None = None
    notices: list[Notice] = field(default_factory=list)

    def notify(self, notice: Notice) -> Sequence[str]:
        self.notices.append(notice)
        if self.error:
            raise self.error
        return self.lost


class Scene:
    """A project with one notifier, and what is said on stderr."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.top = top
        self.notifier = FakeNotifier()
        self.err = io.StringIO()
        lay_out_git_folder(top)
        self.configure(f"on = [{ALL}]")

        def notifiers(_: object) -> Iterator[FakeNotifier]:
            yield self.notifier

        monkeypatch.setattr(shipit.notification.following, "notifiers", notifiers)

    def configure(self, *lines: str, name: str = 'name = "acme"') -> None:
        text = f'[project]\n{name}\nversion = "1.0.0"\n[tool.shipit.notify]\n' + "\n".join(lines) + "\n"
        (self.top / "pyproject.toml").write_text(text)

    def ends(self, error: BaseException | None = None) -> None:
        """End the command like this; errors pass through."""
        made = output.make(json=False, verbose=False, environment={}, stdout=io.StringIO(), stderr=self.err)
        with notified(open_project(self.top), Reporter(made), "verify security"):
            if error:
                raise error

    @property
    def facts(self) -> Mapping[str, Any]:
        [notice] = self.notifier.notices
        return notice.facts


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    top = tmp_path / "here"
    top.mkdir()
    return Scene(top, monkeypatch)


def test_what_is_complete_is_a_success(scene: Scene) -> None:
    scene.ends()
    [notice] = scene.notifier.notices
    assert (notice.title, notice.body, notice.failed) == ("acme: verify security complete", "", False)
    assert notice.facts["event"] == "complete"


def test_a_refusal_is_passed_on_after_the_notification_with_what_it_is_about(scene: Scene) -> None:
    refusal = Refused("1 scan has not passed, of 9", evidence=["bandit: findings"])
    with pytest.raises(Refused) as caught:
        scene.ends(refusal)
    assert caught.value is refusal
    assert scene.facts["event"] == "refused"
    assert scene.facts["command"] == "verify security"
    assert scene.facts["project"] == "acme"
    assert scene.facts["detail"] == "1 scan has not passed, of 9; bandit: findings"
    assert ", process " in scene.facts["actor"]


def test_a_bug_is_a_refusal_too(scene: Scene) -> None:
    with pytest.raises(KeyError):
        scene.ends(KeyError("odd"))
    assert scene.facts["event"] == "refused"
    assert "a bug in shipit" in scene.facts["detail"]


def test_an_interruption_is_one(scene: Scene) -> None:
    with pytest.raises(Signalled):
        scene.ends(Signalled("SIGTERM"))
    assert (scene.facts["event"], scene.facts["detail"]) == ("interrupted", "interrupted by SIGTERM")


@pytest.mark.parametrize("error", [UsageError("no such scan"), SystemExit(3)])
def test_a_mistake_and_the_interpreters_own_way_out_are_no_ends(scene: Scene, error: BaseException) -> None:
    with pytest.raises(type(error)):
        scene.ends(error)
    assert scene.notifier.notices == []


def test_what_the_configuration_does_not_name_is_not_sent(scene: Scene) -> None:
    scene.configure('on = ["refused"]')
    scene.ends()
    assert scene.notifier.notices == []


def test_without_a_name_the_folder_is_the_project(scene: Scene) -> None:
    scene.configure(f"on = [{ALL}]", name="")
    scene.ends()
    assert scene.facts["project"] == "here"


@pytest.mark.parametrize(
    ("notifier", "said"),
    [
        (FakeNotifier(lost=["no answer within 10 s"]), "nobody could be notified: no answer within 10 s"),
        (FakeNotifier(error=UsageError("the secret env:CHAT is missing")), "the secret env:CHAT is missing"),
        (FakeNotifier(error=ValueError("no closing quotation")), "no closing quotation"),
    ],
)
def test_a_notification_that_fails_is_said_and_changes_nothing(
    scene: Scene, notifier: FakeNotifier, said: str
) -> None:
    scene.notifier = notifier
    scene.ends()
    assert said in scene.err.getvalue()
    refusal = Refused("1 scan has not passed")
    with pytest.raises(Refused) as caught:
        scene.ends(refusal)
    assert caught.value is refusal


def test_a_secret_is_masked_in_what_is_sent(scene: Scene) -> None:
    masking.register("made-up-value")
    with pytest.raises(Refused):
        scene.ends(Refused("no", evidence=["made-up-value"]))
    [notice] = scene.notifier.notices
    assert "made-up-value" not in f"{notice.body}{notice.facts}"
