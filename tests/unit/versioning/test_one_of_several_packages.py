"""Commits count for a package only if they touch its folder."""

from shipit.model import Commit
from shipit.versioning import Question, decide
from shipit.versioning.changes import evaluate
from shipit.versioning.units import Reading
from tests.support.commits import Rules, commit, line, sha, tag


def reading(*names: object) -> Reading:
    return Reading(folder="packages/a", touched=frozenset(map(sha, names)))


def whys(commits: list[Commit], *names: object) -> list[str]:
    return [verdict.why for verdict in evaluate(commits, Rules(), reading(*names))]


def test_a_commit_elsewhere_asks_for_nothing() -> None:
    history = line("fix: here", "feat!: there")
    decision = decide(Question(history, [tag("v1.0.0")], Rules(), reading=reading(0)))
    assert decision.version == "1.0.1"
    assert [change.description for change in decision.changes] == ["here"]
    assert decision.rows[0].why == "touches nothing in packages/a"


def test_without_a_commit_in_the_folder_there_is_nothing_to_release() -> None:
    decision = decide(Question(line("feat: there"), [tag("v1.0.0")], Rules(), kind="minor", reading=reading()))
    assert (decision.version, decision.why) == (None, "no commits since v1.0.0")


def test_what_others_merged_brings_no_new_prerelease() -> None:
    history = [commit("m", "Merge branch other", 0, "long-ago"), *line("feat: here")]
    found = [tag("v1.0.0"), tag("v1.1.0-rc.1", 0)]
    decision = decide(Question(history, found, Rules(), pre="rc", reading=reading(0)))
    assert (decision.version, decision.why) == (None, "no commits since v1.1.0-rc.1")


def test_a_merge_counts_if_anything_that_it_brought_in_does() -> None:
    history = [
        commit("m", "feat: topic", "base", "t"),
        commit("t", "a step", "base"),
        commit("n", "feat: other topic", "base", "u"),
        commit("u", "another step", "base"),
    ]
    assert whys(history, "t") == [
        "type feat asks for a minor release",
        "no conventional header",
        "touches nothing in packages/a",
        "touches nothing in packages/a",
    ]


def test_what_is_taken_back_there_is_taken_back_here() -> None:
    history = line("feat: y", 'Revert "feat: y"')
    assert whys(history, 0, 1) == [f"reverts {sha(0)[:7]}", f"reverted by {sha(1)[:7]}"]
