"""People's words shown as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.changelog import markdown


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("plain words, 1.5 times (really)", "plain words, 1.5 times (really)"),
        ("use `a_b` and ``c`d``", "use `a_b` and ``c`d``"),
        ("a_b *c* ~d~ |e|", "a\\_b \\*c\\* \\~d\\~ \\|e\\|"),
        ("<script>", "\\<script>"),
        ("[x](y)", "\\[x\\](y)"),
        ("an open ` tick", "an open \\` tick"),
        ("thank @octocat, not a@b.c", "thank @\u200boctocat, not a@b.c"),
        ("`@property` stays", "`@property` stays"),
        ("# no heading", "\\# no heading"),
        ("- no list", "\\- no list"),
        ("1. no list", "1\\. no list"),
        ("1.5 is no list", "1.5 is no list"),
        ("bell\x07 and \u202eback", "bell and back"),
        ("two\nlines", "two lines"),
        ("", ""),
    ],
)
def test_a_line_shows_exactly_these_words(said: str, written: str) -> None:
    assert markdown.line(said) == written


def test_a_paragraph_stays_markdown_within_its_list_item() -> None:
    said = "# use <b> and @you\n\n- one\n```\ncode\n```"
    assert markdown.paragraph(said, "  ") == "\\# use \\<b> and @\u200byou\n\n  - one\n  ```\n  code\n  ```"


@given(some.text())
def test_a_line_is_one_line_without_controls(said: str) -> None:
    written = markdown.line(said)
    assert not set(written) & set("\n\r\x00\x1b\u202e\u2028")
