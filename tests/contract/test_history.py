"""History and tags, read from real repositories."""

import subprocess
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters import process
from shipit.adapters.git import history, query, tags
from shipit.errors import Refused, UsageError
from shipit.model import Commit, Identity
from tests.support.commits import Rules
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


class TestArguments:
    def test_the_log_is_read_as_a_machine_reads_it(self) -> None:
        argv = history.log_argv("aaa", ("bbb", "ccc"))
        assert argv[-5:] == ("--end-of-options", "bbb", "ccc", "^aaa", "--")
        assert {"-z", "--no-show-signature", "--encoding=UTF-8", "--topo-order"} <= set(argv)

    def test_a_whole_history_is_not_sorted_by_git(self) -> None:
        assert "--topo-order" not in history.log_argv(None, ("bbb",))

    def test_both_sides_of_a_tag_are_asked_for_at_once(self) -> None:
        argv = history.log_argv("aaa", ("bbb",), both_sides=True)
        assert argv[-2:] == ("aaa...bbb", "--")
        assert "--left-right" in argv

    def test_tags_can_be_limited_to_those_that_are_reachable(self) -> None:
        assert tags.tags_argv("aaa")[-2:] == ("--merged=aaa", "refs/tags/")
        assert tags.tags_argv()[-1] == "refs/tags/"


class TestCommits:
    def test_commits_come_newest_first_with_all_their_parts(self, repository: Repository) -> None:
        first = repository.commit("feat: ä\n\nbody\n\nRefs: #1\n")
        second = repository.commit("fix: b")
        newest, oldest = history.read(repository.top, None, second)
        assert (newest.sha, newest.parents, newest.subject) == (second, (first,), "fix: b")
        assert oldest.message == "feat: ä\n\nbody\n\nRefs: #1\n"
        assert oldest.author == Identity("Ann", "ann@example.com")
        assert oldest.time > 1_000_000_000
        assert history.read(repository.top, first, second) == [newest]

    @pytest.mark.parametrize(
        "message", [b"", b"one\ntwo", b"feat: x\r\n\r\nBREAKING CHANGE: y\r\n", b"x" * 5_000_000]
    )
    def test_odd_messages_are_read(self, repository: Repository, message: bytes) -> None:
        sha = repository.commit(message)
        (found,) = history.read(repository.top, None, sha)
        assert found.message.rstrip("\n") == message.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")

    def test_invalid_utf_8_is_read_with_replacements(self, repository: Repository) -> None:
        tree = repository.git("write-tree")
        head = f"tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n"
        # by hand, since git commit repairs what it is given
        sha = repository.git("hash-object", "-t", "commit", "-w", "--stdin", data=head.encode() + b"feat: \xff\xfe")
        assert history.read(repository.top, None, sha)[0].message == "feat: \ufffd\ufffd"

    def test_other_encodings_become_utf_8(self, repository: Repository) -> None:
        repository.git("config", "i18n.commitEncoding", "ISO-8859-1")
        repository.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
        sha = repository.commit(b"feat: caf\xe9")
        assert history.read(repository.top, None, sha)[0].subject == "feat: café"

    def test_the_user_s_taste_in_logs_changes_nothing(self, repository: Repository) -> None:
        sha = repository.commit("feat: x")
        repository.git("notes", "add", "-m", "a note")
        expected = history.read(repository.top, None, sha)
        for key, value in {
            "log.showSignature": "true",
            "log.decorate": "full",
            "log.diffMerges": "first-parent",
            "log.graphColors": "red",
            "log.date": "relative",
            "format.pretty": "fuller",
            "color.ui": "always",
            "core.pager": "false",
            "core.quotePath": "true",
            "diff.renames": "copies",
        }.items():
            repository.git("config", key, value)
        assert history.read(repository.top, None, sha) == expected

    def test_an_unknown_commit_is_refused_with_git_s_words(self, repository: Repository) -> None:
        repository.commit("feat: x")
        with pytest.raises(Refused, match="cannot read the history") as caught:
            history.read(repository.top, None, "f" * 40)
        assert caught.value.evidence

    def test_a_history_of_several_pieces_is_read_whole(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "_PIECE", 7)  # bytes: every id and every ä is cut somewhere
        shas = [repository.commit(f"feat: ä{number}\r\n\r\nbödy") for number in range(3)]
        found = history.read(repository.top, None, shas[-1])
        assert [(one.sha, one.message) for one in found] == [
            (shas[number], f"feat: ä{number}\n\nbödy") for number in (2, 1, 0)
        ]

    def test_records_come_with_their_authors_or_without(self, repository: Repository) -> None:
        sha = repository.commit("feat: x")
        (named,) = history.records(repository.top, sha, people=True)
        (nameless,) = history.records(repository.top, sha, people=False)
        (read,) = history.read(repository.top, None, sha)
        assert read.author == Identity("Ann", "ann@example.com")
        assert named.commit == read
        assert nameless.commit == Commit(sha, "feat: x")

    def test_an_id_that_two_commits_name_is_kept_once(self, repository: Repository) -> None:
        shas = [repository.commit(f"feat: {number}") for number in range(3)]
        found = list(history.records(repository.top, shas[-1], people=False))
        assert [(one.sha, one.kin) for one in found] == [(shas[2], shas[1]), (shas[1], shas[0]), (shas[0], "")]
        assert all(child.kin is parent.sha for child, parent in pairwise(found))

    def test_times_are_those_of_the_committer(self, repository: Repository) -> None:
        shas = [repository.commit(f"feat: {number}") for number in range(3)]
        asked = [shas[2], shas[0]]
        assert history.times(repository.top, asked) == {
            one.sha: one.time for one in history.read(repository.top, None, shas[2]) if one.sha in asked
        }
        assert history.times(repository.top, []) == {}


