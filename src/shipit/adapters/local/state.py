"""What a supervisor keeps on disk: which version is live, and what it had started. Never a secret.

It is read by shipit too, when no supervisor answers. Only the standard library is imported here.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = ".supervisor.json"


@dataclass(slots=True, kw_only=True)
class State:
    """`fence` is the highest number of an owner that was seen; `groups` maps references to process groups."""

    live: str | None = None
    fence: int = 0
    groups: dict[str, int] = field(default_factory=dict)


def read(folder: Path) -> State:
    """The state as it was written last; an empty one if there is none that can be read."""
    try:
        found = json.loads((folder / FILE).read_bytes())
        return State(live=found["live"], fence=int(found["fence"]), groups=dict(found["groups"]))
    except (OSError, ValueError, KeyError, TypeError):
        return State()


def write(folder: Path, state: State) -> None:
    """Write it whole or not at all; it is on disk when this returns."""
    partial = folder / f"{FILE}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / FILE)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
