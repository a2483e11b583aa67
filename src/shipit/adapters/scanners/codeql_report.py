"""CodeQL's SARIF, read: what each run looked at, and what it found, without a line of the code. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from shipit.adapters.scanners.running import Unreadable, inside, named
from shipit.scans.model import Finding, Severity

LANGUAGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "py": ("Python", (".py",)),
    "js": ("JavaScript or TypeScript", (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")),
    "java": ("Java or Kotlin", (".java", ".kt")),
    "go": ("Go", (".go",)),
    "cs": ("C#", (".cs",)),
    "cpp": ("C or C++", (".c", ".cc", ".cpp", ".cxx")),
    "rb": ("Ruby", (".rb",)),
    "swift": ("Swift", (".swift",)),
    "rust": ("Rust", (".rs",)),
}
"""By how the names of CodeQL's rules begin: the language, and how the names of its files end."""

_NAMES = ("CodeQL", "CodeQL command-line toolchain")
"""As CodeQL names itself, and as its first versions did."""

_SPOKEN = LANGUAGES.keys() | {"actions"}
"""CodeQL reads workflows of GitHub as well, which nobody asks for: such a report is one of CodeQL all the same."""

_LINES = "/summary/lines-of-code"
_EXTRACTED = "/diagnostics/successfully-extracted-files"
_LEVELS = {"none": Severity.LOW, "note": Severity.LOW, "warning": Severity.MEDIUM, "error": Severity.HIGH}
_SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of CodeQL, as a rule for one language: `looked` are those in which it saw anything.

    `revision` is the commit that it is of; empty where it does not say.
    """

    looked: frozenset[str]
    files: frozenset[str]
    revisions: frozenset[str]
    fault: str
    findings: tuple[Finding, ...]
    version: str


def languages(files: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give the files of each language that CodeQL knows, without languages that have none."""
    every = [*files]
    found = {key: tuple(f for f in every if f.endswith(ends)) for key, (_, ends) in LANGUAGES.items()}
    return {key: some for key, some in found.items() if some}


def read(report: Any, tree: Path) -> list[Run]:
    """Read a report; raises Unreadable if it is none of CodeQL's."""
    try:
        return [_run(run, tree) for run in report["runs"]]
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        raise Unreadable("the report is no SARIF as CodeQL writes it") from None


def _run(run: Mapping[str, Any], tree: Path) -> Run:
    driver = run["tool"]["driver"]
    if driver["name"] not in _NAMES:
        raise Unreadable("the report is of another tool than CodeQL")
    rules = {rule["id"]: rule for part in _components(run) for rule in part.get("rules", ())}
    notes = [*_notifications(run)]
    files = frozenset(inside(path, tree) for note in notes if _is_listing(note) for path in _paths(note, run))
    spoken = frozenset(rule.partition("/")[0] for rule in rules) & _SPOKEN
    found = [one for one in run["results"] if _counts(one)]
    return Run(
        looked=spoken if _saw_code(run, files) else frozenset(),
        files=files,
        revisions=frozenset(one.get("revisionId", "") for one in run.get("versionControlProvenance", ())) - {""},
        fault=_fault(run, notes, spoken),
        findings=tuple(_finding(one, rules, run, tree) for one in found),
        version=str(driver.get("semanticVersion", "of unknown version")),
    )


def _components(run: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the parts that have rules: CodeQL's action puts each package of queries into an extension."""
    yield run["tool"]["driver"]
    yield from run["tool"].get("extensions", ())


def _notifications(run: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for invocation in run.get("invocations", ()):
        yield from invocation.get("toolExecutionNotifications", ())
        yield from invocation.get("toolConfigurationNotifications", ())


def _id(note: Mapping[str, Any]) -> str:
    return str(note.get("descriptor", {}).get("id", "an error"))


def _is_listing(note: Mapping[str, Any]) -> bool:
    """Tell whether a notification names files that were read."""
    return _id(note).endswith(_EXTRACTED)


def _paths(one: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    """Give the files that something is about; CodeQL writes special characters as in an address."""
    for location in one.get("locations", ()):
        artifact = location["physicalLocation"]["artifactLocation"]
        uri = artifact["uri"] if "uri" in artifact else run["artifacts"][artifact["index"]]["location"]["uri"]
        yield unquote(uri).removeprefix("file://").removeprefix("file:")


def _saw_code(run: Mapping[str, Any], files: frozenset[str]) -> bool:
    """Tell whether there was code, by its lines, else by the files that it names."""
    metrics = run.get("properties", {}).get("metricResults", ())
    lines = [one["value"] for one in metrics if _rule_id(one).endswith(_LINES)]
    return sum(lines) > 0 if lines else bool(files or run.get("artifacts"))


def _rule_id(one: Mapping[str, Any]) -> str:
    return str(one.get("ruleId") or one.get("rule", {}).get("id", ""))


def _fault(run: Mapping[str, Any], notes: Iterable[Mapping[str, Any]], spoken: frozenset[str]) -> str:
    errors = dict.fromkeys(_id(note) for note in notes if note.get("level") == "error")
    failed = any(one.get("executionSuccessful") is False for one in run.get("invocations", ()))
    faults = (
        f"CodeQL reports errors: {named(errors)}" if errors else "",
        "CodeQL did not come to its end" if failed else "",
        "" if spoken else "CodeQL had no rules for a language that shipit knows",
    )
    return "; ".join(filter(None, faults))


def _counts(result: Mapping[str, Any]) -> bool:
    """Tell whether a result is a finding of this run: not suppressed, not gone, and no passed check."""
    suppressed = result.get("suppressions") or ()
    open_again = any(one.get("status") in {"underReview", "rejected"} for one in suppressed)
    is_gone = result.get("baselineState") == "absent" or result.get("kind", "fail") != "fail"
    return not is_gone and (not suppressed or open_again)


def _finding(
    result: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], run: Mapping[str, Any], tree: Path
) -> Finding:
    name = _rule_id(result)
    rule = rules.get(name, {})
    places: list[Mapping[str, Any]] = [one["physicalLocation"] for one in result.get("locations", ())]
    title = rule.get("shortDescription", {}).get("text") or rule.get("name") or name  # a message may quote code
    return Finding(
        rule=name,
        severity=severity(result, rule),
        title=" ".join(str(title).split()),
        path=next((inside(path, tree) for path in _paths(result, run)), ""),
        line=next((int(place.get("region", {}).get("startLine", 0)) for place in places), 0),
    )


def severity(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Severity:
    """Give the severity by the rule's score, else by the level: the result's, its rule's, or `warning` (SARIF)."""
    try:
        score = float(rule.get("properties", {}).get("security-severity", ""))
    except ValueError:
        level = result.get("level") or rule.get("defaultConfiguration", {}).get("level", "warning")
        return _LEVELS.get(level, Severity.MEDIUM)
    return next((severity for least, severity in _SCORES if score >= least), Severity.LOW)
