"""Histories for tests, written as lists of messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1

from shipit.model import Commit, Identity, Tag
from shipit.versioning.record import Record

AUTHOR = Identity("Ann", "ann@example.com")


@dataclass(frozen=True)
class Rules:
    """Plays versioning.Policy with the defaults of the configuration."""

    tag_format: str = "v{version}"
    initial: str = "0.1.0"
    major_on_zero: bool = False
    commit_style: str = "conventional"
    squash_bodies: bool = True
    minor_types: tuple[str, ...] = ("feat",)
    patch_types: tuple[str, ...] = ("fix", "perf")


def sha(name: object) -> str:
    return sha1(repr(name).encode()).hexdigest()


def commit(name: object, message: str, *parents: object) -> Commit:
    """A commit whose id follows from a name; parents are names too."""
    return Commit(sha(name), message, tuple(sha(parent) for parent in parents), AUTHOR, 1_700_000_000)


def records(commits: Sequence[Commit]) -> list[Record]:
    """The same as git's log tells them, without the authors."""
    return [Record(one.sha, " ".join(one.parents), one.message) for one in commits]


def line(*messages: str, root: str = "base") -> list[Commit]:
    """One commit on the other, written oldest first, given newest first; names are 0, 1, 2 …"""
    found = [commit(number, text, number - 1 if number else root) for number, text in enumerate(messages)]
    return found[::-1]


def tag(name: str, on: object = "base") -> Tag:
    return Tag(name, sha(on))


def tags(*names: str) -> Sequence[Tag]:
    return [tag(name) for name in names]
