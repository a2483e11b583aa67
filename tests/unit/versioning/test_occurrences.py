"""Where a file mentions the last version, the new one is written, and nowhere else."""

import pytest

from shipit.errors import Refused
from shipit.versioning.number import Version, parse
from shipit.versioning.occurrences import last_version, renewed, silent
from tests.support.commits import Rules

NOTHING: dict[str, str] = {}
README = "demo 1.4.0, v1.4.0, ==1.4.0; demo-1.4.0.tar.gz; 11.4.0, 1.4.01, 1.4.0.1, 2.1.4.0\n"


def renew(mention: str, text: str, old: str, new: str) -> str:
    path = mention.partition(":")[0]
    return renewed((mention,), {path: text}.get, parse(old), new).get(path, text)


def test_every_occurrence_of_the_last_version_becomes_the_new_one_and_no_longer_number_does() -> None:
    expected = "demo 1.5.0, v1.5.0, ==1.5.0; demo-1.5.0.tar.gz; 11.4.0, 1.4.01, 1.4.0.1, 2.1.4.0\n"
    assert renew("README.md", README, "1.4.0", "1.5.0") == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a", "a 1.5.0\r\nb 1.4.0\r\na 1.5.0"),
        ("b", "a 1.4.0\r\nb 1.5.0\r\na 1.4.0"),
        (r"\d", "a 1.5.0\r\nb 1.5.0\r\na 1.5.0"),
        ("x", "a 1.4.0\r\nb 1.4.0\r\na 1.4.0"),
    ],
)
def test_a_pattern_chooses_the_lines(pattern: str, expected: str) -> None:
    assert renew(f"x.txt:{pattern}", "a 1.4.0\r\nb 1.4.0\r\na 1.4.0", "1.4.0", "1.5.0") == expected


@pytest.mark.parametrize(
    ("path", "text", "old", "new", "expected"),
    [
        ("x.md", "1.5.0-rc.1 1.5.0rc1", "1.5.0-rc.1", "1.5.0", "1.5.0 1.5.0"),
        ("x.md", "1.5.0-rc.1", "1.5.0-rc.1", "1.5.0-rc.2", "1.5.0-rc.2"),
        ("x.py", "1.5.0-rc.1 1.5.0rc1", "1.5.0-rc.1", "1.5.0-rc.2", "1.5.0-rc.2 1.5.0rc2"),
        ("x.md", "1.4.0", "1.4.0", "1.5.0-rc.1", "1.5.0-rc.1"),
        ("x.py", "1.4.0", "1.4.0", "1.5.0-rc.1", "1.5.0rc1"),
    ],
)
def test_a_prerelease_is_spelled_as_it_stood_there(path: str, text: str, old: str, new: str, expected: str) -> None:
    assert renew(path, text, old, new) == expected


def test_two_mentions_of_one_file_are_both_renewed() -> None:
    read = {"x": "a 1.0.0\nb 1.0.0\nc 1.0.0\n"}.get
    assert renewed(("x:^a", "x:^b"), read, parse("1.0.0"), "2.0.0") == {"x": "a 2.0.0\nb 2.0.0\nc 1.0.0\n"}


def test_a_file_that_is_not_there_is_refused_with_the_key() -> None:
    with pytest.raises(Refused, match=r"x is not there, but version\.mentions names it"):
        renewed(("x",), NOTHING.get, parse("1.0.0"), "2.0.0")


def test_before_the_first_version_nothing_is_looked_for() -> None:
    assert renewed(("x",), NOTHING.get, None, "1.0.0") == {}
    assert list(silent(("x",), NOTHING.get, None)) == []


def test_mentions_that_find_nothing_are_named() -> None:
    read = {"x": "1.0.0", "y": "1.0"}.get
    assert list(silent(("x", "x:^a", "y"), read, parse("1.0.0"))) == ["x:^a", "y"]


@pytest.mark.parametrize(
    ("in_files", "previous", "new", "expected"),
    [
        (["1.0.0", "1.1.0"], "v0.9.0", "2.0.0", "1.0.0"),
        ([], "v0.9.0", "1.0.0", "0.9.0"),
        (["1.0.0"], "v0.9.0", "1.0.0", "0.9.0"),
        ([], None, "1.0.0", None),
        ([], "other", "1.0.0", None),
    ],
)
def test_the_last_version_is_that_of_a_file_else_of_the_tag(
    in_files: list[str], previous: str | None, new: str, expected: str | None
) -> None:
    found: Version | None = last_version(map(parse, in_files), previous, Rules(), new)
    assert found == (parse(expected) if expected else None)
