"""A push whose client is gone may still land while its run is being taken back: then it is not called undone."""

from dataclasses import dataclass

import pytest

from shipit.engine.plan import Look, Plan, Say, absent, done
from shipit.errors import Interrupted, Signalled


@dataclass
class Outside:
    """The server lands the push `after` this many looks at it."""

    after: int
    looks: int = 0


@dataclass(frozen=True)
class Push:
    outside: Outside
    name: str = "push"
    summary: str = "Push"

    def look(self) -> Look:
        self.outside.looks += 1
        return done("landed") if self.outside.looks > self.outside.after else absent()

    def run(self, say: Say) -> None:
        raise Signalled("SIGINT")


@pytest.mark.parametrize("after", [2, 3])
def test_what_lands_before_or_during_the_taking_back_is_told_as_landed(after: int) -> None:
    outside = Outside(after)
    plan = Plan(title="A release", steps=(Push(outside),), point_of_no_return="push")

    with pytest.raises(Interrupted, match="past the point of no return") as caught:
        carry_out(plan, lambda _: None)

    assert "--resume" in (caught.value.hint or "")
    assert "everything is as before" not in caught.value.evidence


def test_what_never_lands_is_told_as_taken_back() -> None:
    plan = Plan(title="A release", steps=(Push(Outside(99)),), point_of_no_return="push")

    with pytest.raises(Interrupted) as caught:
        carry_out(plan, lambda _: None)

    assert "everything is as before" in caught.value.evidence
