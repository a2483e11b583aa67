"""What init asks of the outside. An adapter plays these ports; tests play them in memory."""

from collections.abc import Sequence
from typing import Protocol

from shipit.project.init.model import Clone


class Repository(Protocol):
    """The repository that is looked at, and the files that are written in it."""

    @property
    def paths(self) -> Sequence[str]:
        """Every path that git tracks."""
        ...

    @property
    def forge_files(self) -> Sequence[str]:
        """Every path in .github that git does not ignore, tracked or not."""
        ...

    @property
    def clone(self) -> Clone: ...

    def text(self, path: str) -> str | None:
        """The text of a file as it lies there; None where there is none, or it is no UTF-8."""
        ...

    def is_there(self, path: str) -> bool:
        """Whether anything is at this path, readable or not."""
        ...

    def ignores(self, path: str) -> bool:
        """Whether git ignores this path."""
        ...

    def required_checks(self, branch: str) -> Sequence[str]:
        """The checks that the forge demands on a branch; none where there is no token, or it does not answer."""
        ...

    def write(self, path: str, text: str) -> None:
        """Write a file whole or not at all."""
        ...

    def remove(self, path: str) -> None: ...
