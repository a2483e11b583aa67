"""The SARIF of another tool, brought to the shape that GitHub takes: one run for each of its runs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from posixpath import normpath
from typing import get_args
from urllib.parse import unquote

from msgspec import Struct

from shipit.scans.sarif import foreign
from shipit.scans.sarif.log import (
    CodeFlow,
    Driver,
    Invocation,
    Level,
    Location,
    Notification,
    PartialFingerprints,
    Region,
    Result,
    Run,
    RunProperties,
    Suppression,
    Text,
    ThreadFlow,
    ThreadFlowLocation,
    Tool,
)
from shipit.scans.sarif.quirks import Quirks, column, quirks_of
from shipit.scans.sarif.rules import is_web, rules_of, words
from shipit.scans.sarif.runs import category
from shipit.scans.sarif.sources import Sources, is_relative, location

_FILE = re.compile(r"file:(?://(?:localhost)?(?=/))?", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LANGUAGE = re.compile(r"language:([\w-]+)")
_PASSED = {"pass", "notApplicable", "informational"}
_STANDS = {"underReview", "rejected"}

Place = tuple[str, str, int]
"""A rule, a path and a line."""


class Origin(Struct, frozen=True, kw_only=True):
    """Where a report comes from: `scan` begins its category, `tops` are the folders that its paths may be below.

    `suppressed` says of results why they do not count, beside what the report itself says; `invocation` goes
    before the report's own.
    """

    sources: Sources
    tops: tuple[str, ...]
    scan: str
    suppressed: Mapping[Place, tuple[Suppression, ...]] = {}
    invocation: Invocation | None = None


def normalised(data: bytes, origin: Origin) -> tuple[Run, ...]:
    """Every run of a SARIF text; raises ValueError for what is none.

    No snippet, no message and no property of a result stays, since they quote the files: a result has the text of
    its rule. Results without a place in the repository are counted in the properties of their run.
    """
    runs = foreign.read(data)
    return tuple(_Reader(run=run, origin=origin, quirks=quirks_of(run.tool.driver.name)).all() for run in runs)


class _Reader(Struct, frozen=True, kw_only=True):
    """One run of a report."""

    run: foreign.Run
    origin: Origin
    quirks: Quirks

    def all(self) -> Run:
        driver = self.run.tool.driver
        open_ones = [one for one in self.run.results or () if _is_finding(one)]
        rules = rules_of(self.run, open_ones, is_security=self.quirks.is_security)
        texts = {rule.id: words(rule) for rule in rules}
        levels = {rule.id: rule.default_configuration.level for rule in rules}
        results = [one for result in open_ones if (one := self._result(result, texts, levels))]
        lost = len(open_ones) - len(results)
        return Run(
            tool=Tool(
                Driver(
                    name=driver.name,
                    version=driver.semantic_version or driver.version,
                    information_uri=driver.information_uri if is_web(driver.information_uri) else self.quirks.home,
                    rules=rules,
                )
            ),
            automation_details=category(self.origin.scan, _language(self.run.automation_details.id)),
            invocations=(self._invocation(),),
            results=tuple(results),
            properties=RunProperties(
                (f"{lost} of its results name no rule, or no file of the repository",) if lost else ()
            ),
        )

    def _invocation(self) -> Invocation:
        given = self.origin.invocation
        if given and not given.execution_successful:
            return given
        name = self.run.tool.driver.name
        errors = sum(one.errors for one in self.run.invocations)
        if errors:
            return _failed(f"{name} reports errors: {errors}")
        if not all(one.execution_successful for one in self.run.invocations):
            return _failed(f"{name} did not come to its end")
        return given or Invocation(True)

    def _result(
        self, result: foreign.Result, texts: Mapping[str, str], levels: Mapping[str, Level]
    ) -> Result | None:
        rule = self.run.rule_id(result)
        places = [*self._places(result.locations)]
        if not places or not rule:
            return None
        path, region = places[0]
        ours = self.origin.suppressed.get((rule, path, region.start_line), ())
        mark = self.origin.sources.fingerprint(path, region.start_line)
        return Result(
            rule_id=rule,
            level=_level(result.level, levels[rule]),
            message=Text(texts[rule]),
            locations=tuple(location(*place) for place in places),
            suppressions=(*_suppressions(result), *ours),
            partial_fingerprints=PartialFingerprints(mark) if mark else None,
            related_locations=self._all(result.related_locations),
            code_flows=tuple(self._flow(one) for one in result.code_flows),
        )

    def _flow(self, flow: foreign.CodeFlow) -> CodeFlow:
        threads = (self._all(step.location for step in thread.locations) for thread in flow.thread_flows)
        return CodeFlow(tuple(ThreadFlow(tuple(map(ThreadFlowLocation, thread))) for thread in threads))

    def _all(self, locations: Iterable[foreign.Location]) -> tuple[Location, ...]:
        return tuple(location(*place) for place in self._places(locations))

    def _places(self, locations: Iterable[foreign.Location]) -> Iterator[tuple[str, Region]]:
        """Paths in the repository, each with its region; what lies elsewhere is left out."""
        for one in locations:
            physical = one.physical_location
            if physical and (path := self._path(physical.artifact_location)):
                yield path, self._region(path, physical.region)

    def _path(self, artifact: foreign.ArtifactLocation) -> str:
        """The path of a file, relative to the top; empty for one that is not there."""
        artifacts = self.run.artifacts
        if not artifact.uri and 0 <= artifact.index < len(artifacts):
            artifact = artifacts[artifact.index].location
        base = self.run.original_uri_base_ids.get(artifact.uri_base_id, foreign.ArtifactLocation()).uri
        text = artifact.uri
        if base and not text.startswith("/") and not _SCHEME.match(text):
            return self._inside(_decoded(base) + self._plain(text))
        return self._inside(self._plain(text))

    def _plain(self, text: str) -> str:
        return _decoded(text) if self.quirks.encodes else text

    def _inside(self, text: str) -> str:
        text = _FILE.sub("", text, count=1) if _FILE.match(text) else text
        if not text or "\0" in text:
            return ""
        path = normpath(text)
        for top in self.origin.tops:
            if path.startswith(f"{normpath(top)}/"):
                return path[len(normpath(top)) + 1 :]
        return path if is_relative(path) and path != "." else ""

    def _region(self, path: str, region: foreign.Region) -> Region:
        """With columns only where they are right: from 1, and the end behind the start."""
        start, end = max(region.start_line, 1), max(region.end_line, region.start_line, 1)
        first = self._column(path, start, region.start_column, 0)
        last = self._column(path, end, region.end_column, 0 if self.quirks.past_end else 1)
        if not first or (start == end and last <= first):
            last = 0
        many = {"end_line": end} if end != start or last else {}
        return Region(start_line=start, start_column=first, end_column=last, **many)

    def _column(self, path: str, line: int, value: int | None, past: int) -> int:
        if value is None or value < self.quirks.first:
            return 0
        return column(value + past, self.origin.sources.line(path, line), self.quirks)


def _language(category: str) -> str:
    """The language that CodeQL's own category names; it has one report for each."""
    found = _LANGUAGE.search(category)
    return found[1] if found else ""


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def _failed(reason: str) -> Invocation:
    return Invocation(False, (Notification("error", Text(reason)),))


def _is_finding(result: foreign.Result) -> bool:
    return result.kind not in _PASSED and result.baseline_state != "absent"


def _level(own: str, of_rule: Level) -> Level:
    """The level of a result, else that of its rule (SARIF 2.1.0, 3.27.10)."""
    return next((level for level in get_args(Level) if level == own), of_rule)


def _suppressions(result: foreign.Result) -> Iterator[Suppression]:
    """What suppresses it; once one of them is disputed, none does (3.27.23)."""
    found = result.suppressions or ()
    if any(one.status in _STANDS for one in found):
        return
    for one in found:
        yield Suppression(one.kind if one.kind == "inSource" else "external", one.justification)
