"""Lock files that repeat the version of a version file: which entries change, and that nothing else does."""

import json
import tomllib
from collections.abc import Mapping

import pytest

from shipit.errors import Refused, Stop
from shipit.versioning.version_files import rewritten

UV = """\
version = 1

[[package]]
name = "elsewhere"
version = "1.0.0"
source = { registry = "https://index.invalid/simple" }

[[package]]
name = "my-acme"
version = "1.0.0"
source = { editable = "." }
dependencies = [{ name = "elsewhere" }]

[[package]]
name = "acme-core"
version = "1.0.0"
source = { editable = "packages/core" }
"""
CARGO = """\
version = 3

[[package]]
name = "acme"
version = "1.0.0"
dependencies = ["acme-core", "serde"]

[[package]]
name = "acme-core"
version = "1.0.0"

[[package]]
name = "other"
version = "1.0.0"

[[package]]
name = "serde"
version = "1.0.0"
source = "registry+https://index.invalid"
"""
NPM = {
    "name": "acme",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "acme", "version": "1.0.0", "dependencies": {"left": "1.0.0"}},
        "node_modules/left": {"version": "1.0.0"},
        "packages/core": {"name": "core", "version": "1.0.0"},
    },
}
TOP = '[project]\nname = "My.Acme"\nversion = "1.0.0"\n'
CORE = TOP.replace("My.Acme", "Acme_Core")
PACKAGE = '{"name": "acme", "version": "1.0.0"}\n'


def locked(location: str, files: Mapping[str, str], version: str = "1.1.0-rc.1") -> dict[str, str]:
    """The lock files that change with this location."""
    changed = rewritten([location], files.get, version)
    return {path: text for path, text in changed.items() if path != location.rpartition(":")[0]}


def told(stop: Stop) -> str:
    return "\n".join([stop.what, stop.where or "", *stop.evidence, stop.hint or ""])


