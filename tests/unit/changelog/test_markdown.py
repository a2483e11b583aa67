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
        ("a_b *c* ~d~ |e|", "a_b \\*c\\* \\~d\\~ \\|e\\|"),
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
        ("see https://x.example/a_b_c?x_y=1&lt=2 again", "see https://x.example/a_b_c?x_y=1&lt=2 again"),
        ("(http://x.example/~me/@all) *a*", "(http://x.example/~me/@all) \\*a\\*"),
        ("a__b __all__ _c", "a\\_\\_b \\_\\_all\\_\\_ \\_c"),
        ("read_only is &lt;here&gt;", "read_only is \\&lt;here\\&gt;"),
        ("", ""),
    ],
)
def test_a_line_shows_exactly_these_words(said: str, written: str) -> None:
    assert markdown.line(said) == written


def test_a_paragraph_stays_markdown_within_its_list_item() -> None:
    said = "# use <b> and @you\n\n- one\n```\ncode\n```"
    assert markdown.paragraph(said, "  ") == "\\# use \\<b> and @\u200byou\n\n  - one\n  ```\n  code\n  ```"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("use `@acme/tool <b>` and `x`", "use `@acme/tool <b>` and `x`"),
        ("words\n`<b>` and @you", "words\n  `<b>` and @\u200byou"),
        ("an open ` tick\n`<b>`", "an open ` tick\n  `\\<b>`"),
        ("an open ` tick\n\n`<b>`", "an open ` tick\n\n  `<b>`"),
        ("no \\`<b>`", "no \\`\\<b>`"),
        ("&lt;b&gt; and https://x.example/@a", "\\&lt;b\\&gt; and https://x.example/@a"),
    ],
)
def test_code_and_addresses_of_a_paragraph_are_not_touched(said: str, written: str) -> None:
    assert markdown.paragraph(said, "  ") == written


def test_what_begins_with_a_list_or_code_is_more_than_words() -> None:
    found = [markdown.is_block(text) for text in ("- a", "1. a", "> a", "\n```\na\n```", "-a", "1.5 a", "`a`", "")]
    assert found == [True] * 4 + [False] * 4
    assert markdown.blocks("- a\n- <b>\n\n```\n@x\n```", "  ") == "  - a\n  - \\<b>\n\n  ```\n  @x\n  ```"


@given(some.text())
def test_a_line_is_one_line_without_controls(said: str) -> None:
    written = markdown.line(said)
    assert not set(written) & set("\n\r\x00\x1b\u202e\u2028")
