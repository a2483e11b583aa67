"""The first line of a file that init wrote, with a hash of all others: what people changed since is theirs."""

import hashlib
import re
from enum import Enum, auto

_WORDS = "# Made by `shipit init`; it is yours once this line is gone. sha256"
_STAMP = re.compile(re.escape(_WORDS) + r" ([0-9a-f]{16})\n")


class Author(Enum):
    """Who wrote a file as it is."""

    INIT = auto()
    EDITOR = auto()
    SOMEBODY = auto()


def stamped(body: str) -> str:
    """The text below its stamp."""
    return f"{_WORDS} {_hash(body)}\n{body}"


def author(text: str) -> Author:
    """Init, somebody who edited what init wrote, or somebody else."""
    plain = spelled(text)
    found = _STAMP.match(plain)
    if found is None:
        return Author.SOMEBODY
    return Author.INIT if _hash(plain[found.end() :]) == found[1] else Author.EDITOR


def spelled(text: str) -> str:
    """The text with the line ends that init writes: a checkout may have changed them."""
    return text.replace("\r\n", "\n")


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()[:16]
