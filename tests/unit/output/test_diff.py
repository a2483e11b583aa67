"""How a proposed file is shown: its signs, and reasons beside or below its lines."""

from shipit.output.diff import FileDiff, lines, wrapped
from shipit.output.line import plain


def shown(before: str, after: str, width: int, **reasons: str) -> list[str]:
    pairs = tuple((line.replace("_", " "), reason) for line, reason in reasons.items())
    diff = FileDiff(path="a.toml", state="changed", before=before, after=after, reason="it changed", reasons=pairs)
    return [plain(line) for line in lines(diff, width)]


def test_changed_lines_stand_among_those_around_them() -> None:
    before = "".join(f"{number}\n" for number in range(20))
    after = before.replace("10\n", "ten\n").replace("18\n", "")
    assert shown(before, after, 80)[2:] == [
        *("  …", "  7", "  8", "  9", "- 10", "+ ten", "  11", "  12", "  13"),
        *("  …", "  15", "  16", "  17", "- 18", "  19"),
    ]


def test_a_reason_stands_beside_its_line_or_below_a_long_one() -> None:
    found = shown("", "short\nthis line is far too long\n", 40, short="why", this_line_is_far_too_long="because")
    assert found[2:] == ["+ short    · why", "+ this line is far too long", "      · because"]


def test_a_reason_that_is_longer_than_its_margin_goes_on_below() -> None:
    found = shown("", "ab\ncd\n", 30, ab="one two three four five six seven")
    assert found[2:] == ["+ ab    · one two three four", "          five six seven", "+ cd"]


def test_a_line_is_broken_between_words_and_keeps_its_sign() -> None:
    assert shown("", "  key: one two three four\n", 20)[3:] == ["+   key: one two", "+       three four"]


def test_a_long_word_begins_further_to_the_left_and_is_never_broken() -> None:
    word = "x" * 15
    assert list(wrapped(f"a {word}", 15, "    ")) == ["a", word]
    assert list(wrapped(f"a {word}x b", 15, "    ")) == ["a", f"{word}x", "    b"]
    assert list(wrapped("x" * 30, 15, "")) == ["x" * 30]


def test_the_head_is_broken_as_well_and_control_characters_are_gone() -> None:
    diff = FileDiff(path="a\x1b[31m.toml", state="new", before="", after="b\x07\n", reason="one two three")
    assert [plain(line) for line in lines(diff, 20)] == ["a.toml (new): one", "  two three", "", "+ b"]
