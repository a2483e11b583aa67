"""Which commit is to be live: the tip of a branch, the highest release, or one that is named."""

from pathlib import Path

import pytest

from shipit.deploy.choice import bring, choose
from shipit.errors import Refused, Stop, UsageError
from shipit.model import Revision
from tests.unit.deploy.scene import SETTINGS, Machine, Scene

TAGGED = SETTINGS.replace('"develop"', '"tags"')


@pytest.fixture
def tagged(tmp_path: Path) -> Scene:
    """1.0.0 (annotated), 1.1.0 (light), a prerelease above them, and tags that are no versions."""
    scene = Scene(tmp_path, TAGGED)
    scene.tag("v1.0.0", scene.commit("1.0.0").commit)
    scene.tag("v1.1.0", scene.commit("1.1.0").commit, light=True)
    scene.tag("v1.2.0rc1", scene.commit("1.2.0rc1").commit)
    scene.tag("nightly", scene.commit("1.2.0").commit)
    return scene


def stop(machine: Machine, version: str = "") -> Stop:
    with pytest.raises(Stop) as caught:
        choose(machine.outside, version)
    return caught.value


def test_a_branch_is_deployed_as_the_remote_has_it(scene: Scene, machine: Machine) -> None:
    revision = scene.commit("1.1.0")
    assert not machine.objects.has(revision.commit)
    assert choose(machine.outside) == (revision, "")
    assert machine.objects.has(revision.commit)
    assert choose(machine.outside) == (revision, "")


def test_a_branch_that_is_not_there(scene: Scene, machine: Machine) -> None:
    del scene.server.refs["refs/heads/develop"]
    found = stop(machine)
    assert (type(found), found.what) == (Refused, "there is no branch develop on origin")
    assert found.hint == "push it, or name another in environments.staging.from"


def test_an_environment_that_does_not_say_what_is_deployed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, SETTINGS.replace('from = "develop"', ""))
    scene.commit("1.0.0")
    found = stop(scene.machine())
    assert (type(found), found.where) == (UsageError, "[tool.shipit.environments.staging]")


def test_of_tags_it_is_the_highest_final_one(tagged: Scene) -> None:
    assert choose(tagged.machine().outside) == (Revision("1.1.0", tagged.refs["refs/tags/v1.1.0"]), "v1.1.0")


@pytest.mark.parametrize("named", ["1.0.0", "v1.0.0"])
def test_a_version_is_named_with_or_without_its_tag(tagged: Scene, named: str) -> None:
    revision, tag = choose(tagged.machine().outside, named)
    annotated = tagged.refs["refs/tags/v1.0.0"]
    assert revision == Revision("1.0.0", tagged.server.objects.peel(annotated))
    assert revision.commit != annotated
    assert tag == "v1.0.0"


@pytest.mark.parametrize("named", ["1.2.0-rc.1", "v1.2.0rc1"])
def test_a_prerelease_is_deployed_when_it_is_named_under_the_tag_that_it_has(tagged: Scene, named: str) -> None:
    revision, tag = choose(tagged.machine().outside, named)
    assert (revision.version, tag) == ("1.2.0-rc.1", "v1.2.0rc1")


def test_a_release_may_be_named_where_a_branch_is_usual(scene: Scene, machine: Machine) -> None:
    scene.tag("v1.0.0", scene.refs["refs/heads/develop"])
    scene.commit("1.1.0")
    assert choose(machine.outside, "1.0.0")[0].version == "1.0.0"


def test_a_version_that_is_not_released(tagged: Scene) -> None:
    found = stop(tagged.machine(), "1.1.1")
    assert (type(found), found.what) == (Refused, "1.1.1 is not released on origin")
    assert found.evidence[0].startswith("nearest: ")
    assert "1.1.0" in found.evidence[0]
    assert stop(tagged.machine(), "nothing").evidence == ("3 releases are there",)


def test_where_nothing_is_released(tmp_path: Path) -> None:
    scene = Scene(tmp_path, TAGGED)
    scene.tag("v1.0.0-rc.1", scene.commit("1.0.0rc1").commit)
    found = stop(scene.machine())
    assert found.what == "a final version is not released on origin"
    assert found.evidence == ("1 release is there",)


def test_version_files_that_disagree(tmp_path: Path) -> None:
    settings = (
        SETTINGS + '[tool.shipit.version]\nfiles = ["pyproject.toml:project.version", "acme.py:__version__"]\n'
    )
    scene = Scene(tmp_path, settings)
    scene.commit("1.1.0", **{"acme.py": '__version__ = "1.0.0"\n'})
    found = stop(scene.machine())
    assert (type(found), found.what) == (
        Refused,
        f"the version files of {scene.refs['refs/heads/develop'][:10]} say 1.0.0 and 1.1.0",
    )
    assert found.evidence == ("pyproject.toml:project.version", "acme.py:__version__")
    scene.commit("1.1.0", **{"acme.py": '__version__ = "1.1.0"\n'})
    assert choose(scene.machine().outside)[0].version == "1.1.0"


def test_a_version_file_that_the_commit_does_not_have(tmp_path: Path) -> None:
    scene = Scene(tmp_path, SETTINGS + '[tool.shipit.version]\nfiles = ["acme.py:__version__"]\n')
    scene.commit("1.1.0")
    assert stop(scene.machine()).what == "acme.py is not there, but version.files names it"


def test_a_revision_that_was_deployed_is_brought_here(tagged: Scene) -> None:
    machine = tagged.machine()
    old = Revision("1.0.0", tagged.server.objects.peel(tagged.refs["refs/tags/v1.0.0"]))
    bring(machine.outside, old)
    assert machine.objects.has(old.commit)
    tagged.server.refs.clear()
    bring(machine.outside, old)
    with pytest.raises(Refused) as caught:
        bring(machine.outside, Revision("2.0.0", "2" * 40))
    assert caught.value.what == "the commit of 2.0.0 (2222222222) is in no branch or tag of origin any more"
