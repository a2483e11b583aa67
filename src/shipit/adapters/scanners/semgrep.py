"""Semgrep with the rules of the tree, or with shipit's own few: a commit has the same answer offline."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from shipit.adapters import process
from shipit.adapters.scanners.running import (
    Program,
    Unreadable,
    batches,
    beside,
    inside,
    named,
    parsed,
    run,
)
from shipit.adapters.scanners.semgrep_rules import CALLS, EXTENSIONS, RULES, languages
from shipit.engine.plan import Say
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("semgrep", "pip install semgrep")
CANARY = "shipit-canary"

_SEVERITIES = {
    "INFO": Severity.LOW,
    "LOW": Severity.LOW,
    "WARNING": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "ERROR": Severity.HIGH,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
# no name in it: semgrep then cannot pass over a file by its words, parses it, and reports what it cannot parse
_PATTERN = "$CALLED($SAME, $SAME, $SAME, $SAME, $SAME, $SAME, $SAME, $SAME)"
_LINE = re.compile(r"Syntax error at line .*?:(\d+):")
_ENVIRONMENT: Mapping[str, str | None] = {
    "SEMGREP_RULES": None,
    "SEMGREP_BASELINE_COMMIT": None,
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The files with rules, the languages that they name, and the files of the tree in those languages."""

    files: tuple[str, ...]
    languages: frozenset[str]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run reports; `rules` without the canary's own."""

    files: frozenset[str]
    rules: frozenset[str]
    version: str
    alive: bool
    findings: tuple[Finding, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Semgrep:
    """Looks for patterns of insecure code; plays gates.ports.Scanner.

    Rules are .semgrep.yml, .semgrep.yaml and the YAML files in .semgrep/ that git tracks. A rule may say `paths`;
    other files count as seen all the same, since the canary's rule is for every file of its language.
    """

    settings: ScanSettings
    name: str = "semgrep"

    def nothing(self) -> str:
        rules = self._rules()
        if rules.targets or not rules.languages & EXTENSIONS.keys():
            return ""  # scan() refuses rules without a known language
        return f"git tracks no file in the languages of the rules: {', '.join(sorted(rules.languages))}"

    def scan(self, say: Say) -> Sighting:
        rules = self._rules()
        say(f"rules: {named(rules.files) if rules.files else 'those of shipit, since git tracks no .semgrep.yml'}")
        with beside() as folder:
            return self._looked(rules, folder)

    def _rules(self) -> Rules:
        files = tuple(file for file in self.settings.tracked if is_rules(file))
        texts = [(self.settings.tree / file).read_text("utf-8", "replace") for file in files]
        named_there = frozenset(languages("\n".join(texts) if files else json.dumps(RULES)))
        endings = tuple(ending for one in named_there for ending in EXTENSIONS.get(one, ()))
        targets = tuple(file for file in self.settings.tracked if endings and file.endswith(endings))
        return Rules(files=files, languages=named_there, targets=targets)

    def _looked(self, rules: Rules, folder: Path) -> Sighting:
        files = rules.files or (_write(folder / "rules.json", RULES),)
        canary = folder / "canary.py"
        canary.write_text("called(0, 0, 0, 0, 0, 0, 0, 0)\n", "utf-8")
        configurations = (*files, _write(folder / "canary.json", canary_rule(rules.languages)))
        sarif = folder / "report.sarif"
        commands = [argv(configurations, sarif, str(canary), batch) for batch in batches(rules.targets)]
        reports: list[Report] = []
        fault = "" if commands else "the rules are empty, or for no language that shipit knows"
        for command in commands:
            try:
                finished = run(PROGRAM, command, self.settings, env=_ENVIRONMENT)
                reports.append(read(finished, messages(sarif), self.settings.tree, str(canary)))
            except Unreadable as error:
                fault = str(error)
        return sighting(reports, rules.targets, commands=commands, fault=fault)


def _write(file: Path, rules: Mapping[str, Any]) -> str:
    file.write_text(json.dumps(rules), "utf-8")  # JSON is YAML
    return str(file)


def is_rules(file: str) -> bool:
    """Tell whether a tracked file holds semgrep's rules."""
    path = PurePosixPath(file)
    if file in {".semgrep.yml", ".semgrep.yaml"}:
        return True
    return path.parts[0] == ".semgrep" and path.suffix in {".yml", ".yaml"}


def canary_rule(named_there: frozenset[str]) -> dict[str, Any]:
    """Make the rule that must find the canary, for Python and the languages of the rules that have such calls."""
    spoken = sorted(CALLS & named_there | {"python"})
    rule = {"id": CANARY, "languages": spoken, "message": CANARY, "severity": "INFO", "pattern": _PATTERN}
    return {"rules": [rule]}


def argv(configurations: Sequence[str], sarif: Path, canary: str, files: Sequence[str]) -> tuple[str, ...]:
    """Make the command line; files are named since semgrep's own list of what to ignore hides whole folders."""
    quiet = ("--metrics=off", "--disable-version-check", "--quiet", "--json", "--time")
    whole = ("--no-rewrite-rule-ids", "--max-target-bytes=0", f"--sarif-output={sarif}")
    chosen = tuple(word for file in configurations for word in ("--config", file))
    return ("semgrep", "scan", *quiet, *whole, *chosen, canary, *(f"./{file}" for file in files))


def messages(sarif: Path) -> dict[str, str]:
    """Read the messages of rules as they are written; in a result, pieces of the code are put into them.

    None where there is no such report: then a rule's name must do.
    """
    try:
        driver = json.loads(sarif.read_bytes())["runs"][0]["tool"]["driver"]
        return {rule["id"]: " ".join(rule["fullDescription"]["text"].split()) for rule in driver["rules"]}
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return {}


def read(finished: process.Finished, titles: Mapping[str, str], tree: Path, canary: str) -> Report:
    """Read one report; raises Unreadable if it is none."""
    report = parsed(finished, quote=False)
    try:
        found = [one for one in report["results"] if one["check_id"] != CANARY]
        planted = [one for one in report["results"] if one["check_id"] == CANARY and one["path"] == canary]
        return Report(
            files=frozenset(inside(path, tree) for path in report["paths"]["scanned"]),
            version=str(report.get("version", "of unknown version")),
            rules=frozenset(report.get("time", {}).get("rules", ())) - {CANARY},
            alive=bool(planted),
            findings=tuple(_finding(one, titles, tree) for one in found if one["path"] != canary),
            faults=tuple(_faults(report, tree)),
        )
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("semgrep printed a report of another shape") from None


def _faults(report: Mapping[str, Any], tree: Path) -> list[str]:
    """Tell what went wrong by its kind and place: messages quote the code."""
    found = [_fault(error, tree) for error in report["errors"]]
    found += [f"rule {one.get('rule_id', '?')} was skipped" for one in report.get("skipped_rules", ())]
    return list(dict.fromkeys(found))


def _fault(error: Mapping[str, Any], tree: Path) -> str:
    kind = error["type"]
    what = kind if isinstance(kind, str) else kind[0]
    path, rule = error.get("path"), error.get("rule_id")
    line = _LINE.match(str(error.get("message", "")))
    place = inside(path, tree) + (f":{line[1]}" if line else "") if path else f"rule {rule}" if rule else ""
    return f"{place} ({what})" if place else str(what)


def _finding(result: Mapping[str, Any], titles: Mapping[str, str], tree: Path) -> Finding:
    return Finding(
        rule=result["check_id"],
        severity=_SEVERITIES.get(result["extra"]["severity"], Severity.MEDIUM),
        title=titles.get(result["check_id"], result["check_id"]),
        path=inside(result["path"], tree),
        line=int(result["start"]["line"]),
    )


def sighting(
    reports: Sequence[Report],
    targets: Sequence[str],
    *,
    commands: Sequence[tuple[str, ...]],
    fault: str,
) -> Sighting:
    """Join the reports of all runs; each must have found the canary and have had rules beside the canary's."""
    seen = frozenset[str]().union(*(report.files for report in reports)) & frozenset(targets)
    faults = [one for report in reports for one in report.faults]
    if faults:
        fault = fault or f"semgrep could not look at all: {named(faults)}"
    elif reports and not all(report.rules for report in reports):
        fault = fault or "the rules are empty"
    return Sighting(
        seen=len(seen),
        expected=len(targets),
        unit="files",
        alive=bool(reports) and len(reports) == len(commands) and all(report.alive for report in reports),
        findings=tuple(finding for report in reports for finding in report.findings),
        fault=fault,
        tool=" ".join(("semgrep", *sorted({report.version for report in reports}))),
        commands=tuple(commands),
        unseen=tuple(file for file in targets if file not in seen),
    )
