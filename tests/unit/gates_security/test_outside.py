"""What the scans of a project are made of: settings for scanners, and where files go."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

import shipit.adapters.scanners
import shipit.gates.outside
from shipit.config import open_project
from shipit.errors import Refused, UsageError
from shipit.gates.outside import UsersTree, security_scans
from shipit.gates.scanning import ask
from shipit.gates.security import SecurityScans
from shipit.scans.model import Finding, Severity
from shipit.scans.settings import ScanSettings
from tests.fakes_scanners import FakeScanner
from tests.unit.memory import lay_out_git_folder

PYPROJECT = """[project]
name = "acme"
version = "1.0.0"

[tool.shipit]
reports = "out/reports"

[tool.shipit.security]
scans = ["bandit", "trivy"]
licenses = ["MIT"]
timeout = 2
codeql-sarif = "out/codeql.sarif"
baseline = "known/base.json"
"""

Make = Callable[[], SecurityScans]


def login(host: str) -> AbstractContextManager[Mapping[str, str | None]]:
    """Plays scans.settings.RegistryLogin."""
    return nullcontext({"DOCKER_CONFIG": f"/logins/{host}"})


@pytest.fixture
def seen() -> list[ScanSettings]:
    return []


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: list[ScanSettings]) -> Make:
    def scanner(name: str, settings: ScanSettings) -> FakeScanner:
        seen.append(settings)
        return FakeScanner(name=name)

    lay_out_git_folder(tmp_path)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    tree = tmp_path / "clone"
    tree.mkdir()
    monkeypatch.setattr(shipit.gates.outside, "tracked_files", lambda top: (f"{top.name}.py",))
    monkeypatch.setattr(shipit.adapters.scanners, "scanner", scanner)
    project = open_project(tmp_path)
    return lambda: security_scans(
        project, UsersTree(tree, "t" * 40), {"GH_TOKEN"}, lambda: (("web", "r.test/w:1"),), login
    )


def test_a_scanner_gets_the_tree_and_what_the_configuration_says(
    make: Make, tmp_path: Path, seen: list[ScanSettings]
) -> None:
    scans = make()
    assert [one.name for one in scans.scanners(["bandit", "trivy"])] == ["bandit", "trivy"]
    settings = seen[1]
    assert (settings.tree, settings.tracked) == (tmp_path / "clone", ("clone.py",))
    assert (settings.licenses, settings.timeout, settings.project_name) == (("MIT",), 120, "acme")
    assert settings.codeql_sarif == tmp_path / "out/codeql.sarif"
    assert settings.reports == tmp_path / "out/reports"
    assert settings.images == (("web", "r.test/w:1"),)
    assert settings.login is login
    assert (settings.environment["GH_TOKEN"], settings.environment["GIT_DIR"]) == (None, None)
    assert (scans.tree, scans.tracked, scans.id) == (settings.tree, settings.tracked, "t" * 40)
    assert scans.report == tmp_path / "out/reports/security.json"


def test_images_are_asked_for_only_where_they_are_scanned(make: Make, seen: list[ScanSettings]) -> None:
    make().scanners(["bandit"])
    assert seen[0].images == ()


def test_a_scanner_that_cannot_be_made_has_not_run_and_the_others_have(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scanner(name: str, settings: ScanSettings) -> FakeScanner:
        if name == "trivy":
            raise UsageError("there is no scan named trivy")
        return FakeScanner(name=name)

    monkeypatch.setattr(shipit.adapters.scanners, "scanner", scanner)
    bandit, trivy = make().scanners(["bandit", "trivy"])
    assert ask(bandit).sighting is not None
    assert ask(trivy).missing == "there is no scan named trivy"


def test_the_folder_of_reports_is_made_as_one_that_git_ignores_and_others_are_not(
    make: Make, tmp_path: Path
) -> None:
    scans = make()
    for data in (b"one", b"two"):
        scans.scanners([])
        scans.write(scans.report, data)
        assert scans.report.read_bytes() == data
    scans.write(tmp_path / "known" / "base.json", b"three")
    assert (tmp_path / "out/reports/.gitignore").read_text() == "*\n"
    assert [path.name for path in (tmp_path / "known").iterdir()] == ["base.json"]


def test_sboms_of_an_earlier_run_are_gone_before_the_scan_asks_whether_there_is_anything_to_list(
    make: Make, tmp_path: Path
) -> None:
    scans = make()
    scans.scanners([])
    old = tmp_path / "out/reports/sbom-python.cdx.json"
    old.write_text("of an earlier run")
    scans.scanners(["bandit"])
    assert old.exists()
    scans.scanners(["sbom"])
    assert not old.exists()


def test_nothing_is_written_through_a_link_that_leads_out_of_the_repository(
    make: Make, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (tmp_path / "out").symlink_to(elsewhere)
    scans = make()
    for attempt in (lambda: scans.write(scans.report, b"x"), lambda: scans.scanners(["bandit"])):
        with pytest.raises(Refused, match="leads out of the repository"):
            attempt()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("odd", [{"rule": []}, {"title": None}, {"line": "\ud800"}, {"aliases": (7,)}])
def test_a_finding_of_another_shape_is_a_report_that_cannot_be_read(odd: Mapping[str, object]) -> None:
    fields = {"rule": "R1", "severity": Severity.LOW, "title": "x", **odd}
    odd_one = Finding(**fields)  # type: ignore[arg-type]
    answer = ask(FakeScanner(name="bandit", findings=(odd_one,)))
    assert answer.sighting is None
    assert answer.failure == "its report is of another shape"
