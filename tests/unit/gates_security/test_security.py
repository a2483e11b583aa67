"""shipit verify security, from scanners to exit code, table and report."""

from pathlib import Path
from threading import Event

import pytest

from shipit import masking
from shipit.config.tables.security import SCANS
from shipit.engine import side_by_side
from shipit.engine.plan import Say
from shipit.errors import Denied, ExternalError, Signalled, Stop, Unavailable, UsageError
from shipit.gates.report import Verdict
from shipit.gates.scan_table import MOST
from shipit.gates.scanning import scan
from shipit.scans.model import Severity, Sighting
from tests.fakes_scanners import FakeScanner
from tests.unit.gates_security.sample import Sample
from tests.unit.scans.conftest import finding

SECRET = "plain-horse-battery-staple"
TIMEOUT = Unavailable("`bandit` did not end within 900 s", evidence=["the last line"], hint="try again")


def test_nine_clean_scans_are_green_and_each_has_a_row_and_a_place_in_the_report(sample: Sample) -> None:
    assert sample.verify() is None
    assert [one["scan"] for one in sample.report["scans"]] == list(SCANS)
    for name in SCANS:
        assert sample.row(name).split()[:4] == ["✓", name, "clean", "3/3"]
        assert sample.scan(name)["verdict"] == "clean"
        assert f"{name} 1.2.3" in sample.row(name)
    assert sample.report["verdict"] == "clean"


@pytest.mark.parametrize(
    ("field", "value", "verdict", "why"),
    [
        ("seen", 0, "inconclusive", "it saw no files, where 3 were expected"),
        ("seen", 2, "inconclusive", "it saw 2 of 3 files"),
        ("alive", False, "inconclusive", "did not find what was planted"),
        ("fault", "no rule is left", "inconclusive", "no rule is left"),
        (
            "error",
            UsageError("`bandit` is not installed", hint="pip install bandit"),
            "not run",
            "is not installed",
        ),
        ("error", TIMEOUT, "inconclusive", "did not end within 900 s"),
        ("error", Denied("the registry said 403"), "inconclusive", "the registry said 403"),
        ("error", ExternalError("its output is no JSON"), "inconclusive", "its output is no JSON"),
        ("error", KeyError("results"), "inconclusive", "a bug in shipit: KeyError"),
        ("error", Stop("odd"), "inconclusive", "a bug in shipit: Stop"),
    ],
)
def test_a_scan_that_could_not_look_is_never_green_and_the_verdict_says_why(
    sample: Sample, field: str, value: object, verdict: str, why: str
) -> None:
    setattr(sample["bandit"], field, value)
    refused = sample.verify()
    assert refused is not None
    assert refused.exit_code == 4
    assert refused.what == "1 scan has not passed, of 9"
    assert (sample.scan("bandit")["verdict"], sample.scan("bandit")["passed"]) == (verdict, False)
    assert why in sample.scan("bandit")["reason"]
    assert why in refused.evidence[0]
    assert sample.row("bandit").startswith("✗  bandit")
    assert [one["verdict"] for one in sample.report["scans"] if one["scan"] != "bandit"] == ["clean"] * 8


def test_findings_that_count_are_listed_with_place_rule_and_title_the_gravest_first(sample: Sample) -> None:
    sample["bandit"].findings = [
        finding("B101", Severity.LOW, path="app.py", line=1),
        finding("B303", Severity.MEDIUM, path="app.py"),
        finding("B602", Severity.HIGH, path="app.py", line=2),
    ]
    sample["pip-audit"].findings = [
        finding("CVE-2026-1", Severity.CRITICAL, package="jinja2", version="2.0", fixed="3.1.6"),
        finding("CVE-2026-2", package="jinja2"),
        finding("GPL-3.0-only"),
    ]
    refused = sample.verify()
    assert refused is not None
    lines = [line.strip() for line in sample.said.splitlines()]
    grave, other = (
        "app.py:2: high B602 about B602",
        "app.py: medium B303 about B303",
    )
    assert lines.index(grave) < lines.index(other)
    assert "jinja2 2.0 → 3.1.6: critical CVE-2026-1 about CVE-2026-1" in lines
    assert "jinja2: high CVE-2026-2 about CVE-2026-2" in lines
    assert "(no file): high GPL-3.0-only about GPL-3.0-only" in lines
    assert not any("B101" in line for line in lines)
    assert "1 high, 1 medium, 1 below fail-on" in sample.row("bandit")
    assert 'scan = "pip-audit", finding = "CVE-2026-1", reason' in str(refused.hint)
    states = {one["rule"]: one["state"] for one in sample.scan("bandit")["findings"]}
    assert states == {"B602": "counts", "B303": "counts", "B101": "minor"}


