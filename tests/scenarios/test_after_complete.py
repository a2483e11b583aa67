"""What is complete stays complete: nothing that fails after the last step turns it into another end."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from shipit.release.refs import KEPT
from tests.support import gitserver
from tests.support.acme import git, refs
from tests.support.gitserver import FETCH
from tests.support.place import NO_FORGE, Place, Stage

DIRECTORY = '\n[tool.shipit.index]\npath = "../index"\n'
DEVELOP = "refs/heads/develop"
SAID = "v1.1.0 is released and complete"


@dataclass
class GoneWhenClosed(gitserver.Fault):
    """The server answers the look of the last step, and from then on nobody."""

    place: Place | None = None
    asked: list[str] = field(default_factory=list)

    def hits(self, method: str, service: str) -> bool:
        assert self.place
        there = refs(self.place.laid.remote)
        if "refs/tags/v1.1.0" not in there or any(ref.startswith(KEPT) for ref in there):
            return False
        self.asked.append(f"{method} {service}")
        return self.asked.count(f"GET {FETCH}") > 1


@pytest.fixture
def place(theatre: Stage) -> Iterator[Place]:
    made = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    yield made
    theatre.server.heal()
    theatre.clear(made)


def gone_when_closed(place: Place) -> GoneWhenClosed:
    fault = GoneWhenClosed(503, place=place)
    place.server.faults.append(fault)
    return fault


def test_a_server_that_is_gone_after_the_last_step_does_not_turn_complete_into_refused(place: Place) -> None:
    fault = gone_when_closed(place)

    ran = place.shipit("release", "--type", "minor").ended(0)

    assert fault.asked.count(f"GET {FETCH}") > 1
    assert SAID in ran.said
    assert "the branch that is checked out was left as it is: git ls-remote failed" in ran.said


def test_the_same_holds_for_a_resumed_release(place: Place) -> None:
    page = place.laid.index / "index.html"
    page.mkdir(parents=True)
    place.shipit("release", "--type", "minor").ended(5)
    page.rmdir()
    gone_when_closed(place)

    ran = place.shipit("release", "--resume").ended(0)

    assert SAID in ran.said


def test_a_back_merge_that_waits_for_a_person_keeps_its_own_exit_code(place: Place) -> None:
    """While the gates run, somebody changes on develop what a hot fix has changed on main."""
    before = place.outside()["refs"][DEVELOP]
    place.push_something("fix: hot", {"README.md": "# small\n\nOne word, fixed on main.\n"}, "main")
    after = place.push_something("fix: the same", {"README.md": "# small\n\nOne word, fixed on develop.\n"})
    git(place.laid.remote, "update-ref", DEVELOP, before)
    place.server.before_push = lambda: git(place.laid.remote, "update-ref", DEVELOP, after)
    gone_when_closed(place)

    ran = place.shipit("release", "--type", "minor").ended(8)

    assert "not merged back into develop" in ran.said
