"""Who holds a lock, as a record that any machine can read."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Struct

from shipit.model import Actor

Moment = Annotated[int, msgspec.Meta(ge=0, lt=253_402_300_800)]
"""Seconds since the epoch, before the year 10000: what can be shown as a date."""


class LockRecord(Struct, frozen=True, kw_only=True):
    """The holder of a lock: `since` and `expires` in seconds since the epoch, `token` is this run's alone.

    Who finds another token under the lock than its own has lost it. `expires` None means that only a person, or the
    end of its process, ends it.
    """

    holder: Actor
    since: Moment
    token: str
    expires: int | None = None

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"held by {self.holder}, since {since}"

    @property
    def text(self) -> bytes:
        """As JSON, to be read by people and by `read_lock`."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def read_lock(data: bytes) -> LockRecord:
    """Back from the text; raises msgspec.DecodeError if it is none."""
    return msgspec.json.decode(data, type=LockRecord)