def test_more_findings_than_anybody_reads_are_counted(sample: Sample) -> None:
    sample["semgrep"].findings = [finding(f"rule-{number}") for number in range(MOST + 7)]
    sample.verify()
    assert "… and 7 more, all of them in the report" in sample.said
    assert len(sample.scan("semgrep")["findings"]) == MOST + 7


def test_nothing_to_scan_does_not_count_among_others_and_asks_no_scanner(sample: Sample) -> None:
    sample["npm-audit"].why_nothing = "no package.json is tracked"
    assert sample.verify() is None
    assert sample["npm-audit"].asked == ["nothing"]
    assert sample.row("npm-audit").startswith("·  npm-audit     not run")
    assert "npm-audit: not run: nothing to scan: no package.json is tracked" in sample.said


def test_nothing_to_scan_for_anybody_is_not_green(sample: Sample) -> None:
    sample["npm-audit"].why_nothing = sample["trivy"].why_nothing = "nothing is tracked"
    refused = sample.verify("npm-audit", "trivy")
    assert refused is not None
    assert refused.what == "there was nothing to scan, so nothing was looked at"
    assert [line.partition(":")[0] for line in refused.evidence] == ["npm-audit", "trivy"]
    assert sample.report["verdict"] == "not run"


def test_only_some_scans_are_made(sample: Sample) -> None:
    assert sample.verify("trivy", "bandit", "bandit") is None
    assert [one["scan"] for one in sample.report["scans"]] == ["bandit", "trivy"]
    assert sample["semgrep"].asked == []


def test_an_unknown_scan_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    sample = Sample(tmp_path, scans=["bandit", "trivy", "bandit"])
    with pytest.raises(UsageError, match="there is no scan semgrep, snyk") as caught:
        sample.verify("semgrep", "bandit", "snyk")
    assert caught.value.evidence == ("scans: bandit, trivy",)
    assert sample.written == {}


def waived(tree: Path, **waivers: dict[str, str]) -> Sample:
    full = {name: {"reason": "it is known", "until": "2026-12-01", **one} for name, one in waivers.items()}
    return Sample(
        tree, scans=["bandit", "trufflehog"], waivers={name.replace("_", "-"): v for name, v in full.items()}
    )


def test_a_waiver_of_a_scan_that_is_not_configured_is_shown_as_unused(tmp_path: Path) -> None:
    sample = waived(tmp_path, elsewhere={"scan": "semgrep"})
    assert sample.verify() is None
    assert "waiver elsewhere (semgrep, until 2026-12-01): unused: no finding and no scan needs it" in sample.said


def test_waivers_let_findings_and_scans_pass_and_are_shown(tmp_path: Path) -> None:
    sample = waived(
        tmp_path,
        shell={"scan": "bandit", "finding": "B602"},
        no_trufflehog={"scan": "trufflehog"},
        gone={"scan": "bandit", "finding": "B1"},
        old={"scan": "bandit", "finding": "B602", "until": "2026-11-30"},
    )
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    sample["trufflehog"].error = UsageError("`trufflehog` is not installed", evidence=["trufflehog git"])
    assert sample.verify() is None
    assert "1 waived" in sample.row("bandit")
    assert "not run (waived)" in sample.row("trufflehog")
    assert "waived until 2026-12-01 by no-trufflehog: it is known" in sample.said
    assert "waiver shell (bandit B602, until 2026-12-01): used — it is known" in sample.said
    assert "waiver no-trufflehog (trufflehog, until 2026-12-01): used — it is known" in sample.said
    assert "waiver gone (bandit B1, until 2026-12-01): unused: no finding and no scan needs it" in sample.said
    assert "waiver old (bandit B602, until 2026-11-30): expired: it does not count" in sample.said
    assert {one["name"]: one["state"] for one in sample.report["waivers"]} == {
        "shell": "used",
        "no-trufflehog": "used",
        "gone": "unused",
        "old": "expired",
    }
    [found] = sample.scan("bandit")["findings"]
    assert (found["state"], found["waiver"]) == ("waived", "shell")


def test_an_expired_waiver_does_not_count(tmp_path: Path) -> None:
    sample = waived(tmp_path, old={"scan": "bandit", "finding": "B602", "until": "2026-11-30"})
    sample["bandit"].findings = [finding()]
    assert sample.verify() is not None


