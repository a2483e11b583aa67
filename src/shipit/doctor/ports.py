"""What the doctor asks of the outside. Adapters play these ports; tests/unit/doctor plays them in memory."""

from typing import Protocol

from shipit.doctor.model import Need


class Answer(Protocol):
    """What was found of one tool; `fault` says why it does not run, masked."""

    @property
    def is_here(self) -> bool: ...

    @property
    def version(self) -> str: ...

    @property
    def place(self) -> str: ...

    @property
    def fault(self) -> str: ...


class Tools(Protocol):
    """Looks for tools; changes nothing, and no tool is waited for longer than some seconds."""

    def look(self, need: Need) -> Answer:
        """What is wrong with the tool is its fault, and raised by nobody."""
        ...

    def fits(self, version: str, wanted: str) -> bool:
        """Whether a version is one of those, such as >=2.38."""
        ...

    def has(self, program: str) -> bool:
        """Whether a program is on PATH; it is not started."""
        ...

    def is_readable(self, path: str) -> bool:
        """Whether the file of a secret may be read; nobody reads it."""
        ...
