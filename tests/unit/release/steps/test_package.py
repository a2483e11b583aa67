"""Gates, build, checks, evidence and upload: each compares content."""

import json
from hashlib import sha256

import msgspec
import pytest

from shipit.engine.plan import State, absent, conflict, done
from shipit.errors import Denied, Refused, Unavailable
from shipit.gates.report import GateReport, Verdict
from shipit.release.steps.gate import Gate, keep_report, reports
from shipit.release.steps.package import (
    UNTRIED,
    Build,
    CheckPackage,
    Evidence,
    TryInstall,
    checksums,
    differences,
    read_evidence,
)
from shipit.release.steps.upload import Upload
from tests.fakes import FakeArtifacts
from tests.unit.scene import Scene

WHEEL, SDIST = "acme-1.1.0-py3-none-any.whl", "acme-1.1.0.tar.gz"


def build(scene: Scene) -> Build:
    return Build(packager=scene.bench, artifacts=scene.artifacts)


class TestGates:
    def gate(self, scene: Scene, tree: str = "tree") -> Gate:
        return Gate(gates=scene.bench, artifacts=scene.artifacts, gate="tests", tree=tree)

    def test_pass_once_and_are_not_run_again_on_the_same_tree(self, scene: Scene) -> None:
        gate = self.gate(scene)
        assert (gate.name, gate.summary) == ("gate-tests", "Pass the gate tests")
        assert scene.run(gate) == done("passed")

    def test_are_run_again_on_another_tree(self, scene: Scene) -> None:
        scene.run(self.gate(scene))
        assert self.gate(scene, "other").look() == absent()

    def test_that_fail_refuse_with_the_last_lines_as_evidence(self, scene: Scene) -> None:
        scene.bench.verdicts["tests"] = Verdict.FINDINGS
        with pytest.raises(Refused, match="the gate tests failed") as caught:
            self.gate(scene).run(scene.say)
        assert (caught.value.where, caught.value.evidence) == ("pytest -q", ("1 failed", "2 passed"))
        assert caught.value.hint == "fix it, commit, and release again"
        assert self.gate(scene).look() == absent()

    @pytest.mark.parametrize(
        ("verdict", "words"), [(Verdict.INCONCLUSIVE, "is inconclusive"), (Verdict.NOT_RUN, "did not run")]
    )
    def test_that_could_not_look_refuse_as_well(self, scene: Scene, verdict: Verdict, words: str) -> None:
        scene.bench.verdicts["tests"] = verdict
        with pytest.raises(Refused, match=f"the gate tests {words}"):
            self.gate(scene).run(scene.say)
        assert self.gate(scene).look() == absent()

    def test_are_run_again_where_their_report_cannot_be_read(self, scene: Scene) -> None:
        scene.artifacts.write("gates.json", b'{"tests": {"passed": tr')
        assert scene.run(self.gate(scene)) == done("passed")

    def test_keep_their_reports_side_by_side(self, scene: Scene) -> None:
        assert reports(scene.artifacts) == {}
        one, two = (
            GateReport(gate=name, tree="tree", command=("run",), verdict=Verdict.CLEAN) for name in ("one", "two")
        )
        keep_report(scene.artifacts, one)
        keep_report(scene.artifacts, two)
        assert reports(scene.artifacts) == {"gate:one": one, "gate:two": two}

    @pytest.mark.parametrize("name", ["check", "install", "build", "lock"])
    def test_never_speak_for_a_built_in_step_of_the_same_name(self, scene: Scene, name: str) -> None:
        gate = Gate(gates=scene.bench, artifacts=scene.artifacts, gate=name, tree="tree")
        scene.run(build(scene))
        assert scene.run(gate) == done("passed")
        check = CheckPackage(packager=scene.bench, artifacts=scene.artifacts, tree="tree")
        tried = TryInstall(packager=scene.bench, artifacts=scene.artifacts, tree="tree", sbom=False)
        assert (check.look(), tried.look()) == (absent(), absent())
        scene.run(check)
        assert gate.look() == done("passed")

    def test_of_a_version_that_kept_both_under_one_name_are_run_again(self, scene: Scene) -> None:
        clean = {"gate": "check", "tree": "tree", "command": ["run"], "verdict": "clean"}
        scene.artifacts.write("gates.json", json.dumps({"check": clean, "tests": clean}).encode())
        assert self.gate(scene).look() == absent()
        assert CheckPackage(packager=scene.bench, artifacts=scene.artifacts, tree="tree").look() == absent()


