"""Time that really passes."""

import time


class Clock:
    """Plays deploy.ports.Clock."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
