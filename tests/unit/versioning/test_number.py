"""SemVer and PEP 440 are one model."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from packaging.version import Version as Oracle

from shipit.errors import UsageError
from shipit.versioning.number import TOKENS, Version, from_pep440, parse, pep440, read, written

# https://semver.org: the strings behind its suggested regular expression
VALID = [
    "0.0.4",
    "1.2.3",
    "10.20.30",
    "1.1.2-prerelease+meta",
    "1.1.2+meta",
    "1.1.2+meta-valid",
    "1.0.0-alpha",
    "1.0.0-beta",
    "1.0.0-alpha.beta",
    "1.0.0-alpha.beta.1",
    "1.0.0-alpha.1",
    "1.0.0-alpha0.valid",
    "1.0.0-alpha.0valid",
    "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay",
    "1.0.0-rc.1+build.1",
    "2.0.0-rc.1+build.123",
    "1.2.3-beta",
    "10.2.3-DEV-SNAPSHOT",
    "1.2.3-SNAPSHOT-123",
    "1.0.0",
    "2.0.0",
    "1.1.7",
    "2.0.0+build.1848",
    "2.0.1-alpha.1227",
    "1.0.0-alpha+beta",
    "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
    "1.2.3----R-S.12.9.1--.12+meta",
    "1.2.3----RC-SNAPSHOT.12.9.1--.12",
    "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
    "99999999999999999999999.999999999999999999.99999999999999999",
    "1.0.0-0A.is.legal",
]
INVALID = [
    "1",
    "1.2",
    "1.2.3-0123",
    "1.2.3-0123.0123",
    "1.1.2+.123",
    "+invalid",
    "-invalid",
    "-invalid+invalid",
    "-invalid.01",
    "alpha",
    "alpha.beta",
    "alpha.beta.1",
    "alpha.1",
    "alpha+beta",
    "alpha_beta",
    "alpha.",
    "alpha..",
    "beta",
    "1.0.0-alpha_beta",
    "-alpha.",
    "1.0.0-alpha..",
    "1.0.0-alpha..1",
    "1.0.0-alpha...1",
    "1.0.0-alpha....1",
    "1.0.0-alpha.....1",
    "1.0.0-alpha......1",
    "1.0.0-alpha.......1",
    "01.1.1",
    "1.01.1",
    "1.1.01",
    "1.2",
    "1.2.3.DEV",
    "1.2-SNAPSHOT",
    "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788",
    "1.2-RC-SNAPSHOT",
    "-1.0.3-gamma+b7718",
    "+justmeta",
    "9.8.7+meta+meta",
    "9.8.7-whatever+meta+meta",
    "99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1--------------------------------..12",
]

numbers = some.integers(0, 10**6)
releasable = some.builds(
    Version,
    numbers,
    numbers,
    numbers,
    some.none() | some.builds("{}.{}".format, some.sampled_from(TOKENS), numbers),
)


class TestSemVer:
    @pytest.mark.parametrize("text", VALID)
    def test_what_semver_org_calls_valid_is_read_and_written_back(self, text: str) -> None:
        assert str(parse(text)) == text

    @pytest.mark.parametrize(
        "text", [*INVALID, "", "v1.2.3", "1.2.3\n", "\u0661.\u0662.\u0663", "9" * 5000 + ".0.0"]
    )
    def test_what_semver_org_calls_invalid_is_no_version(self, text: str) -> None:
        assert read(text) is None
        with pytest.raises(UsageError, match="not a SemVer version"):
            parse(text)

    def test_precedence_is_that_of_paragraph_11(self) -> None:
        ordered = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.9.0",
            "1.10.0",
            "2.0.0",
            "2.1.0",
            "2.1.1",
        ]
        shuffled = [*ordered[1::2], *ordered[::2]]
        assert sorted(shuffled, key=lambda text: parse(text).precedence) == ordered

    def test_build_metadata_does_not_count_for_precedence(self) -> None:
        assert parse("1.0.0+a").precedence == parse("1.0.0+b").precedence

    def test_a_version_knows_its_core_token_and_serial(self) -> None:
        version = parse("1.4.0-rc.12")
        assert (version.core, version.token, version.serial, version.is_final) == (parse("1.4.0"), "rc", 12, False)

    @pytest.mark.parametrize("text", ["1.0.0", "1.0.0-rc", "1.0.0-next.1", "1.0.0-rc.x", "1.0.0-rc.1.2"])
    def test_other_prereleases_have_neither_token_nor_serial(self, text: str) -> None:
        assert (parse(text).token, parse(text).serial) == ("", 0)


class TestPep440:
    @given(releasable)
    def test_there_and_back_is_the_same_version(self, version: Version) -> None:
        assert from_pep440(pep440(version)) == version

    @given(releasable)
    def test_the_spelling_is_the_canonical_one(self, version: Version) -> None:
        assert pep440(str(version)) == str(Oracle(pep440(version)))

    @given(releasable, releasable)
    def test_both_schemes_sort_alike(self, one: Version, other: Version) -> None:
        assert (one.precedence < other.precedence) == (Oracle(pep440(one)) < Oracle(pep440(other)))

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("1.1.0rc1", "1.1.0-rc.1"),
            ("1.1.0-rc.1", "1.1.0-rc.1"),
            ("v1.1.0.C1", "1.1.0-rc.1"),
            ("1.1.0-preview_3", "1.1.0-rc.3"),
            ("1.1a", "1.1.0-alpha.0"),
            ("1.1.0BETA2", "1.1.0-beta.2"),
            ("2", "2.0.0"),
            ("1.02.3.0", "1.2.3"),
            (" 1.2.3\n", "1.2.3"),
        ],
    )
    def test_other_spellings_are_read_as_the_index_reads_them(self, text: str, meant: str) -> None:
        assert str(from_pep440(text)) == meant
        assert Oracle(text) == Oracle(pep440(meant))

    @pytest.mark.parametrize("text", ["1!1.0.0", "1.2.3.4", "1.0.0+", "", "next"])
    def test_what_semver_cannot_say_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="cannot be read as a version"):
            from_pep440(text)

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("0!1.0.2", "1.0.2"),
            ("1.1.0.dev0", "1.1.0-dev.0"),
            ("1.1.0rc1.dev3", "1.1.0-rc.1.dev.3"),
            ("1.0.0.post1", "1.0.0+post.1"),
            ("1.0-1", "1.0.0+post.1"),
            ("1.0.0+local.1", "1.0.0+local.1"),
            ("1.0.post2.dev4+ab_c", "1.0.0-dev.4+post.2.ab.c"),
        ],
    )
    def test_what_stands_in_files_between_releases_is_read_and_written(self, text: str, meant: str) -> None:
        assert str(from_pep440(text)) == meant
        assert Oracle(written(meant)) == Oracle(text)

    @pytest.mark.parametrize("text", ["1.0.0-next.1", "1.0.0-rc1"])
    def test_nothing_else_is_written_into_files(self, text: str) -> None:
        with pytest.raises(UsageError, match="no spelling on a package index"):
            written(text)

    @pytest.mark.parametrize("text", ["1.0.0-next.1", "1.0.0-rc", "1.0.0-rc1", "1.0.0-1", "1.0.0-dev.1"])
    def test_a_token_that_no_index_knows_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="no spelling on a package index"):
            pep440(text)

    def test_build_metadata_is_refused(self) -> None:
        with pytest.raises(UsageError, match="build metadata"):
            pep440("1.0.0+abc")
