"""What a run keeps for itself."""

from msgspec import Struct


class Notebook(Struct):
    """What a run has seen and nobody outside could repeat; it dies with the process."""

    seen: dict[str, str] = {}
