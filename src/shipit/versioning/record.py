"""A commit in git's own words: of a long history, most of what a Commit holds is never asked for."""

from functools import cache

from msgspec import Struct

from shipit.model import Commit, Identity


class Record(Struct, frozen=True, gc=False):
    """A commit as git's log prints it.

    `kin` are the ids of the parents, `clock` is the committer time in seconds since the epoch, `text` the message,
    perhaps with CRLF line ends; `mark` is the side in a comparison of two histories. The last three are empty
    where nobody asked for them.
    """

    sha: str
    kin: str
    clock: str
    text: str
    mark: str = ""
    name: str = ""
    email: str = ""

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(self.kin.split())

    @property
    def author(self) -> Identity:
        return _person(self.name, self.email)

    @property
    def time(self) -> int:
        return int(self.clock or 0)

    @property
    def message(self) -> str:
        return self.text.replace("\r\n", "\n") if "\r" in self.text else self.text

    @property
    def commit(self) -> Commit:
        return Commit(self.sha, self.message, self.parents, self.author, self.time)


_person = cache(Identity)  # few people make many commits
