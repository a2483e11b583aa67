"""Case 3: several releasers at once, and a push that comes in between; exactly one release, no lost commit."""

import pytest

from tests.support import run
from tests.support.acme import git
from tests.support.place import Place, Stage
from tests.support.standing import left_over

RELEASERS = 20


@pytest.mark.timeout(280)
def test_twenty_releasers_at_once_make_exactly_one_release(place: Place, theatre: Stage) -> None:
    clones = [place.fresh_clone(f"releaser-{number}") for number in range(RELEASERS)]
    epochs = [run.EPOCH + number for number in range(RELEASERS)]  # each would make commits of its own
    children = [
        run.start(clone, "release", "--type", "minor", env={**place.environment, "SOURCE_DATE_EPOCH": str(epoch)})
        for clone, epoch in zip(clones, epochs, strict=True)
    ]
    ended = [run.wait(child) for child in children]

    said = "\n".join(f"{one.code}: {one.said}" for one in ended if one.code not in {0, 9})
    assert {one.code for one in ended} <= {0, 5, 9}, said
    winners = [one for one in ended if "v1.1.0 is released and complete" in one.said]
    assert len(winners) == 1, said
    for one in ended:
        assert one.code == 9 or one in winners or "v1.1.0 is" in one.said
        assert one.code != 9 or "hint: " in one.said, one.said
    refs = place.outside()["refs"]
    assert [name for name in refs if name.startswith("refs/tags/")] == ["refs/tags/v1.0.0", "refs/tags/v1.1.0"]
    assert not [name for name in refs if "lock" in name or "kept" in name or "heads/release" in name]
    assert [release["tag"] for release in place.outside()["forge"]["releases"]] == ["v1.1.0"]
    assert len([name for name in place.outside()["index"] if name.endswith((".whl", ".gz"))]) == 2
    assert [left_over(clone) for clone in clones] == [[]] * RELEASERS
    place.shipit("verify", "release", "v1.1.0", where=clones[0]).ended(0)
    place.shipit("release", where=clones[1]).ended(0)


@pytest.mark.parametrize("branch", ["main", "develop"])
def test_a_push_between_plan_and_push_is_neither_lost_nor_overwritten(place: Place, branch: str) -> None:
    landed: list[str] = []
    pushes = 0

    def somebody_pushes() -> None:
        nonlocal pushes
        pushes += 1
        if pushes < 2:  # lock and release branch, then the push
            place.server.before_push = somebody_pushes
            return
        landed.append(place.push_something("fix: at the last moment", {f"{branch}.txt": "late\n"}, branch))

    place.server.before_push = somebody_pushes
    ran = place.shipit("release", "--type", "minor")

    refs = place.outside()["refs"]
    assert landed, ran.said
    git(place.laid.remote, "merge-base", "--is-ancestor", landed[0], refs[f"refs/heads/{branch}"])
    ran.ended(9)
    assert f"refs/heads/{branch}" in ran.said
    assert "everything is as before" in ran.said
    assert "hint: " in ran.said
    assert {name for name in refs if "v1.1.0" in name or "lock" in name} == set()
    assert place.outside()["index"] == {}
    if branch == "develop":
        git(place.clone, "stash", "push", "--quiet")
        git(place.clone, "pull", "--quiet", "--ff-only", "origin", "develop")
        place.shipit("release", "--type", "minor").ended(0)


def test_a_held_lock_is_told_with_its_holder(place: Place) -> None:
    script = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    pyproject = place.clone / "pyproject.toml"
    before = pyproject.read_text()
    pyproject.write_text(before.replace('["python", "-S", "-c", "pass"]', f'["python", "-S", "-c", "{script}"]'))
    assert place.shipit("release", "--type", "minor").code == -9
    pyproject.write_text(before)
    outside = place.outside()
    assert "refs/shipit/lock/release" in outside["refs"]

    for where in (place.clone, place.fresh_clone()):
        ran = place.shipit("release", "--type", "minor", where=where).ended(9)
        assert "another run holds the release lock" in ran.said
        assert "v1.1.0: held by" in ran.said
        assert "--resume" in ran.said
        assert "--undo" in ran.said
    assert place.outside() == outside
    place.shipit("release", "--undo").ended(0)
    assert "refs/shipit/lock/release" not in place.outside()["refs"]
