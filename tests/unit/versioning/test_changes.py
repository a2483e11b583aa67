"""The revert algebra, merges, squashes and copies: what is in effect."""

from functools import partial

import pytest

from shipit.model import Commit, Identity
from shipit.versioning.changes import Verdict, changes, evaluate, greatest
from shipit.versioning.levels import Level
from shipit.versioning.message import Message, parse
from shipit.versioning.units import Reading
from tests.support.commits import Rules, commit, line, sha


def told(commits: list[Commit], rules: Rules | None = None) -> list[str]:
    found = changes(evaluate(commits, rules or Rules()))
    return [f"{change.type}: {change.description}" for change in found]


def level(commits: list[Commit]) -> Level:
    return greatest(evaluate(commits, Rules()))


def why(commits: list[Commit]) -> list[str]:
    return [verdict.why for verdict in evaluate(commits, Rules())]


def reverts(subject: str, target: object) -> str:
    return f'Revert "{subject}"\n\nThis reverts commit {sha(target)}.'


class TestReverts:
    def test_a_feature_and_its_revert_are_nothing(self) -> None:
        history = line("feat: y", reverts("feat: y", 0))
        assert (told(history), level(history)) == ([], Level.NONE)
        assert why(history) == [f"reverts {sha(0)[:7]}", f"reverted by {sha(1)[:7]}"]

    def test_the_revert_of_the_revert_brings_the_feature_back_once(self) -> None:
        history = line("feat: y", reverts("feat: y", 0), reverts('Revert "feat: y"', 1))
        assert (told(history), level(history)) == (["feat: y"], Level.MINOR)

    def test_git_2_43_calls_that_reapply(self) -> None:
        history = line("feat: y", 'Revert "feat: y"', 'Reapply "feat: y"')
        assert told(history) == ["feat: y"]

    def test_three_reverts_in_a_row_leave_it_gone(self) -> None:
        history = line("feat: y", 'Revert "feat: y"', 'Reapply "feat: y"', 'Revert "Reapply "feat: y""')
        assert told(history) == []

    def test_a_feature_made_again_after_its_revert_is_there(self) -> None:
        history = line("feat: y", 'Revert "feat: y"', "feat: y")
        assert told(history) == ["feat: y"]

    def test_what_is_released_is_told_as_reverted_and_asks_for_a_patch(self) -> None:
        history = line(reverts("feat: y (#3)", "before"))
        assert (told(history), level(history)) == (["revert: feat: y"], Level.PATCH)
        assert why(history) == ["reverts what is released"]

    def test_released_documentation_taken_back_asks_for_nothing(self) -> None:
        assert level(line('Revert "docs: y"')) is Level.NONE

    def test_an_unknown_kind_of_change_taken_back_asks_for_a_patch(self) -> None:
        assert level(line('Revert "Make it fast"')) is Level.PATCH

    def test_a_released_revert_taken_back_is_the_feature_again(self) -> None:
        history = line(reverts('Revert "feat(a): y"', "before"))
        assert (told(history), level(history)) == (["feat: y"], Level.MINOR)

    def test_a_breaking_change_and_its_revert_leave_the_fix(self) -> None:
        history = line("feat!: y", reverts("feat!: y", 0), "fix: z")
        assert (told(history), level(history)) == (["fix: z"], Level.PATCH)

    def test_without_an_id_the_subject_tells(self) -> None:
        assert told(line("feat: y (#7)", 'Revert "feat: y" (#9)')) == []
        assert told(line("feat: y (#7)", 'Revert "feat: y (#7)" (#9)')) == []

    def test_without_an_id_the_pull_request_tells(self) -> None:
        history = line("feat: y (#7)", "feat: y (#8)", 'Revert "feat: y" (#9)\n\nReverts acme/tool#7')
        assert told(history) == ["feat: y"]
        assert changes(evaluate(history, Rules()))[0].pull_request == "#8"

    def test_a_pull_request_that_is_released_is_not_found_among_the_new_ones(self) -> None:
        assert told(line('Revert "feat: y" (#9)\n\nReverts acme/tool#7', "feat: z (#7)")) == [
            "feat: z",
            "revert: feat: y",
        ]

    def test_a_title_that_github_shortened_still_tells(self) -> None:
        history = line("feat: a very long title", 'Revert "feat: a very long…" (#9)')
        assert told(history) == []

    def test_the_id_of_before_a_rebase_falls_back_to_the_subject(self) -> None:
        assert told(line("feat: y", reverts("feat: y", "rebased away"))) == []

    def test_refs_take_back_all_that_they_name(self) -> None:
        history = line("feat: a", "feat: b", "fix: c", f"revert: both\n\nRefs: {sha(0)[:7]}, {sha(1)[:9]}")
        assert told(history) == ["fix: c"]

    def test_refs_to_new_and_released_commits_are_told_as_reverted(self) -> None:
        history = line("feat: a", f"revert: both\n\nRefs: {sha(0)[:7]}, {'f' * 9}")
        assert told(history) == ["revert: both"]

    def test_a_revert_does_not_reach_into_the_future(self) -> None:
        assert told(line('Revert "feat: y"', "feat: y")) == ["feat: y", "revert: feat: y"]

    def test_a_commit_that_also_reverts_stays_itself(self) -> None:
        history = line("feat: y", f"fix: other way\n\nThis reverts commit {sha(0)}.")
        assert told(history) == ["fix: other way"]

    def test_a_breaking_revert_asks_for_a_major_release(self) -> None:
        assert level(line("revert!: feat: y")) is Level.MAJOR

    def test_a_reverted_merge_takes_back_its_branch(self) -> None:
        history = [
            commit(
                "r", f'Revert "Merge pull request #9 from a/b"\n\nThis reverts commit {sha("m")}, reversing', "m"
            ),
            commit("m", "Merge pull request #9 from a/b\n\nfeat: all", "base", "b"),
            commit("b", "feat: y", "base"),
        ]
        assert told(history) == []
        assert why(history)[1] == f"reverted by {sha('r')[:7]}"

    def test_a_merge_is_found_by_its_subject_too(self) -> None:
        history = [
            commit("r", "Revert \"Merge branch 'b'\"", "m"),
            commit("m", "Merge branch 'b'", "base", "b"),
            commit("b", "feat: y", "base"),
        ]
        assert told(history) == []


