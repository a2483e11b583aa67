"""Lines for a terminal: broken between words, and only where nothing else helps in one."""

import pytest

from shipit.output.wrapping import columns_of, wrapped
from shipit.versioning.columns import columns
from tests.unit.output.stage import Stream

LONG = "datenbank/schema-änderungen/der-zentralen-auskunft/alembic.ini"
WIDE = "道路交通の監視システムとデータ収集サービス"


def test_a_long_word_begins_further_to_the_left_and_stays_whole() -> None:
    word = "x" * 15
    assert list(wrapped(f"a {word}", 15, "    ")) == ["a", word]
    assert list(wrapped(f"a {word[1:]} b", 15, "    ")) == ["a", f" {word[1:]}", "    b"]


def test_a_word_that_no_line_is_wide_enough_for_is_broken_where_it_may_be() -> None:
    assert list(wrapped(f'key = "{LONG}"', 30, "    ")) == [
        *("key =", '    "datenbank/', "    schema-änderungen/", "    der-zentralen-auskunft/", '    alembic.ini"'),
    ]
    assert list(wrapped("über-alle-maßen-lange-namen", 12)) == ["über-alle-", "maßen-lange-", "namen"]
    assert list(wrapped(WIDE, 16, "  ")) == ["道路交通の監視シ", "  ステムとデータ", "  収集サービス"]


def test_a_word_without_such_a_place_is_left_to_the_terminal() -> None:
    assert list(wrapped("x" * 30, 15)) == ["x" * 30]
    assert list(wrapped(f"a {'x' * 16} b", 15, "    ")) == ["a", "x" * 16, "    b"]


@pytest.mark.parametrize("width", [10, 17, 30, 60, 80])
@pytest.mark.parametrize("text", [f"in {WIDE} and ünder, {WIDE}", f"{LONG} is the {LONG}", f"    {WIDE} {LONG}"])
def test_no_line_is_wider_than_it_may_be_and_nothing_is_lost(text: str, width: int) -> None:
    lines = list(wrapped(text, width, "  "))
    assert "".join("".join(lines).split()) == "".join(text.split())
    longest = max(columns(part) for part in text.replace("/", "/ ").replace("-", "- ").split() if part != WIDE)
    assert max(map(columns, lines)) <= max(width, longest if longest > width else 0)


def test_spaces_at_the_end_make_no_line_of_their_own() -> None:
    assert list(wrapped("ab cd     ", 5)) == ["ab cd"]
    assert list(wrapped("ab cd     ", None)) == ["ab cd     "]


def test_a_very_long_line_takes_no_time_to_speak_of() -> None:
    assert sum(len(line) for line in wrapped("a/" * 50_000, 80)) == 100_000


@pytest.mark.parametrize(
    ("is_terminal", "wanted", "found"),
    [
        (True, "", 80),
        (False, "", None),
        (True, "120", 120),
        (False, "120", 120),
        (True, "0", 80),
        (False, "x", None),
    ],
)
def test_the_width_is_that_of_the_terminal_or_as_asked_for(
    is_terminal: bool, wanted: str, found: int | None
) -> None:
    assert columns_of(Stream(terminal=is_terminal), {"COLUMNS": wanted}) == found
