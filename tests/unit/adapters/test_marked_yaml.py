"""YAML with lines: texts stay texts, and what is no YAML or would not end is refused with its line."""

import pytest

from shipit.adapters.marked_yaml import read
from shipit.errors import Refused
from shipit.project.ci.document import Node


def test_every_value_has_its_line_and_every_text_is_as_written() -> None:
    root = read(b"on: push\na:\n  - yes\n  - 1.10\nb: ~\n", "x.yml", Node)
    assert root.get("on") == Node(1, "push")
    assert root.get("a") == Node(3, (Node(3, "yes"), Node(4, "1.10")))
    assert root.get("b").text == ""


def test_a_file_with_nothing_in_it_is_an_empty_text() -> None:
    assert read(b"# nothing\n", "x.yml", Node) == Node(1, "")


def test_what_an_alias_names_is_made_once() -> None:
    """Each line doubles what the one before holds: written out it would not fit on a disk."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    root = read("\n".join(lines).encode(), "x.yml", Node)
    assert len(root.table) == 60
    assert list(root.scalars()) == ["x"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"a: 1\nb: [\n", "x.yml:3"),
        (b"a: 1\nb: *c\n", "x.yml:2"),
        (b"a: 1\n--- \nb: 2\n", "x.yml:2"),
        (b"a: &a [*a]\n", "x.yml:1"),
        (b"a: 1\n[1, 2]: 3\n", "x.yml:2"),
        (b"a: \x00\n", "x.yml:1"),
        (b"\xff\xff: \xff\n", "x.yml:1"),
        (b"[" * 600, "x.yml:1"),
        (b"#" * ((1 << 20) + 1), "x.yml:1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(content: bytes, where: str) -> None:
    with pytest.raises(Refused) as caught:
        read(content, "x.yml", Node)
    assert caught.value.where == where
    assert caught.value.evidence[0]