class TestMerges:
    def merged(self, title: str, *branch: str) -> list[Commit]:
        return [commit("m", title, "base", len(branch) - 1), *line(*branch)]

    def test_a_merge_and_its_branch_are_one_entry(self) -> None:
        assert told(self.merged("Merge pull request #9 from a/b\n\nfeat: y", "feat: y")) == ["feat: y"]

    def test_the_title_of_the_merge_speaks_for_a_silent_branch(self) -> None:
        history = self.merged("Merge pull request #9 from a/b\n\nfeat: y", "wip", "more")
        assert told(history) == ["feat: y"]
        assert changes(evaluate(history, Rules()))[0].pull_request == "#9"

    def test_the_title_of_the_merge_counts_if_it_says_more(self) -> None:
        history = self.merged("Merge pull request #9 from a/b\n\nfeat!: y", "fix: z")
        assert level(history) is Level.MAJOR
        assert told(history) == ["feat: y", "fix: z"]

    def test_a_merge_with_its_own_conventional_subject_counts_likewise(self) -> None:
        assert told(self.merged("feat: y (#9)", "wip")) == ["feat: y"]

    def test_the_same_words_are_told_once_with_the_greater_effect(self) -> None:
        history = self.merged("Merge pull request #9 from a/b\n\nfeat!: y", "feat: y")
        assert told(history) == ["feat: y"]
        assert level(history) is Level.MAJOR

    def test_a_plain_merge_is_nothing_by_people(self) -> None:
        verdicts = evaluate([commit("m", "Merge v1.0.0 into develop", "base", "other")], Rules())
        assert [(verdict.change, verdict.by_people) for verdict in verdicts] == [(None, False)]


class TestSquashes:
    def test_the_parts_of_a_squashed_commit_count(self) -> None:
        history = line("Login (#3)\n\n* feat: form\n\n* fix: typo\n\n* wip")
        assert told(history) == ["fix: typo", "feat: form"]

    def test_a_part_that_repeats_the_title_is_told_once(self) -> None:
        assert told(line("feat: form (#3)\n\n* feat: form\n\n* fix: typo")) == ["feat: form", "fix: typo"]

    def test_a_part_that_breaks_is_told_though_the_title_says_the_same(self) -> None:
        history = line("feat: form (#3)\n\n* feat!: form")
        assert level(history) is Level.MAJOR

    def test_parts_revert_each_other(self) -> None:
        assert told(line('Login (#3)\n\n* feat: form\n\n* Revert "feat: form"\n\n* fix: typo')) == ["fix: typo"]

    @pytest.mark.parametrize(
        ("title", "part", "wanted"),
        [
            ("fix: form (#3)", "feat: captcha", Level.PATCH),
            ("docs: form (#3)", "fix: captcha", Level.NONE),
            ("feat: form (#3)", "fix: captcha", Level.MINOR),
            ("docs: form (#3)", "fix!: captcha", Level.MAJOR),
            ("chore: form (#3)", "feat: captcha\n\nBREAKING CHANGE: gone", Level.MAJOR),
            ("Form (#3)", "feat: captcha", Level.MINOR),
        ],
    )
    def test_a_title_sets_the_level_and_parts_raise_it_only_by_breaking(
        self, title: str, part: str, wanted: Level
    ) -> None:
        history = line(f"{title}\n\n* {part}")
        assert level(history) is wanted
        assert any("captcha" in one for one in told(history))

    def test_that_the_title_counts_is_said(self) -> None:
        said = why(line("fix: form (#3)\n\n* feat: captcha"))[1]
        own, title = said.split("; ")
        assert own == "type feat asks for a minor release"
        assert title == "the title of the squashed commit, fix, for a patch release, and it counts"

    def test_another_tools_grammar_judges_each_part_by_itself(self) -> None:
        reading = Reading(partial(parse))
        found = evaluate(line("fix: form (#3)\n\n* feat: captcha"), Rules(), reading)
        assert greatest(found) is Level.MINOR

    def test_a_part_is_of_the_pull_request_unless_it_names_its_own(self) -> None:
        found = changes(evaluate(line("Login (#3)\n\n* feat: form\n\n* fix: typo (#2)"), Rules()))
        assert [(one.description, one.pull_request) for one in found] == [("typo", "#2"), ("form", "#3")]

    def test_parts_can_be_left_unread(self) -> None:
        assert told(line("Login (#3)\n\n* feat: form"), Rules(squash_bodies=False)) == []

    def test_reverting_a_squashed_commit_takes_back_its_parts(self) -> None:
        assert told(line("Login (#3)\n\n* feat: form", reverts("Login (#3)", 0))) == []


