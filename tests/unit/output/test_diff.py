"""How a proposed file is shown: its signs, and reasons beside or below its lines."""

import pytest

from shipit.output.diff import FileDiff, counted, lines, noted
from shipit.output.line import plain


def shown(before: str, after: str, width: int | None, **reasons: str) -> list[str]:
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


@pytest.mark.parametrize(
    ("before", "after", "sign"), [("", "{}\n", "+"), ("{}\n", "", "-"), ("{}\n", "{}\nnew\n", " ")]
)
def test_a_line_that_goes_on_below_keeps_its_sign_and_is_told_from_one_of_its_own(
    before: str, after: str, sign: str
) -> None:
    line = "  key: one two three four"
    found = shown(before.format(line), after.format(line), 20)
    assert found[3:5] == [f"{sign}   key: one two", f"{sign}→      three four"]


def test_in_a_pipe_each_line_of_a_file_is_one_line_with_its_reason() -> None:
    long, path = "key: " + "word " * 40 + "end", "folder/" * 30
    found = shown("old\n", f"old\n{long}\n{path}\nshort\n", None, short="why " * 40)
    assert found[2:5] == ["  old", f"+ {long}", f"+ {path}"]
    assert found[5:] == ["+ short    · " + "why " * 40]


def test_reasons_stand_below_where_a_word_of_theirs_is_too_long_for_the_margin() -> None:
    found = shown("", "ab\ncd\n", 40, ab="a-name/of-thirty-two/characters!", cd="why")
    assert found[2:] == ["+ ab", "      · a-name/of-thirty-two/characters!", "+ cd    · why"]


def test_only_signs_are_coloured() -> None:
    diff = FileDiff(path="a", state="changed", before="a\nb\n", after="a\nc\n", reason="x", reasons=(("c", "why"),))
    pieces = [piece for line in lines(diff, 80) for piece in line if piece[1] != "bold"]
    assert [piece for piece in pieces if piece[1]] == [("-", "red"), ("+", "green")]


def test_what_surrounds_a_change_is_the_same_in_a_long_file() -> None:
    many = [str(number) for number in range(30_000)]
    for at, top in ((0, []), (2, []), (15_000, ["  …"]), (29_999, ["  …"])):
        before, after = "\n".join(many), "\n".join([*many[:at], "new", *many[at + 1 :]])
        around = (
            [f"  {number}" for number in many[max(at - 3, 0) : at]],
            [f"  {number}" for number in many[at + 1 : at + 4]],
        )
        assert shown(before, after, 80)[2:] == [*top, *around[0], f"- {at}", "+ new", *around[1]]


def test_lines_that_repeat_are_added_once() -> None:
    assert shown("a\na\n", "a\na\na\n", 80)[2:] == ["  a", "  a", "+ a"]
    assert shown("a\na\na\n", "a\n", 80)[2:] == ["  a", "- a", "- a"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "a\nb\n", "2 lines added"),
        ("a\n", "", "1 line removed"),
        ("a\nb\n", "c\nb\n", "1 line added, 1 line removed"),
    ],
)
def test_a_file_is_told_in_a_line(before: str, after: str, said: str) -> None:
    diff = FileDiff(path="a.toml", state="changed", before=before, after=after, reason="")
    assert counted(diff) == f"a.toml (changed): {said}"


def test_a_note_has_its_mark_beside_its_first_word_however_long_that_is() -> None:
    assert list(noted("one two three", 9)) == ["· one two", "  three"]
    assert list(noted(f"{'x' * 20} is there", 12)) == [f"· {'x' * 20}", "  is there"]
    assert list(noted("folder/of/a-file is there", 12)) == ["· folder/of/", "  a-file is", "  there"]
    assert list(noted("one two three", None)) == ["· one two three"]


def test_the_head_is_broken_as_well_and_control_characters_are_gone() -> None:
    diff = FileDiff(path="a\x1b[31m.toml", state="new", before="", after="b\x07\n", reason="one two three")
    assert [plain(line) for line in lines(diff, 20)] == ["a.toml (new): one", "  two three", "", "+ b"]