class TestBuilding:
    def test_happens_once_and_writes_down_what_came_out(self, scene: Scene) -> None:
        assert scene.run(build(scene)) == done(f"{WHEEL}, {SDIST}")
        assert checksums(scene.artifacts) == {
            name: scene.artifacts.artifact(name).sha256 for name in (WHEEL, SDIST)
        }

    def test_happens_again_when_a_file_is_not_what_was_written_down(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.artifacts.write(WHEEL, b"other")
        assert build(scene).look() == absent()

    def test_happens_again_when_a_file_is_gone(self, scene: Scene) -> None:
        scene.run(build(scene))
        del scene.artifacts.held[WHEEL]
        assert build(scene).look() == absent()


class TestChecking:
    def check(self, scene: Scene) -> CheckPackage:
        return CheckPackage(packager=scene.bench, artifacts=scene.artifacts, tree="tree")

    def test_passes_and_is_kept_as_a_report(self, scene: Scene) -> None:
        scene.run(build(scene))
        assert scene.run(self.check(scene)) == done("passed")
        assert reports(scene.artifacts)["built-in:check"].command == ("twine", "check")

    def test_keeps_what_it_is_warned_of(self, scene: Scene) -> None:
        scene.bench.warnings = ["`long_description` missing."]
        assert scene.run(self.check(scene)) == done("passed with warnings: `long_description` missing.")

    def test_that_refuses_leaves_no_report(self, scene: Scene) -> None:
        scene.bench.refused["check"] = "no description"
        with pytest.raises(Refused):
            self.check(scene).run(scene.say)
        assert self.check(scene).look() == absent()


class TestInstalling:
    def test_yields_the_sbom(self, scene: Scene) -> None:
        step = TryInstall(packager=scene.bench, artifacts=scene.artifacts, tree="tree", sbom=True)
        assert scene.run(step) == done("passed")
        assert scene.artifacts.read("sbom.cdx.json") == b'{"bomFormat": "CycloneDX"}'
        assert step.summary == "Install the wheel in a fresh environment, list its parts"

    def test_is_repeated_when_the_sbom_is_gone(self, scene: Scene) -> None:
        step = TryInstall(packager=scene.bench, artifacts=scene.artifacts, tree="tree", sbom=True)
        scene.run(step)
        del scene.artifacts.held["sbom.cdx.json"]
        assert step.look() == absent()

    def test_makes_no_sbom_where_none_is_wanted(self, scene: Scene) -> None:
        step = TryInstall(packager=scene.bench, artifacts=scene.artifacts, tree="tree", sbom=False)
        assert scene.run(step) == done("passed")
        assert scene.bench.asked == ["install"]
        assert step.summary == "Install the wheel in a fresh environment"

    def test_of_nothing_that_fits_is_told_and_not_called_passed(self, scene: Scene) -> None:
        scene.bench.fits = False
        step = TryInstall(packager=scene.bench, artifacts=scene.artifacts, tree="tree", sbom=True)
        assert scene.run(step) == done(UNTRIED)
        assert scene.said[-1] == f"warning: {UNTRIED}"
        assert reports(scene.artifacts)["built-in:install"].verdict is Verdict.NOT_RUN
        other = TryInstall(packager=scene.bench, artifacts=scene.artifacts, tree="other", sbom=True)
        assert other.look() == absent()


class TestEvidence:
    def step(self, scene: Scene) -> Evidence:
        return Evidence(artifacts=scene.artifacts, release=scene.release, project="acme")

    def test_tells_decision_commits_files_and_gates(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.run(CheckPackage(packager=scene.bench, artifacts=scene.artifacts, tree="tree"))
        assert scene.run(self.step(scene)) == done("release.json")
        facts = json.loads(scene.artifacts.held["release.json"])
        assert (facts["schema"], facts["project"], facts["release"]["version"]) == (2, "acme", "1.1.0")
        assert facts["commits"] == [{"sha": scene.release.base, "subject": "feat: work"}]
        assert [file["name"] for file in facts["files"]] == [WHEEL, SDIST]
        assert [(gate["gate"], gate["verdict"]) for gate in facts["gates"]] == [("check", "clean")]
        assert scene.artifacts.held["notes.md"] == b"- work by Ada"

    def test_is_read_back_as_the_decision(self, scene: Scene) -> None:
        scene.run(self.step(scene))
        assert read_evidence(scene.artifacts.held["release.json"]) == scene.release

    def test_of_the_schema_before_is_read_and_of_an_unknown_one_is_not(self, scene: Scene) -> None:
        scene.run(self.step(scene))
        facts = json.loads(scene.artifacts.held["release.json"])
        release = {**facts["release"], "target": facts["release"]["tagged_commit"]}
        del release["tagged_commit"]
        assert read_evidence(json.dumps({**facts, "schema": 1, "release": release}).encode()) == scene.release
        with pytest.raises(LookupError, match="schema 3"):
            read_evidence(json.dumps({**facts, "schema": 3}).encode())

    def test_that_is_none_is_not_taken_for_one(self) -> None:
        with pytest.raises((msgspec.DecodeError, KeyError)):
            read_evidence(b"{}")

    def test_is_written_again_when_the_files_change(self, scene: Scene) -> None:
        scene.run(self.step(scene))
        scene.run(build(scene))
        assert self.step(scene).look() == absent()


class TestUploading:
    def upload(self, scene: Scene) -> Upload:
        return Upload(index=scene.index, artifacts=scene.artifacts, project="acme", version="1.1.0")

    def test_puts_both_files_there_and_compares_their_sha256(self, scene: Scene) -> None:
        scene.run(build(scene))
        step = self.upload(scene)
        assert step.look() == absent(f"wheel missing ({WHEEL}), sdist missing ({SDIST})")
        assert scene.run(step) == done(f"{WHEEL}, {SDIST} with equal sha256")
        assert step.summary == "Upload acme 1.1.0 to fake index"

    def test_goes_on_where_one_file_is_there_already(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.index.upload(scene.artifacts.path(WHEEL), scene.say)
        step = self.upload(scene)
        assert step.look() == absent(f"sdist missing ({SDIST}); {WHEEL} there with equal sha256")
        scene.run(step)
        assert scene.index.uploads == [WHEEL, SDIST]

    def test_conflicts_with_other_bytes_under_the_same_name(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.index.files[WHEEL] = b"other"
        step = self.upload(scene)
        digests = f"sha256 {sha256(b'other').hexdigest()} there, {checksums(scene.artifacts)[WHEEL]} here"
        assert step.look() == conflict(
            f"fake index already has {WHEEL} with different content ({WHEEL}: {digests})"
        )
        with pytest.raises(Denied, match="with different content"):
            step.run(scene.say)
        assert scene.index.uploads == []

    def test_conflicts_with_a_version_that_is_there_before_anything_is_built(self, scene: Scene) -> None:
        step = self.upload(scene)
        assert step.look() == absent()
        scene.index.files[WHEEL] = b"other"
        assert step.look() == conflict(f"1.1.0 is on fake index already: {WHEEL}")

    @pytest.mark.parametrize(("sha", "said"), [("00ff", "sha256 00ff"), (None, "and no file")])
    def test_conflicts_with_what_is_on_no_page_before_anything_is_built(
        self, scene: Scene, sha: str | None, said: str
    ) -> None:
        scene.index.hidden = {WHEEL: sha}
        text = f"1.1.0 is on fake index already: {WHEEL} (not listed, {said})"
        assert self.upload(scene).look() == conflict(text)

    def test_conflicts_with_other_bytes_that_are_on_no_page(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.index.hidden = {SDIST: "00ff"}
        step = self.upload(scene)
        assert step.look().state is State.CONFLICT
        with pytest.raises(Denied, match=f"{SDIST}: sha256 00ff there, {checksums(scene.artifacts)[SDIST]} here"):
            step.run(scene.say)
        scene.index.hidden = {SDIST: None}
        assert step.look().state is State.CONFLICT
        assert scene.index.uploads == []

    def test_goes_on_where_its_own_bytes_are_on_no_page_yet(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.index.hidden = {WHEEL: checksums(scene.artifacts)[WHEEL]}
        step = self.upload(scene)
        assert step.look() == absent(f"wheel missing ({WHEEL}), sdist missing ({SDIST})")
        assert scene.run(step) == done(f"{WHEEL}, {SDIST} with equal sha256")

    def test_takes_nothing_for_equal_that_was_not_compared(self, scene: Scene) -> None:
        assert differences({"a": "1", "b": "2", "c": "3", "d": "4"}, {"a": None, "b": "x", "d": "4"}) == (
            ["c"],
            ["d"],
            ["b"],
        )
        scene.run(build(scene))
        scene.index.upload(scene.artifacts.path(WHEEL), scene.say)
        scene.index.unproven.add(WHEEL)
        said = f"fake index has {WHEEL}, unproven: it gives no sha256 and no file"
        assert self.upload(scene).look() == conflict(said)

    def test_lets_an_attestation_go_along_on_any_machine(self, scene: Scene) -> None:
        scene.bench.attested = [WHEEL]
        scene.run(build(scene))
        assert list(checksums(scene.artifacts)) == [WHEEL, SDIST]
        scene.artifacts = FakeArtifacts(scene.folder / "elsewhere", kept=dict(scene.artifacts.held))
        scene.artifacts.write("SHA256SUMS", scene.artifacts.kept["SHA256SUMS"])
        scene.run(self.upload(scene))
        assert (scene.index.uploads, scene.index.attested) == ([WHEEL, SDIST], [WHEEL])

    def test_goes_on_where_the_answer_was_lost_and_the_file_is_there(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.index.refusals[WHEEL] = Denied("fake index refuses it: 400")
        scene.index.deaf.add(WHEEL)
        assert scene.run(self.upload(scene)) == done(f"{WHEEL}, {SDIST} with equal sha256")
        assert scene.index.uploads == [WHEEL, SDIST]
        assert f"{WHEEL} is there with equal sha256, though its upload ended with: fake index refuses it: 400" in (
            scene.said
        )

    def test_stops_at_a_file_that_is_not_there(self, scene: Scene) -> None:
        scene.run(build(scene))
        scene.index.refusals[WHEEL] = Unavailable("503")
        with pytest.raises(Unavailable, match="503"):
            self.upload(scene).run(scene.say)
        assert scene.index.uploads == [WHEEL]

    def test_conflicts_where_somebody_was_faster_with_other_bytes(self, scene: Scene) -> None:
        scene.run(build(scene))

        def faster(*_: object) -> None:
            scene.index.files[WHEEL] = b"other"
            raise Denied("400", evidence=["File already exists"])

        vars(scene.index)["upload"] = faster
        with pytest.raises(Denied, match="with different content") as caught:
            self.upload(scene).run(scene.say)
        assert caught.value.evidence == ("File already exists",)

    def test_says_what_failed_first_where_it_cannot_look_afterwards(self, scene: Scene) -> None:
        scene.run(build(scene))

        def fail(*_: object) -> None:
            vars(scene.index)["hashes"] = down
            raise Unavailable("503")

        def down(*_: object) -> None:
            raise Unavailable("no answer")

        vars(scene.index)["upload"] = fail
        with pytest.raises(Unavailable, match="503"):
            self.upload(scene).run(scene.say)

    def test_is_absent_when_nothing_of_it_can_be_seen(self, scene: Scene) -> None:
        scene.run(build(scene))
        assert self.upload(scene).look().state is State.ABSENT
