"""How much a change asks for."""

from enum import IntEnum

from shipit.versioning.message import Message
from shipit.versioning.policy import Policy


class Level(IntEnum):
    """The part of the version that a change raises."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


def asked(message: Message, policy: Policy) -> Level:
    """What a message asks for."""
    if not message.type:
        return Level.NONE
    if message.marked or message.breaking:
        return Level.MAJOR
    if message.type in policy.minor_types:
        return Level.MINOR
    return Level.PATCH if message.type in policy.patch_types else Level.NONE
