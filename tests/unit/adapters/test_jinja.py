"""Notes from somebody's own template."""

import pytest

from shipit.adapters.jinja import fill
from shipit.errors import UsageError

NAME = "docs/notes.md.jinja"


def test_a_template_gets_its_values_and_loses_blank_lines_around() -> None:
    assert fill("\n{% for one in many %}\n- {{ one }}\n{% endfor %}\n\n", NAME, {"many": [1, 2]}) == "- 1\n- 2"


def test_the_filter_shows_exactly_these_words() -> None:
    assert fill("{{ words | markdown }}", NAME, {"words": "*<b> @ann"}) == "\\*\\<b> @\u200bann"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("one\n{{ gone }}", 2),
        ("{% for %}", 1),
        ("a\n\nb {{ 1 / 0 }}", 3),
        ("{{ ''.__class__ }}", 1),
        ("a\n{{ version.upper(1) }}", 2),
        ("a\n{{ version | nothing }}", 2),
        ("{% macro m() %}\n{{ gone }}\n{% endmacro %}\n{{ m() }}", 2),
        ("a\n{% include 'other' %}", 2),
        ("a\n{% for n in range(999999) %}{% endfor %}", 2),
    ],
)
def test_what_goes_wrong_is_told_with_file_and_line(source: str, line: int) -> None:
    with pytest.raises(UsageError, match="the template of the notes cannot be filled in") as caught:
        fill(source, NAME, {"version": "1.0.0"})
    assert caught.value.where == f"{NAME}:{line}"
    assert caught.value.evidence
