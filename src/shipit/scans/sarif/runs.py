"""What a scan found as runs of SARIF: one for each tool, and for each image that trivy looked at."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

from msgspec import Struct

from shipit.scans.judging import Judged
from shipit.scans.model import Finding, Severity
from shipit.scans.sarif.log import (
    AutomationDetails,
    Configuration,
    Driver,
    Invocation,
    Level,
    Notification,
    PartialFingerprints,
    Region,
    Result,
    Rule,
    RuleProperties,
    Run,
    Suppression,
    Text,
    Tool,
)
from shipit.scans.sarif.sources import Sources, location

LEVELS: Mapping[Severity, Level] = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
SCORES = {Severity.LOW: "2.5", Severity.MEDIUM: "5.5", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}
"""For GitHub: over 9.0 is critical, from 7.0 high, from 4.0 medium."""

_HOMES = {
    "pip-audit": "https://pypi.org/project/pip-audit/",
    "npm-audit": "https://docs.npmjs.com/cli/commands/npm-audit",
    "sbom": "https://cyclonedx.org/",
    "bandit": "https://bandit.readthedocs.io/",
    "semgrep": "https://semgrep.dev/docs/",
    "codeql": "https://codeql.github.com/",
    "trivy": "https://trivy.dev/",
    "pip-licenses": "https://pypi.org/project/pip-licenses/",
    "trufflehog": "https://github.com/trufflesecurity/trufflehog",
}
_IMAGE = re.compile(r"image (\S+): ")
_NO_IMAGE = ""

Marked = tuple[Finding, tuple[Suppression, ...]]
"""A finding, and why it does not count."""


class Context(Struct, frozen=True):
    """What results are made with: the tracked files, and how the file with the baseline is named."""

    sources: Sources
    baseline: str


def category(*parts: str) -> AutomationDetails:
    """Keep the alerts of a scan, or of a part of it, apart from others; ends with `/` as GitHub asks."""
    return AutomationDetails("/".join(("shipit", *filter(None, parts), "")))


def runs_of(one: Judged, context: Context) -> Iterator[Run]:
    """The runs of a scan; there is always one, with the reason in it where nothing was looked at."""
    marked = [*marked_findings(one, context.baseline)]
    images: dict[str, list[Marked]] = {}
    sighting = one.answer.sighting
    for part in sighting.parts if sighting else ():
        images[part] = []
    for each in marked:
        images.setdefault(_image(one, each[0]), []).append(each)
    for image, found in (images or {_NO_IMAGE: []}).items():
        yield Run(
            tool=_tool(one, [finding for finding, _ in found]),
            automation_details=category(one.scan, image),
            invocations=(invocation(one),),
            results=tuple(_result(one.scan, each, context) for each in found),
        )


def _image(one: Judged, finding: Finding) -> str:
    found = _IMAGE.match(finding.title) if one.scan == "trivy" else None
    return found[1] if found else _NO_IMAGE


def marked_findings(one: Judged, baseline: str) -> Iterator[Marked]:
    """All findings of a scan; those that are waived or in the baseline with the reason why they do not count."""
    found = one.findings
    known = Suppression("external", f"It is in the baseline, {baseline}.")
    yield from zip((*found.counting, *found.minor), repeat(()))
    yield from ((finding, (known,)) for finding in found.known)
    for finding, waiver in zip(found.waived, found.waivers, strict=True):
        yield finding, (Suppression("external", f"Waived until {waiver.until} by {waiver.name}: {waiver.reason}"),)


def invocation(one: Judged) -> Invocation:
    """Whether the scan looked at all that there is; if it did not, or had nothing to look at, with the reason."""
    if not one.counts:
        return Invocation(True, (Notification("note", Text(one.reason)),))
    if one.looked:
        return Invocation(True)
    reason = Notification("error", Text(f"{one.scan}: {one.verdict}: {one.reason}"))
    return Invocation(False, (reason,))


def _tool(one: Judged, findings: Sequence[Finding]) -> Tool:
    """The scan by its name, which stays the same where its program is not there."""
    last = one.answer.sighting.tool.split()[-1:] if one.answer.sighting else []
    version = "".join(word for word in last if word[:1].isdigit())
    return Tool(
        Driver(
            name=one.scan,
            version=version,
            information_uri=_HOMES.get(one.scan, ""),
            rules=tuple(_rules(one.scan, findings)),
        )
    )


def _rules(scan: str, findings: Iterable[Finding]) -> Iterator[Rule]:
    gravest: dict[str, Finding] = {}
    for finding in findings:
        before = gravest.setdefault(finding.rule, finding)
        if finding.severity.rank > before.severity.rank:
            gravest[finding.rule] = finding
    return (_rule(scan, finding) for finding in gravest.values())


def _rule(scan: str, finding: Finding) -> Rule:
    text = _general(scan, finding)
    names = [name for name in finding.aliases if name != finding.package]
    waive = (
        f'Fix it, or waive it in [tool.shipit.security]: scan = "{scan}", finding = "{finding.rule}", '
        "with a reason and a last day."
    )
    return Rule(
        id=finding.rule,
        short_description=Text(text),
        full_description=Text(f"{text} ({', '.join(names)})" if names else text),
        help=Text(f"{text}\n\n{waive}"),
        help_uri=_HOMES.get(scan, ""),
        default_configuration=Configuration(LEVELS[finding.severity]),
        properties=RuleProperties(tags=("security", scan), security_severity=SCORES[finding.severity]),
    )


def _general(scan: str, finding: Finding) -> str:
    """What is said of all findings of a rule: the title of one, unless that is about a package alone."""
    if scan == "pip-licenses":
        return f"A licence that is not among the allowed ones: {finding.rule}"
    return " ".join(_IMAGE.sub("", finding.title).split()) or finding.rule


def _result(scan: str, marked: Marked, context: Context) -> Result:
    finding, suppressions = marked
    path, line = context.sources.place(scan, finding)
    region = Region(start_line=max(line, 1))
    found = _own(scan, finding) if finding.package else context.sources.fingerprint(path, region.start_line)
    return Result(
        rule_id=finding.rule,
        level=LEVELS[finding.severity],
        message=Text(_message(finding)),
        locations=(location(path, region),),
        suppressions=suppressions,
        partial_fingerprints=PartialFingerprints(found) if found else None,
    )


def _own(scan: str, finding: Finding) -> str:
    """The fingerprint of a dependency: several have the same advisory, and may be shown at the same line."""
    words = f"{scan}\n{finding.rule}\n{finding.path}\n{finding.package}"
    return f"{hashlib.sha256(words.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}:1"


def _message(finding: Finding) -> str:
    title = finding.title or finding.rule
    if not finding.package:
        return title
    fixed = f" (without it from {finding.fixed} on)" if finding.fixed else ""
    return f"{' '.join(filter(None, (finding.package, finding.version)))}: {title}{fixed}"
