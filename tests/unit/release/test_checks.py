"""Checks name problems and change nothing."""

import pytest

from shipit.engine.plan import Problem
from shipit.release.checks import ForgeReady, IndexReady, MayPush, NotesFit, TipsAgree
from tests.unit.scene import BRANCH, Scene

HERE, THERE, AWAY = "1" * 40, "2" * 40, "3" * 40


class TestTips:
    @pytest.mark.parametrize(("here", "detached"), [(THERE, None), (None, None), (HERE, THERE)])
    def test_agree(self, here: str | None, detached: str | None) -> None:
        assert TipsAgree(here, THERE, "develop", detached).problems() == ()

    def test_of_a_branch_that_is_elsewhere_are_told_with_both_ids(self) -> None:
        [problem] = TipsAgree(HERE, THERE, "develop", None).problems()
        assert problem.what == "develop is not at the remote tip of develop"
        assert problem.evidence == "here 1111111111, remote 2222222222"

    def test_of_a_detached_head_are_its_own_commit(self) -> None:
        [problem] = TipsAgree(THERE, THERE, "develop", AWAY).problems()
        assert problem.what == "the detached HEAD is not at the remote tip of develop"
        assert "3333333333" in problem.evidence


class TestTheNotes:
    def test_may_be_as_long_as_the_forge_allows(self) -> None:
        assert NotesFit("x" * 125_000).problems() == ()

    def test_that_are_longer_are_a_problem_with_both_numbers(self) -> None:
        [problem] = NotesFit("x" * 125_001).problems()
        assert problem.evidence == "125001 characters; the limit is 125000"


class TestTheRightToPush:
    def test_is_there_or_is_named(self, scene: Scene) -> None:
        check = MayPush(scene.remote, scene.release)
        assert check.summary == "origin would take the push"
        assert not check.problems()
        scene.server.read_only = True
        [problem] = check.problems()
        assert problem.what == "origin takes no push from this account"
        assert BRANCH not in scene.server.refs


class TestForgeAndIndex:
    def test_answer_for_themselves(self, scene: Scene) -> None:
        scene.forge.found = [Problem("main is protected")]
        scene.index.found = [Problem("no token")]
        forge, index = ForgeReady(scene.forge, ("main",)), IndexReady(scene.index, "acme")
        assert [one.what for one in (*forge.problems(), *index.problems())] == ["main is protected", "no token"]
        assert forge.summary == "fake forge answers and lets this token release"
        assert index.summary == "fake index answers"
