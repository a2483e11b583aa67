"""A project's own migration tool as a step: what can be seen of it before and after."""

from collections.abc import Callable

import pytest

from shipit.engine.plan import State
from shipit.migrate.steps.wrapped import Ran, RunTool, RunToolBack
from tests.unit.migrate.scene import FakeTool

ADDRESS = "postgresql://ada:secret@db.example/acme"


@pytest.fixture
def tool() -> FakeTool:
    return FakeTool()


@pytest.fixture
def step(tool: FakeTool) -> Callable[[str | None], RunTool]:
    return lambda to: RunTool(tool=tool, address=ADDRESS, to=to, ran=Ran())


class TestForward:
    def test_is_done_when_the_tool_has_nothing_pending(
        self, step: Callable[[str | None], RunTool], tool: FakeTool
    ) -> None:
        made, said = step(None), list[str]()
        assert (made.look().state, made.look().evidence) == (State.ABSENT, "2 pending: abc, def")
        made.run(said.append)
        assert (made.look().state, made.look().evidence) == (State.DONE, "nothing is pending")
        assert (said, tool.calls) == (["upgraded"], [("upgrade", ADDRESS, None)])

    def test_names_five_at_most(self, step: Callable[[str | None], RunTool], tool: FakeTool) -> None:
        tool.left = list("abcdefg")
        assert step(None).look().evidence == "7 pending: a, b, c, d, e"

    def test_up_to_a_revision_it_is_done_when_the_tool_ended_well(
        self, step: Callable[[str | None], RunTool], tool: FakeTool
    ) -> None:
        made = step("abc")
        assert made.look().state is State.ABSENT
        made.run(lambda _: None)
        assert tool.left == ["def"]
        assert (made.look().state, made.look().evidence) == (State.DONE, "it ran to its end")

    def test_a_tool_that_still_calls_something_pending_after_all_is_not_believed(
        self, step: Callable[[str | None], RunTool], tool: FakeTool
    ) -> None:
        made = step(None)
        made.run(lambda _: None)
        tool.left.append("ghi")
        assert made.look().state is State.ABSENT

    def test_a_tool_that_cannot_tell_is_believed_when_it_ended_well(
        self, step: Callable[[str | None], RunTool], tool: FakeTool
    ) -> None:
        tool.tells = False
        made = step(None)
        assert (made.look().state, made.look().evidence) == (State.ABSENT, "")
        made.run(lambda _: None)
        assert (made.look().state, made.look().evidence) == (
            State.DONE,
            "it ran to its end, and cannot say what is pending",
        )

    def test_its_summary_names_tool_and_revision_and_never_the_address(
        self, step: Callable[[str | None], RunTool]
    ) -> None:
        assert (step(None).summary, step("abc").summary) == ("Run alembic", "Run alembic up to abc")


class TestBack:
    def test_is_done_when_the_tool_ended_well(self, tool: FakeTool) -> None:
        made, said = RunToolBack(tool=tool, address=ADDRESS, to="base", ran=Ran()), list[str]()
        assert (made.summary, made.look().state) == ("Run alembic back to base", State.ABSENT)
        made.run(said.append)
        assert (said, tool.calls) == (["downgraded"], [("downgrade", ADDRESS, "base")])
        assert (made.look().state, made.look().evidence) == (State.DONE, "it ran to its end")
