"""CodeQL's report where its action left it: it must be of this very commit, and of each tracked language."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipit.adapters.git.query import find_repository
from shipit.adapters.git.run import ask
from shipit.adapters.scanners.codeql_report import LANGUAGES, Run, languages, read
from shipit.adapters.scanners.running import Unreadable, inside, named
from shipit.engine.plan import Say
from shipit.errors import UsageError
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings

UNIT = "languages"

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """When a report was written, and what the work tree that it lies in has since: in seconds, and files of code.

    `differing` are not as the commit has them, `newer` were written after the report.
    """

    at: float
    commit: str
    committed: float
    differing: frozenset[str]
    newer: frozenset[str]
    is_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Codeql:
    """Reads what CodeQL found; plays gates.ports.Scanner.

    Nothing can be planted in a report. In the place of that it must have rules and lines of code.
    """

    settings: ScanSettings
    name: str = "codeql"

    def nothing(self) -> str:
        return "" if self._files() else "git tracks no file in a language that CodeQL knows"

    def scan(self, say: Say) -> Sighting:
        files = self._files()
        try:
            runs = [run for path in self._reports() for run in read(_parsed(path), self.settings.tree)]
            code = frozenset(file for some in files.values() for file in some)
            made = [self._made(path, code) for path in self._reports()]
        except Unreadable as error:
            return Sighting(seen=0, expected=len(files), unit=UNIT, alive=False, fault=str(error), tool="CodeQL")
        read_files = frozenset[str]().union(*(run.files for run in runs)) & code
        if read_files:
            say(f"CodeQL names {len(read_files)} of {len(code)} files of code as read")
        return sighting(runs, files, [fault for one in made for fault in stale(one, runs)])

    def _files(self) -> dict[str, tuple[str, ...]]:
        return languages(self.settings.tracked)

    def _reports(self) -> list[Path]:
        """Give the reports; raises UsageError if there are none."""
        place = self.settings.codeql_sarif
        found = reports(place)
        if not found:
            raise UsageError(
                f"{inside(place, self.settings.tree)} is not there: CodeQL has not looked",
                hint="run github/codeql-action/analyze with `upload: never` and `output`, and name the file or the "
                "folder that it writes as codeql-sarif in [tool.shipit.security]",
            )
        return found

    def _made(self, report: Path, code: Collection[str]) -> Made:
        """Compare a report with the work tree that it lies in; the tree may be a clone with files of today."""
        top, head = find_repository(report.parent).top, find_repository(self.settings.tree).head
        at = report.stat().st_mtime
        changed = ask(top, "diff", "--name-only", "-z", head, "--").text.split("\0")
        newer = (file for file in code if (top / file).is_file() and (top / file).stat().st_mtime > at)
        return Made(
            at=at,
            commit=head,
            committed=float(ask(top, "log", "-1", "--format=%ct", head).text),
            differing=frozenset(code) & frozenset(changed),
            newer=frozenset(newer),
            is_elsewhere=top.resolve() != self.settings.tree.resolve(),
        )


def reports(place: Path) -> list[Path]:
    """Give the report, or each one of a folder, as the action writes one a language; none if there is nothing."""
    return sorted(place.glob("*.sarif")) if place.is_dir() else [place] if place.is_file() else []


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise Unreadable(f"{path.name} is no JSON") from None


def stale(made: Made, runs: Sequence[Run]) -> Iterator[str]:
    """Tell what a report is not of: by the commit that it names, else by when it was written."""
    revisions = frozenset[str]().union(*(run.revisions for run in runs))
    others = revisions - {made.commit}
    if others:
        yield f"the report is of commit {_short(others)}, not of {made.commit[:_SHOWN]}"
    if all(run.revisions for run in runs):
        changed = made.newer & made.differing
    else:
        changed = made.newer
        if made.at < made.committed:
            yield "the report names no commit, and is older than this one"
    if made.is_elsewhere:
        changed |= made.differing
    if changed:
        yield f"changed since CodeQL looked: {named(sorted(changed))}"


def _short(commits: Collection[str]) -> str:
    return ", ".join(sorted(commit[:_SHOWN] for commit in commits))


def sighting(runs: Sequence[Run], files: Mapping[str, Sequence[str]], faults: Sequence[str]) -> Sighting:
    """Join all runs: each language of the tracked files must be one that a run saw code in."""
    looked = frozenset[str]().union(*(run.looked for run in runs)) & files.keys()
    missing = [LANGUAGES[key][0] for key in files if key not in looked]
    lacking = f"CodeQL saw no code in {named(missing)}, though files are tracked" if missing else ""
    every = dict.fromkeys((*faults, *(run.fault for run in runs), lacking))
    found = (finding for run in runs for finding in run.findings)
    return Sighting(
        seen=len(looked),
        expected=len(files),
        unit=UNIT,
        alive=bool(looked),
        findings=tuple(dict.fromkeys(found)),
        fault="; ".join(filter(None, every)),
        tool=" ".join(("CodeQL", *sorted({run.version for run in runs}))),
    )
