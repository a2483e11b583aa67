"""shipit verify lint, types and tests: which gates are run, and what becomes of their verdicts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from shipit.config import Gate, Project, open_project
from shipit.engine import events
from shipit.errors import Refused, UsageError
from shipit.gates import command
from shipit.gates.command import Asked, chosen, verify
from shipit.gates.ports import Tree
from shipit.gates.runner import GateRunner
from shipit.output import Renderer
from shipit.output.reporter import Reporter
from tests.unit.gates.bench import Ended, Played, write
from tests.unit.memory import Recorder

GATES = """
[tool.shipit.gates]
lint.run = "good"
format = { run = "bad", verify = "lint" }
types.run = "absent"
other.run = "bad"
[tool.shipit.gates.tests]
run = "good -q"
coverage = 70
unit = "tests/unit"
integration = ["tests/integration", "-x"]
"""


class Machine:
    """A project whose commands are `good`, `bad` and `absent`; `tracked` is what git tracks."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (top / ".git").mkdir()
        self.top = top
        self.tracked: Sequence[str] | None = ()
        self.recorder = Recorder()
        self.commands = Played(self.act)
        monkeypatch.setattr(command, "gate_runner", self.runner)
        monkeypatch.setattr(command, "tracked_python", lambda top: self.tracked)

    def act(self, top: Path, argv: Sequence[str]) -> Ended:
        if argv[0] == "absent":
            raise UsageError("`absent` is not installed")
        return Ended(int(argv[0] == "bad"), f"{argv[0]} said it\nand more")

    def runner(
        self,
        gates: Mapping[str, Gate],
        tree: Tree,
        variables: Mapping[str, str | None],
        withheld: frozenset[str],
        *,
        configured: bool,
    ) -> GateRunner:
        return GateRunner(
            gates=gates,
            tree=tree,
            commands=self.commands,
            tracked=lambda _: self.tracked,
            variables=variables,
            withheld=withheld,
            configured=configured,
        )

    def project(self, text: str = GATES) -> Project:
        write(self.top / "pyproject.toml", text)
        return open_project(self.top)

    def verify(self, asked: Asked, text: str = GATES) -> Mapping[str, str]:
        return verify(self.project(text), Reporter(Renderer(self.recorder)), asked)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_every_gate_of_the_question_runs_and_is_named_though_one_has_failed(machine: Machine) -> None:
    with pytest.raises(Refused) as caught:
        machine.verify(Asked(question="lint"))
    assert [argv for argv, _ in machine.commands.seen] == [("good",), ("bad",)]
    assert caught.value.what == "lint: format findings"
    assert caught.value.evidence == (
        "lint: clean",
        "format: findings: the command ended with exit code 1",
        "  bad said it",
        "  and more",
        "  ran: bad",
    )
    assert caught.value.hint == "fix what it found, then shipit verify lint"
    assert machine.recorder.facts == [{"verified": "false", "lint": "clean", "format": "findings"}]
    ends = [type(event) for event in machine.recorder.told if not isinstance(event, events.Said)]
    assert ends[1:] == [
        events.StepStarted,
        events.StepDone,
        events.StepStarted,
        events.StepFailed,
        events.RunFinished,
    ]


def test_a_tool_that_is_not_there_was_not_run(machine: Machine) -> None:
    with pytest.raises(Refused, match="types not run") as caught:
        machine.verify(Asked(question="types"))
    assert str(caught.value.hint).startswith("install it where the project's python is")


def test_all_clean_is_said_with_each_gate_and_its_coverage(machine: Machine) -> None:
    write(machine.top / "coverage.xml", "")
    report = '<coverage lines-covered="3" lines-valid="4"/>'

    def act(top: Path, argv: Sequence[str]) -> Ended:
        write(top / "coverage.xml", report)
        return Ended()

    machine.commands.act = act
    facts = machine.verify(Asked(question="tests"))
    assert facts == {"verified": "true", "tests": "clean", "tests-coverage": "75.0"}
    assert machine.recorder.said == ["tests: clean: coverage 75.0 %"]


def test_what_could_not_look_has_its_own_hint(machine: Machine) -> None:
    with pytest.raises(Refused, match="tests inconclusive") as caught:
        machine.verify(Asked(question="tests"))
    assert "has not passed" in str(caught.value.hint)


def test_nothing_that_answers_is_inconclusive(machine: Machine) -> None:
    machine.tracked = None
    with pytest.raises(Refused) as caught:
        machine.verify(Asked(question="lint"), "")
    assert caught.value.what == "lint: lint inconclusive"
    assert machine.commands.seen == []


