"""Text in columns of a terminal."""

import pytest

from shipit.versioning.columns import columns, folded, padded

TEXTS = (
    "",
    "one",
    "type feat asks for a minor release; the title of the squashed commit, fix, for a patch release, and it counts",
    "    def deep(indented: int) -> None:  # a comment behind it that is longer than the line may be",
    "修复数据库连接池在并发情况下泄漏连接的问题。以及相关的文档说明和测试用例都已经更新完成了",
    "fix(数据库): 修复 the pool in 并发情况 and others, see https://example.com/a/very/long/address/that/has/no/space",
    "cafe\u0301 " * 30,
    "x" * 200,
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [2, 10, 21, 40, 80, 120])
def test_nothing_is_lost_and_no_line_is_longer_unless_it_is_one_word(text: str, width: int) -> None:
    for hard in (False, True):
        lines = list(folded(text, width, hard=hard))
        assert "".join("".join(lines).split()) == "".join(text.split())
        for line in lines:
            assert columns(line) <= width or (not hard and " " not in line.strip())


@pytest.mark.parametrize("text", TEXTS)
def test_lines_are_broken_between_words_or_beside_wide_characters(text: str) -> None:
    lines = list(folded(text, 40))
    words = text.split()
    for line in lines:
        assert all(word in words or not word.isascii() for word in line.split())


def test_a_line_goes_on_below_its_own_text() -> None:
    assert list(folded("- one two three", 9, "  ")) == ["- one two", "  three"]
    assert list(folded("one two three", 4, " " * 100)) == ["one", "  two", "  three"]


def test_a_word_that_is_too_long_stands_alone_or_is_broken() -> None:
    assert list(folded("a bcdefghij k", 5)) == ["a", "bcdefghij", "k"]
    assert list(folded("a bcdefghij k", 5, hard=True)) == ["a", "bcdef", "ghij", "k"]


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert columns("数据") == 4
    assert columns("e\u0301") == 1
    assert columns("\uff46ull") == 5
    assert padded("数据", 6) == "数据  "
    assert list(folded("数据库连接", 4)) == ["数据", "库连", "接"]
    assert list(folded("数据。库", 5)) == ["数", "据。", "库"]
