"""The step on the database."""

from msgspec import Struct

from shipit.deploy.lock import EnvironmentLock
from shipit.deploy.ports import Schema
from shipit.engine.plan import Look, Say, absent, done


class Migrate(Struct, frozen=True, kw_only=True):
    """Bring the database to the schema of the new version; the version before must be able to live with it."""

    schema: Schema
    lock: EnvironmentLock
    name: str = "migrate"
    summary: str = "Migrate the database"

    def look(self) -> Look:
        pending = self.schema.pending()
        if pending:
            return absent(f"{len(pending)} pending: {', '.join(pending)}")
        version = self.schema.version()
        return done(f"at version {version}" if version else "there are no migrations")

    def run(self, say: Say) -> None:
        self.lock.require_ours()
        self.schema.migrate(say)
