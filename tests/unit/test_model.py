"""Values that several rooms share."""

from msgspec.structs import replace

from shipit.model import Commit
from shipit.release.model import Release
from tests.unit.scene import Scene


def test_the_subject_of_a_commit_is_its_first_line() -> None:
    assert Commit("a", "feat: one\n\nbody\n").subject == "feat: one"
    assert Commit("a", "").subject == ""


def test_a_prerelease_is_known_by_its_version(scene: Scene) -> None:
    release: Release = scene.release
    assert not release.is_prerelease
    assert replace(release, version="1.1.0-rc.1").is_prerelease
