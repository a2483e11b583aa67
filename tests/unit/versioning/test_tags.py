"""Tags: which name versions, and which is the previous one."""

import pytest
from hypothesis import given

from shipit import versioning
from shipit.errors import UsageError
from shipit.versioning.number import Version
from shipit.versioning.tags import leading, previous_tags, tag_name, version_of, version_tags
from tests.support.commits import Rules, tag, tags
from tests.unit.versioning.test_number import releasable

NOISE = ["v1.1", "release-5", "pkg-v2.0.0", "1.0.0", "v", "", "v1.0.0-", "vv1.0.0", "v1.0.0.0", "v01.0.0", "latest"]


class TestTagNames:
    @given(releasable)
    def test_a_tag_names_the_version_that_it_was_made_from(self, version: Version) -> None:
        for tag_format in ("v{version}", "{version}", "pkg-v{version}", "r/{version}/x"):
            assert version_of(tag_name(version, tag_format), tag_format) == version

    @pytest.mark.parametrize("name", NOISE)
    def test_noise_names_no_version(self, name: str) -> None:
        assert version_of(name, "v{version}") is None

    def test_prefix_and_suffix_do_not_overlap(self) -> None:
        assert version_of("ab", "ab{version}b") is None

    def test_a_tag_in_the_spelling_of_the_index_belongs_to_the_line(self) -> None:
        assert str(version_of("v1.1.0rc1", "v{version}")) == "1.1.0-rc.1"

    @pytest.mark.parametrize("tag_format", ["v", "{version}{version}"])
    def test_a_format_without_one_place_for_the_version_is_refused(self, tag_format: str) -> None:
        with pytest.raises(UsageError, match="tag-format"):
            tag_name("1.0.0", tag_format)


class TestPreviousTags:
    def test_1_10_is_higher_than_1_9(self) -> None:
        last_any, last_final = previous_tags(tags("v1.9.0", "v1.10.0", "v1.2.0"), Rules())
        assert last_any == last_final == tag("v1.10.0")

    def test_a_prerelease_can_be_the_last_of_all_but_not_the_last_final(self) -> None:
        assert previous_tags(tags("v1.0.0", "v1.1.0-rc.2", "v1.1.0-rc.10"), Rules()) == (
            tag("v1.1.0-rc.10"),
            tag("v1.0.0"),
        )

    def test_noise_alone_is_no_release(self) -> None:
        assert previous_tags(tags(*NOISE), Rules()) == (None, None)

    def test_only_prereleases_leave_no_final(self) -> None:
        assert previous_tags(tags("v0.1.0-alpha.1"), Rules()) == (tag("v0.1.0-alpha.1"), None)

    def test_version_tags_come_highest_first(self) -> None:
        found = version_tags(tags("v1.0.0", "x", "v2.0.0", "v2.0.0-rc.1"), "v{version}")
        assert [each.tag.name for each in found] == ["v2.0.0", "v2.0.0-rc.1", "v1.0.0"]


class TestLeading:
    def test_names_are_told_down_to_the_highest_final_version(self) -> None:
        names = ["v1.0.0", "v1.2.0-rc.1", "noise", "v1.1.0", "v1.2.0-rc.2", "v1.1.0-rc.1", "v1.1.0+b"]
        assert leading(names, "v{version}") == ["v1.2.0-rc.2", "v1.2.0-rc.1", "v1.1.0"]

    def test_without_a_final_version_there_are_none(self) -> None:
        assert leading(["v1.0.0-rc.1", "noise"], "v{version}") == []


def test_an_unknown_name_is_no_room_of_versioning() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rooms'"):
        versioning.rooms  # noqa: B018
