"""A forge's list of deployments, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shipit.model import DeploymentStatus, ForgeDeployment, NewDeployment

__all__ = ["FakeBoard"]


@dataclass
class FakeBoard:
    """Plays deploy.ports.Board. `listed` are oldest first, `reports` hold what was said of each by its number.

    `trouble` is raised by the call of this name.
    """

    listed: list[NewDeployment] = field(default_factory=list)
    reports: dict[int, list[DeploymentStatus]] = field(default_factory=dict)
    trouble: dict[str, BaseException] = field(default_factory=dict)
    name: str = "the forge"

    def deployments(self, environment: str, most: int) -> Sequence[ForgeDeployment]:
        self._call("deployments")
        numbers = [number for number, one in enumerate(self.listed, 1) if one.environment == environment]
        return [
            ForgeDeployment(number=number, run=self.listed[number - 1].run, state=self.state(number))
            for number in reversed(numbers[-most:])
        ]

    def list_deployment(self, wanted: NewDeployment) -> int:
        self._call("list_deployment")
        self.listed.append(wanted)
        return len(self.listed)

    def report_deployment(self, number: int, status: DeploymentStatus) -> None:
        self._call(f"report_deployment {status.state}")
        self.reports.setdefault(number, []).append(status)

    def state(self, number: int) -> str:
        """The last one that was said of it, empty without any."""
        return self.states(number)[-1] if number in self.reports else ""

    def states(self, number: int) -> list[str]:
        return [one.state for one in self.reports.get(number, ())]

    @property
    def now(self) -> list[tuple[str, str]]:
        """Version and state of each, oldest first."""
        return [(one.revision.version, self.state(number)) for number, one in enumerate(self.listed, 1)]

    def _call(self, name: str) -> None:
        if error := self.trouble.get(name):
            raise error
