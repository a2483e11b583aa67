"""`--sarif FILE`: what the scans found as SARIF 2.1.0, in as many files as GitHub's limits ask for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipit.output.text import clean, count
from shipit.scans.judging import Judged
from shipit.scans.policy import Policy
from shipit.scans.sarif.files import Part, parts
from shipit.scans.sarif.limits import Limits
from shipit.scans.sarif.runs import Context
from shipit.scans.sarif.sources import Sources
from shipit.scans.sarif.whole import Reports, all_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifOutput:
    """Where SARIF goes, and what it is made with.

    `path` is the first file; `sources` are the tracked files, `baseline` is the name of the file of findings that
    were there before, `reports` reads the SARIF that scans have read, and `write` puts a file there whole.
    """

    path: Path
    sources: Sources
    baseline: str
    reports: Callable[[], Reports]
    write: Callable[[Path, bytes], None]
    limits: Limits = field(default_factory=Limits)

    def keep(self, policy: Policy, judged: Sequence[Judged]) -> "Written":
        """Write all files; plays gates.ports.Output."""
        context = Context(self.sources, self.baseline)
        runs = (clean(run) for run in all_runs(judged, context, self.reports()))
        made = parts(runs, self.limits)
        for part in made:
            self.write(part.path(self.path), part.data)
        return Written(self.path, made)


@dataclass(frozen=True, slots=True)
class Written:
    """Files of SARIF that were written; the first is for the scans that looked, if any did."""

    path: Path
    parts: tuple[Part, ...]

    def facts(self) -> Mapping[str, str]:
        """The first file, all of them, and what was left out, each a line."""
        return {
            "sarif": str(self.path),
            "sarif-files": "\n".join(str(part.path(self.path)) for part in self.parts),
            "sarif-dropped": "\n".join(one for part in self.parts for one in part.dropped),
        }

    def lines(self) -> Iterator[str]:
        """Each file with its runs, and what was left out of it."""
        for part in self.parts:
            failed = sum(not run.looked for run in part.runs)
            results = sum(len(run.results) for run in part.runs)
            beside = f", {failed} of scans that have not looked at all" if failed else ""
            yield f"{part.path(self.path)}: {count(len(part.runs), 'run')}{beside}, {count(results, 'result')}"
            yield from (f"  {one}" for one in part.dropped)
