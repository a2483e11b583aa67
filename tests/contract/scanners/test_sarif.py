"""SARIF of five real tools and of shipit's own runs, as Microsoft's validator and GitHub's rules for it see it."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipit.scans.judging import Answer, Judged, verdict_of
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.policy import Policy, Waiver
from shipit.scans.sarif.files import parts
from shipit.scans.sarif.limits import Limits
from shipit.scans.sarif.log import Run
from shipit.scans.sarif.normalising import Origin, normalised
from shipit.scans.sarif.runs import Context
from shipit.scans.sarif.sources import Sources
from shipit.scans.sarif.whole import Reports, all_runs
from tests.support import seeded
from tests.support.require import require
from tests.support.scanners import scanners

TOOLS = ("bandit", "semgrep", "zizmor", "hadolint", "kingfisher")
KEY = "ghp" + "_" + "1CqNOWG8kNCdYuPGmMHVSUxgzUGVpL3BTGaP"  # made up; in one piece only in the sample
ODD = "a b/100%25/Dockerfile"
MORE = {
    "web/Dockerfile": "FROM python\nRUN apt-get install curl\n",
    ODD: "FROM python:3.11\nRUN sudo ls $1\n",
    ".github/workflows/ci.yml": (
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n"
    ),
    "keys/left over.env": f"{KEY}\n",
    "seeded/umlaut.py": "import os\n\nf('\N{LATIN SMALL LETTER A WITH DIAERESIS}'); os.system(x)\n",
}
RULES = """\
rules:
- {id: sql, languages: [python], severity: ERROR, message: "a value in SQL: $X", pattern: "$DB.execute($X)"}
"""
TODAY = date(2026, 12, 1)


def commands(tree: Path) -> Mapping[str, Sequence[str]]:
    """What each tool is asked; they write to the standard output, but for one that says more there."""
    return {
        "bandit": ("bandit", "-q", "-f", "sarif", "-r", "."),
        "semgrep": ("semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet", "--sarif",
                    "--config", str(tree.parent / "rules.yml"), *sorted(seeded.files())),
        "zizmor": ("zizmor", "--offline", "--strict-collection", "--format", "sarif", "."),
        "hadolint": ("hadolint", "-f", "sarif", "web/Dockerfile", ODD),
        "kingfisher": ("kingfisher", "scan", "--no-validate", "--no-update-check", "--format", "sarif", "."),
    }  # fmt: skip


class Place:
    """The sample, the SARIF of five tools about it, and what the validator says of that and of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tree = folder, folder / "a tree"
        tracked = seeded.plant(self.tree, {**seeded.files(), **MORE})
        (folder / "rules.yml").write_text(RULES)
        self.sources = Sources(dict.fromkeys(tracked), lambda path: (self.tree / path).read_text("utf-8"))
        tools = scanners(*TOOLS)
        self.validator = tools.parent / "node/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
        require(f"{self.validator} (make .venv-scanners/ready)", self.validator.exists())
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join((str(tools), os.environ["PATH"])),
            "HOME": str(folder),
            "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",  # a machine may have no ICU
        }
        self.raw = {name: self.run(argv, self.tree) for name, argv in commands(self.tree).items()}
        self.ours = {run.automation_details.id: run for name in TOOLS for run in self.normalised(name)}

    def run(self, argv: Sequence[str], folder: Path) -> bytes:
        ended = subprocess.run(
            argv, cwd=folder, env=self.environment, capture_output=True, timeout=120, check=False
        )
        assert ended.stdout, ended.stderr.decode()
        return ended.stdout

    def normalised(self, name: str) -> tuple[Run, ...]:
        origin = Origin(scan=name, sources=self.sources, tops=(str(self.tree),))
        return normalised(self.raw[name], origin)

    def judged(self) -> Iterator[Judged]:
        """Scans of shipit's own in every state."""
        found = (
            Finding(rule="B602", severity=Severity.HIGH, title="a shell", path="seeded/shell tools.py", line=5),
            Finding(rule="B105", severity=Severity.LOW, title="a password", path="seeded/login.py", line=1),
            Finding(rule="CVE-2026-1", severity=Severity.CRITICAL, title="bad", package="flask", version="1.2.4"),
            Finding(rule="end-of-life", severity=Severity.HIGH, title="image web: old", package="debian"),
        )
        waiver = Waiver(name="shell", scan="bandit", reason="known", until=TODAY, finding="B602")
        policy = Policy(
            fail_on=Severity.MEDIUM, waivers=(waiver,), baseline=Counter(), today=TODAY, text_of=lambda _: ""
        )
        for name in ("bandit", "trivy"):
            sighting = Sighting(
                seen=1,
                expected=1,
                unit="files",
                alive=True,
                findings=found,
                tool=f"{name} 1.2",
                parts=("web", "api"),
            )
            yield verdict_of(Answer(scan=name, sighting=sighting), policy)
        yield verdict_of(Answer(scan="codeql", missing="it is not there"), policy)
        yield verdict_of(Answer(scan="sbom", nothing="nothing is tracked"), policy)

    def validated(self) -> dict[str, list[str]]:
        """The errors that the validator finds, by file: the tools' own, ours of them, and shipit's own."""
        made = {f"{name}-raw": data for name, data in self.raw.items()}
        own = all_runs(self.judged(), Context(self.sources, "known.json"), Reports({}, ()))
        for word, runs in (("tools", self.ours.values()), ("own", own)):
            made |= {f"{word}{part.suffix}": part.data for part in parts(runs, Limits())}
        for name, data in made.items():
            (self.folder / f"{name}.sarif").write_bytes(data)
        files = [f"{name}.sarif" for name in made]
        said = self.run(
            (str(self.validator), "validate", "--rule-kind", "Sarif;Ghas", *files), self.folder
        ).decode()
        assert f"{len(files)} files scanned" in said
        assert "Analysis completed successfully" in said
        errors: dict[str, list[str]] = {name: [] for name in made}
        for name, rule in re.findall(r"/([^/\n]+)\.sarif\(\d+,\d+\): error (\w+)", said):
            errors[name].append(rule)
        assert said.count(": error ") == sum(map(len, errors.values()))
        return errors


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("sarif"))


