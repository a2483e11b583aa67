"""What a new version must be above, and how it is told."""

import pytest

from shipit.model import Tag
from shipit.versioning import floor
from shipit.versioning.explain import Row
from shipit.versioning.floor import Known, NotThisVersion, Own
from shipit.versioning.number import Version, parse
from shipit.versioning.tags import version_tags

LATER, FIRST = False, True
OWN = Own("v{version}", "acme-tool")
PACKAGE = Own("core-v{version}", "acme-core", "core", ("v{version}", "cli-v{version}"))


def of_tags(*names: str, own: Own = OWN, first: bool = LATER, version: str = "1.1.0") -> list[str]:
    return [str(one.version) for one in floor.in_tags(names, own, parse(version), is_first=first)]


class TestTags:
    @pytest.mark.parametrize(
        ("name", "version"),
        [
            ("2.0.0", "2.0.0"),
            ("V2.0.0", "2.0.0"),
            ("2.0", "2.0.0"),
            ("v2.1", "2.1.0"),
            ("release-2.0.0", "2.0.0"),
            ("releases/v2.0.0", "2.0.0"),
            ("rel_2_0_1", "2.0.1"),
            ("REL2_0", "2.0.0"),
            ("version/2.0.0", "2.0.0"),
            ("acme-tool-2.0.0", "2.0.0"),
            ("Acme_Tool@v2.0.0", "2.0.0"),
            ("acme.tool==2.0.0", "2.0.0"),
            ("2.0.0.4", "2.0.0"),
            ("2.0.0-final", "2.0.0"),
            ("2.0.0.RELEASE", "2.0.0"),
            ("v2.0.0.post1", "2.0.0"),
        ],
    )
    def test_of_the_project_bind_in_any_spelling(self, name: str, version: str) -> None:
        assert of_tags(name) == [version]

    @pytest.mark.parametrize(
        "name", ["pkg-a-v2.0.0", "other@2.0.0", "2024.01.15", "v2024.1", "deploy-2.0", "dev2.0", "tool-2.0.0"]
    )
    def test_of_other_families_bind_only_before_the_first_release(self, name: str) -> None:
        assert of_tags(name) == []
        assert len(of_tags(name, first=FIRST)) == 1

    @pytest.mark.parametrize(
        "name", ["v2.0.0", "v2.0.0-rc.1", "2.0.0rc1", "release-5", "v2", "latest", "2.0.0-nightly", "x2.0.y", ""]
    )
    def test_that_are_ours_or_no_final_version_never_bind(self, name: str) -> None:
        assert of_tags(name, first=FIRST) == []

    def test_of_other_packages_never_bind(self) -> None:
        others = ("pkg-a-v{version}", "{version}")
        assert of_tags("pkg-a-v2.0.0", "3.0.0", own=Own("v{version}", others=others), first=FIRST) == []

    @pytest.mark.parametrize("name", ["acme-core-2.0.0", "core/2.0.0", "core@v2.0.0", "core-2.0.0"])
    def test_of_a_package_bind_by_its_names(self, name: str) -> None:
        assert of_tags(name, own=PACKAGE) == ["2.0.0"]
        [known] = floor.in_tags([name], PACKAGE, parse("1.0.1"), is_first=LATER)
        assert "set packages.core.tag-format = " in known.hint

    @pytest.mark.parametrize("name", ["4.0.0", "v5.0.0", "cli@3.0.0", "release-2.0", "acme-tool-2.0.0"])
    def test_of_the_repository_do_not_bind_a_package(self, name: str) -> None:
        assert of_tags(name, own=PACKAGE) == []
        assert of_tags(name, own=PACKAGE, first=FIRST) == []

    def test_without_a_name_do_not_bind_where_those_of_the_project_have_one(self) -> None:
        assert of_tags("v9.0.0", "2.0.0", "acme-tool-3.0.0", own=Own("pkg/{version}", "acme-tool")) == ["3.0.0"]
        assert of_tags("v9.0.0", own=Own("acme_tool-{version}", "acme-tool")) == ["9.0.0"]

    def test_that_are_dates_bind_where_versions_are_dates(self) -> None:
        assert of_tags("2024.02.01", own=Own("{version}"), version="2024.1.6") == ["2024.2.1"]

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("2.0.0", 'set version.tag-format = "{version}" if that is how releases are tagged'),
            ("rel-2.0.0-final", 'set version.tag-format = "rel-{version}-final" if'),
            ("2.0", "tag it as v2.0.0, too, if it is a release: git tag v2.0.0 '2.0^{}' && git push origin v2.0.0"),
            ("v2.0.0.post1", "tag it as v2.0.0, too, if it is a release: git tag v2.0.0 'v2.0.0.post1^{}'"),
            ("2_0_0", "tag it as v2.0.0, too, if it is a release: git tag v2.0.0 '2_0_0^{}'"),
        ],
    )
    def test_come_with_what_makes_them_count(self, name: str, hint: str) -> None:
        [known] = floor.in_tags([name], OWN, parse("1.1.0"), is_first=LATER)
        assert known.hint.startswith(hint)
        assert known.stands_in == f"the tag {name} is in the history"

    @pytest.mark.parametrize(
        ("names", "binds"),
        [
            (["2.0.0"], True),
            (["1.1.0"], True),
            (["x-1.0"], False),
            (["v1.1.0-rc.1", "latest", "b2"], False),
            ([], False),
        ],
    )
    def test_are_looked_at_closely_only_where_one_may_bind(self, names: list[str], binds: bool) -> None:
        assert floor.may_bind(names, parse("1.1.0")) is binds


