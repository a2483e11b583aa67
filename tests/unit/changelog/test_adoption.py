"""A file in which no place is recognised gets a marker, once, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.changelog.adoption import adopt, line
from shipit.changelog.editor import Entry, insert, prove
from shipit.changelog.insertion import MARKER
from tests.unit.changelog.shapes import SHAPES

ENTRY = Entry(version="9.0.0", date="2024-06-07", notes="- new")


@pytest.mark.parametrize(
    "shape",
    [
        "# Changelog\n\nWords.\n\n▶## Policy\n\n## Thanks\n",
        "# One\n\n▶# Two\n",
        "▶## Contributing\n\nWords.\n",
        "Just words.\n▶",
        "Changes of tool\n\n▶- did this\n- did that\n",
        "▶- did this\n- did that\n",
        "▶1.0: did this\n\n0.9: did that\n",
        "▶Several lines\nof words.\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_marker_goes_below_title_and_introduction(shape: str, newline: str, mark: str) -> None:
    before, after = (mark + shape.replace("\n", newline)).split("▶")
    old = before + after
    assert line(old) is None
    new = adopt(old)
    assert prove(old, new).strip() == MARKER
    assert new.startswith(before)
    assert new.endswith(after)
    assert adopt(new) == new
    assert line(new) == new[: new.index(MARKER)].count("\n") + 2
    assert insert(new, ENTRY).index(MARKER) < insert(new, ENTRY).index("9.0.0")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_with_a_place_stays_as_it_is(shape: str) -> None:
    before, after = SHAPES[shape].split("▶")
    assert adopt(before + after) == before + after
    assert line(before + after) == before.count("\n") + 1


@given(some.text("# -=[]1.0v\n\r<>`a"))
def test_afterwards_every_file_takes_a_version(old: str) -> None:
    insert(adopt(old), ENTRY)
