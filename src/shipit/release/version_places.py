"""Where the version is written, asked before the first effect: is each place known, and is none forgotten?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shipit.config.guesses import NOT_KNOWN, Guess
from shipit.engine.plan import Problem
from shipit.release.ports import Objects
from shipit.release.texts import reader
from shipit.versioning.number import Version
from shipit.versioning.version_files import forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesKnown:
    """`guess` gives what shipit found by itself, None where the configuration names the places.

    `base` is the commit that is released, `previous` the version before, None before the first release.
    """

    guess: Callable[[], Guess | None]
    objects: Objects
    base: str
    previous: Version | None
    name: str = "version-files"
    summary: str = "It is known where the version is written"

    def problems(self) -> Sequence[Problem]:
        found = self.guess()
        if found is None:
            return ()
        return (_not_known(found),) if found.doubt else tuple(self._forgotten(found))

    def _forgotten(self, found: Guess) -> Iterator[Problem]:
        """Places that hold the version so far and stay as they are: allowed, but seldom meant."""
        read = reader(self.objects, self.base)
        for location, version in forgotten(found.files, found.others, read, self.previous).items():
            yield Problem(
                f"{location} keeps the version {version}: nothing writes it",
                f"written: {', '.join(found.files) or 'nothing, the tag alone holds the version'}",
                found.settles(location),
                is_warning=True,
            )


def _not_known(found: Guess) -> Problem:
    return Problem(NOT_KNOWN, f"{found.file}: {found.doubt}", found.named)
