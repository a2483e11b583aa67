"""Which version comes next: cases 5, 6, 7 and 9 of the design, at their core."""

import pytest

from shipit.config import Versioning
from shipit.errors import Refused, UsageError
from shipit.model import Commit, Tag
from shipit.versioning import Question, decide
from shipit.versioning.policy import Policy
from tests.support.commits import Rules, commit, line, sha, tag, tags


def following(
    history: list[Commit], found: list[Tag], kind: str = "auto", pre: str | None = None, rules: Policy | None = None
) -> str | None:
    return decide(Question(history, found, rules or Rules(), kind=kind, pre=pre)).version


class TestFinalVersions:
    @pytest.mark.parametrize(
        ("messages", "version"),
        [
            (["fix: x"], "1.2.4"),
            (["perf: x"], "1.2.4"),
            (["feat: x", "fix: y"], "1.3.0"),
            (["feat!: x"], "2.0.0"),
            (["docs: x"], None),
            (["docs: explain\n\nfeat: y"], None),
            (["feat: y", 'Revert "feat: y"'], None),
            (["feat: y", 'Revert "feat: y"', 'Revert "Revert "feat: y""'], "1.3.0"),
            (['Revert "feat: old"'], "1.2.4"),
            (["feat!: y", 'Revert "feat!: y" (#3)', "fix: z"], "1.2.4"),
            ([], None),
        ],
    )
    def test_the_changes_decide(self, messages: list[str], version: str | None) -> None:
        assert following(line(*messages), [tag("v1.2.3")]) == version

    @pytest.mark.parametrize(("kind", "version"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4")])
    def test_a_named_kind_is_released_as_asked(self, kind: str, version: str) -> None:
        assert following(line("chore: x"), [tag("v1.2.3")], kind) == version

    @pytest.mark.parametrize("kind", ["auto", "major", "minor", "patch", "prerelease"])
    def test_without_a_commit_by_people_there_is_nothing_to_release(self, kind: str) -> None:
        history = [commit("m", "Merge v1.2.3 into develop", "base", "other"), *line("chore(release): v1.2.3")]
        decision = decide(Question(history, [tag("v1.2.3")], Rules(), kind=kind, pre=None))
        assert (decision.version, decision.why) == (None, "no commits since v1.2.3")

    def test_nothing_to_release_says_that_no_commit_asks(self) -> None:
        decision = decide(Question(line("docs: x"), [tag("v1.2.3")], Rules()))
        assert decision.why == "no commit since v1.2.3 asks for a release"

    @pytest.mark.parametrize(
        ("message", "stays", "leaves"),
        [("fix: x", "0.4.1", "0.4.1"), ("feat: x", "0.5.0", "0.5.0"), ("feat!: x", "0.5.0", "1.0.0")],
    )
    def test_below_1_0_it_stays_there_unless_asked(self, message: str, stays: str, leaves: str) -> None:
        assert following(line(message), [tag("v0.4.0")]) == stays
        assert following(line(message), [tag("v0.4.0")], rules=Rules(major_on_zero=True)) == leaves
        assert following(line(message), [tag("v0.4.0")], "major") == "1.0.0"

    def test_the_previous_version_is_the_highest_one_that_is_reachable(self) -> None:
        decision = decide(
            Question(line("fix: x"), tags("v1.9.0", "v1.10.0", "v1.1", "release-5", "x-v9.0.0"), Rules())
        )
        assert (decision.previous, decision.version) == ("v1.10.0", "1.10.1")

    def test_a_version_that_exists_on_another_line_is_refused(self) -> None:
        with pytest.raises(Refused, match=r"v1\.1\.0 exists on another line"):
            decide(Question(line("feat: x"), [tag("v1.0.0")], Rules(), taken=tags("v1.0.0", "v1.1.0")))

    def test_one_whose_back_merge_waits_is_refused_with_the_branch_to_merge(self) -> None:
        asked = Question(
            line("feat: x"),
            [tag("v1.0.0")],
            Rules(),
            taken=tags("v1.0.0", "v1.1.0"),
            branch="develop",
            waiting={"v1.1.0": "back-merge/v1.1.0"},
        )
        with pytest.raises(
            Refused, match=r"^v1\.1\.0 is released, but not merged back into develop yet"
        ) as refusal:
            decide(asked)
        assert refusal.value.evidence == ("its back-merge waits for a person on the branch back-merge/v1.1.0",)
        assert (refusal.value.hint or "").startswith("merge back-merge/v1.1.0 into develop and resolve")

    def test_a_back_merge_of_another_version_explains_nothing(self) -> None:
        asked = Question(
            line("feat: x"),
            [tag("v1.0.0")],
            Rules(),
            taken=tags("v1.1.0"),
            branch="develop",
            waiting={"v1.0.1": "back-merge/v1.0.1"},
        )
        with pytest.raises(Refused, match="exists on another line of history"):
            decide(asked)

    def test_the_configuration_s_own_type_is_a_policy(self) -> None:
        assert following(line("feat: x"), [tag("v1.0.0")], rules=Versioning()) == "1.1.0"


class TestFirstVersion:
    @pytest.mark.parametrize(
        ("kind", "pre", "version"),
        [
            ("auto", None, "0.1.0"),
            ("minor", None, "0.1.0"),
            ("major", None, "1.0.0"),
            ("auto", "alpha", "0.1.0-alpha.1"),
            ("prerelease", None, "0.1.0-rc.1"),
        ],
    )
    def test_the_first_version_is_the_configured_one(self, kind: str, pre: str | None, version: str) -> None:
        decision = decide(Question(line("chore: start"), [], Rules(), kind=kind, pre=pre))
        assert (decision.version, decision.previous) == (version, None)

    def test_an_empty_history_has_nothing_to_release(self) -> None:
        assert decide(Question([], [], Rules())).why == "no commits yet"

    def test_a_line_of_prereleases_leads_to_the_first_final_version(self) -> None:
        found = [tag("v0.1.0-rc.1", 0)]
        assert following(line("feat: a", "fix: b"), found, "prerelease") == "0.1.0-rc.2"
        assert following(line("feat: a", "fix: b"), found) == "0.1.0"

    def test_an_initial_version_that_is_none_is_refused(self) -> None:
        with pytest.raises(UsageError, match="not a SemVer version"):
            following(line("feat: a"), [], rules=Rules(initial="one"))


class TestPrereleases:
    def test_a_line_begins_at_one_and_counts_on(self) -> None:
        history = line("feat: a", "fix: b")
        assert following(history, [tag("v1.0.0")], pre="rc") == "1.1.0-rc.1"
        assert following(history, [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)], pre="rc") == "1.1.0-rc.2"

    def test_rc_10_follows_rc_9(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-rc.9", 0), tag("v1.1.0-rc.8", 0)]
        assert following(line("feat: a", "fix: b"), found, "prerelease") == "1.1.0-rc.10"

    def test_a_new_breaking_change_begins_a_new_line(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)]
        assert following(line("feat: a", "feat!: b"), found, pre="rc") == "2.0.0-rc.1"

    def test_the_kind_of_the_line_goes_on_unless_another_is_named(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-alpha.3", 0)]
        assert following(line("feat: a", "fix: b"), found, "prerelease") == "1.1.0-alpha.4"
        assert following(line("feat: a", "fix: b"), found, "prerelease", "beta") == "1.1.0-beta.1"

    def test_a_line_does_not_go_back(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)]
        with pytest.raises(UsageError, match=r"1\.1\.0-alpha\.1 would come before 1\.1\.0-rc\.1"):
            following(line("feat: a", "fix: b"), found, pre="alpha")

    @pytest.mark.parametrize("foreign", ["v1.1.0-abc-nightly", "v1.1.0-zeta.1", "v2.0.0-dev.3", "v1.1.0-20260101"])
    def test_prereleases_of_a_foreign_kind_announce_nothing(self, foreign: str) -> None:
        found = [tag("v1.0.0"), tag(foreign, 0)]
        assert following(line("feat: a", "fix: b"), found, pre="rc") == "1.1.0-rc.1"
        assert following(line("fix: b"), found) == "1.0.1"

    @pytest.mark.parametrize("spelled", ["v1.1.0-rc1", "v1.1.0-beta", "v1.1.0-a.2", "v1.1.0-PRE3"])
    def test_prereleases_of_another_spelling_announce_their_version(self, spelled: str) -> None:
        assert following(line("fix: b"), [tag("v1.0.0"), tag(spelled, 0)]) == "1.1.0"

    def test_a_line_that_is_spelled_otherwise_is_not_undercut(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-rc1", 0)]
        with pytest.raises(UsageError, match="would come before") as caught:
            following(line("feat: a", "fix: b"), found, pre="rc")
        assert caught.value.hint == "release the final version"

    @pytest.mark.parametrize(
        ("found", "basis"),
        [
            ([], "0.1.0 counts from version.initial = 0.1.0: no tag in the history names a version"),
            ([tag("v1.0.0")], "1.0.1 counts from v1.0.0"),
            (
                [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)],
                "1.1.0 counts from v1.1.0-rc.1: this line of prereleases leads to 1.1.0",
            ),
        ],
    )
    def test_what_the_version_counts_from_is_said(self, found: list[Tag], basis: str) -> None:
        assert decide(Question(line("fix: a"), found, Rules())).basis == basis

    def test_nothing_new_since_the_last_prerelease_is_nothing_to_release(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)]
        assert following(line("feat: a"), found, pre="rc") is None
        assert following(line("feat: a", "docs: b"), found, pre="rc") is None
        assert following(line("feat: a", "docs: b"), found, "prerelease") == "1.1.0-rc.2"

    def test_the_final_version_can_stand_on_the_commit_of_its_prerelease(self) -> None:
        decision = decide(Question(line("feat: a"), [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)], Rules()))
        assert (decision.version, decision.previous) == ("1.1.0", "v1.0.0")

    def test_final_notes_roll_up_the_prereleases_and_those_of_a_prerelease_do_not(self) -> None:
        history = line("feat: a", "fix: b")
        found = [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)]
        final = decide(Question(history, found, Rules()))
        candidate = decide(Question(history, found, Rules(), pre="rc"))
        assert [change.description for change in final.changes] == ["b", "a"]
        assert [change.description for change in candidate.changes] == ["b"]
        assert (final.previous, candidate.previous) == ("v1.0.0", "v1.1.0-rc.1")
        assert len(candidate.rows) == 2

    def test_a_final_version_never_falls_below_what_was_announced(self) -> None:
        history = line("feat: a", "fix: b", 'Revert "feat: a"')
        found = [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)]
        assert following(history, found) == "1.1.0"
        assert following(history, found, "patch") == "1.1.0"

    def test_a_hot_fix_on_main_does_not_end_the_line_on_develop(self) -> None:
        history = [commit("m", "Merge v1.0.1 into develop", 1, "hotfix"), *line("feat: a", "feat: b")]
        found = [tag("v1.0.0"), tag("v1.0.1", "hotfix"), tag("v1.1.0-rc.1", 0), tag("v1.1.0-rc.2", 1)]
        decision = decide(Question(history, found, Rules()))
        assert (decision.version, decision.previous) == ("1.1.0", "v1.0.1")
        assert [change.description for change in decision.changes] == ["b", "a"]

    def test_a_beta_becomes_a_candidate_as_it_is(self) -> None:
        found = [tag("v1.0.0"), tag("v1.1.0-beta.1", 0)]
        decision = decide(Question(line("feat: a"), found, Rules(), pre="rc"))
        assert (decision.version, decision.previous) == ("1.1.0-rc.1", "v1.0.0")
        assert [change.description for change in decision.changes] == ["a"]

    def test_the_first_beta_of_all_becomes_a_candidate_too(self) -> None:
        decision = decide(Question(line("feat: a"), [tag("v0.1.0-beta.1", 0)], Rules(), pre="rc"))
        assert (decision.version, decision.previous) == ("0.1.0-rc.1", None)

    def test_a_merged_hot_fix_asks_for_another_candidate(self) -> None:
        history = [commit("m", "Merge v1.0.1 into develop", 1, "hotfix"), *line("feat: a", "feat: b")]
        found = [tag("v1.0.0"), tag("v1.0.1", "hotfix"), tag("v1.1.0-rc.2", 1)]
        assert following(history, found, pre="rc") == "1.1.0-rc.3"

    def test_a_merge_of_nothing_but_known_commits_asks_for_none(self) -> None:
        branch = [commit("m", "Merge branch 'b'", 1, 0), *line("feat: a", "feat: b")]
        found = [tag("v1.0.0"), tag("v1.1.0-rc.2", 1)]
        assert (
            decide(Question(branch[:1] + line("feat: a", "feat: b", root="r"), found, Rules(), pre="rc")).version
            is None
        )

    def test_a_serial_that_exists_elsewhere_is_skipped(self) -> None:
        found = [tag("v1.0.0")]
        decision = decide(
            Question(line("feat: a"), found, Rules(), pre="rc", taken=[*found, tag("v1.1.0-rc.1", "x")])
        )
        assert decision.version == "1.1.0-rc.2"

    def test_tags_of_tools_that_only_know_the_index_s_spelling_count(self) -> None:
        assert following(line("feat: a", "fix: b"), [tag("v1.0.0"), tag("v1.1.0rc1", 0)], pre="rc") == "1.1.0-rc.2"


class TestWishes:
    def test_a_kind_of_prerelease_that_no_index_knows_is_refused(self) -> None:
        with pytest.raises(UsageError, match="`next` is no kind of prerelease"):
            following(line("feat: a"), [], pre="next")

    def test_an_unknown_type_is_refused(self) -> None:
        with pytest.raises(UsageError, match="`big` is no type of release"):
            following(line("feat: a"), [], "big")


def test_every_commit_has_a_row_that_says_why() -> None:
    decision = decide(Question(line("feat(a)!: x", "Login (#3)\n\n* fix: y"), [tag("v1.0.0")], Rules()))
    rows = [(row.sha, row.subject, row.type, row.scope, row.breaking, row.effect) for row in decision.rows]
    assert rows == [
        (sha(1), "Login (#3)", "", "", False, "none"),
        (sha(1), "fix: y", "fix", "", False, "patch"),
        (sha(0), "feat(a)!: x", "feat", "a", True, "major"),
    ]
    assert all(row.why for row in decision.rows)
