"""A platform that takes orders to deploy, in memory: what was asked of it comes live, at once or later."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shipit.adapters.remote.delivery import Delivery
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError
from shipit.model import Revision


@dataclass
class FakePlatform:
    """Plays adapters.remote.delivery.Way, and says what answers.

    `fails` meets an order before it is taken, by version; `loses` are versions whose answer is lost once the order
    is taken; `slow` ones do not come live, `sick` ones answer badly.
    """

    kind: str = "webhook"
    live: Revision | None = None
    orders: list[Delivery] = field(default_factory=list)
    fails: dict[str, ExternalError] = field(default_factory=dict)
    loses: dict[str, ExternalError] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    sick: set[str] = field(default_factory=set)
    before: object = None
    found: Sequence[Problem] = ()
    wants_images: bool = True

    @property
    def versions(self) -> list[str]:
        """Of all orders, in turn."""
        return [one.revision.version for one in self.orders]

    def problems(self) -> Sequence[Problem]:
        return self.found

    def needs_image(self, *, is_return: bool) -> bool:
        return self.wants_images

    def deliver(self, what: Delivery, say: Say) -> None:
        version = what.revision.version
        if callable(self.before):
            self.before(version)
        if version in self.fails:
            raise self.fails[version]
        self.orders.append(what)
        if version not in self.slow:
            self.live = what.revision
        say(f"{version} is ordered")
        if version in self.loses:
            raise self.loses[version]

    def answers(self, revision: Revision) -> bool:
        return self.live == revision and revision.version not in self.sick

    def confirm(self, revision: Revision, say: Say) -> str:
        if not self.answers(revision):
            raise ExternalError(f"{revision} does not answer as it should")
        return f"{revision.version} answers"