def test_the_validator_finds_no_error_in_what_shipit_writes_and_finds_some_in_what_the_tools_wrote(
    place: Place,
) -> None:
    errors = place.validated()
    raw = {name: set(errors.pop(f"{name}-raw")) for name in TOOLS}
    assert errors == {"tools": [], "own": [], "own-unsuccessful": []}
    assert "GH2012" in raw["bandit"] & raw["zizmor"]
    assert "JSON1008" in raw["kingfisher"]
    assert {"GH1018", "SARIF1002"} <= raw["hadolint"]


def test_every_tool_found_something_and_no_secret_of_the_files_is_left(place: Place) -> None:
    assert {name: len(run.results) > 0 for name, run in place.ours.items()} == {
        f"shipit/{name}/": True for name in TOOLS
    }
    written = msgspec.json.encode(list(place.ours.values())).decode()
    for secret in (seeded.WORD, KEY):
        assert any(secret in data.decode() for data in place.raw.values())
        assert secret not in written
    assert str(place.tree) not in written


def rows(place: Place, name: str) -> list[tuple[Any, ...]]:
    """Where the results of a tool are: rule, address, line, column."""
    found = []
    for one in place.ours[f"shipit/{name}/"].results:
        physical = one.locations[0].physical_location
        region = physical.region
        found.append((one.rule_id, physical.artifact_location.uri, region.start_line, region.start_column))
        assert one.partial_fingerprints is not None
    return found


def test_paths_are_those_of_the_files_whether_a_tool_encodes_them_or_not(place: Place) -> None:
    assert ("B602", "seeded/shell%20tools.py", 5, 5) in rows(place, "bandit")
    assert ("DL3004", "a%20b/100%2525/Dockerfile", 2, 1) in rows(place, "hadolint")
    assert {uri for _, uri, _, _ in rows(place, "zizmor")} == {".github/workflows/ci.yml"}


def test_columns_count_from_one_in_code_units(place: Place) -> None:
    assert [row[1:] for row in rows(place, "kingfisher")] == [("keys/left%20over.env", 1, 1)]
    [secret] = place.ours["shipit/kingfisher/"].results
    assert secret.locations[0].physical_location.region.end_column == len(KEY) + 1
    assert ("B605", "seeded/umlaut.py", 3, len("f('a'); ") + 1) in rows(place, "bandit")


def test_what_a_remark_in_the_code_suppresses_stays_suppressed(place: Place) -> None:
    kinds = {
        one.locations[0].physical_location.artifact_location.uri: [s.kind for s in one.suppressions]
        for one in place.ours["shipit/semgrep/"].results
    }
    assert kinds["vendor/accepted.py"] == ["inSource"]
    assert kinds["vendor/sql.py"] == []
    assert {one.level for one in place.ours["shipit/semgrep/"].results} == {"error"}