def test_a_scan_that_could_not_look_is_waived_only_without_findings_that_count(tmp_path: Path) -> None:
    sample = waived(tmp_path, part={"scan": "bandit"})
    sample["bandit"].seen = 1
    assert sample.verify() is None
    sample["bandit"].findings = [finding(path="app.py", line=2)]
    refused = sample.verify()
    assert refused is not None
    assert "app.py:2: high B602" in sample.said
    assert "it saw 1 of 3 files" in sample.said


class TestBaseline:
    def test_is_written_and_from_then_on_only_what_is_new_counts(self, tmp_path: Path) -> None:
        sample = Sample(tmp_path, baseline="known.json")
        sample["bandit"].findings = [finding(path="app.py", line=2), finding("B101", Severity.LOW)]
        assert sample.verify() is not None
        assert sample.verify(write_baseline=True) is None
        assert "known.json: 1 finding written" in sample.said
        assert sample.report["verdict"] == "clean"
        assert sample.verify() is None
        assert "1 in the baseline, 1 below fail-on" in sample.row("bandit")
        (tmp_path / "app.py").write_text("\n\n\n\n\n\n\ncall(x)\n")
        sample["bandit"].findings = [finding(path="app.py", line=8)]
        assert sample.verify() is None
        sample["bandit"].findings = [finding(path="app.py", line=8), finding(path="app.py", line=1)]
        assert sample.verify() is not None

    def test_keeps_what_stood_there_of_scans_that_were_not_made_or_did_not_look(self, tmp_path: Path) -> None:
        sample = Sample(tmp_path, baseline="known.json")
        sample["bandit"].findings, sample["semgrep"].findings = [finding("A"), finding("B")], [finding("C")]
        assert sample.verify(write_baseline=True) is None
        assert "known.json: 3 findings written" in sample.said
        sample["bandit"].error = TIMEOUT
        sample["semgrep"].findings = []
        assert sample.verify("bandit", "semgrep", write_baseline=True) is not None
        assert "known.json: 0 findings written, and 2 of scans that have not looked" in sample.said
        sample["bandit"].error = None
        assert sample.verify() is None

    def test_that_is_not_configured_is_not_written(self, sample: Sample) -> None:
        with pytest.raises(UsageError, match="no baseline is configured"):
            sample.verify(write_baseline=True)
        assert sample["bandit"].asked == []

    def test_that_cannot_be_read_is_wrong_usage_and_not_an_empty_one(self, tmp_path: Path) -> None:
        sample = Sample(tmp_path, baseline="known.json")
        (tmp_path / "known.json").write_text("{")
        with pytest.raises(UsageError, match=r"known\.json is no baseline"):
            sample.verify()
        (tmp_path / "known.json").unlink()
        (tmp_path / "known.json").mkdir()
        with pytest.raises(UsageError, match=r"known\.json cannot be read: Is a directory"):
            sample.verify()
        assert sample["bandit"].asked == []

    def test_reads_the_text_of_tracked_files_alone(self, tmp_path: Path) -> None:
        sample = Sample(tmp_path, baseline="known.json")
        (tmp_path / "other.py").write_text("call(x)\n")
        sample["bandit"].findings = [
            finding(path="other.py", line=1),
            finding("B1", path="app.py", line=99),
            finding("B2", path="app.py"),
        ]
        sample.verify(write_baseline=True)
        assert b'"line"' not in sample.written["known.json"]
        (tmp_path / "app.py").unlink()
        sample["bandit"].findings = [finding(path="app.py", line=2)]
        sample.verify(write_baseline=True)
        assert b'"line"' not in sample.written["known.json"]


class TestSecrets:
    """S4: what a scanner prints may hold the very secret that it found."""

    @pytest.mark.parametrize("name", ["bandit", "semgrep", "codeql", "trivy", "trufflehog"])
    def test_in_the_evidence_of_a_scan_that_quotes_files_are_not_shown(self, sample: Sample, name: str) -> None:
        sample[name].error = Unavailable("it did not end within 900 s", evidence=[SECRET, "more"], hint="again")
        sample.verify()
        sample["bandit"].error = None
        assert SECRET not in sample.said
        assert SECRET.encode() not in b"".join(sample.written.values())
        assert "it said 2 lines, not shown here since secrets may stand there" in sample.said
        assert "hint: again" in sample.said
        sample[name].error = Unavailable("it did not end within 900 s", evidence=[SECRET])
        sample.verify()
        assert "it said a line, not shown here" in sample.said

    def test_in_the_words_of_a_bug_are_not_shown(self, sample: Sample) -> None:
        sample["sbom"].error = ValueError(SECRET)
        sample.verify()
        assert SECRET not in sample.said
        assert SECRET.encode() not in sample.written["reports/security.json"]

    def test_that_the_project_knows_are_masked_in_everything(self, sample: Sample) -> None:
        masking.register(SECRET)
        try:
            one = finding(SECRET, path=f"{SECRET}.py", line=2)
            sample["bandit"].findings = [one]
            sample["sbom"].error = Denied(f"403 for {SECRET}", evidence=[SECRET])
            for json_lines in (False, True):
                sample.verify(json_lines=json_lines)
                assert SECRET not in sample.said
                assert SECRET.encode() not in sample.written["reports/security.json"]
                assert b"***.py" in sample.written["reports/security.json"]
        finally:
            masking.forget_all()


