"""shipit verify security --html: every state has its word, texts are texts, and thousands of findings fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import shipit.gates.outside
from shipit import masking
from shipit.adapters import process
from shipit.adapters.pages import page
from shipit.config import open_project
from shipit.errors import UsageError
from shipit.gates.html import HtmlOutput
from shipit.gates.outside import UsersTree, html_output, security_scans
from shipit.gates.security_page import NAME, SecurityPage
from shipit.scans.judging import Answer, Judged, verdict_of, waiver_states
from shipit.scans.model import Finding, Severity, Sighting
from shipit.scans.settings import no_login
from tests.support import sample_pages
from tests.unit.gates_security.sample import Sample
from tests.unit.memory import lay_out_git_folder
from tests.unit.scans.conftest import finding

COMMIT = "b81c02dd11" * 4
PAGE = SecurityPage(
    project="acme", home="https://forge.example/acme/acme", commit=COMMIT, now=sample_pages.NOW, shipit="1.0.0"
)


def facts(made: SecurityPage = PAGE, *more: Judged) -> dict[str, Any]:
    policy, judged = sample_pages.judged()
    found = (*judged, *more)
    return dict(made.facts(policy, found, waiver_states(policy, found), "9 scans"))


def of_one(one: Finding, made: SecurityPage = PAGE) -> dict[str, Any]:
    """What the page says of a finding that counts."""
    policy, _ = sample_pages.judged()
    sighting = Sighting(seen=1, expected=1, unit="files", alive=True, findings=(one,))
    judged = (verdict_of(Answer(scan="semgrep", sighting=sighting), policy),)
    found: dict[str, Any] = dict(made.facts(policy, judged, (), ""))
    [group] = found["groups"]
    [shown] = group["findings"]
    return dict(shown)


def test_each_scan_has_its_verdict_in_words() -> None:
    found = facts()
    assert {one["name"]: one["verdict"]["word"] for one in found["scans"]} == {
        "pip-audit": "findings",
        "npm-audit": "clean",
        "sbom": "clean",
        "bandit": "findings",
        "semgrep": "inconclusive",
        "codeql": "nothing to scan",
        "trivy": "nothing to scan",
        "pip-licenses": "clean",
        "trufflehog": "not run (waived)",
    }
    assert found["overall"] == {"word": "findings", "kind": "bad"}


def test_findings_are_grouped_and_only_what_counts_is_open() -> None:
    assert [(one["word"], one["is_open"], len(one["findings"])) for one in facts()["groups"]] == [
        ("critical", True, 1),
        ("high", True, 1),
        ("waived", False, 1),
        ("below fail-on", False, 1),
    ]


def test_waivers_say_until_when_and_what_they_did() -> None:
    assert [(one["name"], one["about"], one["until"], one["state"]["word"]) for one in facts()["waivers"]] == [
        ("no-trufflehog", "trufflehog", "2027-03-31", "used"),
        ("md5-etag", "bandit: B324", "2027-01-31", "used"),
    ]


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"path": "src/a b.py", "line": 3}, f"https://forge.example/acme/acme/blob/{COMMIT}/src/a%20b.py#L3"),
        ({"path": "poetry.lock"}, f"https://forge.example/acme/acme/blob/{COMMIT}/poetry.lock"),
        ({"path": "../elsewhere.py", "line": 3}, ""),
        ({"path": "requirements.txt", "package": "a"}, ""),
        ({}, ""),
    ],
)
def test_a_finding_links_its_line_at_this_commit(changes: dict[str, Any], url: str) -> None:
    made = replace(Finding(rule="R1", severity=Severity.HIGH, title=""), **changes)
    shown = of_one(made)
    assert (shown["url"], shown["title"]) == (url, "R1")
    for less in (replace(PAGE, home=""), replace(PAGE, commit="")):
        assert of_one(made, less)["url"] == ""


def test_without_a_forge_or_a_commit_nothing_is_linked() -> None:
    assert facts(replace(PAGE, home=""))["commit"] == {"text": COMMIT[:10], "url": ""}
    assert facts(replace(PAGE, commit=""))["commit"] == {"text": "", "url": ""}


def test_texts_are_texts_and_secrets_are_masked() -> None:
    masking.register("s3cret-value")
    evil = Finding(
        rule="<b>", severity=Severity.HIGH, title="<script>alert(1)</script>", path="s3cret-value/<i>.py", line=1
    )
    policy, _ = sample_pages.judged()
    sighting = Sighting(seen=1, expected=1, unit="files", alive=True, findings=(evil,))
    judged = (verdict_of(Answer(scan="semgrep", sighting=sighting, notes=("s3cret-value",)), policy),)
    text = page(NAME, PAGE.facts(policy, judged, (), "1 scan")).decode()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "s3cret" not in text


def test_nothing_found_is_said() -> None:
    policy, judged = sample_pages.judged()
    clean = [one for one in judged if one.scan == "sbom"]
    text = page(NAME, PAGE.facts(policy, clean, (), "1 scan: 1 clean")).decode()
    assert "Nothing was found." in text
    assert "Waivers" not in text


def test_five_thousand_findings_are_a_page_of_less_than_three_megabytes() -> None:
    policy, _ = sample_pages.judged()
    found = tuple(
        Finding(rule=f"R{number}", severity=Severity.HIGH, title="a title of usual length", path="src/a.py", line=1)
        for number in range(5000)
    )
    sighting = Sighting(seen=1, expected=1, unit="files", alive=True, findings=found)
    judged = (verdict_of(Answer(scan="semgrep", sighting=sighting), policy),)
    made = page(NAME, PAGE.facts(policy, judged, (), "1 scan"))
    assert made.count(b"<li>") == 5000
    assert len(made) < 3_000_000


def test_the_page_is_written_also_where_the_scans_refuse(sample: Sample) -> None:
    sample["bandit"].findings = [finding("B602", path="app.py", line=2)]
    written: list[bytes] = []
    output = HtmlOutput(
        path=Path("out.html"), page=PAGE, render=lambda found: page(NAME, found), write=written.append
    )
    assert sample.verify(outputs=[output]) is not None
    assert "out.html: the report as a page" in sample.said
    assert b"B602" in written[0]
    sample.verify(json_lines=True, outputs=[output])
    assert sample.lines[-1]["outputs"]["html"] == "out.html"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], HtmlOutput]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shipit.gates.outside, "tracked_files", lambda _: ("app.py",))
    lay_out_git_folder(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')

    def make(name: str) -> HtmlOutput:
        project = open_project(tmp_path)
        scans = security_scans(project, UsersTree(tmp_path), (), lambda: (), no_login)
        return html_output(project, scans, Path(name), "https://forge.example/acme/acme", Path("new/x.sarif"))

    return make


@pytest.mark.parametrize(("code", "commit"), [(0, COMMIT), (128, "")])
def test_it_names_the_commit_if_there_is_one(
    place: Callable[[str], HtmlOutput], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, commit: str
) -> None:
    done = process.Finished((), code, f"{COMMIT}\n".encode(), "")
    monkeypatch.setattr(process, "run", lambda *_, **__: done)
    output = place("new/out.html")
    assert output.page.commit == commit
    assert output.page.project == "acme"
    output.write(output.render(output.page.facts(*sample_pages.judged(), (), "")))
    assert (tmp_path / "new/out.html").read_text().startswith("<!DOCTYPE html>")


def test_a_tracked_file_is_not_overwritten(place: Callable[[str], HtmlOutput]) -> None:
    with pytest.raises(UsageError, match="tracked by git") as raised:
        place("app.py")
    assert raised.value.where == "--html app.py"


@pytest.mark.parametrize("name", ["new/x.sarif", "new/./x-2.sarif", "new/x-unsuccessful.sarif"])
def test_the_page_does_not_go_over_the_sarif_of_the_same_run(place: Callable[[str], HtmlOutput], name: str) -> None:
    with pytest.raises(UsageError, match="where --sarif writes") as raised:
        place(name)
    assert raised.value.where == f"--html {Path(name)}"
