"""What verify ci asks of the work tree."""

from collections.abc import Sequence
from typing import Protocol

from shipit.project.ci.document import Document


class WorkflowFiles(Protocol):
    """The workflows of the work tree, and the actions that lie beside them."""

    def read(self) -> Sequence[Document]:
        """All of them by path; raises Refused with file and line for one that is no YAML."""
        ...
