"""What other tools that decide versions are configured to do here, as far as shipit may answer something else."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from shipit.config import sources
from shipit.config.settings import Settings, make_settings
from shipit.config.sources import Documents, Source


class Peers(Struct, frozen=True):
    """The configuration of shipit in effect, beside the tables of the other tools."""

    settings: Settings
    documents: Documents

    @property
    def semantic_release(self) -> Source | None:
        """The table of python-semantic-release, if there is one."""
        return self.documents.peer("semantic_release")

    @property
    def commitizen(self) -> Source | None:
        """The table of commitizen, unless python-semantic-release goes before it."""
        return None if self.semantic_release else self.documents.peer("commitizen")

    def is_settled(self, key: str) -> bool:
        """Whether shipit's own table has this key, so that a person has decided."""
        return self.settings.origins.get(key) == self.documents.own.file

    def not_taken(self) -> Iterator[str]:
        """Every key that is not taken over and makes a difference, with the key that settles it."""
        for one in self.settings.not_taken:
            if one.settles:
                yield f"{one.key} is not taken over: {one.why}; set {one.settles}"


def peers(top: Path) -> Peers | None:
    """The tools that are configured at the top of a work tree; None where there is none."""
    documents = sources.read(top)
    return Peers(make_settings(top, documents), documents) if documents.has_peers else None
