"""What commits touch, who wrote them, and which branch is checked out, read from real repositories."""

from pathlib import Path

import pytest

from shipit.adapters.git import history, query
from shipit.adapters.git.objects import GitObjects
from shipit.errors import Refused
from shipit.model import Identity
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def change(repository: Repository, path: str, text: str = "x\n", message: str = "feat: x") -> str:
    (repository.top / path).parent.mkdir(parents=True, exist_ok=True)
    (repository.top / path).write_text(text)
    repository.git("add", ".")
    return repository.commit(message)


class TestTouched:
    def test_only_what_changes_something_in_the_folder(self, repository: Repository) -> None:
        first = change(repository, "packages/a/one")
        change(repository, "packages/ab/one")
        change(repository, "top")
        second = change(repository, "packages/a/two")
        assert history.touched(repository.top, "packages/a", None, "HEAD") == {first, second}
        assert history.touched(repository.top, "packages/a", first, "HEAD") == {second}
        assert GitObjects(repository.top).touched("packages/a", first, "HEAD") == {second}
        assert history.touched(repository.top, "packages/*", None, "HEAD") == frozenset()

    def test_what_was_taken_back_and_what_two_branches_did_alike_count_and_merges_do_not(
        self, repository: Repository
    ) -> None:
        base = change(repository, "top")
        repository.git("switch", "--quiet", "--create", "topic")
        theirs = change(repository, "a/one", "same\n")
        repository.git("switch", "--quiet", "main")
        ours = change(repository, "a/one", "same\n", "feat: as well")
        taken_back = change(repository, "a/one", "other\n")
        back = change(repository, "a/one", "same\n", "Revert")
        repository.git("merge", "--quiet", "--no-ff", "topic")
        assert history.touched(repository.top, "a", base, "HEAD") == {theirs, ours, taken_back, back}

    def test_an_unknown_commit_is_refused(self, repository: Repository) -> None:
        repository.commit("feat: x")
        with pytest.raises(Refused, match="git cannot read the history"):
            history.touched(repository.top, "a", None, "nothing")


class TestAuthors:
    def test_authors_and_co_authors_in_lower_case(self, repository: Repository) -> None:
        bea, cem = "Bea B <Bea@Example.com>", "Cem <cem@example.com>"
        repository.commit(f"feat: x\n\nCo-authored-by: {bea}\nCo-authored-by: {cem}\n")
        first = repository.commit("feat: y")
        repository.commit("feat: z\n\nCo-authored-by: Dan <dan@example.com>\n")
        expected = {"ann", "ann@example.com", "bea b", "bea@example.com", "cem", "cem@example.com"}
        assert history.authors(repository.top, first) == expected
        assert GitObjects(repository.top).authors(first) == expected

    def test_the_mail_map_counts(self, repository: Repository) -> None:
        (repository.top / ".mailmap").write_text("Ann <ann@new.example> <ann@example.com>\n")
        repository.commit("feat: x")
        assert history.authors(repository.top, "HEAD") == {"ann", "ann@new.example"}

    def test_it_counts_for_co_authors_as_well(self, repository: Repository) -> None:
        (repository.top / ".mailmap").write_text("Bea Berg <bea@new.example> bea <bea@old.example>\n")
        repository.commit("feat: x\n\nCo-authored-by: bea <bea@old.example>\n")
        found = history.authors(repository.top, "HEAD")
        assert found == {"ann", "ann@example.com", "bea", "bea@old.example", "bea berg", "bea@new.example"}

    def test_people_are_known_as_the_mail_map_says_in_their_order(self, repository: Repository) -> None:
        (repository.top / ".mailmap").write_text("Bea Berg <bea@new.example> <bea@old.example>\n")
        people = [Identity("Zoë > <x", "z@example.com"), Identity("bea", "bea@old.example"), Identity("", "a@b.c")]
        found = GitObjects(repository.top).known_as(people)
        assert list(found) == [
            Identity("Zoë x", "z@example.com"),
            Identity("Bea Berg", "bea@new.example"),
            Identity("", "a@b.c"),
        ]
        assert list(GitObjects(repository.top).known_as([])) == []


class TestBranch:
    def test_it_is_read_without_git(self, repository: Repository) -> None:
        repository.commit("feat: x")
        assert query.branch(repository.top) == "main"
        repository.git("switch", "--quiet", "--create", "maintenance/1.x")
        assert query.branch(repository.top) == "maintenance/1.x"

    def test_a_detached_head_is_on_none(self, repository: Repository) -> None:
        repository.commit("feat: x")
        repository.git("checkout", "--quiet", "--detach")
        assert query.branch(repository.top) is None

    def test_a_linked_work_tree_has_its_own(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit("feat: x")
        repository.git("worktree", "add", "--quiet", "-b", "1.x", str(tmp_path / "linked"))
        assert query.branch(tmp_path / "linked") == "1.x"

    def test_without_a_repository_there_is_none(self, tmp_path: Path) -> None:
        assert query.branch(tmp_path) is None
