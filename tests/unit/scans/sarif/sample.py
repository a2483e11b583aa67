"""A few tracked files, and SARIF of another tool about them."""

import json
from typing import Any

from shipit.scans.sarif.foreign import Run as ForeignRun
from shipit.scans.sarif.foreign import read
from shipit.scans.sarif.log import (
    AutomationDetails,
    Configuration,
    Driver,
    Invocation,
    Level,
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

FILES = {
    "app.py": "import os\n\ncall(x)\nf('\N{LATIN SMALL LETTER A WITH DIAERESIS}'); call(y)\n",
    "a b/m%20.py": "call(x)\n",
    "requirements.txt": "django==3.2\nMark_Up.Safe==1.0\n",
    "web/package-lock.json": '{\n "node_modules/ms": {}\n}\n',
    "pyproject.toml": '[project]\ndependencies = ["flask>=1"]\n',
    "docs/Dockerfile": "FROM scratch\n",
}


def sources(files: dict[str, str] | None = None) -> Sources:
    chosen = FILES if files is None else files
    return Sources(dict.fromkeys(chosen), chosen.__getitem__)


def result(uri: str = "app.py", rule: str = "R1", line: int = 3, **more: Any) -> dict[str, Any]:
    """A result as a tool writes it."""
    region = {"startLine": line, **more.pop("region", {})}
    physical = {"artifactLocation": {"uri": uri}, "region": region}
    return {"ruleId": rule, "message": {"text": "m"}, "locations": [{"physicalLocation": physical}], **more}


def report(*results: dict[str, Any], tool: str = "Other", rules: Any = (), **more: Any) -> bytes:
    driver = {"name": tool, "rules": list(rules), **more.pop("driver", {})}
    run = {"tool": {"driver": driver, "extensions": more.pop("extensions", [])}, "results": list(results), **more}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def foreign(*results: dict[str, Any], **more: Any) -> ForeignRun:
    [run] = read(report(*results, **more))
    return run


def ours(
    *levels: Level, category: str = "shipit/x/", looked: bool = True, suppressed: int = 0, text: str = "words"
) -> Run:
    """A run of ours with results of these levels, each of a rule of its own; the last ones are suppressed."""
    at = (location("app.py", Region(start_line=1)),)
    why = (Suppression("external", "known"),)
    results = tuple(
        Result(
            rule_id=f"R{number}",
            level=level,
            message=Text(f"{number} {text}"),
            locations=at,
            suppressions=why if number >= len(levels) - suppressed else (),
        )
        for number, level in enumerate(levels)
    )
    rules = tuple(
        Rule(
            id=one.rule_id,
            short_description=Text("short"),
            full_description=Text("full"),
            help=Text("help"),
            default_configuration=Configuration(one.level),
            properties=RuleProperties(tags=("security", "a", "b")),
        )
        for one in results
    )
    return Run(
        tool=Tool(Driver(name="x", rules=rules)),
        automation_details=AutomationDetails(category),
        invocations=(Invocation(looked),),
        results=results,
    )
