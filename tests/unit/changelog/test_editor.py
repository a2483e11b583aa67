"""The editor only inserts, at the right place, once."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.changelog import editor
from shipit.changelog.editor import NEW_FILE, Entry, insert, insert_bytes, prove
from shipit.changelog.headings import HEADING_STYLES, headings
from shipit.changelog.insertion import MARKER, collected
from shipit.errors import Refused, Stop
from tests.unit.changelog.shapes import HEADINGS, SHAPES

ENTRY = Entry(version="9.0.0", date="2024-06-07", notes="### Features\n\n- new (`abcdef0`)")

VARIANTS = {
    "as it is": lambda text: text,
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with a byte order mark": lambda text: "\ufeff" + text,
    "without a final newline": lambda text: text.removesuffix("\n"),
    "with CRLF, mark and no final newline": lambda text: "\ufeff" + text.replace("\n", "\r\n").removesuffix("\r\n"),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", SHAPES)
class TestShapes:
    def test_the_difference_is_one_insertion_at_the_right_place(self, shape: str, variant: str) -> None:
        before, after = VARIANTS[variant](SHAPES[shape]).split("▶")
        old = before + after
        new = insert(old, ENTRY)
        inserted = prove(old, new)
        assert new == before + new[len(before) : len(before) + len(inserted)] + after
        assert "- new (`abcdef0`)" in inserted
        assert ("\r\n" in inserted) == ("\r\n" in old)
        assert "\n" not in inserted.replace("\r\n", "") or "\r\n" not in old

    def test_a_second_time_changes_nothing(self, shape: str, variant: str) -> None:
        new = insert(VARIANTS[variant](SHAPES[shape]).replace("▶", ""), ENTRY)
        assert insert(new, ENTRY) == new
        assert "9.0.0" in {heading.version for heading in headings(new.removeprefix("\ufeff"))}

    def test_blank_lines_keep_the_section_apart(self, shape: str, variant: str) -> None:
        lines = insert(VARIANTS[variant](SHAPES[shape]).replace("▶", ""), ENTRY).lstrip("\ufeff").splitlines()
        first = next(number for number, line in enumerate(lines) if "9.0.0" in line)
        last = lines.index("- new (`abcdef0`)")
        assert first == 0 or not lines[first - 1].strip()
        assert last + 1 == len(lines) or not lines[last + 1].strip()

    def test_the_next_version_goes_above_this_one(self, shape: str, variant: str) -> None:
        once = insert(VARIANTS[variant](SHAPES[shape]).replace("▶", ""), ENTRY)
        twice = insert(once, Entry(version="9.1.0", date="2024-06-08", notes="### Fixes\n\n- later"))
        prove(once, twice)
        versions = [heading.version for heading in headings(twice.removeprefix("\ufeff")) if heading.version]
        assert versions[:2] == ["9.1.0", "9.0.0"]


@pytest.mark.parametrize("shape", HEADINGS)
def test_the_heading_is_written_in_the_manner_of_the_file(shape: str) -> None:
    old = SHAPES[shape].replace("▶", "")
    assert f"{HEADINGS[shape]}\n\n### Features\n" in insert(old, ENTRY)


def test_a_deeper_file_gets_deeper_sections() -> None:
    assert "### 9.0.0\n\n#### Features\n" in insert("# Changes\n\n## Releases\n\n### 1.0.0\n", ENTRY)


def test_a_heading_can_lead_somewhere() -> None:
    entry = Entry(version="9.0.0", date="2024-06-07", notes="", link="https://x/compare")
    assert "\n## [9.0.0](https://x/compare) - 2024-06-07\n\n## [1.0.0] - 2020-01-01" in insert(
        "# Changelog\n\n## [1.0.0] - 2020-01-01\n", entry
    )


def test_a_file_whose_headings_are_plain_keeps_them_plain() -> None:
    entry = Entry(version="9.0.0", date="2024-06-07", notes="", link="https://x/compare")
    assert "## 9.0.0 (2024-06-07)\n" in insert("# Changelog\n\n## 1.0.0 (2020-01-01)\n", entry)


def test_a_file_without_versions_begins_in_the_style_that_is_asked_for() -> None:
    entry = Entry(
        version="9.0.0",
        date="2024-06-07",
        notes="",
        link="https://x/compare",
        heading_style=HEADING_STYLES["conventional"],
    )
    assert "\n## [9.0.0](https://x/compare) (2024-06-07)\n" in insert(None, entry)
    assert "\n## 9.0.0 (2024-06-07)\n" in insert("# Changelog\n", replace(entry, link=""))
    assert "\n## v9.0.0\n" in insert("# Changelog\n\n## v1.0.0\n", entry)


BY_HAND = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- by hand\n\n## [1.0.0]\n\n- told\n"


class TestUnreleased:
    def test_what_people_wrote_becomes_part_of_the_release(self) -> None:
        new = insert(BY_HAND, ENTRY)
        top = new.index("## [Unreleased]"), new.index("## [9.0.0]"), new.index("- by hand"), new.index("## [1.0.0]")
        assert list(top) == sorted(top)
        assert collected(new) == ""

    def test_it_stays_above_for_a_prerelease_and_where_it_is_no_part_of_the_release(self) -> None:
        candidate = insert(BY_HAND, Entry(version="9.0.0-rc.1", date="", notes="- new"))
        assert candidate.index("- by hand") < candidate.index("9.0.0-rc.1") < candidate.index("[1.0.0]")
        hot_fix = insert(BY_HAND, ENTRY, collect=False)
        assert collected(hot_fix) == collected(candidate) == "### Added\n\n- by hand"

    def test_below_everything_that_is_unreleased_where_there_is_no_version_yet(self) -> None:
        assert insert("## Unreleased\n\n- by hand\n\n## Policy\n", ENTRY, collect=False).index("9.0.0") > 20
        alone = insert("## Unreleased\n\n- by hand\n", ENTRY, collect=False)
        assert alone.startswith("## Unreleased\n\n- by hand\n\n## [9.0.0]")

    def test_and_above_the_links_at_the_end_of_the_file(self) -> None:
        old = "## Unreleased\n\n- by hand\n\n[1]: https://x\n"
        assert insert(old, ENTRY, collect=False).endswith("- new (`abcdef0`)\n\n[1]: https://x\n")

    @pytest.mark.parametrize("text", ["", "# Changelog\n", "## 1.0.0\n\n## Unreleased\n\n- x\n"])
    def test_without_such_a_section_there_is_nothing(self, text: str) -> None:
        assert collected(text) == ""

    def test_a_marker_below_keeps_it_out(self) -> None:
        text = f"## Unreleased\n\n- by hand\n\n{MARKER}\n\n## 1.0.0\n"
        assert collected(text) == ""
        assert insert(text, ENTRY).startswith(text[: text.index("## 1.0.0")])

    def test_the_bytes_of_a_file_are_read_as_they_come(self) -> None:
        assert (
            editor.collected(b"\xef\xbb\xbf" + BY_HAND.replace("\n", "\r\n").encode()) == "### Added\n\n- by hand"
        )
        assert editor.collected(None) == ""


def test_an_entry_without_a_date_has_none_in_its_heading() -> None:
    assert "## [9.0.0]\n" in insert(None, Entry(version="9.0.0", date="", notes="- x"))


@pytest.mark.parametrize("text", [None, "", "\n"])
def test_a_missing_file_is_made(text: str | None) -> None:
    assert insert(text, ENTRY).lstrip() == f"{NEW_FILE}\n## [9.0.0] - 2024-06-07\n\n{ENTRY.notes}\n"


@pytest.mark.parametrize(
    "text", ["Just words.\n", "# Changelog\n\n## Policy\n\n## Thanks\n", "## Contributing\n", "# One\n\n# Two\n"]
)
def test_without_a_recognisable_place_it_refuses_and_names_the_way_out(text: str) -> None:
    with pytest.raises(Refused, match="no place for a new version") as caught:
        insert(text, ENTRY)
    assert "shipit changelog adopt" in str(caught.value.hint)
    assert caught.value.evidence


def test_the_marker_of_adopt_makes_a_place_at_the_end_of_any_file() -> None:
    assert insert(f"Just words.\n\n{MARKER}", ENTRY).startswith(f"Just words.\n\n{MARKER}\n\n## [9.0.0]")


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("1.2.0", "1.2.0"),
        ("v1.2", "1.2"),
        ("[1.2.0-rc.1] - 2024-01-01", "1.2.0-rc.1"),
        ("1.2.0rc1", "1.2.0rc1"),
        ("Release v1.2", "1.2"),
        ("tool@1.2.0", "1.2.0"),
        ("Tool 1.2.0 — 2024.1.2", "1.2.0"),
        ("Tool 1.2.0 is here", ""),
        ("1.2.0 is here", "1.2.0"),
        ("3.12 support", ""),
        ("Python 3.12", ""),
        ("[Unreleased]", ""),
        ("1.3.0 (unreleased)", ""),
        ("Thanks", ""),
        ("2024-01-01", ""),
    ],
)
def test_titles_name_versions_or_do_not(title: str, version: str) -> None:
    (heading,) = headings(f"## {title} ##\n")
    assert heading.version == version


class TestBytes:
    def test_what_is_not_utf_8_survives(self) -> None:
        old = b"# Changelog\n\n## 1.0.0\n\n- caf\xe9\n"
        assert insert_bytes(old, ENTRY).endswith(b"## 1.0.0\n\n- caf\xe9\n")

    def test_a_missing_file_is_made(self) -> None:
        assert insert_bytes(None, ENTRY).startswith(b"# Changelog")

    def test_utf_16_is_refused(self) -> None:
        with pytest.raises(Refused, match="UTF-16"):
            insert_bytes("# Changelog".encode("utf-16"), ENTRY)


class TestProof:
    @given(some.text("ab\n"), some.text("ab\n"), some.text("ab\n"))
    def test_an_insertion_is_proved_wherever_it_is(self, before: str, middle: str, after: str) -> None:
        assert sorted(prove(before + after, before + middle + after)) == sorted(middle)

    @pytest.mark.parametrize(("old", "new"), [("ab", "a"), ("ab", "ba"), ("ab", "xbb"), ("abc", "axbx")])
    def test_any_other_change_is_a_bug(self, old: str, new: str) -> None:
        with pytest.raises(Stop, match="beyond one insertion"):
            prove(old, new)

    @given(some.text("# -=[]1.0v\n\r<>`a"))
    def test_whatever_the_file_is_the_result_is_an_insertion_or_a_refusal(self, old: str) -> None:
        with contextlib.suppress(Refused):
            prove(old, insert(old, ENTRY))
