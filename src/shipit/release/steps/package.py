"""Steps on the package: build, check, install, SBOM, evidence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from shipit.engine.plan import Look, Say, absent, done
from shipit.gates.report import GateReport, Verdict
from shipit.model import ATTESTATION
from shipit.release.files import CHECKSUMS, EVIDENCE, NOTES, SBOM
from shipit.release.model import Release
from shipit.release.ports import ArtifactStore, Packager
from shipit.release.steps.gate import BUILT_IN, keep_report, passed, reports

SCHEMA = 2
"""of release.json; in schema 1 a gate had `passed` instead of `verdict`, and `tagged_commit` was `target`"""

UNTRIED = "not tried: no wheel fits this machine, and there is no sdist"


def checksums(artifacts: ArtifactStore) -> dict[str, str]:
    """File name to sha256 of the built packages, as written down when they were built."""
    rows = (artifacts.read(CHECKSUMS) or b"").decode().splitlines()
    return {name: sha for sha, _, name in (row.partition("  ") for row in rows)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """sdist and wheel, built once; what is published later are these very bytes."""

    packager: Packager
    artifacts: ArtifactStore
    name: str = "build"
    summary: str = "Build sdist and wheel, once"

    def look(self) -> Look:
        expected = checksums(self.artifacts)
        there = {name: self.artifacts.artifact(name).sha256 for name in expected if name in self.artifacts.names()}
        if not expected or there != expected:
            return absent()
        return done(", ".join(expected))

    def argv(self) -> Sequence[str]:
        return self.packager.argv(self.name)

    def run(self, say: Say) -> None:
        built = self.packager.build(say)
        for path in built:
            self.artifacts.write(path.name, path.read_bytes())
        names = [path.name for path in built if not path.name.endswith(ATTESTATION)]
        rows = [f"{self.artifacts.artifact(name).sha256}  {name}\n" for name in names]
        self.artifacts.write(CHECKSUMS, "".join(rows).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPackage:
    """Metadata check as the index will do it, warnings are kept; `tree` is the git id of what was built."""

    packager: Packager
    artifacts: ArtifactStore
    tree: str
    name: str = "check"
    summary: str = "Check the packages' metadata as an index does"

    def look(self) -> Look:
        return passed(self.artifacts, self.name, self.tree, BUILT_IN)

    def argv(self) -> Sequence[str]:
        return self.packager.argv(self.name)

    def run(self, say: Say) -> None:
        warnings = self.packager.check([self.artifacts.path(name) for name in checksums(self.artifacts)], say)
        detail = f"passed with warnings: {' '.join(warnings)}" if warnings else ""
        keep_report(self.artifacts, _report(self, "twine", "check", detail=detail), BUILT_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryInstall:
    """What fits this machine installs in a fresh environment; that environment also yields the SBOM."""

    packager: Packager
    artifacts: ArtifactStore
    tree: str
    sbom: bool
    name: str = "install"

    @property
    def summary(self) -> str:
        return "Install the wheel in a fresh environment" + (", list its parts" if self.sbom else "")

    def look(self) -> Look:
        report = reports(self.artifacts).get(f"{BUILT_IN}:{self.name}")
        if report and report.tree == self.tree and report.verdict is Verdict.NOT_RUN:
            return done(report.detail)
        if self.sbom and self.artifacts.read(SBOM) is None:
            return absent()
        return passed(self.artifacts, self.name, self.tree, BUILT_IN)

    def argv(self) -> Sequence[str]:
        return self.packager.argv(self.name)

    def run(self, say: Say) -> None:
        python = self.packager.try_install([self.artifacts.path(name) for name in checksums(self.artifacts)], say)
        if python is None:
            say(f"warning: {UNTRIED}")
            report = _report(self, "pip", "install", verdict=Verdict.NOT_RUN, detail=UNTRIED)
        else:
            if self.sbom:
                self.artifacts.write(SBOM, self.packager.sbom(python, say))
            report = _report(self, "pip", "install")
        keep_report(self.artifacts, report, BUILT_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """release.json: what was decided, from which commits, which files, which gates said what."""

    artifacts: ArtifactStore
    release: Release
    project: str
    name: str = "evidence"
    summary: str = "Write release.json, the evidence of this release"

    def look(self) -> Look:
        return done(EVIDENCE) if self.artifacts.read(EVIDENCE) == self._text() else absent()

    def run(self, say: Say) -> None:
        self.artifacts.write(NOTES, self.release.notes.encode())
        self.artifacts.write(EVIDENCE, self._text())

    def _text(self) -> bytes:
        """The same decision and the same files give the same bytes: no clock, no machine, no duration."""
        release = msgspec.to_builtins(self.release)
        commits = [{"sha": sha, "subject": subject} for sha, subject in release.pop("commits")]
        names = (name for name in (*checksums(self.artifacts), SBOM) if self.artifacts.read(name) is not None)
        facts = {
            "schema": SCHEMA,
            "project": self.project,
            "release": release,
            "commits": commits,
            "files": [
                msgspec.to_builtins(self.artifacts.artifact(name))
                for name in names
                if self.artifacts.read(name) is not None
            ],
            "gates": [_gate_facts(report) for _, report in sorted(reports(self.artifacts).items())],
        }
        return (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()


def lost_files(artifacts: ArtifactStore) -> list[str]:
    """The names of files that the evidence lists and that are not here as it lists them; itself, if it is gone."""
    data = artifacts.read(EVIDENCE)
    if data is None:
        return [EVIDENCE]
    listed = {one["name"]: one["sha256"] for one in msgspec.json.decode(data)["files"]}
    here = set(artifacts.names())
    wanted = {**checksums(artifacts), **listed}
    lost = [name for name, sha in wanted.items() if name not in here or artifacts.artifact(name).sha256 != sha]
    packages = [name for name in listed if name != SBOM]
    return [*lost, *([CHECKSUMS] if packages and CHECKSUMS not in here else [])]


def read_evidence(data: bytes) -> Release:
    """The decision in release.json, of this schema or the one before.

    Raises msgspec.DecodeError, LookupError or TypeError for anything else.
    """
    facts = msgspec.json.decode(data)
    if facts["schema"] not in {1, SCHEMA}:
        raise LookupError(f"schema {facts['schema']}")
    commits = [[one["sha"], one["subject"]] for one in facts["commits"]]
    release = {**facts["release"], "commits": commits}
    if facts["schema"] == 1:
        release["tagged_commit"] = release.pop("target")
    return msgspec.convert(release, Release)


def _report(
    step: CheckPackage | TryInstall, *command: str, verdict: Verdict = Verdict.CLEAN, detail: str = ""
) -> GateReport:
    return GateReport(gate=step.name, tree=step.tree, command=command, verdict=verdict, detail=detail)


def _gate_facts(report: GateReport) -> dict[str, object]:
    return {
        "gate": report.gate,
        "command": " ".join(report.command),
        "tree": report.tree,
        "verdict": report.verdict,
        "coverage": report.coverage,
    }


def differences(
    wanted: Mapping[str, str], there: Mapping[str, str | None]
) -> tuple[list[str], list[str], list[str]]:
    """Missing names, equal names, and names under which other bytes stand; an unproven name is none of them."""
    missing = [name for name in wanted if name not in there]
    other = [name for name, sha in wanted.items() if name in there and there[name] not in (sha, None)]
    equal = [name for name, sha in wanted.items() if there.get(name) == sha]
    return missing, equal, other


def assets(artifacts: ArtifactStore) -> dict[str, str]:
    """Name and sha256 of what is attached to the forge release: packages, checksums, parts, evidence."""
    small = [name for name in (CHECKSUMS, SBOM, EVIDENCE) if artifacts.read(name) is not None]
    return {**checksums(artifacts), **{name: artifacts.artifact(name).sha256 for name in small}}
