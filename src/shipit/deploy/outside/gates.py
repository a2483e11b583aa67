"""The gates of an environment: the project's own commands, and the security scans, on the commit itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipit.deploy.images import DeployedImage
from shipit.engine.plan import Say
from shipit.gates.outside import gate_runner, security_scans
from shipit.gates.report import GateReport
from shipit.gates.runner import GateRunner
from shipit.gates.security import GATE, SecurityScans
from shipit.model import Revision

if TYPE_CHECKING:
    from shipit.deploy.outside import Outside


@dataclass(frozen=True, slots=True)
class DeployGates:
    """Plays release.ports.Gates; the scans are prepared when they are first asked for."""

    commands: GateRunner
    scans: Callable[[], SecurityScans]

    def argv(self, name: str) -> Sequence[str]:
        """The command of the configuration; the scans are several."""
        return () if name == GATE else self.commands.argv(name)

    def run(self, name: str, say: Say) -> GateReport:
        """Run a command of the configuration, or the scans under their own name."""
        return self.scans().run(name, say) if name == GATE else self.commands.run(name, say)


def deploy_gates(outside: "Outside", revision: Revision, images: Sequence[DeployedImage]) -> DeployGates:
    """Both on a private clone of the commit; the images are those that are deployed."""
    clone, withheld, project = outside.clone(revision), outside.release.withheld, outside.project
    is_release = outside.options.from_ == "tags"
    return DeployGates(
        gate_runner(project.config.gates, clone, outside.seen(revision), withheld, for_release=is_release),
        lambda: security_scans(
            project,
            clone,
            withheld,
            lambda: tuple(map(_reference, images)),
            outside.images_outside.logins.for_docker,
        ),
    )


def _reference(image: DeployedImage) -> tuple[str, str]:
    """By its digest if the registry has it; what it does not have, a scanner cannot look at."""
    pushed = image.pushed
    return image.key, image.pinned or pushed.image.named(pushed.names.own)
