"""Two changelogs that grew from one: nothing is lost, nothing is there twice, the highest version stands on top."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.changelog.editor import Entry, insert
from shipit.changelog.headings import headings
from shipit.changelog.lines import merge_lines
from shipit.changelog.merging import merge, merge_bytes
from shipit.changelog.sections import sections
from tests.unit.changelog.shapes import SHAPES

TOP = "# Changelog\n\n"
OPEN = "## [Unreleased]\n\n"
FOOTER = "[1.0.0]: https://example.com\n"


def section(version: str, *words: str) -> str:
    return "\n".join([f"## [{version}] - 2025-03-03", "", *(f"- {word}" for word in words or (version,)), "", ""])


OLD = section("1.0.0", "first")
TEXT = TOP + OLD


def versions(text: str) -> list[str]:
    return [heading.version for heading in headings(text) if heading.version]


class TestSections:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_joined_are_the_text(self, shape: str) -> None:
        assert "".join(sections(SHAPES[shape]).values()) == SHAPES[shape]

    def test_are_named_by_what_they_hold(self) -> None:
        text = TOP + OPEN + "- soon\n\n" + section("1.1.0") + OLD + OLD + FOOTER
        assert list(sections(text)) == ["above", "unreleased", "1.1.0", "1.0.0", "1.0.0#2", "below"]
        assert sections(text)["below"] == FOOTER

    def test_keep_the_anchor_above_their_heading(self) -> None:
        anchored = '<a name="1.0.0"></a>\n' + OLD
        assert sections(TOP + anchored)["1.0.0"] == anchored


class TestNewSections:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("swapped", [False, True])
    def test_of_both_sides_are_there_once_and_a_second_merge_changes_nothing(
        self, shape: str, swapped: bool
    ) -> None:
        base = SHAPES[shape].replace("▶", "")
        sides = [
            insert(base, Entry(version=version, date="2025-03-03", notes=f"- word of {version}"))
            for version in ("97.0.0", "98.0.0")
        ]
        ours, theirs = reversed(sides) if swapped else sides
        merged = merge(base, ours, theirs)
        found = versions(merged)
        assert found[:2] == ["98.0.0", "97.0.0"]
        assert found[2:] == versions(base)
        assert {*base.splitlines(), *ours.splitlines(), *theirs.splitlines()} == {*merged.splitlines()}
        assert merge(base, merged, theirs) == merge(base, ours, merged) == merged

    @pytest.mark.parametrize(
        ("ours", "theirs", "wanted"),
        [
            (["1.0.1", "1.0.0"], ["1.1.0", "1.0.0"], ["1.1.0", "1.0.1", "1.0.0"]),
            (["2.0.0-rc.1", "1.0.0"], ["1.1.0", "1.0.0"], ["2.0.0-rc.1", "1.1.0", "1.0.0"]),
            (
                ["1.1.0-rc.2", "1.0.0"],
                ["1.1.0", "1.1.0-rc.1", "1.0.0"],
                ["1.1.0", "1.1.0-rc.2", "1.1.0-rc.1", "1.0.0"],
            ),
            (["1.10", "1.0.0"], ["1.9", "1.0.0"], ["1.10", "1.9", "1.0.0"]),
            (["1.0.0", "1.2.0.5"], ["1.1.0", "1.0.0"], ["1.1.0", "1.0.0", "1.2.0.5"]),
            (["1.2.0.5", "1.0.0"], ["1.1.0", "1.0.0"], ["1.1.0", "1.2.0.5", "1.0.0"]),
            (["1.0.0", "2.0.0"], ["2.0.0", "1.0.0"], ["1.0.0", "2.0.0"]),
            (["1.1.0", "1.0.0"], ["1.1.0", "1.0.0", "0.9.0"], ["1.1.0", "1.0.0", "0.9.0"]),
        ],
    )
    def test_stand_in_the_order_of_versions(self, ours: list[str], theirs: list[str], wanted: list[str]) -> None:
        texts = [TOP + "".join(section(one) for one in side) for side in (ours, theirs)]
        assert versions(merge(TEXT, *texts)) == wanted

    def test_are_kept_apart_by_a_blank_line(self) -> None:
        ours, theirs = (TOP + section(one).rstrip() for one in ("1.0.1", "1.1.0"))
        assert merge("", ours, theirs) == TOP + section("1.1.0") + section("1.0.1").rstrip()
        assert merge("", ours + "\n", theirs + "\n") == TOP + section("1.1.0") + section("1.0.1").rstrip() + "\n"

    def test_of_nothing_are_those_of_the_other_side(self) -> None:
        assert merge("", TEXT, TEXT) == merge(TEXT, TEXT, TEXT) == TEXT
        assert merge(TEXT, TEXT, TOP + OLD + FOOTER) == merge(TEXT, TOP + OLD + FOOTER, TEXT) == TOP + OLD + FOOTER


class TestOldSections:
    def test_that_one_side_removed_are_gone_unless_the_other_wrote_in_them(self) -> None:
        base = TOP + section("1.0.1") + OLD
        assert versions(merge(base, TOP + section("2.0.0") + OLD, base)) == ["2.0.0", "1.0.0"]
        assert versions(merge(base, base + FOOTER, TEXT)) == ["1.0.0"]
        edited = base.replace("- 1.0.1", "- 1.0.1, edited")
        assert merge(base, edited, TEXT) == edited
        assert merge(base, TEXT, edited) == edited

    def test_that_both_edited_have_the_words_of_both(self) -> None:
        merged = merge(TEXT, TEXT.replace("first", "one"), TEXT.replace("first", "two"))
        assert merged == TOP + section("1.0.0", "one", "two")


class TestWordsThatAreNotReleased:
    BASE = TOP + OPEN + "### Added\n\n- a\n\n### Fixed\n\n- b\n\n" + OLD
    THEIRS = TOP + OPEN + "## [1.1.0] - 2025-03-03\n\n### Added\n\n- a\n\n### Fixed\n\n- b\n\n" + OLD

    @pytest.mark.parametrize(
        ("old", "new", "wanted"),
        [
            ("- a\n", "- a\n- c\n", "### Added\n\n- c\n\n"),
            ("- b\n", "- b\n- c\n", "### Fixed\n\n- c\n\n"),
            ("- b\n", "- b\n\n### Changed\n\n- c\n", "### Changed\n\n- c\n\n"),
            ("- b\n", "- b, better\n", "### Fixed\n\n- b, better\n\n"),
            ("### Added", "### New", "### New\n\n"),
        ],
    )
    def test_stay_above_the_release_that_took_the_others(self, old: str, new: str, wanted: str) -> None:
        merged = merge(self.BASE, self.BASE.replace(old, new), self.THEIRS)
        assert merged == self.THEIRS.replace(OPEN, OPEN + wanted)


class TestBytes:
    def test_keep_the_line_ends_and_the_mark_of_who_changed_them(self) -> None:
        ours, theirs = TOP + section("1.0.1") + OLD, TOP + section("1.1.0") + OLD
        merged = merge(TEXT, ours, theirs)

        def windows(text: str) -> str:
            return text.replace("\n", "\r\n")

        assert merge(windows(TEXT), windows(ours), windows(theirs)) == windows(merged)
        assert merge(TEXT, windows(ours), theirs) == merge(TEXT, ours, windows(theirs)) == windows(merged)
        assert merge(windows(TEXT), ours, windows(theirs)) == merged
        assert merge(TEXT, "\ufeff" + ours, theirs) == merge(TEXT, ours, "\ufeff" + theirs) == "\ufeff" + merged
        assert merge("\ufeff" + TEXT, "\ufeff" + ours, theirs) == merged

    def test_of_mixed_line_ends_stay_what_they_are(self) -> None:
        mixed = TEXT.replace("- first\n", "- first\r\n")
        merged = merge(mixed, mixed.replace("# Changelog", "# Changes"), mixed + FOOTER)
        assert merged == mixed.replace("# Changelog", "# Changes") + FOOTER

    def test_that_are_no_text_survive(self) -> None:
        ours, theirs = (text.encode() + b"\xff\n" for text in (TOP + section("1.0.1"), TOP + section("1.1.0")))
        assert merge_bytes(None, ours, theirs).count(b"\xff") == 2


ROWS = some.lists(some.sampled_from(["", "# a", "- b", "- c", "- d", "- e", "- f"]), max_size=8)


def text(rows: list[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


class TestLines:
    @given(ROWS, ROWS, ROWS)
    def test_that_one_side_wrote_are_there(self, base: list[str], ours: list[str], theirs: list[str]) -> None:
        merged = merge_lines(text(base), text(ours), text(theirs)).splitlines()
        assert ({*ours} | {*theirs}) - {*base, ""} <= {*merged}
        assert {*merged} <= {*base, *ours, *theirs}

    @given(ROWS, ROWS)
    def test_of_the_only_side_that_changed_are_taken_as_they_are(self, base: list[str], side: list[str]) -> None:
        for ours, theirs in ((base, side), (side, base), (side, side)):
            assert merge_lines(text(base), text(ours), text(theirs)) == text(side)

    def test_far_from_each_other_merge_without_a_word(self) -> None:
        base = text([str(number) for number in range(20)])
        ours, theirs = base.replace("3\n", "three\n", 1), base.replace("11\n", "eleven\n").replace("17\n", "")
        assert merge_lines(base, ours, theirs) == ours.replace("11\n", "eleven\n").replace("17\n", "")
