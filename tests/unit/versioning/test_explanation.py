"""What `version --why` prints."""

import re

import pytest

from shipit.versioning.columns import columns
from shipit.versioning.decision import Decision
from shipit.versioning.explain import Row
from shipit.versioning.explanation import page, summary, table

LONG = "feat(api): rename what everybody has used since the very beginning, so that its name says what it is"
WHY = (
    "type fix asks for a patch release; the title of the squashed commit, feat, for a minor release, and it counts"
)


def row(effect: str = "minor", subject: str = "feat: x", why: str = "type feat asks for a minor release") -> Row:
    return Row(sha="abcdef0123", subject=subject, type="", scope="", breaking=False, effect=effect, why=why)


def decision(*found: Row, version: str | None = "1.1.0", previous: str | None = "v1.0.0", **more: str) -> Decision:
    return Decision(version, previous, (), found, **more)


MIXED = (
    row("none", "", "no conventional header"),
    row("patch", "fix: mend 数据库连接池在并发情况下泄漏连接的问题以及相关的文档说明和测试用例", WHY),
    row("minor", LONG),
    row("minor", "feat: " + "x" * 300),
    row("none", "docs: \x1b[31mred\x1b[0m"),
)


class TestTheTop:
    def test_names_version_level_base_tag_and_the_newest_commit_that_decides(self) -> None:
        found = decision(row("patch", "fix: a"), row("minor", "feat: b"), row("minor", "feat: c"))
        assert summary(found) == "1.1.0: minor, after v1.0.0: abcdef0 feat: b"

    @pytest.mark.parametrize(
        ("found", "text"),
        [
            (decision(row(), version=None, why="no commits since v1.0.0"), "none: no commits since v1.0.0"),
            (decision(row(), previous=None), "1.1.0: the first release"),
            (decision(row("none")), "1.1.0, after v1.0.0"),
            (decision(), "1.1.0, after v1.0.0"),
            (decision(row(), reason="the new name"), "1.1.0: as asked for, after v1.0.0"),
            (
                decision(row("major", "feat!: x"), version="0.2.0", previous="v0.1.0"),
                "0.2.0: major (minor below 1.0.0), after v0.1.0: abcdef0 feat!: x",
            ),
            (decision(row("major", "feat!: x"), version="10.0.0"), "10.0.0: major, after v1.0.0: abcdef0 feat!: x"),
        ],
    )
    def test_says_so_where_no_commit_decides(self, found: Decision, text: str) -> None:
        assert summary(found) == text

    def test_names_the_level_that_a_person_asked_for(self) -> None:
        assert summary(decision(row("patch")), "minor") == "1.1.0: minor, as asked for, after v1.0.0"

    def test_has_neither_control_characters_nor_an_endless_subject(self) -> None:
        text = summary(decision(row("minor", "feat: \x1b[31m" + "x" * 9000)))
        assert "\x1b" not in text
        assert text.endswith("…")
        assert len(text) < 300


class TestThePage:
    def test_has_the_top_then_the_table_then_what_it_counts_from(self) -> None:
        assert page(decision(row(), basis="1.1.0 counts from v1.0.0"), "", None).splitlines() == [
            "1.1.0: minor, after v1.0.0: abcdef0 feat: x",
            "",
            "commit   effect  subject  why",
            "abcdef0  minor   feat: x  type feat asks for a minor release",
            "",
            "1.1.0 counts from v1.0.0",
        ]

    def test_says_why_a_person_asked_for_this_version(self) -> None:
        assert "\n\n1.1.0 was asked for: the new name\n" in page(decision(row(), reason="the new name"), "", None)

    @pytest.mark.parametrize("width", [20, 39, 40, 58, 59, 60, 80, 120, 200])
    def test_fits_the_terminal(self, width: int) -> None:
        found = decision(*MIXED, reason="in step with the server, " * 8, basis="1.1.0 counts from" + " v1.0.0" * 20)
        text = page(found, "", width)
        assert max(map(columns, text.splitlines())) <= width
        assert not [line for line in text.splitlines() if line.endswith(" ")]
        assert "\x1b" not in text

    @pytest.mark.parametrize("width", [40, 59, 80, 120])
    def test_breaks_no_word_that_fits_its_column(self, width: int) -> None:
        text = page(decision(row("minor", LONG, WHY)), "", width)
        known = {
            *LONG.split(),
            *WHY.split(),
            *("commit", "effect", "subject", "why", "abcdef0", "minor,", "minor", "1.1.0:", "after"),
        }
        assert set(text.split()) <= known | {"v1.0.0:"}


class TestTheTable:
    def test_has_one_line_for_each_commit_where_there_is_no_terminal(self) -> None:
        lines = table(MIXED).splitlines()
        assert [line.split("  ")[0] for line in lines] == ["commit", *("abcdef0" for _ in MIXED)]
        assert lines[2].endswith(WHY)
        assert not any(line.endswith(" ") for line in lines)

    def test_shows_subject_and_reason_in_even_columns_also_behind_wide_characters(self) -> None:
        lines = table((row("patch", "fix: 数据"), row())).splitlines()
        places = [columns(line[: line.index("type feat")]) for line in lines[1:]]
        assert len(set(places)) == 1

    def test_folds_nothing_where_all_of_it_fits_the_terminal(self) -> None:
        found = (row(), row("none", "docs: y", "type docs asks for no release"))
        lines = table(found, 80).splitlines()
        assert lines == [
            "commit   effect  subject  why",
            "abcdef0  minor   feat: x  type feat asks for a minor release",
            "abcdef0  none    docs: y  type docs asks for no release",
        ]
        assert lines == table(found).splitlines()

    def test_folds_what_is_long_below_its_own_column(self) -> None:
        assert table((row("minor", LONG),), 80).splitlines() == [
            "commit   effect  subject                               why",
            "abcdef0  minor   feat(api): rename what everybody has  type feat asks for a",
            "                 used since the very beginning, so     minor release",
            "                 that its name says what it is",
        ]

    def test_stacks_them_where_columns_would_be_too_narrow(self) -> None:
        assert table((row("minor", "feat: one two three"),), 18).splitlines() == [
            "abcdef0  minor",
            "  feat: one two",
            "  three",
            "  type feat asks",
            "  for a minor",
            "  release",
        ]

    def test_cuts_what_no_screen_would_show(self) -> None:
        for width in (None, 80):
            text = table((row("minor", "feat: " + "y " * 5000),), width)
            assert "…" in text
            assert len(re.findall("y", text)) < 200
