"""The real cyclonedx-py and npm on the seeded sample."""

import json
from pathlib import Path

from tests.contract.scanners.conftest import Make, scan


def test_facts_16_and_17_both_sboms_list_all_that_is_installed_and_locked(make: Make, tmp_path: Path) -> None:
    found = scan(make("sbom"))
    assert (found.seen, found.expected, found.alive, found.fault) == (6, 6, True, "")
    assert found.findings == ()
    reports = tmp_path / "a tree" / "reports"
    python = json.loads((reports / "sbom-python.cdx.json").read_text("utf-8"))
    assert sorted(one["name"] for one in python["components"]) == ["flask", "gnuish", "mitish", "nobodys", "seeded"]
    assert (python["bomFormat"], python["specVersion"]) == ("CycloneDX", "1.6")
    node = json.loads((reports / "sbom-node-web.cdx.json").read_text("utf-8"))
    assert [one["name"] for one in node["components"]] == ["ms"]


def test_fact_16_dependencies_of_node_without_a_lock_are_a_fault(make: Make, tmp_path: Path) -> None:
    old = tmp_path / "a tree" / "reports" / "sbom-node.cdx.json"
    old.parent.mkdir(parents=True)
    old.write_text("of an earlier run", "utf-8")
    found = scan(make("sbom", {"package.json": '{"dependencies": {"ms": "2.1.3"}}'}))
    assert (found.seen, found.alive) == (0, False)
    assert found.fault == ".: package.json has no tracked lock"
    assert not old.exists()


def test_a_lock_with_optional_and_peer_packages_that_nothing_needs_any_more_is_whole(make: Make) -> None:
    spare = {f"node_modules/{name}": {"version": "1.0.0", name: True} for name in ("optional", "peer")}
    root = {"name": "x", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}
    entries = {"": root, "node_modules/ms": {"version": "2.1.3"}, **spare}
    lock = json.dumps({"name": "x", "lockfileVersion": 3, "packages": entries})
    found = scan(make("sbom", {"package.json": json.dumps(root), "package-lock.json": lock}))
    assert (found.seen, found.expected, found.alive, found.fault) == (1, 1, True, "")


def test_sboms_of_folders_whose_names_differ_in_a_dash_alone_are_two(make: Make, tmp_path: Path) -> None:
    files = {}
    for place in ("a/b", "a-b"):
        root = {"name": place.replace("/", "."), "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}
        entries = {"": root, "node_modules/ms": {"version": "2.1.3"}}
        files[f"{place}/package.json"] = json.dumps(root)
        files[f"{place}/package-lock.json"] = json.dumps({"lockfileVersion": 3, "packages": entries})
    assert scan(make("sbom", files)).seen == 2
    assert len([*(tmp_path / "a tree" / "reports").glob("sbom-node-a-b-*.cdx.json")]) == 2


def test_fact_16_a_lock_that_npm_does_not_take_is_a_fault(make: Make) -> None:
    lock = '{"name": "x", "lockfileVersion": 3, "packages": {"": {"dependencies": {"ms": "1"}}}}'
    found = scan(make("sbom", {"package.json": '{"dependencies": {"ms": "1"}}', "package-lock.json": lock}))
    assert found.fault.startswith(".: npm printed no")
