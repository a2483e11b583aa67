"""The workflows of the work tree, and the adapter that reads YAML."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from shipit.adapters.marked_yaml import read
from shipit.errors import Refused
from shipit.output.text import clean
from shipit.project.ci.document import Document, Node

_PLACES = ("workflows/*.yml", "workflows/*.yaml", "actions/*/action.yml", "actions/*/action.yaml")


class WorkTreeFiles:
    """What lies in `.github` of this folder."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def read(self) -> Sequence[Document]:
        """All of them by path; raises Refused with file and line for one that is no YAML."""
        return [self._document(path) for path in sorted(self._paths())]

    def _paths(self) -> Iterator[Path]:
        for place in _PLACES:
            yield from (self.top / ".github").glob(place)

    def _document(self, path: Path) -> Document:
        name = clean(path.relative_to(self.top).as_posix())
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Refused("a workflow cannot be read", where=name, evidence=[str(error.strerror)]) from error
        root = read(content, name, Node)
        return Document(path=name, root=root, lines=content.decode("utf-8", "replace").splitlines())
