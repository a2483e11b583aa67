"""CodeQL's report in a real work tree, and seen from a clone of it: what it is of is decided by git."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.adapters.scanners import scanner
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings
from tests.support.fake_scanners import codeql_report
from tests.support.repository import Repository

Scan = Callable[..., Sighting]
LATER = 4_000_000_000


class Place:
    def __init__(self, folder: Path) -> None:
        self.here = Repository(folder / "here")
        self.report = self.here.top / "reports" / "codeql.sarif"
        self.report.parent.mkdir()
        self.write("app.py", "print('hello')\n")
        self.commit = self.here.commit("feat: begin")
        self.said: list[str] = []

    def write(self, name: str, text: str) -> None:
        (self.here.top / name).write_text(text)
        self.here.git("add", name)

    def left(self, commit: str | None = None, at: int = LATER) -> None:
        """The report as the action left it; with an empty commit it names none."""
        text = codeql_report(self.commit if commit is None else commit, ("app.py", 1))
        self.report.write_text(text)
        os.utime(self.report, (at, at))

    def scan(self, tree: Path | None = None) -> Sighting:
        top = tree or self.here.top
        settings = ScanSettings(
            tree=top,
            tracked=("app.py",),
            licenses=(),
            codeql_sarif=self.report,
            images=(),
            project_name="seeded",
            timeout=60,
            environment={},
        )
        return scanner("codeql", settings).scan(self.said.append)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_report_of_this_commit_is_read_even_where_its_file_is_old(place: Place) -> None:
    place.left(at=1)
    found = place.scan()
    assert (found.seen, found.expected, found.alive, found.fault) == (1, 1, True, "")
    [one] = found.findings
    assert (one.path, one.line, one.severity.value) == ("app.py", 1, "critical")
    place.write("app.py", "print('changed')\n")
    assert place.scan().fault == "changed since CodeQL looked: app.py"


def test_the_report_of_another_commit_is_a_fault(place: Place) -> None:
    place.left()
    old, place.commit = place.commit, place.here.commit("feat: more")
    assert place.scan().fault == f"the report is of commit {old[:10]}, not of {place.commit[:10]}"


def test_a_report_that_names_no_commit_must_be_newer_than_it_and_than_the_code(place: Place) -> None:
    place.left("")
    assert place.scan().fault == ""
    place.left("", at=1)
    assert place.scan().fault == (
        "the report names no commit, and is older than this one; changed since CodeQL looked: app.py"
    )


def test_from_a_clone_the_work_tree_of_the_report_counts_and_not_the_age_of_the_clones_files(
    place: Place, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    place.here.git("clone", "--quiet", str(place.here.top), str(clone))
    place.left("")
    assert place.scan(clone).fault == ""
    place.write("app.py", "print('changed')\n")
    place.left("")
    assert place.scan().fault == ""
    assert place.scan(clone).fault == "changed since CodeQL looked: app.py"


def test_a_folder_has_a_report_for_each_language(place: Place) -> None:
    place.left()
    place.report.rename(place.report.with_name("python.sarif"))
    place.report = place.report.parent
    assert place.scan().alive


def test_the_files_that_were_read_are_said_where_the_report_names_them(place: Place) -> None:
    place.left()
    listing = (
        '"toolExecutionNotifications": [{"descriptor": {"id": "py/diagnostics/successfully-extracted-files"}, '
    )
    places = '"locations": [{"physicalLocation": {"artifactLocation": {"uri": "app.py"}}}]}]'
    text = place.report.read_text()
    place.report.write_text(text.replace('"toolExecutionNotifications": []', listing + places))
    place.scan()
    assert place.said == ["CodeQL names 1 of 1 files of code as read"]
