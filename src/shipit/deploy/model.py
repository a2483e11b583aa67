"""What the ledger of an environment keeps."""

from collections.abc import Mapping

from msgspec import Struct

from shipit.model import Revision


class Entry(Struct, frozen=True, kw_only=True):
    """One deployment in the ledger of an environment; times in seconds since the epoch.

    `targets` maps names of targets to the reference that is live there since; `schema` is the version of the
    database, empty without one. `outcome` is a word of the exit codes, such as `complete` or `rolled back`.
    """

    environment: str
    revision: Revision
    tag: str = ""
    targets: Mapping[str, str]
    schema: str = ""
    actor: str
    url: str = ""
    began: int
    ended: int
    outcome: str
    detail: str = ""
