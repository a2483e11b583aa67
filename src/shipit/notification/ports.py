"""What notifies people. Adapters play this port."""

from collections.abc import Sequence
from typing import Protocol

from shipit.model import Notice


class Notifier(Protocol):
    """Notifies people of the end; one that is down changes nothing."""

    def notify(self, notice: Notice) -> Sequence[str]:
        """Returns what could not be delivered, in words."""
        ...
