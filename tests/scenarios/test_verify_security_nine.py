"""shipit verify security with all nine scans: six real programs, two stand-ins, and a report of CodeQL."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shipit.images.tags import SHORT
from tests.support import advisories, npm_advisories, seeded
from tests.support.fake_scanners import codeql_report, image, install_trivy, install_trufflehog
from tests.support.repository import Repository
from tests.support.run import Ran, environment, shipit
from tests.support.scanners import environment as python_environment
from tests.support.scanners import scanners

NINE = ("pip-audit", "npm-audit", "sbom", "bandit", "semgrep", "codeql", "trivy", "pip-licenses", "trufflehog")
TOOL = """
[tool.shipit]
forge.kind = "none"
registry.host = "registry.test"
registry.namespace = "acme"

[tool.shipit.images]
web = { file = "Dockerfile" }
"""
PYPROJECT = f'[project]\nname = "seeded"\nversion = "1.0.0"\ndependencies = ["flask>=1"]\n{TOOL}'
CLEAN = {
    "pyproject.toml": PYPROJECT,
    "Dockerfile": "FROM scratch\n",
    "seeded/app.py": "print('hello')\n",
    "web/package.json": '{"name": "seeded", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}\n',
    "web/package-lock.json": seeded.LOCK,
}
FLASK = {"Version": "1.2.4", "License-Expression": "BSD-3-Clause"}
GNUISH = {"Version": "2.0", "License-Expression": "GPL-3.0-only"}
FOUND = (
    "flask 1.2.4",
    "ms 2.1.3",
    "seeded/shell.py:5: high B602",
    "seeded/sql.py:2: high shipit.sql-with-text",
    "seeded/login.py:1: critical py/code-injection Code injection",
    "musl 1.2.5: high CVE-2026-0001 image web",
    "gnuish 2.0: high GPL-3.0-only",
    "seeded/login.py:2: high URI what looks like a secret",
)
"""One finding of each scan but the bill of materials, which finds none."""


class Place:
    """A repository, and all that its nine scans ask."""

    def __init__(self, folder: Path, osv: advisories.Advisories, npm: npm_advisories.Registry) -> None:
        self.folder, self.osv, self.npm = folder, osv, npm
        self.here = Repository(folder / "here")
        self.top = self.here.top
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.packages: dict[str, Mapping[str, str]] = {"flask": FLASK}
        self.vulnerabilities: list[tuple[str, str, str]] = []
        self.alerts: list[tuple[str, int]] = []
        self.plant(CLEAN)

    def plant(self, files: Mapping[str, str]) -> None:
        seeded.plant(self.top, files)
        self.here.git("add", *files)

    def verify(self, *words: str) -> Ran:
        commit = self.here.commit("feat: begin")
        reference = f"registry.test/acme/web:main-{commit[:SHORT]}"
        install_trivy(self.programs, {reference: image(*self.vulnerabilities)})
        install_trufflehog(self.programs)
        seeded.plant(self.top, {"reports/codeql.sarif": codeql_report(commit, *self.alerts)})
        seeded.plant(self.top, {"reports/.gitignore": "*\n"})
        python = python_environment(self.folder / "venv", self.packages)
        tools = scanners("bandit", "semgrep", "pip-audit", "pip-licenses", "npm")
        given = environment(
            PATH=os.pathsep.join(map(str, (python, self.programs, tools, "/usr/bin", "/bin"))),
            HOME=str(self.folder),
            PIP_AUDIT_OSV_URL=self.osv.url,
            npm_config_registry=self.npm.url,
        )
        given.pop("VIRTUAL_ENV", None)
        return shipit(self.top, "verify", "security", *words, env=given)

    def verdicts(self) -> dict[str, tuple[str, int]]:
        """The verdict of each scan, and how many findings it has that count."""
        scans = json.loads((self.top / "reports" / "security.json").read_text())["scans"]
        counting = {one["scan"]: [row for row in one["findings"] if row["state"] == "counts"] for one in scans}
        return {one["scan"]: (one["verdict"], len(counting[one["scan"]])) for one in scans}

    def holding(self, text: str) -> list[str]:
        """The files of the work tree, reports among them, that have this text in them."""
        files = [path for path in self.top.rglob("*") if path.is_file() and ".git" not in path.parts]
        return [path.name for path in files if text in path.read_text()]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    osv = advisories.served({"django": "3.2"})
    npm = npm_advisories.served({"minimist": "critical"})
    with osv as known, npm as registry:
        yield Place(tmp_path, known, registry)


def rows(ran: Ran) -> list[list[str]]:
    """The table without its columns of time and tools."""
    table = [line.split() for line in ran.stderr.splitlines() if line[:1] in {"✓", "✗"} and "/9 " not in line]
    return [row[: next(n for n, word in enumerate(row) if word == "s") - 1] for row in table]


def test_all_nine_look_and_are_clean(place: Place) -> None:
    ran = place.verify().ended(0)
    assert rows(ran) == [
        ["✓", "pip-audit", "clean", "1/1", "dependencies", "none"],
        ["✓", "npm-audit", "clean", "1/1", "dependencies", "none"],
        ["✓", "sbom", "clean", "2/2", "components", "none"],
        ["✓", "bandit", "clean", "1/1", "files", "none"],
        ["✓", "semgrep", "clean", "1/1", "files", "none"],
        ["✓", "codeql", "clean", "1/1", "languages", "none"],
        ["✓", "trivy", "clean", "1/1", "images", "none"],
        ["✓", "pip-licenses", "clean", "1/1", "dependencies", "none"],
        ["✓", "trufflehog", "clean", "5/5", "files", "none"],
    ]
    assert place.verdicts() == dict.fromkeys(NINE, ("clean", 0))


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_each_of_nine_finds_what_is_there_and_no_secret_is_shown_or_kept(
    place: Place, words: tuple[str, ...]
) -> None:
    secret = "@".join((f"https://somebody:{seeded.WORD}", "nowhere.test/path"))
    place.plant(
        {
            "seeded/shell.py": seeded.files()["seeded/shell tools.py"],
            "seeded/sql.py": seeded.files()["vendor/sql.py"],
            "seeded/login.py": f'password = "{seeded.WORD}"\naddress = "{secret}"\n',
        }
    )
    place.packages["gnuish"] = GNUISH
    place.osv.known, place.npm.known = {"django": "3.2", "flask": "1.2.5"}, {"minimist": "critical", "ms": "high"}
    place.vulnerabilities.append(("CVE-2026-0001", "musl", "1.2.5"))
    place.alerts.append(("seeded/login.py", 1))
    ran = place.verify(*words).ended(4)
    assert place.verdicts() == {**dict.fromkeys(NINE, ("findings", 1)), "sbom": ("clean", 0)}
    assert (seeded.WORD in ran.said, place.holding(seeded.WORD)) == (False, ["login.py"])
    for line in FOUND:
        assert line in ran.said
    if not words:
        assert [row[:3] for row in rows(ran)] == [
            ["✗", name, "findings"] if name != "sbom" else ["✓", "sbom", "clean"] for name in NINE
        ]
