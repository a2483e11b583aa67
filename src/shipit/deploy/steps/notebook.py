"""What a run keeps for itself."""

from msgspec import Struct


class Notebook(Struct):
    """What a run has seen and nobody outside could repeat; it dies with the process."""

    seen: dict[str, str] = {}
    health: str = ""
    """of what was live before this run: `healthy`, or what today's checks said of it"""
    went_back: bool = False
    """whether traffic was given back to it"""
