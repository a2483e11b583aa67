"""After a release the branch that is checked out is brought forward, or a person is told how."""

from pathlib import Path

import pytest

from shipit.errors import Unavailable
from shipit.output import Renderer
from shipit.output.reporter import Reporter
from shipit.release import command
from shipit.release.follow import follow
from shipit.release.run import Options
from tests.unit.memory import GITFLOW, Machine, Product

COMPLETE = "v1.1.0 is released and complete"


def machine_of(folder: Path, settings: str = GITFLOW) -> Machine:
    """A clone at the tip of develop, as it was before the release."""
    product = Product(settings)
    machine = Machine(product, folder)
    machine.remote.fetch("refs/heads/develop")
    machine.checkout.tips |= dict.fromkeys(("HEAD", "refs/heads/develop"), product.refs["refs/heads/develop"])
    return machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return machine_of(tmp_path)


def said(machine: Machine, *, watched: bool) -> list[str]:
    """What a release that nobody is asked about tells people."""
    reporter = Reporter(Renderer(machine.recorder), is_watched=watched)
    assert command.release(machine.outside, Options(), reporter)["released"] == "true"
    return machine.recorder.said


class TestByDefault:
    def test_it_is_brought_forward_where_a_person_watches(self, machine: Machine) -> None:
        assert said(machine, watched=True) == [COMPLETE, "develop here was brought forward to origin"]
        assert machine.checkout.brought_forward == [("origin", "develop")]

    def test_the_command_is_told_where_nobody_watches(self, machine: Machine) -> None:
        [_, told] = said(machine, watched=False)
        assert told.startswith("develop here is ")
        assert told.endswith(" commits behind origin: git pull --ff-only")
        assert machine.checkout.brought_forward == []


class TestByConfiguration:
    def test_it_is_brought_forward_even_where_nobody_watches(self, tmp_path: Path) -> None:
        machine = machine_of(tmp_path, GITFLOW + 'branches.follow = "always"\n')
        said(machine, watched=False)
        assert machine.checkout.brought_forward == [("origin", "develop")]

    def test_it_is_never_touched(self, tmp_path: Path) -> None:
        machine = machine_of(tmp_path, GITFLOW + 'branches.follow = "never"\n')
        said(machine, watched=True)
        assert machine.checkout.brought_forward == []


class TestWhatCannotBeBroughtForward:
    def test_is_left_as_it_is_and_the_reason_is_told(self, machine: Machine) -> None:
        machine.checkout.why_not = "Your local changes would be overwritten by merge."
        [_, told] = said(machine, watched=True)
        assert "and was left as it is (Your local changes would be overwritten by merge.): git pull" in told

    def test_has_commits_of_its_own(self, machine: Machine) -> None:
        said(machine, watched=False)
        tip = machine.checkout.tips["HEAD"]
        mine = machine.objects.commit(machine.objects.tree(tip), [tip], "feat: mine\n", machine.product.author, 0)
        machine.checkout.tips["HEAD"] = mine
        told = follow(machine.outside, somebody_is_there=True)
        assert told.endswith(" and 1 ahead of origin: git pull --rebase")
        assert machine.checkout.brought_forward == []

    def test_is_told_in_a_sentence_where_the_remote_does_not_answer_any_more(self, machine: Machine) -> None:
        def cut(_remote: str, _branch: str) -> str:
            raise Unavailable("the cable is out")

        vars(machine.checkout)["bring_forward"] = cut
        [_, told] = said(machine, watched=True)
        assert told == "the branch that is checked out was left as it is: the cable is out"


class TestWithoutADifference:
    @pytest.mark.parametrize("branch", [None, "main", "mine"])
    def test_nothing_is_said(self, machine: Machine, branch: str | None) -> None:
        machine.checkout.branch = branch
        machine.checkout.tips["HEAD"] = machine.product.refs["refs/heads/main"]
        assert follow(machine.outside, somebody_is_there=True) == ""

    def test_nothing_is_said_before_the_first_commit_of_a_clone(self, machine: Machine) -> None:
        del machine.checkout.tips["HEAD"]
        assert follow(machine.outside, somebody_is_there=True) == ""

    def test_objects_that_are_only_on_the_remote_are_brought_here(self, machine: Machine) -> None:
        machine.product.commit("develop", "feat: meanwhile\n", {"more.py": b""})
        assert follow(machine.outside, somebody_is_there=False) == (
            "develop here is 1 commit behind origin: git pull --ff-only"
        )
