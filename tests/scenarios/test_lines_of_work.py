"""Case 10 and around it: hot fixes on main, develop that moves on, merges that need a rule or a person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.acme import git
from tests.support.place import Place, Saved, Stage
from tests.support.run import Ran

DEPENDENCY = 'requires-python = ">=3.11"\ndependencies = ["fixed>=1"]\n'


def show(place: Place, what: str) -> str:
    return git(place.laid.remote, "show", what)


def hot_fix(place: Place, files: dict[str, tuple[str, str]], message: str = "fix: hot") -> str:
    """A commit on main that develop does not know: old and new text by file."""
    changed = {path: show(place, f"main:{path}").replace(*texts) + "\n" for path, texts in files.items()}
    return place.push_something(message, changed, "main")


def test_a_hot_fix_in_a_version_file_survives_the_next_release(place: Place) -> None:
    hot_fix(place, {"pyproject.toml": ('requires-python = ">=3.11"\n', DEPENDENCY)})

    place.shipit("release", "--type", "minor").ended(0)

    for branch in ("main", "develop"):
        text = show(place, f"{branch}:pyproject.toml")
        assert 'dependencies = ["fixed>=1"]' in text
        assert 'version = "1.1.0"' in text


def test_a_line_beside_the_version_that_only_develop_changed_is_no_conflict(place: Place) -> None:
    text = show(place, "develop:pyproject.toml") + "\n"
    changed = text.replace('requires-python = ">=3.11"\n', DEPENDENCY)
    place.push_something("build: a dependency", {"pyproject.toml": changed})
    main = place.outside()["refs"]["refs/heads/main"]

    place.shipit("release", "--type", "minor", where=place.fresh_clone()).ended(0)

    for branch in ("main", "develop"):
        assert show(place, f"{branch}:pyproject.toml") + "\n" == changed.replace('"1.0.0"', '"1.1.0"')
    assert git(place.laid.remote, "rev-parse", "main^1") == main
    assert git(place.laid.remote, "diff", "main^2", "main") == ""


def test_a_hot_fix_release_from_main_and_then_a_release_from_develop_know_of_each_other(place: Place) -> None:
    hot_fix(place, {"README.md": ("One word.", "One word, fixed.")})
    clone = place.fresh_clone("hot")
    ran = place.shipit("release", "--type", "patch", "--from", "main", where=clone).ended(0)
    assert "v1.0.1 is released and complete" in ran.said
    assert 'version = "1.0.1"' in show(place, "develop:pyproject.toml")
    assert "One word, fixed." in show(place, "develop:README.md")
    git(clone, "pull", "--quiet", "--ff-only")

    ran = place.shipit("release", "--type", "minor", where=clone).ended(0)

    assert "v1.1.0 is released and complete" in ran.said
    log = show(place, "main:CHANGELOG.md")
    assert re.findall(r"^## \[([^]]+)\]", log, re.MULTILINE) == ["1.1.0", "1.0.1", "1.0.0"]
    section = log.partition("## [1.1.0]")[2].partition("## [1.0.1]")[0]
    assert "say it louder" in section
    assert "hot" not in section
    assert show(place, "develop:CHANGELOG.md") == log


def test_develop_that_moves_on_during_the_gates_keeps_its_commit_and_gets_the_release(place: Place) -> None:
    landed: list[str] = []
    place.server.before_push = lambda: landed.append(place.push_something("fix: meanwhile", {"late.txt": "late\n"}))

    place.shipit("release", "--type", "minor").ended(0)

    develop = place.outside()["refs"]["refs/heads/develop"]
    for part in (landed[0], "v1.1.0"):
        git(place.laid.remote, "merge-base", "--is-ancestor", part, develop)
    assert "late.txt" not in git(place.laid.remote, "ls-tree", "--name-only", "v1.1.0")


def conflict(place: Place) -> None:
    """Main has a fix that develop, while the gates run, makes in another way."""
    hot_fix(place, {"README.md": ("One word.", "One word, fixed on main.")})
    text = "# small\n\nOne word, fixed on develop.\n"
    place.server.before_push = lambda: place.push_something("fix: the same", {"README.md": text})


@dataclass(frozen=True)
class Conflict:
    """A release whose back-merge conflicts, and the place as it stands after it."""

    place: Place
    ran: Ran
    saved: Saved


@pytest.fixture(scope="module")
def conflicting(theatre: Stage) -> Iterator[Conflict]:
    place = theatre.place()
    conflict(place)
    ran = place.shipit("release", "--type", "minor")
    saved = theatre.save(place)
    yield Conflict(place, ran, saved)
    theatre.clear(place, saved)


@pytest.fixture
def waiting(theatre: Stage, conflicting: Conflict) -> Place:
    """Released, and its back-merge waits for a person."""
    theatre.restore(conflicting.place, conflicting.saved)
    return conflicting.place


def test_a_back_merge_that_conflicts_waits_for_a_person_and_the_release_is_complete(
    conflicting: Conflict, waiting: Place
) -> None:
    ran, place = conflicting.ran.ended(8), waiting

    assert "not merged back into develop" in ran.said
    assert "back-merge/v1.1.0" in ran.said
    assert "hint: " in ran.said
    outside = place.outside()
    assert "refs/heads/back-merge/v1.1.0" in outside["refs"]
    assert [(pull[0], pull[1], pull[5]) for pull in outside["forge"]["pulls"]] == [
        ("back-merge/v1.1.0", "develop", "open")
    ]
    assert not outside["forge"]["releases"][0]["draft"]
    assert len([name for name in outside["index"] if name.endswith((".whl", ".gz"))]) == 2
    assert not [name for name in outside["refs"] if "lock" in name or "kept" in name]
    place.shipit("verify", "release", "v1.1.0").ended(0)
    assert place.outside() == outside


@pytest.mark.parametrize("words", [("release",), ("release", "--resume"), ("release", "--type", "minor")])
def test_while_a_back_merge_waits_nothing_is_released_twice(waiting: Place, words: tuple[str, ...]) -> None:
    outside = waiting.outside()
    git(waiting.clone, "stash", "push", "--quiet")
    git(waiting.clone, "pull", "--quiet", "--ff-only", "origin", "develop")

    ran = waiting.shipit(*words).ended(4)

    assert "v1.1.0 is released, but not merged back into develop yet" in ran.said
    assert "its back-merge waits for a person on the branch back-merge/v1.1.0" in ran.said
    assert "hint: merge back-merge/v1.1.0 into develop and resolve what conflicts" in ran.said
    assert waiting.outside() == outside


def test_while_a_back_merge_waits_a_higher_version_names_its_branch_and_the_command_that_helps(
    waiting: Place,
) -> None:
    outside = waiting.outside()
    clone = waiting.fresh_clone("further")

    ran = waiting.shipit("release", "--type", "major", where=clone).ended(4)

    assert "develop cannot be merged into main" in ran.said
    assert "a back-merge waits for a person on the branch back-merge/v1.1.0" in ran.said
    command = "git switch develop && git pull && git merge origin/back-merge/v1.1.0"
    assert f"hint: merge back-merge/v1.1.0 into develop first, and resolve it there: {command}" in ran.said
    assert waiting.outside() == outside
    git(clone, "merge", "--quiet", "--strategy-option=ours", "origin/back-merge/v1.1.0")
    git(clone, "push", "--quiet")
    waiting.shipit("release", "--type", "major", where=clone).ended(0)


def test_while_a_back_merge_waits_a_lower_version_names_its_branch(waiting: Place) -> None:
    outside = waiting.outside()

    ran = waiting.shipit("release", "--type", "patch", where=waiting.fresh_clone("further")).ended(4)

    assert "the next version would be 1.0.1, but 1.1.0 is there already" in ran.said
    assert "its back-merge waits for a person on the branch back-merge/v1.1.0" in ran.said
    assert "hint: merge back-merge/v1.1.0 into develop and resolve what conflicts" in ran.said
    assert waiting.outside() == outside


def test_where_main_has_more_than_what_waits_main_is_merged(waiting: Place) -> None:
    waiting.push_something("fix: later", {"README.md": "# small\n\nFixed on main again.\n"}, "main")

    ran = waiting.shipit("release", "--type", "major", where=waiting.fresh_clone("further")).ended(4)

    assert "a back-merge waits for a person on the branch back-merge/v1.1.0" in ran.said
    assert "git switch develop && git pull && git merge origin/main" in ran.said


def test_a_conflict_between_main_and_develop_is_seen_before_anything_is_touched(place: Place) -> None:
    hot_fix(place, {"README.md": ("One word.", "One word, fixed on main.")})
    other = place.push_something("fix: the same", {"README.md": "# small\n\nOne word, fixed on develop.\n"})
    outside = place.outside()

    ran = place.shipit("release", "--type", "minor", where=place.fresh_clone()).ended(4)

    assert "develop cannot be merged into main" in ran.said
    assert "conflict in README.md" in ran.said
    assert "hint: merge main into develop first" in ran.said
    assert place.outside() == outside
    assert other

    clone = place.fresh_clone("helped")
    git(clone, "merge", "--quiet", "--strategy-option=ours", "origin/main")
    git(clone, "push", "--quiet")
    place.shipit("release", "--type", "minor", where=clone).ended(0)
    assert "fixed on develop" in show(place, "main:README.md")
