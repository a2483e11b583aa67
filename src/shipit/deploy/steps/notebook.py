"""What a run keeps for itself."""

from msgspec import Struct

from shipit.deploy.model import StepTime
from shipit.engine import events


class Notebook(Struct):
    """What a run has seen and nobody outside could repeat; it dies with the process."""

    seen: dict[str, str] = {}
    health: str = ""
    """of what was live before this run: `healthy`, or what today's checks said of it"""
    went_back: bool = False
    """whether traffic was given back to it"""
    steps: list[StepTime] = []
    """how long each step took, in the order of events"""

    def event(self, event: events.Event) -> None:
        """Keep what the ledger says of a step that has ended."""
        match event:
            case events.StepDone(name=name, seconds=seconds):
                self._add(name, "done", seconds)
            case events.StepSkipped(name=name):
                self._add(name, "already", 0.0)
            case events.StepFailed(name=name, seconds=seconds):
                self._add(name, "failed", seconds)
            case events.StepUndone(name=name, seconds=seconds):
                self._add(name, "undone", seconds)
            case _:
                pass

    def _add(self, name: str, state: str, seconds: float) -> None:
        self.steps.append(StepTime(name=name, state=state, seconds=round(seconds, 3)))