@pytest.mark.parametrize("source", ["editable", "virtual", "directory"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_the_own_entry_of_uv_lock_changes(source: str, ending: str) -> None:
    text = UV.replace("editable", source).replace("\n", ending)
    at = text.index('"1.0.0"', text.index("my-acme"))
    expected = text[:at] + '"1.1.0rc1"' + text[at + len('"1.0.0"') :]
    assert locked("pyproject.toml:project.version", {"pyproject.toml": TOP, "uv.lock": text}) == {
        "uv.lock": expected
    }


def test_a_member_of_a_workspace_stands_in_the_lock_of_the_top_and_in_its_own() -> None:
    own = UV.replace('"packages/core"', '"../other"').replace("my-acme", "acme-core", 1)
    files = {"packages/core/pyproject.toml": CORE, "uv.lock": UV, "packages/core/uv.lock": own}
    changed = locked("packages/core/pyproject.toml:project.version", files, "1.1.0")
    assert [line for line in changed["uv.lock"].splitlines() if "1.1.0" in line] == ['version = "1.1.0"']
    assert changed["uv.lock"].index("1.1.0") > changed["uv.lock"].index("acme-core")
    assert changed["packages/core/uv.lock"].count("1.1.0") == 1


def test_a_lock_above_that_does_not_know_the_project_is_anothers() -> None:
    files = {"tools/pyproject.toml": TOP, "uv.lock": UV}
    assert locked("tools/pyproject.toml:project.version", files) == {}


def test_a_lock_file_that_is_right_already_is_no_change() -> None:
    files = {"sub/pyproject.toml": TOP, "sub/uv.lock": UV}
    assert locked("sub/pyproject.toml:project.version", files, "1.0.0") == {}


def test_an_entry_without_a_version_is_left_alone() -> None:
    text = '[[package]]\nname = "my-acme"\nsource = { virtual = "." }\n'
    assert locked("pyproject.toml:project.version", {"pyproject.toml": TOP, "uv.lock": text}) == {}


@pytest.mark.parametrize("text", ["", UV.replace('"."', '"../other"'), UV.replace("my-acme", "renamed")])
def test_a_lock_file_beside_the_project_without_an_entry_for_it_is_refused(text: str) -> None:
    files = {"sub/pyproject.toml": TOP, "sub/uv.lock": text or "version = 1\n"}
    with pytest.raises(Refused) as caught:
        locked("sub/pyproject.toml:project.version", files)
    assert "0 entries of my-acme in this folder" in told(caught.value)
    assert caught.value.where == "sub/uv.lock:package.my-acme.version"
    assert caught.value.hint == "run `uv lock` and commit it"


def test_a_crate_changes_in_cargo_lock_without_others_of_that_version() -> None:
    files = {"Cargo.toml": '[package]\nname = "acme"\nversion = "1.0.0"\n', "Cargo.lock": CARGO}
    text = locked("Cargo.toml:package.version", files)["Cargo.lock"]
    assert text == CARGO.replace('name = "acme"\nversion = "1.0.0"', 'name = "acme"\nversion = "1.1.0-rc.1"')


def test_the_version_of_a_cargo_workspace_changes_every_crate_that_has_it() -> None:
    inherits = '[package]\nname = "{}"\nversion.workspace = true\n'
    files = {
        "rust/Cargo.toml": '[workspace]\nmembers = ["app", "crates/*"]\n[workspace.package]\nversion = "1.0.0"\n',
        "rust/app/Cargo.toml": inherits.format("acme"),
        "rust/crates/acme-core/Cargo.toml": inherits.format("acme-core"),
        "rust/crates/other/Cargo.toml": '[package]\nname = "other"\nversion = "1.0.0"\n',
        "rust/Cargo.lock": CARGO,
    }
    text = locked("rust/Cargo.toml:workspace.package.version", files, "1.1.0")["rust/Cargo.lock"]
    assert {one["name"]: one["version"] for one in tomllib.loads(text)["package"]} == {
        "acme": "1.1.0",
        "acme-core": "1.1.0",
        "other": "1.0.0",
        "serde": "1.0.0",
    }


def test_a_crate_that_lies_elsewhere_than_its_name_says_is_known_by_its_version() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["c/*"]\n[workspace.package]\nversion = "1.0.0"\n',
        "Cargo.lock": CARGO.replace('name = "other"\nversion = "1.0.0"', 'name = "other"\nversion = "0.3.0"'),
    }
    text = locked("Cargo.toml:workspace.package.version", files, "1.1.0")["Cargo.lock"]
    assert [one["version"] for one in tomllib.loads(text)["package"]] == ["1.1.0", "1.1.0", "0.3.0", "1.0.0"]


@pytest.mark.parametrize("name", ["package-lock.json", "npm-shrinkwrap.json"])
def test_both_places_of_npms_lock_change(name: str) -> None:
    files = {"web/package.json": PACKAGE, f"web/{name}": json.dumps(NPM, indent=2)}
    text = locked("web/package.json:version", files)[f"web/{name}"]
    wanted = json.loads(json.dumps(NPM))
    wanted["version"] = wanted["packages"][""]["version"] = "1.1.0-rc.1"
    assert text == json.dumps(wanted, indent=2)


def test_a_package_of_an_npm_workspace_changes_in_the_lock_of_the_top() -> None:
    files = {"packages/core/package.json": PACKAGE, "package-lock.json": json.dumps(NPM)}
    text = locked("packages/core/package.json:version", files)["package-lock.json"]
    wanted = json.loads(json.dumps(NPM))
    wanted["packages"]["packages/core"]["version"] = "1.1.0-rc.1"
    assert text == json.dumps(wanted)


def test_a_lock_of_npm_without_versions_is_left_alone() -> None:
    files = {"package.json": PACKAGE, "package-lock.json": '{"lockfileVersion": 3, "packages": {"": {}}}'}
    assert locked("package.json:version", files) == {}