class TestFiles:
    def test_tell_final_versions(self) -> None:
        found = {
            "a": parse("1.4.0"),
            "b": parse("1.5.0-dev.0"),
            "c": parse("1.5.0-rc.1"),
            "d": parse("1.3.0+post.1"),
        }
        known = floor.in_files(found, "v{version}", is_first=LATER)
        assert [(one.stands_in, str(one.version)) for one in known] == [
            ("a says 1.4.0", "1.4.0"),
            ("d says 1.3.0+post.1", "1.3.0"),
        ]
        assert known[0].hint == "correct the file, if it is wrong"

    def test_before_the_first_release_name_where_to_count_from(self) -> None:
        [known] = floor.in_files({"a": parse("1.4.0")}, "v{version}", is_first=FIRST)
        assert known.hint == (
            'set version.initial = "1.4.0" if it is not released yet; if it is, tag its commit: '
            "git tag v1.4.0 COMMIT && git push origin v1.4.0"
        )

    def test_without_a_readable_version_tell_nothing(self) -> None:
        files = {"a.py": 'V = "1.0.0"\n', "b.py": "nothing\n", "c.py": 'V = "1!1"\n'}
        locations = ("a.py:V", "b.py:V", "c.py:V", "gone.py:V")
        assert floor.readable(locations, files.get) == {"a.py:V": Version(1, 0, 0)}


class TestOtherTags:
    def known(self, *names: str, first: bool = LATER) -> list[str]:
        found = version_tags([Tag(name, name[-1]) for name in names], "v{version}")
        elsewhere = floor.Elsewhere(base="develop", main="main", in_main="3")
        return [one.stands_in for one in floor.in_other_tags(found, parse("1.1.0"), elsewhere, is_first=first)]

    def test_bind_on_the_same_line_and_in_main(self) -> None:
        assert self.known("v1.2.1", "v2.0.1", "v2.0.3", "v1.3.0-rc.1") == [
            "v2.0.3 is in the history of main",
            "v1.2.1 is on another line of history",
        ]

    def test_bind_altogether_before_the_first_release(self) -> None:
        assert len(self.known("v1.2.1", "v2.0.1", first=FIRST)) == 2

    def test_name_the_branch_by_which_a_release_waits_to_be_merged_back(self) -> None:
        waiting = {"v1.2.1": "back-merge/v1.2.1"}
        elsewhere = floor.Elsewhere(base="develop", main="main", in_main="1", waiting=waiting)
        found = version_tags([Tag("v1.2.1", "1")], "v{version}")
        [known] = floor.in_other_tags(found, parse("1.1.0"), elsewhere, is_first=LATER)
        assert known.stands_in == (
            "v1.2.1 is in the history of main; its back-merge waits for a person on the branch back-merge/v1.2.1"
        )
        assert known.hint == "merge back-merge/v1.2.1 into develop and resolve what conflicts"


class TestIndex:
    def test_binds_by_final_versions_that_no_tag_knows(self) -> None:
        known = floor.on_index(["2.0.0", "1.0", "3.0.0rc1", "1!9.0", "strange"], "the index", [Version(1, 0, 0)])
        assert [one.stands_in for one in known] == ["the index has 2.0.0"]
        assert known[0].hint == "yank it there, if nobody should have it"


def above(version: str, *known: Known, branch: str | None = "main") -> NotThisVersion | None:
    try:
        floor.require_above(parse(version), known, branch, [ROW])
    except NotThisVersion as error:
        return error
    return None


ROW = Row("a" * 40, "feat: a", "feat", "", False, "minor", "feat")
FILE = Known(parse("1.4.0"), "the file says 1.4.0", "hint of the file", may_be_next=True)
TAG = Known(parse("1.3.0"), "the tag 1.3.0", "hint of the tag")


class TestTheRule:
    def test_what_stands_above_is_refused_with_all_that_tell_it(self) -> None:
        error = above("0.1.0", TAG, FILE)
        assert error
        assert error.what == "the next version would be 0.1.0, but 1.4.0 is there already"
        assert error.evidence == ("the file says 1.4.0", "the tag 1.3.0")
        assert error.hint == 'hint of the tag; or name the version: --as 1.4.1 --reason "…"'
        assert error.rows == (ROW,)
        assert error.exit_code == 4

    def test_a_file_may_hold_what_is_to_be_released_but_a_tag_may_not(self) -> None:
        assert above("1.4.0", FILE) is None
        assert above("1.4.0-rc.1", FILE)
        error = above("1.3.0", TAG)
        assert error
        assert (error.hint or "").startswith("hint of the tag; ")

    def test_a_maintenance_branch_is_measured_against_its_own_line(self) -> None:
        assert above("0.9.1", FILE, branch="0.x") is None
        assert above("1.2.0", FILE, branch="1.x")
        assert above("1.3.5", FILE, branch="1.3.x") is None
