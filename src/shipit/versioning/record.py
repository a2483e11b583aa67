"""A commit in git's own words: of a long history, most of what a Commit holds is never asked for."""

from functools import cache

from msgspec import Struct

from shipit.model import Commit, Identity


class Record(Struct, frozen=True, gc=False):
    """A commit as git's log prints it.

    `kin` are the ids of the parents, `text` is the message, perhaps with CRLF line ends.
    """

    sha: str
    kin: str
    text: str

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(self.kin.split())

    @property
    def message(self) -> str:
        return self.text.replace("\r\n", "\n") if "\r" in self.text else self.text

    @property
    def commit(self) -> Commit:
        return Commit(self.sha, self.message, self.parents)


class SignedRecord(Record, frozen=True, gc=False):
    """The same with its author, and `clock`, the committer time in seconds since the epoch.

    `mark` is the side in a comparison of two histories, empty without one.
    """

    clock: str
    mark: str
    name: str
    email: str

    @property
    def commit(self) -> Commit:
        author = _person(self.name, self.email)
        return Commit(self.sha, self.message, self.parents, author, int(self.clock or 0))


_person = cache(Identity)  # few people make many commits
