"""SBOMs: what they must list, and npm's lock that says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners.node_lock import folders, read
from shipit.adapters.scanners.running import Unreadable
from shipit.adapters.scanners.sbom import Listing, Sbom, compared, joined, node_argv, part, python_argv, suffixes
from shipit.errors import UsageError
from tests.unit.adapters.scanners.conftest import Tree

SERIAL = "urn:uuid:8430d855-c9ea-4110-95bc-9b7a16bc6cf2"
FLASK = {"name": "Flask", "version": "1.0", "purl": "pkg:pypi/flask@1.0", "bom-ref": "f"}
CANARY = {"name": "shipit-canary", "version": "0.0.1", "bom-ref": "c"}


def sbom(*components: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": SERIAL,
        "components": list(components),
        "dependencies": [{"ref": one["bom-ref"]} for one in components],
        **changed,
    }


def python(found: dict[str, Any], *wanted: tuple[str, str], lacking: str = "") -> Listing:
    return compared(found, frozenset(wanted), lacking, ("x",), canary=True)


def test_the_command_lines_ask_nobody() -> None:
    assert node_argv()[:3] == ("npm", "sbom", "--package-lock-only")
    assert "--offline" in node_argv()
    words = ("cyclonedx_py", "environment", "--output-format", "JSON", "--spec-version", "1.6", "/p")
    assert python_argv(Path("/p"))[-7:] == words


def test_a_whole_sbom_is_written_without_the_canary_and_addresses_of_this_machine() -> None:
    own = {**FLASK, "externalReferences": [{"url": "file:///home/me"}, {"url": "https://x"}]}
    listing = python(sbom(own, CANARY), ("flask", "1.0"))
    assert (listing.seen, listing.expected, listing.alive, listing.fault) == (1, 1, True, "")
    written = json.loads(listing.text)
    assert [one["name"] for one in written["components"]] == ["Flask"]
    assert written["components"][0]["externalReferences"] == [{"url": "https://x"}]
    assert written["dependencies"] == [{"ref": "f"}]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://u:pw@host/x.whl", "https://host/x.whl"),
        ("git+https://pw@host/x.git@v1", "git+https://host/x.git@v1"),
        ("https://u:p%2Fw@host/x", "https://host/x"),
        (
            "pkg:npm/x@1?vcs_url=git%2Bhttps%3A%2F%2Fu%3Apw%40host%2Fx",
            "pkg:npm/x@1?vcs_url=git%2Bhttps%3A%2F%2Fhost%2Fx",
        ),
        ("git+ssh://git@host/x.git", "git+ssh://git@host/x.git"),
        ("https://host/@scope/x", "https://host/@scope/x"),
    ],
)
def test_a_password_in_an_address_is_not_in_an_sbom(address: str, written: str) -> None:
    own = {**FLASK, "externalReferences": [{"url": address}]}
    text = python(sbom(own, CANARY), ("flask", "1.0")).text
    assert json.loads(text)["components"][0]["externalReferences"] == [{"url": written}]


def test_what_is_not_listed_is_named() -> None:
    listing = python(sbom(CANARY), ("flask", "1.0"))
    assert (listing.seen, listing.fault) == (0, "not in the SBOM: flask 1.0")
    assert not python(sbom(FLASK), ("flask", "1.0")).alive
    assert python(sbom(FLASK, CANARY), ("flask", "1.0"), lacking="no rich").fault == "no rich"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"specVersion": "0.9"}, "this is no CycloneDX that shipit knows: version 0.9"),
        ({"bomFormat": "SPDX"}, "this is no CycloneDX"),
        ({"serialNumber": "1"}, "the SBOM has no serial number"),
    ],
)
def test_the_schema_and_the_serial_number_are_checked(changed: dict[str, str], fault: str) -> None:
    assert python(sbom(FLASK, CANARY, **changed), ("flask", "1.0")).fault.startswith(fault)


@pytest.mark.parametrize("components", [[1], [None], "x", [{"externalReferences": 1}]])
def test_an_sbom_of_another_shape_is_none(components: Any) -> None:
    with pytest.raises(Unreadable, match="another shape"):
        python(sbom(components=components))


def test_a_name_of_npm_keeps_its_scope() -> None:
    assert part({"name": "core", "group": "@babel", "version": "7", "purl": "pkg:npm/%40babel/core@7"}) == (
        "@babel/core",
        "7",
    )
    assert part({"name": "@babel/core", "version": "7", "purl": "pkg:npm/%40babel/core@7"})[0] == "@babel/core"


def test_a_node_sbom_is_alive_when_it_lists_all_of_the_lock() -> None:
    ms = {"name": "ms", "version": "2.1.3", "purl": "pkg:npm/ms@2.1.3", "bom-ref": "m"}
    wanted = frozenset({("ms", "2.1.3")})
    assert compared(sbom(ms), wanted, "", (), canary=False).alive
    assert not compared(sbom(), wanted, "", (), canary=False).alive


def test_several_sboms_are_one_sighting() -> None:
    one = Listing(seen=1, expected=1, alive=True, command=("a",))
    found = joined([one, Listing(expected=2, fault="no lock")])
    assert (found.seen, found.expected, found.alive, found.fault) == (1, 3, False, "no lock")
    assert found.commands == (("a",),)


def test_a_lock_is_needed_where_a_package_names_dependencies(tree: Tree) -> None:
    needs = '{"dependencies": {"ms": "1"}}'
    settings = tree({
        "package.json": "{}", "web/package.json": needs, "web/sub/package.json": needs,
        "web/package-lock.json": "{}",
        "old/package.json": needs, "bad/package.json": "[",
        "node_modules/x/package-lock.json": "{}",
    })  # fmt: skip
    assert folders(settings.tree, settings.tracked) == ["bad", "old", "web"]


def test_fact_15_a_lock_without_dependencies_is_nothing_to_scan(tree: Tree) -> None:
    lock = json.dumps({"packages": {"": {"name": "x"}}})
    settings = tree({"package.json": "{}", "package-lock.json": lock})
    assert folders(settings.tree, settings.tracked) == []
    settings = tree({"package.json": '{"dependencies": {"ms": "1"}}', "package-lock.json": lock})
    assert folders(settings.tree, settings.tracked) == [""]


def test_a_lock_above_is_for_its_workspaces_too(tree: Tree) -> None:
    settings = tree({"package-lock.json": "{}", "web/package.json": '{"dependencies": {"ms": "1"}}'})
    assert folders(settings.tree, settings.tracked) == [""]


def test_a_package_below_a_lock_that_does_not_have_it_needs_a_lock_of_its_own(tree: Tree) -> None:
    lock = json.dumps({"packages": {"": {}, "node_modules/ms": {"version": "1"}, "packages/a": {"version": "1"}}})
    needs = '{"dependencies": {"ms": "1"}}'
    settings = tree({
        "package.json": needs, "package-lock.json": lock,
        "packages/a/package.json": needs, "web/package.json": needs,
    })  # fmt: skip
    assert folders(settings.tree, settings.tracked) == ["", "web"]


def test_there_is_nothing_where_neither_python_nor_node_names_a_dependency(tree: Tree) -> None:
    assert Sbom(tree({"package.json": "{}"})).nothing().endswith("git tracks no package.json with dependencies")
    assert not Sbom(tree({"package-lock.json": "{}"})).nothing()


def test_the_lock_tells_packages_but_not_the_project_and_its_workspaces(tree: Tree) -> None:
    lock = {
        "packages": {
            "": {"name": "x", "version": "1"},
            "web": {"version": "1"},
            "node_modules/web": {"link": True},
            "node_modules/ms": {"version": "2.1.3"},
            "node_modules/a/node_modules/@s/b": {"version": "1.0.0"},
            "node_modules/alias": {"name": "real", "version": "3.0.0"},
        }
    }
    settings = tree({"package-lock.json": json.dumps(lock)})
    assert read(settings.tree, settings.tracked, "") == {("ms", "2.1.3"), ("@s/b", "1.0.0"), ("real", "3.0.0")}


def lock_of(tree: Tree, root: dict[str, Any], **packages: dict[str, Any]) -> frozenset[tuple[str, str]]:
    """What a lock with these packages says; `a__b` is `b` in the node_modules of `a`."""
    entries = {f"node_modules/{name.replace('__', '/node_modules/')}": one for name, one in packages.items()}
    settings = tree({"package-lock.json": json.dumps({"packages": {"": root, **entries}})})
    return read(settings.tree, settings.tracked, "")


def test_an_optional_or_peer_package_that_nothing_leads_to_is_not_expected(tree: Tree) -> None:
    found = lock_of(
        tree,
        {"dependencies": {"ms": "2"}, "devDependencies": 1},
        ms={"version": "2", "peerDependencies": {"kept": "1"}, "optionalDependencies": {"deep": "1", "gone": "1"}},
        kept={"version": "1", "peer": True},
        ms__deep={"version": "1", "optional": True, "dependencies": {"again": "1", "ms": "2"}},
        again={"version": "1", "optional": True},
        lost={"version": "1", "optional": True, "dependencies": {"more": "1"}},
        more={"version": "1", "devOptional": True},
        peer={"version": "1", "peer": True},
        plain={"version": "1"},
    )
    assert {name for name, _ in found} == {"ms", "kept", "deep", "again", "plain"}


def test_what_a_workspace_needs_is_expected(tree: Tree) -> None:
    lock = {"packages": {"": {}, "web": {"dependencies": {"ms": "2"}}, "node_modules/ms": {"optional": True}}}
    settings = tree({"package-lock.json": json.dumps(lock)})
    assert read(settings.tree, settings.tracked, "") == {("ms", "")}


def test_each_folder_has_an_sbom_of_its_own_though_names_would_be_the_same() -> None:
    assert suffixes(["", "web", "my/app"]) == {"": "", "web": "-web", "my/app": "-my-app"}
    found = suffixes(["a/b", "a-b", "A-b", "web"])
    assert len({name.casefold() for name in found.values()}) == 4
    assert found["web"] == "-web"
    assert found == suffixes(["web", "A-b", "a-b", "a/b"])


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"package.json": ""}, "package.json has no tracked lock"),
        ({"package.json": "", "yarn.lock": ""}, "npm does not read yarn.lock"),
        ({"package-lock.json": "{}"}, "has no `packages`"),
        ({"package-lock.json": "["}, "has no `packages`"),
        ({"package-lock.json": '{"packages": {"": 1}}'}, "has no `packages`"),
    ],
)
def test_without_a_lock_that_npm_reads_nothing_is_known(tree: Tree, files: dict[str, str], why: str) -> None:
    settings = tree(files)
    with pytest.raises(Unreadable, match=why):
        read(settings.tree, settings.tracked, "")


def test_sboms_of_an_earlier_run_are_gone_though_npm_is_missing_and_a_link_is_not_followed(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise UsageError("`npm` is not installed")

    monkeypatch.setattr("shipit.adapters.scanners.sbom.run", missing)
    lock = json.dumps({"packages": {"": {}, "node_modules/ms": {"version": "1"}}})
    settings = tree({"package-lock.json": lock, "kept.json": "mine", "reports/sbom-node.cdx.json": "old"})
    (tmp_path / "reports/sbom-python.cdx.json").symlink_to(tmp_path / "kept.json")
    with pytest.raises(UsageError):
        Sbom(settings).scan(lambda _: None)
    assert list((tmp_path / "reports").iterdir()) == []
    assert (tmp_path / "kept.json").read_text() == "mine"
