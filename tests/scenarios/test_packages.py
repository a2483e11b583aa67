"""Several packages in one repository: each is released on its own, by the same lock and the same steps."""

import json

import pytest

from tests.support.acme import git
from tests.support.place import BUILD, Place

TABLE = '\n[tool.shipit.packages.tiny]\npath = "packages/tiny"\n'
FILES = {
    "packages/tiny/pyproject.toml": '[project]\nname = "tiny"\nversion = "0.0.0"\n',
    "packages/tiny/tiny.py": 'word = "tiny"\n',
    "packages/tiny/build_quickly.py": BUILD.decode().replace("small", "tiny"),
}


def show(place: Place, what: str) -> str:
    return git(place.laid.remote, "show", what)


@pytest.fixture
def many(place: Place) -> Place:
    """The product with a package of its own in a folder; a fresh clone of it is called `many`."""
    pyproject = show(place, "develop:pyproject.toml") + "\n" + TABLE
    place.push_something("feat: a tiny package", {**FILES, "pyproject.toml": pyproject})
    place.push_something("fix: something at the top", {"README.md": "# top\n"})
    place.fresh_clone("many")
    return place


def test_a_package_is_released_from_its_folder_and_nothing_else_is(many: Place) -> None:
    here = many.laid.folder / "many"
    before = [line for line in show(many, "main:pyproject.toml").splitlines() if line.startswith("version")]

    ran = many.shipit("release", "--package", "tiny", where=here).ended(0)

    assert "tiny-v0.1.0 is released and complete" in ran.said
    refs = many.outside()["refs"]
    assert "refs/tags/tiny-v0.1.0" in refs
    assert "refs/shipit/release/tiny-v0.1.0" in refs
    assert "refs/shipit/lock/release" not in refs
    assert 'version = "0.1.0"' in show(many, "main:packages/tiny/pyproject.toml")
    log = show(many, "main:packages/tiny/CHANGELOG.md")
    assert "a tiny package" in log
    assert "something at the top" not in log
    assert before[0] in show(many, "main:pyproject.toml")
    assert (many.laid.index / "tiny" / "tiny-0.1.0-py3-none-any.whl").exists()
    (release,) = [one for one in many.forge.releases if one.tag == "tiny-v0.1.0"]
    assert "a tiny package" in (release.body or "")
    evidence = json.loads(show(many, "refs/shipit/release/tiny-v0.1.0:release.json"))
    assert evidence["release"]["package"] == "tiny"
    many.shipit("verify", "release", "tiny-v0.1.0", where=here).ended(0)
    assert "nothing to release" in many.shipit("release", "--package", "tiny", where=here).ended(0).said


def test_one_job_releases_two_packages_one_after_the_other(many: Place) -> None:
    """With gitflow: what came between is the commit of a release, its merge into main, and the merge back."""
    here = many.laid.folder / "many"
    many.shipit("release", "--package", "tiny", where=here).ended(0)
    assert git(here, "rev-parse", "develop") != git(many.laid.remote, "rev-parse", "develop")
    assert "is released and complete" in many.shipit("release", where=here).ended(0).said


def test_a_package_that_was_begun_is_finished_whatever_package_is_asked_for(many: Place) -> None:
    here = many.laid.folder / "many"
    in_the_way = many.laid.index / "tiny"
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    many.server.before_push = lambda: in_the_way.write_text("of the upload")  # after the checks
    many.shipit("release", "--package", "tiny", where=here).ended(5)
    in_the_way.unlink()

    assert "tiny-v0.1.0 is incomplete" in many.shipit("release", where=here).ended(5).said
    ran = many.shipit("release", "--resume", where=here).ended(0)

    assert "tiny-v0.1.0 is released and complete" in ran.said
    assert (in_the_way / "tiny-0.1.0.tar.gz").exists()


def test_status_tells_of_every_package(many: Place) -> None:
    here = many.laid.folder / "many"
    assert (
        "package     tiny: nothing yet; next: 0.1.0 (1 commit on develop)" in many.shipit("status", where=here).said
    )
    found = json.loads(many.shipit("status", "--json", where=here).ended(0).stdout)
    assert found["packages"]["tiny"]["next"] == "0.1.0"
    assert found["released"] == "v1.0.0"
