"""Quotations in Markdown."""

import pytest

from shipit.quotations import quotations


def visible(text: str) -> str:
    found = quotations(text)
    return "".join(char for index, char in enumerate(text) if not found.cover(index))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\nb", "a\nb"),
        ("a\n```\nb\n```\nc", "a\n\nc"),
        ("a\n```python\nb\n```\nc\n~~~\nd\n~~~\ne", "a\n\nc\n\ne"),
        ("a\n```\nb", "a\n```\nb"),
        ("```\na\n~~~\n```\nb", "\nb"),
        ("`````````\na\n`````````\nb", "\nb"),
        ("<pre>a</pre>b", ">b"),
        ("<!-- a -->b<!-- c", "b<!-- c"),
        ("a\n<!-- b", "a\n"),
    ],
)
def test_quotations_are_fences_elements_and_comments(text: str, left: str) -> None:
    assert visible(text) == left
