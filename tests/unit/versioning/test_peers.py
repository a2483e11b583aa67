"""What is said where a peer would answer something else, and when nothing is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.config.peers import peers
from shipit.versioning.decision import Decision
from shipit.versioning.explain import Row
from shipit.versioning.number import Version, parse
from shipit.versioning.peers import Asked, differences, first
from tests.unit.config.conftest import Tree

FILES = 'version_toml = ["pyproject.toml:project.version"]\n'
PSR, CZ = f"[tool.semantic_release]\n{FILES}", '[tool.commitizen]\nversion_provider = "pep621"\n'
Say = Callable[..., list[str]]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture
def say(tree: Tree) -> Say:
    def lines(
        text: str,
        version: str | None,
        previous: str | None = None,
        *,
        effects: tuple[str, ...] = ("patch",),
        branch: str | None = "main",
        auto: bool = True,
        here: str | None = None,
        own: str | None = None,
    ) -> list[str]:
        found = peers(tree.write(text, own).top)
        assert found is not None
        rows = tuple(Row("abc", "x", "fix", "", False, effect, "") for effect in effects)
        decision = Decision(version, previous, (), rows)
        current: Version | None = parse(here) if here else None
        asked = Asked(decision=decision, branch=branch, auto=auto, in_files=lambda: current)
        return list(differences(found, asked))

    return lines


class TestLeavingZero:
    def test_is_said_for_whatever_commit(self, say: Say) -> None:
        [line] = say(PSR, "0.4.1", "v0.4.0")
        assert "python-semantic-release would make 1.0.0 of it" in line
        assert "shipit makes 0.4.1: set version.major-on-zero, or use --type major" in line

    @pytest.mark.parametrize(
        ("text", "version", "previous"),
        [
            (f"{PSR}allow_zero_version = true", "0.4.1", "v0.4.0"),
            (PSR, "1.0.0", "v0.4.0"),
            (PSR, "1.4.1", "v1.4.0"),
            (PSR, None, "v0.4.0"),
            (CZ, "0.4.1", "0.4.0"),
        ],
    )
    def test_is_not_said_where_both_agree(self, say: Say, text: str, version: str | None, previous: str) -> None:
        assert say(text, version, previous) == []

    def test_is_not_said_where_somebody_decided(self, say: Say) -> None:
        assert say(PSR, "0.4.1", "v0.4.0", own="version.major-on-zero = true") == []
        assert say(PSR, "0.4.1", "v0.4.0", own="version.major-on-zero = false") == []
        assert say(PSR, "0.4.1", "v0.4.0", auto=False) == []


class TestTheFirstRelease:
    @pytest.mark.parametrize(
        ("effects", "wanted"),
        [(("patch",), "0.0.1"), (("minor", "patch"), None), (("major",), "1.0.0"), (("none",), None)],
    )
    def test_of_semantic_release_counts_from_nothing(self, say: Say, effects: tuple[str, ...], wanted: str) -> None:
        lines = say(f"{PSR}allow_zero_version = true", "0.1.0", effects=effects)
        assert [line.partition("set ")[2] for line in lines] == (
            [f'version.initial = "{wanted}"'] if wanted else []
        )

    def test_of_commitizen_counts_from_the_version_in_the_files(self, say: Say) -> None:
        [line] = say(CZ, "0.1.0", effects=("minor",), here="0.1.0")
        assert line.endswith('shipit makes 0.1.0: set version.initial = "0.2.0"')
        assert say(CZ, "0.2.0", effects=("minor",), here="0.1.0") == []
        assert say(CZ, "0.0.1", effects=("patch",)) == []

    def test_counts_from_the_first_file_that_has_a_version(self) -> None:
        found = {"pyproject.toml:project.version": parse("0.2.0"), "VERSION": parse("0.1.0")}
        assert first(found) == parse("0.2.0")
        assert first({}) is None

    def test_is_settled_by_its_key(self, say: Say) -> None:
        assert say(CZ, "0.1.0", effects=("minor",), here="0.1.0", own='version.initial = "0.1.0"') == []


class TestBranches:
    GROUPS = f"{PSR}[tool.semantic_release.branches]\nmain.match = 'main'\n"

    def test_that_make_prereleases_are_named_with_the_option(self, say: Say) -> None:
        text = f"{self.GROUPS}next = {{match = 'next', prerelease = true, prerelease_token = 'beta'}}"
        [line] = say(text, "1.5.0", "v1.4.0", branch="next")
        assert line.startswith("tool.semantic_release.branches.next.prerelease makes prereleases of next")
        assert line.endswith("use --from next --pre beta")
        assert say(text, "1.5.0-beta.1", "v1.4.0", branch="next") == []
        assert say(text, "1.5.0", "v1.4.0") == []

    def test_with_a_kind_that_no_index_knows_are_named_with_those_that_it_does(self, say: Say) -> None:
        text = f"{self.GROUPS}next = {{match = '*', prerelease = true, prerelease_token = 'dev'}}"
        [line] = say(text, "1.5.0", "v1.4.0", branch="any")
        assert line.endswith("use --from any --pre alpha, beta or rc, since no index knows dev")

    def test_that_no_group_has_are_named(self, say: Say) -> None:
        [line] = say(PSR, "1.5.0", "v1.4.0", branch="topic")
        assert line.startswith("python-semantic-release releases nothing from topic")
        assert say(PSR, "1.5.0", "v1.4.0", branch="master") == []
        assert say(PSR, "1.5.0", "v1.4.0", branch=None) == []
        assert say(PSR, "1.5.0", "v1.4.0", branch="topic", own='branches.main = "topic"') == []

    @pytest.mark.parametrize("match", ["'('", "5"])
    def test_with_a_pattern_that_is_none_do_no_harm(self, say: Say, match: str) -> None:
        [line] = say(f"{PSR}[tool.semantic_release.branches]\na.match = {match}", "1.5.0", "v1.4.0")
        assert "which no group of its branches has" in line


class TestFiles:
    def test_that_only_shipit_writes_are_named(self, say: Say) -> None:
        [line] = say("[tool.semantic_release]", "1.5.0", "v1.4.0")
        assert line.endswith("shipit writes pyproject.toml:project.version: set version.files")
        assert say("[tool.semantic_release]", "1.5.0", "v1.4.0", own="version.files = []") == []


class TestCommitizen:
    def test_with_rules_for_0_x_left_on_makes_no_2_0_0(self, say: Say) -> None:
        text = f"{CZ}major_version_zero = true"
        [line] = say(text, "2.0.0", "1.4.0", effects=("major",))
        assert line.startswith("commitizen would make 1.5.0 of it, since major_version_zero is true")
        assert say(text, "1.5.0", "1.4.0") == []
        assert say(text, "0.5.0", "0.4.0", effects=("major",)) == []

    @pytest.mark.parametrize(
        ("more", "version", "previous", "named"),
        [
            ("", "1.5.0-rc.1", "1.4.0", "1.5.0rc0"),
            ("prerelease_offset = 1", "1.5.0-rc.1", "1.4.0", "1.5.0rc1"),
            ("version_scheme = 'semver'", "1.5.0-rc.1", "1.4.0", "1.5.0-rc0"),
            ("version_scheme = 'semver2'", "1.5.0-rc.1", "1.4.0", "1.5.0-rc.0"),
            ("prerelease_offset = 'x'", "1.5.0-rc.1", "1.4.0", "1.5.0rc1"),
            ("", "1.5.0-rc.2", "1.5.0-rc.1", "1.5.0rc2"),
        ],
    )
    def test_names_prereleases_otherwise(
        self, say: Say, more: str, version: str, previous: str, named: str
    ) -> None:
        [line] = say(CZ + more, version, previous, auto=False)
        assert line.startswith(f"commitizen would name it {named}, shipit names it {version}: use --as ")

    def test_of_semver2_that_counts_from_1_names_them_alike(self, say: Say) -> None:
        assert say(f"{CZ}version_scheme = 'semver2'\nprerelease_offset = 1", "1.5.0-rc.1", "1.4.0") == []
