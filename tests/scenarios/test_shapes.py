"""Ordinary projects of every shape: a folder each in shapes, see shapes/README.md."""

import json
import os
import pwd
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.version import Version

from shipit.versioning.files import read_version
from tests.support import inside
from tests.support.acme import git
from tests.support.require import require
from tests.support.run import EPOCH
from tests.support.shapes import SHAPES, Expected, Shape, tool, try_check

FOLDERS = sorted(path for path in SHAPES.iterdir() if path.is_dir())
ALL = [Shape.read(folder) for folder in FOLDERS]
every_shape = pytest.mark.parametrize("shape", ALL, ids=lambda shape: shape.folder.name)


def shipit(clone: Path, *words: str, code: int = 0) -> inside.Ended:
    """The command line in the clone, which must end so."""
    ended = inside.shipit(clone, *words, SOURCE_DATE_EPOCH=str(EPOCH))
    assert ended.code == code, f"shipit {' '.join(words)} ended with {ended.code}\n{ended.out}{ended.err}"
    return ended


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of this environment are found first, as where it is activated.

    Rust that came by rustup finds its parts below the home of the user, which is another one in tests.
    """
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("RUSTUP_HOME", str(Path(pwd.getpwuid(os.getuid()).pw_dir) / ".rustup"))


@every_shape
def test_a_project_of_this_shape_is_released_or_refused_as_its_folder_says(shape: Shape, tmp_path: Path) -> None:
    for name in shape.tools:
        require(name, tool(name) is not None)
    clone = shape.lay(tmp_path)
    for one in shape.releases:
        if "refused" in shape.facts:
            is_refused(shape, one, clone)
        else:
            is_released(shape, one, clone)
            what_was_released_is_in_step(shape, one, tmp_path)


def is_refused(shape: Shape, one: Expected, clone: Path) -> None:
    """Both ways of asking are refused with the same words, and nothing is touched."""
    wanted, before = shape.facts["refused"], git(clone, "ls-remote", "origin")
    for words in (("--dry-run",), ("--yes",)):
        said = shipit(clone, "release", *words, *one.words, code=wanted["code"])
        assert wanted["says"] in said.err + said.out
        assert wanted["hint"] in " ".join(said.err.split())
    assert git(clone, "ls-remote", "origin") == before


def is_released(shape: Shape, one: Expected, clone: Path) -> None:
    """What is asked before says the version, the next one, where it is written, and what is forgotten."""
    assert shipit(clone, "version", *one.words).out == f"{one.version}\n"
    assert shipit(clone, "version", "--next", *one.words).out == f"{one.next}\n"
    if not one.package:
        values = json.loads(shipit(clone, "config", "show", "--json").out)["values"]
        assert values["version.files"]["value"] == list(one.written)
    planned = shipit(clone, "release", "--dry-run", *one.words)
    assert f" {one.next} (after {one.before})" in planned.err
    said = shipit(clone, "release", "--yes", *one.words).err
    assert shape.facts.get("warned", "") in said
    assert shape.facts.get("hint", "") in " ".join(said.split())
    assert ("keeps the version" in said) == ("warned" in shape.facts)
    git(clone, "pull", "-q", "--ff-only", "origin", "main")


def what_was_released_is_in_step(shape: Shape, one: Expected, root: Path) -> None:
    """In a new clone of the tag: every place, every lock file, and the wheel beside."""
    clone = root / f"released-{one.tag}"
    git(root, "clone", "-q", "--branch", one.tag, "remote.git", clone.name)
    for location in one.written:
        path = location.rpartition(":")[0] or location
        assert Version(read_version(location, (clone / path).read_text("utf-8"))) == Version(one.next)
    changed = {name for name in git(clone, "diff", "--name-only", "HEAD^", "HEAD").split() if name}
    log = "CHANGELOG.md"
    paths = {location.rpartition(":")[0] or location for location in one.written}
    assert {name for name in changed if not name.endswith(log)} == paths | set(shape.facts.get("locks", ()))
    assert [said for command in shape.facts.get("checks", ()) if (said := try_check(command, clone))] == []
    wheels = list((root / "index").rglob(f"{one.name.replace('-', '_')}-*.whl"))
    assert [wheel_version(path) for path in wheels] == [Version(one.next)] * shape.has_wheel


def wheel_version(path: Path) -> Version:
    """The version in the METADATA of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        [name] = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
        return Version(str(message_from_bytes(wheel.read(name))["Version"]))


def test_there_are_shapes_of_all_kinds() -> None:
    assert len(ALL) >= 30
    assert sum("refused" in one.facts for one in ALL) >= 5
    assert {name for one in ALL for name in one.tools} == {"cargo", "npm", "pdm", "poetry", "uv"}