class TestTags:
    def test_all_kinds_of_tags_lead_to_their_commits(self, repository: Repository) -> None:
        sha = repository.commit("feat: x", tag="annotated")
        repository.git("tag", "light")
        repository.git("tag", "-a", "-m", "x", "nested", "annotated")
        repository.git("tag", "on-tree", "HEAD^{tree}")
        repository.git("tag", "-a", "-m", "x", "annotated-tree", "HEAD^{tree}")
        repository.git("tag", "-a", "-m", "x", "nested-tree", "annotated-tree")
        repository.git("tag", "on-blob", repository.git("hash-object", "-w", "--stdin", data=b"x"))
        found = {tag.name: tag.commit for tag in tags.read(repository.top)}
        assert found == {"annotated": sha, "light": sha, "nested": sha}

    def test_reachable_tags_leave_out_other_branches(self, repository: Repository) -> None:
        repository.commit("feat: x", tag="v1.0.0")
        repository.git("switch", "--quiet", "-c", "other")
        repository.commit("feat: y", tag="v1.1.0")
        repository.git("switch", "--quiet", "main")
        assert [tag.name for tag in tags.reachable(repository.top)] == ["v1.0.0"]

    def test_an_unknown_end_is_refused(self, repository: Repository) -> None:
        repository.commit("feat: x")
        with pytest.raises(Refused, match="cannot list the tags"):
            tags.reachable(repository.top, "nothing-there")


