"""shipit verify security --sarif: which files are written, what they say, and which are never overwritten."""

import json
from pathlib import Path
from typing import Any

import pytest

import shipit.gates.outside
from shipit import masking
from shipit.config import open_project
from shipit.errors import Refused, UsageError
from shipit.gates.outside import UsersTree, sarif_output, security_scans
from shipit.gates.sarif import SarifOutput
from shipit.scans.model import Severity
from shipit.scans.sarif.limits import Limits
from shipit.scans.sarif.sources import Sources
from shipit.scans.sarif.whole import Reports
from shipit.scans.settings import no_login
from tests.unit.gates_security.sample import Sample
from tests.unit.memory import lay_out_git_folder
from tests.unit.scans.conftest import finding

SECRET = "-".join(("plain", "horse", "staple"))  # noqa: FLY002 - no scanner of this repository is to see it


def to(sample: Sample, limits: Limits | None = None) -> SarifOutput:
    files = {"app.py": None}
    return SarifOutput(
        path=sample.tree / "out" / "x.sarif",
        sources=Sources(files, lambda path: (sample.tree / path).read_text()),
        baseline="known.json",
        reports=lambda: Reports({}, ()),
        write=sample.write,
        limits=limits or Limits(),
    )


def runs(sample: Sample, name: str = "x.sarif") -> list[dict[str, Any]]:
    return list(json.loads(sample.written[f"out/{name}"])["runs"])


def test_it_is_written_also_where_the_verdict_is_a_refusal_and_the_files_are_named(sample: Sample) -> None:
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    sample["semgrep"].error = UsageError("`semgrep` is not installed")
    assert sample.verify(outputs=[to(sample)]) is not None
    assert len(runs(sample)) == 8
    [failed] = runs(sample, "x-unsuccessful.sarif")
    assert failed["invocations"][0]["executionSuccessful"] is False
    assert "out/x.sarif: 8 runs, 1 result\n" in sample.said
    assert "out/x-unsuccessful.sarif: 1 run, 1 of scans that have not looked at all, 0 results" in sample.said


def test_facts_for_programs_are_the_first_file_all_files_and_what_was_left_out(sample: Sample) -> None:
    sample["bandit"].findings = [finding("A", Severity.LOW), finding("B")]
    sample.verify(json_lines=True, outputs=[to(sample, Limits(runs=8, results=1))])
    facts = sample.lines[-1]["outputs"]
    assert facts["sarif"].endswith("/out/x.sarif")
    assert [Path(name).name for name in facts["sarif-files"].split("\n")] == ["x.sarif", "x-2.sarif"]
    assert facts["sarif-dropped"] == "shipit/bandit/: 1 result left out"


def test_what_was_left_out_is_said(sample: Sample) -> None:
    sample["bandit"].findings = [finding("A", Severity.LOW), finding("B")]
    sample.verify(outputs=[to(sample, Limits(results=1))])
    assert "x.sarif: 9 runs, 1 result\n  shipit/bandit/: 1 result left out\n" in sample.said
    assert [one["ruleId"] for one in runs(sample)[3]["results"]] == ["B"]


def test_without_it_no_file_and_no_word_of_it_is_there(sample: Sample) -> None:
    sample.verify(json_lines=True)
    assert [*sample.written] == ["reports/security.json"]
    assert not [name for name in sample.lines[-1]["outputs"] if name.startswith("sarif")]


def test_it_has_what_the_baseline_of_this_run_says(tmp_path: Path) -> None:
    sample = Sample(tmp_path, baseline="known.json")
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    assert sample.verify(write_baseline=True, outputs=[to(sample)]) is None
    [one] = runs(sample)[3]["results"]
    assert one["suppressions"] == [{"kind": "external", "justification": "It is in the baseline, known.json."}]


def test_secrets_that_the_project_knows_are_masked_in_texts_and_in_addresses(sample: Sample) -> None:
    masking.register(f"{SECRET} %1")
    try:
        sample["bandit"].findings = [finding(f"{SECRET} %1", path=f"{SECRET} %1/app.py", line=2)]
        sample.verify(outputs=[to(sample)])
    finally:
        masking.forget_all()
    [one] = runs(sample)[3]["results"]
    assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "***/app.py"
    assert SECRET.encode() not in sample.written["out/x.sarif"]


class Place:
    """A project in a git folder, with two tracked files."""

    def __init__(self, top: Path) -> None:
        self.top = top
        lay_out_git_folder(top)
        (top / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')
        (top / "app.py").write_bytes(b"call(\xff)\n")

    def output(self, path: Path) -> SarifOutput:
        project = open_project(self.top)
        scans = security_scans(project, UsersTree(self.top), (), lambda: (), no_login)
        return sarif_output(project, scans, path)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shipit.gates.outside, "tracked_files", lambda _: ("app.py", "gone.py", "large.py"))
    return Place(tmp_path)


def test_the_file_is_relative_to_the_current_folder_and_its_folder_is_made(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    output = place.output(Path("new/x.sarif"))
    output.write(output.path, b"one")
    output.write(output.path, b"two")
    assert (tmp_path / "below/new/x.sarif").read_bytes() == b"two"


def test_it_may_be_outside_of_the_repository(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("runner") / "x.sarif"
    output = place.output(file)
    output.write(output.path, b"one")
    assert file.read_bytes() == b"one"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("app.py", "is tracked by git"),
        ("./below/../app.py", "is tracked by git"),
        ("link.sarif", "is tracked by git"),
        (".", "is a folder"),
        ("reports/security.json", "another report stands"),
        ("reports/codeql.sarif", "another report stands"),
        ("reports/codeql.sarif/mine.sarif", "another report stands"),
    ],
)
def test_a_file_that_others_need_is_not_overwritten(place: Place, path: str, why: str) -> None:
    (place.top / "link.sarif").symlink_to("app.py")
    with pytest.raises(UsageError, match=why):
        place.output(Path(path))


def test_gits_own_folder_is_refused(place: Place) -> None:
    with pytest.raises(Refused):
        place.output(Path(".git/x.sarif"))


def test_a_further_file_is_not_put_over_a_tracked_one_either(place: Place) -> None:
    output = place.output(Path("x.sarif"))
    with pytest.raises(UsageError, match=r"app\.py is tracked by git"):
        output.write(Path("app.py"), b"x")


def test_sources_are_tracked_files_as_githubs_action_reads_them(place: Place) -> None:
    with (place.top / "large.py").open("wb") as file:
        file.truncate(10_000_001)
    known = place.output(Path("x.sarif")).sources
    assert known.text("app.py") == "call(\N{REPLACEMENT CHARACTER})\n"
    assert known.text("gone.py") == known.text("large.py") == known.text("pyproject.toml") == ""


def test_reports_of_codeql_are_read_where_they_are(place: Place) -> None:
    output = place.output(Path("x.sarif"))
    assert output.reports().texts == {"codeql": []}
    folder = place.top / "reports/codeql.sarif"
    folder.mkdir(parents=True)
    (folder / "python.sarif").write_bytes(b"{}")
    assert output.reports().texts == {"codeql": [b"{}"]}
    assert output.reports().tops == (str(place.top), str(place.top))
    (folder / "odd.sarif").mkdir()
    assert output.reports().texts == {"codeql": []}
