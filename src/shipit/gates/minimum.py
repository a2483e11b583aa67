"""Whether coverage is high enough, counted with what no test has imported."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from shipit.gates import settings, unmeasured
from shipit.gates.coverage import Coverage, Measured, below, floor, ranges
from shipit.gates.report import Verdict

_CONFIGURED = re.compile(r"--cov-config[=\n](.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """The least percent of a tree; `tracked` are its Python files, `argv` the command that measured."""

    least: float
    top: Path
    argv: Sequence[str]
    tracked: Sequence[str]

    def verdict(self, seen: Coverage) -> tuple[Verdict, float | None, str]:
        """The verdict with the percent and the words for people.

        A tracked file of a measured package that is in no report counts with all its statements as not covered.
        """
        if seen.fault:
            return Verdict.INCONCLUSIVE, None, seen.fault
        measured = unmeasured.paths(seen, self.top)
        if measured and all(map(unmeasured.is_of_tests, measured)):
            return Verdict.INCONCLUSIVE, None, "coverage of tests alone: no file of the product is measured"
        never = unmeasured.missing(seen, measured, self.tracked, self._omitted(), self.top)
        share = Fraction(seen.covered, seen.valid + sum(one.valid for one in never))
        least = Fraction(str(self.least)) / 100
        lines = [*_never(never), *_named(unmeasured.least(measured, never))]
        if share < least:
            first = f"coverage {below(share, least)} % is below {self.least:g} %"
            return Verdict.FINDINGS, float(100 * share), "\n".join([first, *lines])
        text = "".join(f"; {line}" for line in _never(never))
        return Verdict.CLEAN, float(100 * share), f"coverage {floor(share)} %{text}"

    def _omitted(self) -> list[str]:
        named = _CONFIGURED.search("\n".join(self.argv))
        return list(settings.uncounted(self.top, named[1] if named else ""))


def _never(never: Sequence[Measured]) -> list[str]:
    if not never:
        return []
    is_one, lines = len(never) == 1, sum(one.valid for one in never)
    files = "1 tracked file is" if is_one else f"{len(never)} tracked files are"
    count = f"{lines} line{'' if lines == 1 else 's'} at 0 %"
    return [f"{files} in no report, since no test imports {'it' if is_one else 'them'}: {count}"]


def _named(files: Sequence[tuple[str, Measured]]) -> list[str]:
    """The least covered files, with percent and missed lines."""
    return [
        f"  {path}: {floor(one.share)} %{f', lines {ranges(one.missed)}' if one.missed else ''}"
        for path, one in files
    ]
