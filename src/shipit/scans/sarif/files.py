"""Runs of SARIF as files that GitHub takes: not too many runs in one, and not too large."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shipit.scans.sarif.limits import Limits, fewer, within
from shipit.scans.sarif.log import AutomationDetails, Log, Run

_GZIP = 31
"""zlib's name for the format of gzip."""
_LEVEL = 6
_MARGIN = 0.95


class Part(Struct, frozen=True, kw_only=True):
    """A file: `suffix` stands behind the stem of its name, `dropped` says by category what was left out."""

    suffix: str
    runs: tuple[Run, ...]
    data: bytes

    @property
    def dropped(self) -> tuple[str, ...]:
        return tuple(f"{run.automation_details.id}: {one}" for run in self.runs for one in run.properties.dropped)

    def path(self, first: Path) -> Path:
        """Where it goes, beside the first file."""
        return first.with_name(f"{first.stem}{self.suffix}{first.suffix}")


def parts(runs: Iterable[Run], limits: Limits) -> tuple[Part, ...]:
    """All runs in as many files as they need: the first without a suffix, then `-2` and so on.

    Runs of scans that could not look are in files of their own, `-unsuccessful`: GitHub refuses a file with such a
    run as a whole, and so keeps the alerts that there were. If no scan looked, they begin with the first file.
    """
    cut = [within(run, limits) for run in _distinct(runs)]
    looked = [*_packed([run for run in cut if run.looked], limits)]
    failed = [*_packed([run for run in cut if not run.looked], limits)]
    if not failed:
        looked = looked or [()]
    word = "-unsuccessful" if looked else ""
    named = [*_named("", looked), *_named(word, failed)]
    return tuple(Part(suffix=suffix, runs=some, data=_encoded(some)) for suffix, some in named)


def _named(word: str, packs: Sequence[tuple[Run, ...]]) -> Iterator[tuple[str, tuple[Run, ...]]]:
    for number, pack in enumerate(packs, 1):
        yield (word if number == 1 else f"{word}-{number}"), pack


def _distinct(runs: Iterable[Run]) -> Iterator[Run]:
    """Each with a category of its own: GitHub takes no two runs with the same one."""
    times: Counter[str] = Counter()
    for run in runs:
        name = run.automation_details.id
        times[name] += 1
        yield (
            replace(run, automation_details=AutomationDetails(f"{name}{times[name]}/")) if times[name] > 1 else run
        )


def _packed(runs: Iterable[Run], limits: Limits) -> Iterator[tuple[Run, ...]]:
    """Fill one file after the other; a run that is too large for any loses results."""
    pack: list[Run] = []
    filled = _size(())
    for run in runs:
        small, size = _small(run, limits)
        if pack and (len(pack) == limits.runs or filled + size > limits.size):
            yield tuple(pack)
            pack, filled = [], _size(())
        pack.append(small)
        filled += size
    if pack:
        yield tuple(pack)


def _small(run: Run, limits: Limits) -> tuple[Run, int]:
    """A run that fits into a file, and its size there."""
    small, size = run, _size((run,))
    while size > limits.size and small.results:
        most = int(len(small.results) * limits.size / size * _MARGIN)
        small = fewer(run, most, limits)
        size = _size((small,))
    return small, size


def _encoded(runs: tuple[Run, ...]) -> bytes:
    return msgspec.json.encode(Log(runs=runs)) + b"\n"


def _size(runs: tuple[Run, ...]) -> int:
    """The bytes of a file with these runs after gzip, as GitHub's own action sends it."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return len(compressor.compress(_encoded(runs))) + len(compressor.flush())
