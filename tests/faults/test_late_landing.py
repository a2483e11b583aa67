"""A push whose client is gone may still land while its run is rolled back: then it is not called undone."""

from dataclasses import dataclass

import pytest

from shipit.engine.plan import Look, Plan, Say, absent, done
from shipit.engine.run import carry_out
from shipit.errors import Interrupted, Signalled


@dataclass
class Server:
    """Lands the push `after` this many looks at it."""

    after: int
    looks: int = 0


@dataclass(frozen=True)
class Push:
    server: Server
    name: str = "push"
    summary: str = "Push"

    def look(self) -> Look:
        self.server.looks += 1
        return done("landed") if self.server.looks > self.server.after else absent()

    def run(self, say: Say) -> None:
        raise Signalled("SIGINT")


@pytest.mark.parametrize("after", [2, 3])
def test_what_lands_before_or_during_the_rollback_is_said_to_have_landed(after: int) -> None:
    plan = Plan(title="A release", steps=(Push(Server(after)),), point_of_no_return="push")

    with pytest.raises(Interrupted, match="past the point of no return") as caught:
        carry_out(plan, lambda _: None)

    assert "--resume" in (caught.value.hint or "")
    assert "everything is as before" not in caught.value.evidence


def test_what_never_lands_is_rolled_back() -> None:
    plan = Plan(title="A release", steps=(Push(Server(99)),), point_of_no_return="push")

    with pytest.raises(Interrupted) as caught:
        carry_out(plan, lambda _: None)

    assert "everything is as before" in caught.value.evidence