class TestSurvey:
    def test_it_reads_what_came_since_the_highest_reachable_final_version(self, repository: Repository) -> None:
        repository.commit("feat: a", tag="v1.9.0")
        repository.commit("feat: b", tag="v1.10.0")
        repository.commit("feat: c", tag="v1.11.0-rc.1")
        repository.commit("feat: d")
        seen = repository.survey()
        assert [commit.subject for commit in seen.commits] == ["feat: d", "feat: c"]
        assert [tag.name for tag in seen.reachable] == ["v1.11.0-rc.1", "v1.10.0"]
        assert len(seen.tags) == 3

    def test_higher_versions_on_other_branches_do_not_count(self, repository: Repository) -> None:
        repository.commit("feat: a", tag="v1.0.0")
        repository.git("switch", "--quiet", "-c", "two")
        repository.commit("feat!: b", tag="v2.0.0")
        repository.git("switch", "--quiet", "main")
        repository.commit("fix: c")
        seen = repository.survey()
        assert [tag.name for tag in seen.reachable] == ["v1.0.0"]
        assert [commit.subject for commit in seen.commits] == ["fix: c"]

    def test_on_a_maintenance_branch_the_number_of_children_does_not_grow(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository.commit("feat: a", tag="v1.0.0")
        repository.git("switch", "--quiet", "-c", "next")
        for minor in range(5):
            repository.commit("feat!: b", tag=f"v2.{minor}.0")
        repository.git("switch", "--quiet", "main")
        found, start = query.find_repository(repository.top), process._start
        started: list[Sequence[str]] = []

        def counted(argv: Sequence[str], *more: Any, **options: Any) -> Any:
            started.append(argv)
            return start(argv, *more, **options)

        monkeypatch.setattr(process, "_start", counted)
        assert [tag.name for tag in history.survey(found, Rules()).reachable] == ["v1.0.0"]
        assert len(started) == 4

    def test_without_a_reachable_version_everything_is_new(self, repository: Repository) -> None:
        repository.commit("feat: a", tag="v1.0")
        repository.git("switch", "--quiet", "--orphan", "other")
        repository.commit("feat: b", tag="v3.0.0")
        repository.git("switch", "--quiet", "main")
        seen = repository.survey()
        assert (seen.reachable, len(seen.commits)) == ((), 1)

    def test_right_on_the_tag_nothing_is_new(self, repository: Repository) -> None:
        repository.commit("feat: a", tag="v1.0.0")
        assert repository.survey().commits == ()

    def test_a_shallow_clone_is_refused_with_the_command_that_helps(
        self, repository: Repository, tmp_path: Path
    ) -> None:
        repository.commit("feat: a", tag="v1.0.0")
        repository.commit("feat: b")
        subprocess.run(
            ["git", "clone", "--quiet", "--depth=1", repository.top.as_uri(), str(tmp_path / "shallow")], check=True
        )
        assert query.find_repository(tmp_path / "shallow").shallow
        with pytest.raises(Refused, match="cut off") as caught:
            history.survey(query.find_repository(tmp_path / "shallow"), Rules())
        assert "git fetch --unshallow --tags" in str(caught.value.hint)

    def test_the_address_of_a_remote_is_that_which_git_would_use(self, repository: Repository) -> None:
        repository.git("remote", "add", "origin", "acme:tool.git")
        repository.git("config", "url.git@github.com:acme/.insteadOf", "acme:")
        assert query.remote_url(repository.top, "origin") == "git@github.com:acme/tool.git"
        assert query.remote_url(repository.top, "upstream") is None

    def test_a_detached_head_is_a_place_like_any_other(self, repository: Repository) -> None:
        sha = repository.commit("feat: a", tag="v1.0.0")
        repository.commit("feat: b")
        repository.git("switch", "--quiet", "--detach", "v1.0.0")
        assert query.find_repository(repository.top).head == sha
        assert repository.survey().commits == ()

    def test_a_linked_work_tree_and_a_folder_inside_are_places_too(
        self, repository: Repository, tmp_path: Path
    ) -> None:
        repository.commit("feat: a", tag="v1.0.0")
        repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
        (tmp_path / "linked" / "inner").mkdir()
        found = query.find_repository(tmp_path / "linked" / "inner")
        assert found.top == tmp_path / "linked"
        assert not found.shallow


class TestErrors:
    def test_outside_of_a_repository_it_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is not in a git repository"):
            query.find_repository(tmp_path)

    def test_a_repository_without_commits_says_so(self, repository: Repository) -> None:
        with pytest.raises(UsageError, match="no commits yet"):
            query.find_repository(repository.top)

    def test_a_repository_of_another_user_says_what_makes_git_read_it(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository.commit("feat: a")
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(UsageError, match="belongs to another user") as caught:
            query.find_repository(repository.top)
        assert caught.value.hint == f"git config --global --add safe.directory {repository.top}"

    def test_a_clone_without_tags_is_not_taken_for_one_before_its_first_release(
        self, repository: Repository, tmp_path: Path
    ) -> None:
        repository.commit("feat: a", tag="v1.0.0")
        repository.git("clone", "--quiet", "--no-tags", repository.top.as_uri(), str(tmp_path / "tagless"))
        with pytest.raises(Refused, match="made without tags") as caught:
            history.survey(query.find_repository(tmp_path / "tagless"), Rules())
        assert caught.value.hint == "run `git config --unset remote.origin.tagopt` and `git fetch --tags`"

    @pytest.mark.parametrize("name", ["nothing-there", "--upload-pack=x", "-n1"])
    def test_an_unknown_revision_is_named(self, repository: Repository, name: str) -> None:
        repository.commit("feat: a")
        with pytest.raises(UsageError, match="there is no commit"):
            query.resolve(repository.top, name)

    def test_without_git_it_names_the_program(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(UsageError, match="`git` is not installed"):
            query.find_repository(repository.top)
