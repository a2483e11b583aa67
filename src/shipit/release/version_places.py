"""Where the version is written, asked before the first effect: is each place known, and is none forgotten?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from shipit.config.guesses import Guess
from shipit.engine.plan import Problem
from shipit.errors import Refused, UsageError
from shipit.release.ports import Objects
from shipit.release.texts import reader
from shipit.versioning.number import Version
from shipit.versioning.version_files import versions


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
        old = self._versions(found.files) or {self.previous}
        for location in found.others:
            if self._versions([location]) == old:
                wanted = ", ".join(f'"{one}"' for one in _in_folder(found, (*found.files, location)))
                yield Problem(
                    f"{location} keeps the version {next(iter(old))}: nothing writes it",
                    f"written: {', '.join(found.files) or 'nothing, the tag alone holds the version'}",
                    f"set {found.key} = [{wanted}] to write it, too, or to what is written now to leave it so",
                    is_warning=True,
                )

    def _versions(self, locations: Sequence[str]) -> set[Version | None]:
        """What these places hold; nothing where one cannot be read."""
        with suppress(Refused, UsageError):
            return set(versions(locations, reader(self.objects, self.base)).values())
        return set()


def _not_known(found: Guess) -> Problem:
    return Problem(
        "it is not known where the version is written",
        f"{found.file}: {found.doubt}",
        f'set {found.key} = ["PATH:NAME"], such as "src/acme/__init__.py:__version__"; [] if only the tag holds it',
    )


def _in_folder(found: Guess, locations: Sequence[str]) -> Iterator[str]:
    """Locations as the key wants them: from the folder of the package."""
    folder = found.file.rpartition("/")[0]
    return (one.removeprefix(f"{folder}/") if folder else one for one in locations)
