"""Values that several slices share."""

import pytest
from msgspec.structs import replace

from shipit.model import Commit, Divergence
from shipit.release.model import Release
from tests.unit.scene import Scene


def test_the_subject_of_a_commit_is_its_first_line() -> None:
    assert Commit("a", "feat: one\n\nbody\n").subject == "feat: one"
    assert Commit("a", "").subject == ""


def test_a_prerelease_is_known_by_its_version(scene: Scene) -> None:
    release: Release = scene.release
    assert not release.is_prerelease
    assert replace(release, version="1.1.0-rc.1").is_prerelease


@pytest.mark.parametrize(
    ("ahead", "behind", "text", "command"),
    [
        (1, 9, "develop here is 9 commits behind and 1 ahead of origin", "git pull --rebase"),
        (2, 1, "develop here is 1 commit behind and 2 ahead of origin", "git pull --rebase"),
        (0, 9, "develop here is 9 commits behind origin", "git pull --ff-only"),
        (1, 0, "develop here is 1 commit ahead of origin", "git push origin develop"),
    ],
)
def test_a_divergence_says_how_far_and_what_helps(ahead: int, behind: int, text: str, command: str) -> None:
    found = Divergence(branch="develop", remote="origin", ahead=ahead, behind=behind)
    assert (str(found), found.command) == (text, command)
