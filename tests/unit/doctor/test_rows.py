"""What was found held against what is needed."""

import pytest

from shipit.doctor.rows import Row, State
from tests.unit.doctor.ward import MISSING, Here, judged

IMAGE = '[images.web]\nfile = "Dockerfile"\n'
WIDE = IMAGE + 'platforms = ["linux/amd64", "linux/arm64"]'
CLIENT, ENGINE, PLUGIN = Here(version="28.2"), Here(version="28.2"), Here(version="0.12.1")
DOCKER = {"docker": CLIENT, "docker's engine": ENGINE, "docker buildx": PLUGIN}
BUILDAH = {"buildah": Here(version="1.28")}


@pytest.mark.parametrize(
    ("git", "state"),
    [
        (Here(version="2.38"), State.HERE),
        (Here(version="2.37.1"), State.UNFIT),
        (Here(), State.UNKNOWN),
        (Here(fault="it ended with exit code 1"), State.FAULTY),
        (MISSING, State.MISSING),
    ],
)
def test_a_tool_has_one_of_five_states(git: Here, state: State) -> None:
    row = judged("", {"git": git})["git"]
    assert (row.state, row.lacks) == (state, state is not State.HERE)


def test_a_tool_that_may_have_any_version_need_not_say_which_it_has() -> None:
    assert judged('gates.lint.run = "ruff"', {"ruff": Here()})["ruff"].state is State.HERE


def test_what_is_optional_may_be_missing() -> None:
    row = judged("", {})["bandit"]
    assert (row.state, row.lacks) == (State.MISSING, False)


def lacking(found: dict[str, Row]) -> set[str]:
    tools = {*DOCKER, *BUILDAH}
    return {tool for tool, row in found.items() if tool in tools and row.lacks}


class TestOfTwoWaysToBuild:
    def test_docker_will_do(self) -> None:
        assert lacking(judged(IMAGE, DOCKER)) == set()

    def test_buildah_will_do(self) -> None:
        found = judged(IMAGE, {**BUILDAH, "docker": CLIENT})
        assert lacking(found) == set()
        assert not found["docker's engine"].is_required

    def test_docker_is_asked_for_where_neither_is_here(self) -> None:
        found = judged(IMAGE, {})
        assert lacking(found) == set(DOCKER)
        assert not found["buildah"].is_required

    def test_an_engine_that_does_not_answer_is_no_engine(self) -> None:
        assert lacking(judged(IMAGE, {**DOCKER, "docker's engine": Here(fault="no daemon")})) == {"docker's engine"}

    def test_docker_before_23_needs_no_plugin(self) -> None:
        old = {"docker": Here(version="20.10"), "docker's engine": Here(version="20.10")}
        assert lacking(judged(IMAGE, old)) == set()

    def test_docker_before_23_needs_it_for_several_platforms(self) -> None:
        old = {"docker": Here(version="20.10"), "docker's engine": Here(version="20.10")}
        assert lacking(judged(WIDE, old)) == {"docker buildx"}

    def test_buildah_will_not_do_for_several_platforms(self) -> None:
        assert lacking(judged(WIDE, BUILDAH)) == set(DOCKER)