def test_what_a_scan_says_of_how_it_looked_is_shown_also_where_it_is_clean(sample: Sample) -> None:
    sample["bandit"].says = ["2 files are left out by exclude_dirs"]
    sample["semgrep"].says = [f"rule {number}" for number in range(15)]
    sample["semgrep"].fault = "a rule is broken"
    sample.verify()
    assert "bandit: clean\n  2 files are left out by exclude_dirs" in sample.said
    assert "semgrep: inconclusive: a rule is broken\n  rule 0\n" in sample.said
    assert "  rule 11\n  … and 3 lines more, all of them in the report" in sample.said
    assert len(sample.scan("semgrep")["notes"]) == 15


def test_what_another_scan_says_besides_is_shown_where_it_could_not_look(sample: Sample) -> None:
    sample["pip-audit"].error = Denied(
        "the registry said 403", evidence=["GET /pypi/jinja2"], hint="check the token"
    )
    sample.verify()
    assert "  GET /pypi/jinja2" in sample.said
    assert "  hint: check the token" in sample.said
    assert sample.scan("pip-audit")["said"] == ["GET /pypi/jinja2", "hint: check the token"]


def test_json_lines_end_with_every_verdict_and_where_the_report_is(sample: Sample) -> None:
    sample["bandit"].findings = [finding()]
    sample.verify(json_lines=True)
    last = sample.lines[-1]
    assert (last["event"], last["outcome"], last["exit_code"]) == ("outcome", "refused", 4)
    assert last["outputs"]["bandit"] == last["outputs"]["verdict"] == "findings"
    assert last["outputs"]["trivy"] == "clean"
    assert last["outputs"]["report"].endswith("reports/security.json")
    events = {line["name"]: line["event"] for line in sample.lines if line["event"].startswith("step-")}
    assert events == {name: "step-failed" if name == "bandit" else "step-done" for name in SCANS}


def test_a_signal_stops_scanners_that_are_silent(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = Event()

    class Waiting(FakeScanner):
        def scan(self, say: Say) -> Sighting:
            assert stopping.wait(60)
            raise Unavailable("stopped, because the run was interrupted")

    def interrupt(_: object) -> None:
        raise Signalled("SIGINT")

    monkeypatch.setattr(side_by_side, "wait", interrupt)
    scanners = [Waiting(name=name) for name in ("bandit", "trivy")]
    with pytest.raises(Signalled):
        scan(scanners, sample.scans.policy(), lambda _: None, stopping)


def test_what_breaks_the_whole_run_is_not_taken_for_a_verdict(sample: Sample) -> None:
    sample["bandit"].error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        sample.verify()
    assert sample.written == {}


class TestAsAGate:
    def test_of_a_deployment_it_says_the_table_and_passes(self, sample: Sample) -> None:
        sample["trivy"].why_nothing = "no images"
        said: list[str] = []
        report = sample.scans.run("security", said.append)
        assert (report.gate, report.tree, report.verdict) == ("security", "t" * 40, Verdict.CLEAN)
        assert report.detail == "9 scans: 8 clean, 1 with nothing to scan"
        assert len(said) == 10

    def test_its_refusal_says_which_scan_and_why(self, sample: Sample) -> None:
        sample["bandit"].findings = [finding(path="app.py", line=2)]
        sample["trufflehog"].error = UsageError("`trufflehog` is not installed")
        report = sample.scans.run("security", lambda _: None)
        assert report.verdict is Verdict.FINDINGS
        assert report.command == ("shipit", "verify", "security")
        assert [line.strip() for line in report.detail.splitlines()] == [
            "bandit: 1 high",
            "app.py:2: high B602 about B602",
            "trufflehog: not run: `trufflehog` is not installed",
        ]

    def test_with_nothing_to_scan_it_has_not_run(self, tmp_path: Path) -> None:
        sample = Sample(tmp_path, scans=["trivy"])
        sample["trivy"].why_nothing = "no images"
        report = sample.scans.run("security", lambda _: None)
        assert (report.verdict, report.detail) == (
            Verdict.NOT_RUN,
            "there was nothing to scan, so nothing was looked at",
        )
