"""Checks name problems and change nothing."""

from pathlib import Path

import pytest

from shipit.engine.plan import Problem
from shipit.model import Divergence
from shipit.release.checks import ForgeReady, IndexReady, MayPush, NotesFit, PythonReady, TipsAgree
from tests.fakes import FakeWorkbench
from tests.unit.scene import BRANCH, Scene

THERE, AWAY = "2" * 40, "3" * 40


class TestTips:
    @pytest.mark.parametrize("detached", [None, THERE])
    def test_agree(self, detached: str | None) -> None:
        assert TipsAgree(there=THERE, branch="develop", detached=detached).problems() == ()

    def test_of_a_branch_that_is_elsewhere_are_a_problem_with_the_command_that_helps(self) -> None:
        behind = Divergence(branch="develop", remote="origin", ahead=0, behind=3)
        [problem] = TipsAgree(there=THERE, branch="develop", divergence=behind).problems()
        assert problem.what == "develop here is 3 commits behind origin"
        assert problem.evidence == "remote 2222222222"
        assert problem.hint == "git pull --ff-only"

    def test_of_a_detached_head_are_its_own_commit(self) -> None:
        [problem] = TipsAgree(there=THERE, branch="develop", detached=AWAY).problems()
        assert problem.what == "the detached HEAD is not at the remote tip of develop"
        assert problem.evidence == "here 3333333333, remote 2222222222"
        assert problem.hint == "git switch develop"


class TestTheNotes:
    def test_may_be_as_long_as_the_forge_allows(self) -> None:
        assert NotesFit(notes="x" * 125_000).problems() == ()

    def test_that_are_longer_are_a_problem_with_both_numbers(self) -> None:
        [problem] = NotesFit(notes="x" * 125_001).problems()
        assert problem.evidence == "125001 characters; the limit is 125000"


class TestTheRightToPush:
    def test_is_there_or_is_named(self, scene: Scene) -> None:
        check = MayPush(remote=scene.remote, release=scene.release)
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
        forge, index = (
            ForgeReady(rules=scene.forge, branches=("main",)),
            IndexReady(index=scene.index, project="acme"),
        )
        assert [one.what for one in (*forge.problems(), *index.problems())] == ["main is protected", "no token"]
        assert forge.summary == "fake forge answers and lets this token release"
        assert index.summary == "fake index answers"

    def test_so_does_the_python_that_builds(self, tmp_path: Path) -> None:
        workbench = FakeWorkbench(tmp_path)
        check = PythonReady(packager=workbench)
        assert not check.problems()
        workbench.unfit.append(Problem("too old"))
        assert [one.what for one in check.problems()] == ["too old"]
