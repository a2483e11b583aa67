"""Paragraphs on one line, and all else as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt

from shipit.changelog.unwrapping import unwrapped

LINES = ["words", "more words", "  indented", "- item", "  of the item", "1. one", "> said", "```", "~~~", "# x"]
OTHERS = ["", "", "a | b", "--|--", "<b>", "===", "[x]: y", "broken  ", "broken\\", "    code", "* * *", "+ one"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo\nthree", "one two three"),
        ("- one\n  two\n- three\n  four", "- one two\n- three four"),
        ("1. one\n   two\n\n   three\n   four", "1. one two\n\n   three four"),
        ("one\ntwo\n\nthree", "one two\n\nthree"),
        ("one\n\n```\na\nb\n```\ntwo\nthree", "one\n\n```\na\nb\n```\ntwo three"),
        ("one\n~~~~\na\n~~~\nb\n~~~~\n", "one\n~~~~\na\n~~~\nb\n~~~~\n"),
        ("- ```\n  a\n  b\n  ```", "- ```\n  a\n  b\n  ```"),
    ],
)
def test_the_lines_of_a_paragraph_are_joined(text: str, shown: str) -> None:
    assert unwrapped(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "### Features\n\n- a\n- b",
        "# Title\nwords",
        "a | b\n--|--\n1 | 2",
        "> one\n> two",
        "<details>\n<summary>x</summary>\nwords\n</details>",
        "hard  \nbreak\\\nhere",
        "Title\n=====",
        "[a]: b\n[c]: d",
        "",
    ],
)
def test_what_lives_by_its_line_ends_keeps_them(text: str) -> None:
    assert unwrapped(text) == text


@given(some.lists(some.sampled_from([*LINES, *OTHERS]), max_size=8).map("\n".join))
def test_the_page_has_the_same_blocks(text: str) -> None:
    page = MarkdownIt("commonmark").enable("table")

    def shape(said: str) -> list[tuple[str, str]]:
        return [(one.type, " ".join(one.content.split())) for one in page.parse(said)]

    assert shape(unwrapped(text)) == shape(text)
