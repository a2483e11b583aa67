"""Case 4: shallow, tag-less, single-branch and detached clones: 1.1.0 or a refusal; never 1.0.0, never a first."""

import pytest

from tests.support.acme import git
from tests.support.place import Place

CLONES = {
    "shallow": ("--depth=1",),
    "shallow without tags": ("--depth=1", "--no-tags"),
    "without tags": ("--no-tags",),
    "single branch": ("--single-branch",),
    "shallow, single branch, without tags": ("--depth=1", "--single-branch", "--no-tags"),
    "without blobs": ("--filter=blob:none",),
}


@pytest.mark.parametrize("options", CLONES.values(), ids=CLONES)
def test_a_clone_that_lacks_something_releases_the_very_same(place: Place, options: tuple[str, ...]) -> None:
    clone = place.fresh_clone("lacking", *options)

    ran = place.shipit("release", "--type", "minor", where=clone).ended(0)

    assert "after v1.0.0" in ran.said
    outside = place.outside()
    assert "refs/tags/v1.1.0" in outside["refs"]
    (release,) = outside["forge"]["releases"]
    assert "say it louder" in release["body"]
    assert "first word" not in release["body"]
    assert place.shipit("release", where=clone).ended(0)


def test_a_detached_head_at_the_tip_releases_and_elsewhere_is_refused(place: Place) -> None:
    clone = place.fresh_clone("detached")
    git(clone, "checkout", "--quiet", "--detach", "HEAD~1")
    outside = place.outside()
    ran = place.shipit("release", "--type", "minor", where=clone).ended(4)
    assert "detached HEAD" in ran.said
    assert "hint: " in ran.said
    assert place.outside() == outside

    git(clone, "checkout", "--quiet", "--detach", "origin/develop")
    place.shipit("release", "--type", "minor", where=clone).ended(0)
    assert "refs/tags/v1.1.0" in place.outside()["refs"]


def test_a_work_tree_of_a_clone_releases_and_neither_tree_is_touched(place: Place) -> None:
    tree = place.laid.folder / "second"
    git(place.clone, "worktree", "add", "--quiet", "--detach", str(tree), "origin/develop")
    before = place.here()

    place.shipit("release", "--type", "minor", where=tree).ended(0)

    after = place.here()
    assert {**after, "refs": None} == {**before, "refs": None}
    assert git(tree, "status", "--porcelain") == ""


def test_hooks_of_the_clone_never_run(place: Place) -> None:
    hooks = place.laid.folder / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "commit-msg", "post-checkout", "reference-transaction", "pre-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {hooks}/{name}-ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    git(place.clone, "config", "core.hooksPath", str(hooks))

    place.shipit("release", "--type", "minor").ended(0)

    assert not list(hooks.glob("*-ran"))
