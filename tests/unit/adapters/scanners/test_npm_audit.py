"""npm audit: the copy of the lock that it is asked about, and what its answers are worth."""

import json
from typing import Any

import pytest

from shipit.adapters.scanners.npm_audit import Lock, NpmAudit, argv, copy, load, planted_lock, read
from shipit.adapters.scanners.running import Unreadable
from shipit.scans.model import Finding, Severity
from tests.unit.adapters.scanners.conftest import Tree, ended

PACKAGES = {
    "": {"name": "x"},
    "node_modules/ms": {"version": "2.0.0"},
    "node_modules/a/node_modules/ms": {"version": "1.0.0"},
}
LOCK = Lock(place="web", file="package-lock.json", content={"packages": PACKAGES})
CANARY = "node_modules/shipit-canary"


def vulnerability(name: str, *nodes: str, **changed: Any) -> dict[str, Any]:
    """As npm 11 writes it."""
    url = "https://github.com/advisories/GHSA-aaaa-bbbb-cccc"
    via = {"source": 1, "name": name, "title": f"{name} is bad", "url": url, "severity": "moderate"}
    return {"name": name, "via": ["other", via], "nodes": [*nodes], "fixAvailable": False, **changed}


def report(*found: dict[str, Any], total: int = 3) -> dict[str, Any]:
    every = {f"{number}": one for number, one in enumerate(found)}
    return {"vulnerabilities": every, "metadata": {"dependencies": {"total": total}}}


def test_fact_15_a_configured_offline_is_overruled() -> None:
    assert argv()[:3] == ("npm", "audit", "--json")
    assert "--offline=false" in argv()
    assert "--package-lock-only" in argv()


def test_the_canary_is_added_to_the_lock_and_to_what_the_project_needs() -> None:
    packages = planted_lock({"packages": {"": {"dependencies": {"ms": "1"}}}})["packages"]
    assert packages[CANARY] == {"name": "minimist", "version": "0.0.8"}
    assert packages[""]["dependencies"] == {"ms": "1", "shipit-canary": "npm:minimist@0.0.8"}


def test_the_copy_has_the_registry_that_the_project_names(tree: Tree) -> None:
    settings = tree(
        {"web/package.json": "{}", "web/package-lock.json": json.dumps(LOCK.content), "web/.npmrc": "a=b"}
    )
    lock = load(settings, "web")
    copy(lock, settings, settings.tree / "copy")
    assert (settings.tree / "copy/.npmrc").read_text("utf-8") == "a=b"
    assert CANARY in json.loads((settings.tree / "copy/package-lock.json").read_text("utf-8"))["packages"]
    assert lock.versions == LOCK.versions


@pytest.mark.parametrize("package", ["[", "[]"])
def test_a_package_json_that_is_none_is_a_fault(tree: Tree, package: str) -> None:
    settings = tree({"package.json": package, "package-lock.json": json.dumps(LOCK.content)})
    with pytest.raises(Unreadable, match=r"package\.json or package-lock\.json cannot be read"):
        copy(load(settings, ""), settings, settings.tree / "copy")


def test_a_lock_whose_dependencies_are_a_list_is_a_fault(tree: Tree) -> None:
    lock = json.dumps({"packages": {"": {"dependencies": ["x"]}, "node_modules/x": {"version": "1"}}})
    settings = tree({"package.json": "{}", "package-lock.json": lock})
    with pytest.raises(Unreadable, match=r"package-lock\.json cannot be read"):
        copy(load(settings, ""), settings, settings.tree / "copy")


def test_there_is_nothing_where_no_package_names_a_dependency(tree: Tree) -> None:
    assert NpmAudit(tree({"package.json": "{}"})).nothing() == "git tracks no package.json with dependencies"
    assert not NpmAudit(tree({"package-lock.json": ""})).nothing()


def test_each_locked_version_with_an_advisory_is_a_finding_and_the_canary_is_none() -> None:
    fix = {"name": "ms", "version": "2.1.3", "isSemVerMajor": False}
    ms = vulnerability("ms", "node_modules/ms", "node_modules/a/node_modules/ms", fixAvailable=fix)
    answer = read(ended(report(ms, vulnerability("minimist", CANARY)), 1), LOCK)
    assert (answer.seen, answer.expected, answer.alive) == (2, 2, True)
    assert [(one.version, one.fixed) for one in answer.findings] == [("2.0.0", "2.1.3"), ("1.0.0", "2.1.3")]
    assert answer.findings[0] == Finding(
        rule="GHSA-aaaa-bbbb-cccc", severity=Severity.MEDIUM, title="ms is bad", path="web/package-lock.json",
        package="ms", version="2.0.0", fixed="2.1.3",
    )  # fmt: skip


def test_fact_15_a_report_without_the_canary_saw_nothing() -> None:
    answer = read(ended(report()), LOCK)
    assert (answer.seen, answer.alive, answer.findings) == (0, False, ())


def test_fact_15_what_npm_counts_is_held_against_the_lock() -> None:
    assert read(ended(report(vulnerability("minimist", CANARY), total=2)), LOCK).seen == 1


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ({"message": "connect ECONNREFUSED", "error": {}}, "connect ECONNREFUSED"),
        ({"error": {"code": "ENOLOCK", "summary": "no lock"}}, "no lock"),
        ({"error": None}, "no reason is given"),
        ({"vulnerabilities": {}}, "another shape"),
        (b"", "printed nothing"),
    ],
)
def test_fact_15_an_error_is_told_by_its_text_since_the_exit_code_is_that_of_findings(
    output: Any, why: str
) -> None:
    with pytest.raises(Unreadable, match=why):
        read(ended(output, 1), LOCK)