def test_a_part_adds_its_words_and_asks_for_no_coverage_of_the_whole(machine: Machine) -> None:
    project = machine.project()
    unit = chosen(project, Asked(question="tests", part="unit"))["tests"]
    assert (unit.run, unit.coverage) == (("good", "-q", "tests/unit"), None)
    integration = chosen(project, Asked(question="tests", part="integration", least=50))["tests"]
    assert (integration.run[2:], integration.coverage) == (("tests/integration", "-x"), 50)


def test_a_part_that_nothing_names_is_a_usage_error(machine: Machine) -> None:
    only = '[tool.shipit.gates]\ntests.run = "pytest"'
    with pytest.raises(UsageError, match="no gate says which tests are unit tests"):
        chosen(machine.project(only), Asked(question="tests", part="unit"))
    machine.tracked = ("tests/test_a.py",)
    with pytest.raises(UsageError, match="there is no tracked folder tests/unit") as caught:
        chosen(machine.project(""), Asked(question="tests", part="unit"))
    hint = str(caught.value.hint)
    table, _, keys = hint.removeprefix("write ").partition(" with ")
    written = f"{table}\n" + keys.replace(" and ", "\n")
    assert chosen(machine.project(written), Asked(question="tests", part="unit"))["tests"].run[-1] == "FOLDER"


def test_a_part_of_the_default_is_the_folder_of_that_name(machine: Machine) -> None:
    machine.tracked = ("tests/unit/test_a.py",)
    found = chosen(machine.project(""), Asked(question="tests", part="unit"))
    assert found["pytest"].run[-1] == "tests/unit"


def test_the_minimum_of_the_command_line_goes_before_each_that_is_configured(machine: Machine) -> None:
    two = GATES + '[tool.shipit.gates.slow]\nrun = "good"\nverify = "tests"\n'
    found = chosen(machine.project(two), Asked(question="tests", least=90))
    assert {name: gate.coverage for name, gate in found.items()} == {"tests": 90, "slow": None}
    plain = '[tool.shipit.gates]\ntests.run = "good"'
    assert chosen(machine.project(plain), Asked(question="tests", least=90))["tests"].coverage == 90


@pytest.mark.parametrize("least", [float("nan"), -1.0, 101.0])
def test_a_minimum_that_is_no_percent_is_a_usage_error(machine: Machine, least: float) -> None:
    with pytest.raises(UsageError, match=r" is no percent$"):
        chosen(machine.project(), Asked(question="tests", least=least))


def test_tests_that_shipit_chooses_leave_nothing_in_the_tree_that_git_would_show(machine: Machine) -> None:
    machine.tracked = ("acme.py",)
    with pytest.raises(Refused):  # no report is written here
        machine.verify(Asked(question="tests"), "")
    assert machine.commands.seen[0][1] == {"COVERAGE_FILE": str(machine.top / "reports/.coverage")}
    assert (machine.top / "reports/.gitignore").read_text() == "*\n"


def test_what_is_prepared_for_a_command_is_seen_by_it_even_if_it_is_secret(machine: Machine) -> None:
    asked = Asked(
        question="lint",
        withheld=frozenset({"DATABASE_URL", "TOKEN"}),
        prepare=lambda: {"DATABASE_URL": "sqlite:///a.db"},
    )
    machine.verify(asked, '[tool.shipit.gates]\nlint.run = "good"')
    assert machine.commands.seen[0][1] == {"DATABASE_URL": "sqlite:///a.db", "TOKEN": None}


@pytest.mark.parametrize(
    ("question", "settings", "said"),
    [
        ("tests", "", "it did not see TOKEN: a gate that stands in the configuration may name them in secrets"),
        ("lint", "", ""),
        ("tests", '[tool.shipit.gates]\ntests.run = "bad"', "it did not see TOKEN: gates.tests.secrets names"),
        ("lint", '[tool.shipit.gates]\nlint.run = "ruff check ."', ""),
    ],
)
def test_what_a_gate_did_not_see_is_said_with_what_can_be_done(
    machine: Machine, question: str, settings: str, said: str
) -> None:
    machine.tracked = ("acme.py",)
    machine.commands.act = lambda top, argv: Ended(1, "no")
    with pytest.raises(Refused) as caught:
        machine.verify(Asked(question=question, withheld=frozenset({"TOKEN"})), settings)
    lines = [line.strip() for line in caught.value.evidence if "did not see" in line]
    assert [line.startswith(said) for line in lines] == ([True] if said else [])