class TestOthers:
    @pytest.mark.parametrize(
        "subject",
        [
            "chore(release): v1.2.0",
            "chore(release): 1.2.0 [skip ci]",
            "chore(main): release 1.2.0",
            "chore: release v1.2.0 (#12)",
            "Release v1.2.0",
            "release: 1.2.0",
            "bump: version 1.0.0 → 1.1.0",
            "1.2.0",
            "v1.2.0-rc.1",
        ],
    )
    def test_release_commits_are_not_by_people(self, subject: str) -> None:
        verdicts = evaluate(line(f"{subject}\n\nfeat: x\n\nBREAKING CHANGE: y"), Rules())
        assert [(verdict.why, verdict.by_people) for verdict in verdicts] == [("a release commit", False)]

    @pytest.mark.parametrize(
        "subject", ["Release the kraken", "chore: release notes", "Release 1.2.0 of it is needed"]
    )
    def test_commits_that_speak_of_releases_are_by_people(self, subject: str) -> None:
        assert evaluate(line(subject), Rules())[0].by_people

    def test_a_picked_copy_is_told_once(self) -> None:
        history = line("fix: x", "other", f"fix: x\n\n(cherry picked from commit {sha(0)})")
        assert told(history) == ["fix: x"]
        assert why(history)[0] == f"cherry-picked from {sha(0)[:7]}"

    def test_a_copy_counts_if_its_origin_was_taken_back(self) -> None:
        history = line("fix: x", reverts("fix: x", 0), f"fix: x\n\n(cherry picked from commit {sha(0)})")
        assert told(history) == ["fix: x"]

    def test_a_copy_from_elsewhere_counts(self) -> None:
        assert told(line(f"fix: x\n\n(cherry picked from commit {'f' * 40})")) == ["fix: x"]

    def test_a_change_carries_all_that_notes_need(self) -> None:
        text = "fix(api): x (#3)\n\nCloses #4\nCo-authored-by: Bea <bea@example.com>"
        (change,) = changes(evaluate(line(text), Rules()))
        assert (change.sha, change.scope, change.description) == (sha(0), "api", "x")
        assert (change.pull_request, change.issues) == ("#3", ("#4",))
        assert change.co_authors == (Identity("Bea", "bea@example.com"),)
        assert change.time == 1_700_000_000

    def test_another_grammar_can_be_given(self) -> None:
        reading = Reading(lambda text: Message("feat", "", text.title()))
        (verdict,) = evaluate(line("say it"), Rules(), reading)
        assert (verdict.level, verdict.change and verdict.change.description) == (Level.MINOR, "Say It")

    def test_nothing_comes_of_nothing(self) -> None:
        verdicts: tuple[Verdict, ...] = evaluate([], Rules())
        assert (verdicts, greatest(verdicts)) == ((), Level.NONE)

    def test_types_are_weighed_as_configured(self) -> None:
        rules = Rules(minor_types=("add",), patch_types=("feat",))
        assert [verdict.level for verdict in evaluate(line("feat: x", "add: y", "fix: z"), rules)] == [0, 2, 1]


@pytest.mark.parametrize(
    ("text", "breaking"),
    [
        ("feat!: drop it (#12)", ("drop it",)),
        ("fix(api)!: drop it (!7)", ("drop it",)),
        ("feat: drop it (#12)\n\nBREAKING CHANGE: drop it (#12)\n\nBREAKING CHANGE: drop it", ("drop it",)),
        ("feat: drop it (#12)\n\nBREAKING CHANGE: like (#3)", ("like (#3)",)),
    ],
)
def test_a_breaking_change_is_told_once_without_the_number_of_its_pull_request(
    text: str, breaking: tuple[str, ...]
) -> None:
    [change] = changes(evaluate([Commit("a" * 40, text)], Rules()))
    assert change.breaking == breaking
