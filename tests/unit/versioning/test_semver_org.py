"""semver.org's published strings and order, with python-semver as second opinion; PEP 440 with packaging as one."""

from itertools import pairwise, product

import pytest
import semver
from hypothesis import given
from hypothesis import strategies as some
from packaging.version import Version as Packaged

from shipit.versioning.number import from_pep440, parse, pep440, read
from tests.unit.versioning.test_number import INVALID, VALID

PARAGRAPH_9 = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x.7.z.92", "1.0.0-x-y-z.--"]
PARAGRAPH_10 = [
    "1.0.0-alpha+001",
    "1.0.0+20130313144700",
    "1.0.0-beta+exp.sha.5114f85",
    "1.0.0+21AF26D3----117B344092BD",
]
PARAGRAPH_11 = [
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"),
    *("1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"),
]
PUBLISHED = [*VALID, *PARAGRAPH_9, *PARAGRAPH_10]

near_misses = some.text("0123456789.-+abzAZ", max_size=24)
identifiers = some.from_regex(r"(?:0|[1-9][0-9]{0,3}|[0-9]{0,2}[a-z-][0-9a-z-]{0,3})", fullmatch=True)
numbers = some.integers(0, 30)
cores = some.builds("{}.{}.{}".format, numbers, numbers, numbers)
versions = some.builds(
    lambda core, pre, build: f"{core}{'-' if pre else ''}{'.'.join(pre)}{'+' if build else ''}{'.'.join(build)}",
    cores,
    some.lists(identifiers, max_size=3),
    some.lists(identifiers, max_size=2),
)
pep440_texts = some.builds(
    "{}{}{}{}{}{}".format,
    some.sampled_from(["", "v", "V"]),
    cores,
    some.sampled_from(["", ".", "-", "_"]),
    some.sampled_from(["a", "alpha", "ALPHA", "b", "beta", "c", "rc", "RC", "pre", "preview"]),
    some.sampled_from(["", ".", "-", "_"]),
    some.sampled_from(["", "0", "1", "01", "12"]),
)


def sign(value: int) -> int:
    return (value > 0) - (value < 0)


def compare(one: str, other: str) -> int:
    left, right = parse(one).precedence, parse(other).precedence
    return (left > right) - (left < right)


class TestSemVer:
    @pytest.mark.parametrize("text", PUBLISHED)
    def test_a_published_valid_string_is_read_in_the_same_parts_as_by_python_semver(self, text: str) -> None:
        mine, theirs = parse(text), semver.Version.parse(text)
        assert str(mine) == text
        assert (mine.major, mine.minor, mine.patch) == (theirs.major, theirs.minor, theirs.patch)
        assert (mine.prerelease, mine.build) == (theirs.prerelease, theirs.build)

    @pytest.mark.parametrize("text", INVALID)
    def test_a_published_invalid_string_is_refused_by_both(self, text: str) -> None:
        assert read(text) is None
        assert not semver.Version.is_valid(text)

    def test_the_order_of_paragraph_11_is_kept(self) -> None:
        assert [compare(one, other) for one, other in pairwise(PARAGRAPH_11)] == [-1] * 10

    def test_all_published_strings_sort_as_in_python_semver(self) -> None:
        for one, other in product(PUBLISHED, repeat=2):
            assert compare(one, other) == sign(semver.Version.parse(one).compare(other)), (one, other)

    @given(versions | near_misses)
    def test_any_string_is_valid_for_both_or_for_neither(self, text: str) -> None:
        assert (read(text) is not None) == semver.Version.is_valid(text)

    @given(versions, versions)
    def test_any_two_versions_sort_as_in_python_semver(self, one: str, other: str) -> None:
        assert compare(one, other) == sign(semver.Version.parse(one).compare(other))

    @given(versions)
    def test_any_version_is_written_as_it_was_read(self, text: str) -> None:
        assert str(parse(text)) == text


class TestPep440:
    @given(pep440_texts)
    def test_any_spelling_of_a_prerelease_becomes_the_canonical_one(self, text: str) -> None:
        assert pep440(from_pep440(text)) == str(Packaged(text))

    @given(cores)
    def test_a_final_version_is_spelled_alike_in_both_schemes(self, text: str) -> None:
        assert pep440(text) == str(from_pep440(text)) == str(Packaged(text)) == text

    @given(pep440_texts, pep440_texts)
    def test_semver_keeps_the_order_of_the_index(self, one: str, other: str) -> None:
        left, right = Packaged(one), Packaged(other)
        assert compare(str(from_pep440(one)), str(from_pep440(other))) == (left > right) - (left < right)
