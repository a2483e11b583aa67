"""Where findings are shown: at their own line, or at the file that names their dependency."""

import pytest

from shipit.scans.sarif.fingerprints import line_hashes
from shipit.scans.sarif.log import Region
from shipit.scans.sarif.sources import Sources, is_relative, location, uri
from tests.unit.scans.conftest import finding
from tests.unit.scans.sarif.sample import FILES, sources


@pytest.mark.parametrize(
    ("scan", "path", "line", "package", "place"),
    [
        ("bandit", "app.py", 3, "", ("app.py", 3)),
        ("bandit", "app.py", 0, "", ("app.py", 0)),
        ("trufflehog", "gone.py", 0, "", ("gone.py", 0)),
        ("pip-audit", "requirements.txt", 0, "django", ("requirements.txt", 1)),
        ("pip-audit", "requirements.txt", 0, "flask", ("requirements.txt", 0)),
        ("pip-audit", "requirements.txt", 2, "django", ("requirements.txt", 2)),
        ("pip-audit", "", 0, "markup-safe", ("requirements.txt", 0)),
        ("pip-audit", "", 0, "mark.up-safe", ("requirements.txt", 2)),
        ("pip-licenses", "", 0, "flask", ("pyproject.toml", 2)),
        ("pip-licenses", "", 0, "fla", ("requirements.txt", 0)),
        ("pip-licenses", "", 0, "-", ("requirements.txt", 0)),
        ("npm-audit", "web/package-lock.json", 0, "ms", ("web/package-lock.json", 2)),
        ("npm-audit", "", 0, "ms", ("web/package-lock.json", 2)),
        ("trivy", "", 0, "debian", ("docs/Dockerfile", 0)),
        ("codeql", "/elsewhere/x.py", 3, "", ("requirements.txt", 0)),
        ("codeql", "../x.py", 3, "", ("requirements.txt", 0)),
    ],
)
def test_a_finding_has_a_place_in_the_repository(
    scan: str, path: str, line: int, package: str, place: tuple[str, int]
) -> None:
    assert sources().place(scan, finding(path=path, line=line, package=package)) == place


def test_without_a_file_that_names_dependencies_it_is_the_first_that_there_is() -> None:
    assert sources({"b.txt": "", "a.txt": ""}).place("trivy", finding(package="x")) == ("b.txt", 0)
    assert sources({}).place("trivy", finding(package="x")) == ("pyproject.toml", 0)


def test_fingerprints_are_those_of_the_lines_and_of_tracked_files_alone() -> None:
    known = sources()
    assert known.fingerprint("app.py", 3) == line_hashes(FILES["app.py"])[2]
    assert known.fingerprint("app.py", 99) == known.fingerprint("other.py", 1) == ""
    assert known.line("app.py", 3) == "call(x)"
    assert known.line("app.py", 0) == known.line("app.py", 99) == ""


def test_a_file_is_read_once() -> None:
    asked: list[str] = []

    def read(path: str) -> str:
        asked.append(path)
        return "x"

    known = Sources({"a": None}, read)
    assert [known.text("a"), known.line("a", 1), known.fingerprint("a", 1)[-2:]] == ["x", "x", ":1"]
    assert asked == ["a"]


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("a b/m%20.py", "a%20b/m%2520.py"),
        ("c:/x#y?z", "c%3A/x%23y%3Fz"),
        ("\udcff", "%FF"),
        ("\ud800", "%3F"),
        ("\N{LATIN SMALL LETTER A WITH DIAERESIS}", "%C3%A4"),
    ],
)
def test_an_address_is_percent_encoded(path: str, address: str) -> None:
    assert uri(path) == address
    physical = location(path, Region(start_line=1)).physical_location
    assert (physical.artifact_location.uri, physical.artifact_location.uri_base_id) == (address, "%SRCROOT%")


def test_only_a_path_below_the_top_is_relative() -> None:
    assert [is_relative(path) for path in ("a/b", "", "/a", "../a", "a/../../b")] == [True] + [False] * 4
