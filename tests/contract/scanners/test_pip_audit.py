"""The real pip-audit with a stand-in of its advisory service."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shipit.errors import Unavailable
from tests.contract.scanners.conftest import Make, scan
from tests.support import seeded
from tests.support.advisories import CVE, GHSA, Advisories, served


@pytest.fixture
def service() -> Iterator[Advisories]:
    with served(seeded.VULNERABLE) as advisories:
        yield advisories


def at(service: Advisories) -> dict[str, str | None]:
    return {"PIP_AUDIT_OSV_URL": service.url}


def test_it_finds_the_advisory_of_an_installed_package(make: Make, service: Advisories) -> None:
    found = scan(make("pip-audit", variables=at(service)))
    assert (found.seen, found.expected, found.alive, found.fault) == (4, 4, True, "")
    assert found.tool == "pip-audit 2.10.1"
    [one] = found.findings
    assert (one.rule, one.aliases, one.package, one.version, one.fixed) == (CVE, (GHSA,), "flask", "1.2.4", "1.2.5")
    assert one.title == "flask believes too much"


def test_fact_13_the_projects_own_name_is_sent_to_nobody(make: Make, service: Advisories) -> None:
    scan(make("pip-audit", variables=at(service)))
    assert sorted(service.asked) == [
        ("django", "1.2"), ("flask", "1.2.4"), ("gnuish", "2.0"), ("mitish", "3.0"), ("nobodys", "0.1"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}"])
def test_a_service_that_knows_nothing_does_not_find_the_canary(
    make: Make, service: Advisories, body: bytes
) -> None:
    service.body = body
    found = scan(make("pip-audit", variables=at(service)))
    assert not found.alive
    assert found.findings == ()


def test_fact_13_a_service_that_is_down_is_a_fault(make: Make) -> None:
    found = scan(make("pip-audit", variables={"PIP_AUDIT_OSV_URL": "http://127.0.0.1:9/v1/query"}))
    assert (found.seen, found.alive) == (0, False)
    assert found.fault.startswith("pip-audit printed nothing and ended with exit code 1: ")


def test_a_service_that_fails_is_a_fault(make: Make, service: Advisories) -> None:
    service.status = 500
    found = scan(make("pip-audit", variables=at(service)))
    assert not found.alive
    assert found.fault.startswith("pip-audit printed nothing and ended with exit code 1: ")


def test_a_service_that_is_slow_is_unavailable(make: Make, service: Advisories) -> None:
    service.delay = 30
    with pytest.raises(Unavailable, match="did not end within 4 s"):
        scan(make("pip-audit", variables=at(service), timeout=4))


def test_an_environment_without_the_projects_dependencies_is_a_fault(make: Make, service: Advisories) -> None:
    found = scan(make("pip-audit", packages={"nobodys": {"Version": "0.1"}}, variables=at(service)))
    assert found.fault.startswith("flask is not installed, gnuish is not installed in ")


def test_fact_12_pins_of_requirements_files_are_asked_about_as_shipit_reads_them(
    make: Make, service: Advisories
) -> None:
    files = {
        **seeded.files(),
        "requirements.txt": "-r deps/base.txt\n-e .\nonly-here==1.0\nwinly==1 ; sys_platform == 'win32'\n",
        "deps/base.txt": "flask==1.0.0\n",
        "requirements-empty.txt": "# nothing\n",
    }
    found = scan(make("pip-audit", files, variables=at(service)))
    assert (found.seen, found.expected, found.alive, found.fault) == (6, 6, True, "")
    assert {(one.path, one.version) for one in found.findings} == {("", "1.2.4"), ("deps/base.txt", "1.0.0")}
    assert ("winly", "1") not in service.asked


def test_fact_14_a_project_whose_dependencies_are_dynamic_must_be_installed(
    make: Make, service: Advisories
) -> None:
    project = '[project]\nname = "other"\ndynamic = ["dependencies"]\n'
    found = scan(make("pip-audit", {"pyproject.toml": project}, variables=at(service)))
    assert found.fault.startswith("other is not installed in ")


def test_a_python_that_does_not_answer_is_a_fault_for_all_that_ask_it(make: Make, tmp_path: Path) -> None:
    for name in ("pip-audit", "pip-licenses", "sbom"):
        made = make(name, {"requirements.txt": "flask\n"}, packages={})
        python = tmp_path / "venv" / "bin" / "python"
        python.unlink()
        python.write_text("#!/bin/sh\nexit 3\n", "utf-8")
        python.chmod(0o755)
        found = scan(made)
        assert (found.seen, found.alive) == (0, False)
        assert found.fault == f"{python} could not list its packages, it printed nothing and ended with exit code 3"
        shutil.rmtree(tmp_path / "venv")


def test_a_package_without_a_version_is_a_fault(make: Make, service: Advisories) -> None:
    packages = {"flask": {"Version": "1.2.4"}, "odd": {"Version": "of-yesterday"}}
    found = scan(make("pip-audit", {"requirements.txt": "flask\n"}, packages=packages, variables=at(service)))
    assert found.fault == "packages without a version that can be asked about: odd of-yesterday"
    assert found.alive
