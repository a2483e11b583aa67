"""Where the version is written, asked before the first effect: is each place known, and is none forgotten?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shipit.config.guesses import NOT_KNOWN, Guess, keep
from shipit.engine.plan import Problem
from shipit.release.ports import Objects
from shipit.release.texts import reader
from shipit.versioning.number import Version
from shipit.versioning.version_files import forgotten, held


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesKnown:
    """`guess` gives what shipit found by itself, None where the configuration names the places.

    `base` is the commit that is released, `previous` the version before, None before the first release. Without
    `version` nothing is built of it by a backend, which would read a place that is left out.
    """

    guess: Callable[[], Guess | None]
    objects: Objects
    base: str
    previous: Version | None
    version: Version | None = None
    name: str = "version-files"
    summary: str = "It is known where the version is written"

    def problems(self) -> Sequence[Problem]:
        found = self.guess()
        if found is None:
            return ()
        if found.doubt:
            return (_not_known(found),)
        left_out = tuple(self._left_out(found))
        return left_out or tuple(self._forgotten(found))

    def _left_out(self, found: Guess) -> Iterator[Problem]:
        """Places that the build reads and that keep another version than what is released."""
        read = reader(self.objects, self.base)
        for location in found.unwritten if self.version else ():
            for version in held([location], read) - {self.version}:
                what = f"{location} keeps the version {version}: the build reads it, and nothing writes it"
                yield Problem(what, f"written: {_written(found)}", found.writes([location]))

    def _forgotten(self, found: Guess) -> Iterator[Problem]:
        """Places that hold the version so far and stay as they are: allowed, but seldom meant."""
        kept = forgotten(found.files, found.others, reader(self.objects, self.base), self.previous)
        if kept:
            what, hint = keep([*kept], next(iter(kept.values()))), found.settles([*kept])
            yield Problem(what, f"written: {_written(found)}", hint, is_warning=True)


def _written(found: Guess) -> str:
    return ", ".join(found.files) or "nothing, the tag alone holds the version"


def _not_known(found: Guess) -> Problem:
    return Problem(NOT_KNOWN, f"{found.file}: {found.doubt}", found.named)
