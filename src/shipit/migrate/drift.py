"""Which objects make the schema another one than the last migration left, as far as the ledger knows."""

from collections.abc import Sequence

from shipit.migrate.ports import Database
from shipit.migrations.drift import differences


def named(database: Database, left: str) -> Sequence[str]:
    """Lines for people; `left` is the fingerprint that the last migration left, which is not that of now."""
    was = database.ledger.left()
    if was is None or was.fingerprint != left:
        return ["what differs is not known: the run that left it was killed, or was one of an older shipit"]
    found = differences(was.objects, database.catalog.describe())
    return found or ["every object is there with the same definition: the order of columns differs"]
