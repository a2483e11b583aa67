"""What came since the last final version, the short way: the same as the long way tells, or nothing."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters import process
from shipit.adapters.git import history, query, recent
from shipit.adapters.git.history import RecentHistory
from tests.support.commits import Rules
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit("feat: a", tag="v0.9.0")
    made.commit("feat: b", tag="v1.0.0")
    return made


def short(top: Path) -> RecentHistory | None:
    return recent.recent(top, Rules())


def same(repository: Repository) -> None:
    found, whole = short(repository.top), repository.survey()
    assert found is not None
    assert (found.head, found.commits, found.reachable) == (whole.head, whole.commits, whole.reachable)
    assert set(found.tags) <= set(whole.tags)


def test_right_on_the_tag_nothing_is_new(repository: Repository) -> None:
    same(repository)
    found = short(repository.top)
    assert found is not None
    assert ([tag.name for tag in found.tags], found.commits) == (["v1.0.0"], ())


@pytest.mark.parametrize("packed", [False, True])
def test_commits_and_prereleases_since_are_told(repository: Repository, packed: bool) -> None:
    repository.commit("feat: c", tag="v1.1.0-rc.1")
    repository.commit("feat: d")
    repository.git("tag", "v1.1.0-rc.2")
    repository.git("tag", "-a", "-m", "x", "v1.1.0-rc.3", "v1.1.0-rc.2")
    repository.git("tag", "other")
    repository.commit("feat: e")
    if packed:
        repository.git("pack-refs", "--all")
    same(repository)


def test_prereleases_on_another_branch_are_known(repository: Repository) -> None:
    repository.git("switch", "--quiet", "-c", "next")
    repository.commit("feat!: c", tag="v2.0.0-rc.1")
    repository.git("switch", "--quiet", "main")
    repository.commit("fix: d")
    same(repository)
    found = short(repository.top)
    assert found is not None
    assert [tag.name for tag in found.tags] == ["v2.0.0-rc.1", "v1.0.0"]


def test_it_takes_two_children(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = process._start, list[Sequence[str]]()

    def counted(argv: Sequence[str], *more: Any, **options: Any) -> Any:
        started.append(argv)
        return start(argv, *more, **options)

    monkeypatch.setattr(process, "_start", counted)
    assert short(repository.top)
    assert len(started) == 2


def test_a_linked_work_tree_has_the_tags_of_its_clone(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    repository.top = tmp_path / "linked"
    repository.commit("feat: c")
    same(repository)


def test_a_higher_version_out_of_reach_takes_a_closer_look(repository: Repository) -> None:
    repository.git("switch", "--quiet", "-c", "next")
    repository.commit("feat!: c", tag="v2.0.0")
    repository.git("switch", "--quiet", "main")
    assert short(repository.top) is None


def test_before_the_first_release_there_is_no_short_way(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new")
    assert short(repository.top) is None
    repository.commit("feat: a", tag="v1.0.0-rc.1")
    assert short(repository.top) is None
    assert short(tmp_path) is None


def test_a_tag_that_leads_to_no_commit_takes_a_closer_look(repository: Repository) -> None:
    repository.git("tag", "v3.0.0", "HEAD^{tree}")
    assert short(repository.top) is None
    assert [tag.name for tag in repository.survey().reachable] == ["v1.0.0"]


def test_a_history_that_is_cut_off_takes_a_closer_look(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--depth=1", repository.top.as_uri(), str(tmp_path / "shallow"))
    assert query.find_repository(tmp_path / "shallow").shallow
    assert short(tmp_path / "shallow") is None


def test_a_folder_that_git_takes_for_none_takes_a_closer_look(repository: Repository) -> None:
    inner = repository.top / "inner"
    for name in ("objects", "refs/tags"):
        (inner / ".git" / name).mkdir(parents=True)
    (inner / ".git" / "HEAD").write_text("no reference")
    (inner / ".git" / "config").write_text("")
    (inner / ".git" / "refs" / "tags" / "v1.0.0").write_text("")
    assert short(inner) is None


def test_too_many_prereleases_take_a_closer_look(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit("feat: c", tag="v1.1.0-rc.1")
    monkeypatch.setattr(recent, "_MANY", 1)
    assert short(repository.top) is None


def test_where_the_environment_names_the_repository_git_is_asked(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "GIT_DIR", str(repository.top / ".git"))
    assert short(repository.top) is None
    assert history.survey(query.find_repository(repository.top), Rules()).head
