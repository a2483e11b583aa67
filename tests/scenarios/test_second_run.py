"""Bar B2: run again right after, a release is complete and nothing is written anywhere."""

from tests.support.place import Place
from tests.support.standing import left_over


def test_a_release_leaves_the_work_in_hand_alone_and_everything_released(place: Place) -> None:
    before = place.here()

    place.shipit("release", "--type", "minor").ended(0)

    after = place.here()
    outside = place.outside()
    assert {key: after[key] for key in after if key != "refs"} == {
        key: before[key] for key in before if key != "refs"
    }
    moved = {name for name in after["refs"] if after["refs"][name] != before["refs"].get(name)}
    remote_side = {name for name in moved if name.startswith("refs/remotes/origin/")}
    assert moved - remote_side == {"refs/tags/v1.1.0"}
    assert {"refs/heads/develop", "refs/heads/main", "refs/tags/v1.1.0"} <= {*outside["refs"]}
    assert not [name for name in outside["refs"] if "lock" in name or "kept" in name or "heads/release" in name]
    assert [name for name in outside["index"] if name.endswith((".whl", ".gz"))]
    (release,) = outside["forge"]["releases"]
    assert not release["draft"]
    assert [asset[0] for asset in release["assets"]] == [
        "SHA256SUMS",
        "release.json",
        "small-1.1.0-py3-none-any.whl",
        "small-1.1.0.tar.gz",
    ]
    assert left_over(place.clone) == []


def test_the_second_and_third_run_say_complete_also_in_a_fresh_clone_and_only_read(place: Place) -> None:
    place.shipit("release", "--type", "minor").ended(0)
    outside, here, writes = place.outside(), place.here(), place.writes()
    asked = len(place.github.requests)

    for words in (("release",), ("release", "--type", "minor"), ("release", "--resume"), ("release", "--dry-run")):
        ran = place.shipit(*words).ended(0)
        assert "v1.1.0 is complete" in ran.said

    assert place.outside() == outside
    assert place.here() == here
    assert place.writes() == writes
    assert {one.method for one in place.github.requests[asked:]} == {"GET"}
    assert len(place.github.requests) > asked  # it looked, rather than remembered
    assert left_over(place.clone) == []

    ran = place.shipit("release", where=place.fresh_clone()).ended(0)

    assert "v1.1.0 is complete" in ran.said
    assert (place.outside(), place.writes()) == (outside, writes)


def test_a_dry_run_names_the_steps_and_the_turning_point_and_writes_nothing(place: Place) -> None:
    outside, here = place.outside(), place.here()
    writes = place.writes()

    ran = place.shipit("release", "--type", "minor", "--dry-run").ended(0)

    assert "1.1.0" in ran.said
    assert "point of no return" in ran.said
    assert (place.outside(), place.here(), place.writes()) == (outside, here, writes)
    assert left_over(place.clone) == []


def test_what_was_taken_away_later_is_told_with_exit_code_6(place: Place) -> None:
    place.shipit("release", "--type", "minor").ended(0)
    place.shipit("verify", "release", "v1.1.0").ended(0)
    (wheel,) = place.laid.index.glob("small/*.whl")
    wheel.unlink()

    ran = place.shipit("verify", "release", "v1.1.0").ended(6)
    assert "wheel missing" in ran.said
    ran = place.shipit("release").ended(6)
    assert "hint: " in ran.said
