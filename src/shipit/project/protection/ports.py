"""What verify protection asks of a forge. An adapter plays this port; tests play it in memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Document = Mapping[str, Any]
"""A JSON object as the forge spells it, with what nobody here knows of."""


class Forge(Protocol):
    """The rules of one repository. Everything raises Unavailable or Denied."""

    @property
    def name(self) -> str: ...

    @property
    def repository(self) -> str:
        """owner/name"""
        ...

    def classic(self, branch: str) -> Document | None:
        """Branch protection as GET answers it; None where there is none."""
        ...

    def rules(self, branch: str) -> Sequence[Document]:
        """Every rule of an active ruleset that holds for the branch, each with its `ruleset_id`."""
        ...

    def ruleset(self, number: int) -> Document: ...

    def own_ruleset(self, name: str) -> Document | None:
        """The repository's ruleset for branches of that name, whole, whatever its enforcement is."""
        ...

    def file(self, branch: str, path: str) -> str | None:
        """The text of a file on a branch; None where there is none."""
        ...

    def actor(self, kind: str, name: str) -> int:
        """The number of an app, a team or a user; raises Denied for one that cannot be found."""
        ...

    def write_classic(self, branch: str, body: Document) -> None: ...

    def write_ruleset(self, number: int | None, body: Document) -> None:
        """Replace a ruleset; None makes a new one."""
        ...
