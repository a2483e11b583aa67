"""A version that a person names, and maintenance branches, on real servers."""

import json

from tests.support.acme import git
from tests.support.place import Place


def show(place: Place, what: str) -> str:
    return git(place.laid.remote, "show", what)


def test_a_named_version_carries_its_reason_into_commit_and_evidence(place: Place) -> None:
    place.shipit("release", "--as", "4.0.0", "--reason", "in step with the server").ended(0)

    message = git(place.laid.remote, "log", "-1", "--format=%B", "v4.0.0^2")
    assert message.strip() == "chore(release): v4.0.0\n\nin step with the server"
    evidence = json.loads(show(place, "refs/shipit/release/v4.0.0:release.json"))
    assert evidence["release"]["reason"] == "in step with the server"
    place.shipit("verify", "release", "v4.0.0").ended(0)


def test_a_named_version_that_cannot_be_is_refused_before_anything_happens(place: Place) -> None:
    before = place.outside()
    assert "needs a reason" in place.shipit("release", "--as", "4.0.0").ended(2).said
    ran = place.shipit("release", "--as", "1.0.0", "--reason", "again").ended(2)
    assert "1.0.0 does not come after v1.0.0, which is released" in ran.said
    ran = place.shipit("release", "--as", "2.0.0", "--reason", "both", "--type", "major").ended(2)
    assert "--as names the whole version" in ran.said
    assert place.outside() == before


def test_a_maintenance_branch_carries_its_own_releases(place: Place) -> None:
    place.shipit("release", "--type", "major").ended(0)
    clone = place.fresh_clone("old")
    git(clone, "push", "--quiet", "origin", "v1.0.0^{commit}:refs/heads/1.x")
    place.push_something("fix: an old fault", {"README.md": "# mended\n"}, "1.x")
    git(clone, "fetch", "--quiet", "origin")
    git(clone, "switch", "--quiet", "1.x")
    before = place.outside()["refs"]

    ran = place.shipit("release", where=clone).ended(0)

    assert "v1.0.1 is released and complete" in ran.said
    after = place.outside()["refs"]
    assert {name: after[name] for name in ("refs/heads/main", "refs/heads/develop")} == {
        name: before[name] for name in ("refs/heads/main", "refs/heads/develop")
    }
    assert git(place.laid.remote, "rev-parse", "v1.0.1^{commit}") == after["refs/heads/1.x"]
    latest = next(one for one in place.forge.releases if one.id == place.forge.latest)
    assert latest.tag == "v2.0.0"


def test_a_breaking_change_does_not_leave_a_maintenance_branch(place: Place) -> None:
    clone = place.fresh_clone("old")
    git(clone, "push", "--quiet", "origin", "v1.0.0^{commit}:refs/heads/1.x")
    place.push_something("feat!: new words", {"README.md": "# new\n"}, "1.x")
    before = place.outside()

    ran = place.shipit("release", "--from", "1.x", where=clone).ended(4)

    assert "the next version would be 2.0.0, which does not belong on 1.x" in ran.said
    assert "feat!: new words: a breaking change asks for a major release" in ran.said
    assert place.outside() == before
