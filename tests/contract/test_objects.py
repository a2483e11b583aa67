"""What every object database must do: the same tests against the fake and against git."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from shipit.adapters.git.objects import GitObjects
from shipit.errors import ExternalError
from shipit.model import Identity
from shipit.release.ports import Objects
from tests.fakes import FakeObjects
from tests.support.acme import git, refs
from tests.support.require import require

ADA = Identity("Ada Äcme", "ada@acme.example")
NOON = 1_741_003_200
FILES = {"README.md": b"# small\n", "src/acme/__init__.py": b"word = 1\r\n", "src/blob": bytes(range(256))}
UNKNOWN = "0123456789" * 4


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "repository")
    return tmp_path / "repository"


@pytest.fixture(params=["fake", "git"])
def objects(request: pytest.FixtureRequest, repository: Path) -> Objects:
    return FakeObjects() if request.param == "fake" else GitObjects(repository)


def commit(
    objects: Objects,
    files: Mapping[str, bytes] | None = None,
    *parents: str,
    said: str = "feat: one\n",
    time: int = NOON,
) -> str:
    """A commit with these files on top of what its first parent has."""
    tree = objects.change_tree(parents[0] if parents else None, FILES if files is None else files)
    return objects.commit(tree, parents, said, ADA, time)


class TestFiles:
    def test_are_read_back_byte_by_byte(self, objects: Objects) -> None:
        made = commit(objects)
        assert {path: objects.read(made, path) for path in FILES} == FILES

    def test_that_are_not_there_read_as_nothing(self, objects: Objects) -> None:
        made = commit(objects)
        assert objects.read(made, "nowhere.txt") is None
        assert objects.read(made, "src") is None

    def test_are_read_and_changed_in_a_tree_as_in_its_commit(self, objects: Objects) -> None:
        made = commit(objects)
        tree, changes = objects.tree(made), {"README.md": b"# large\n"}
        assert {path: objects.read(tree, path) for path in FILES} == FILES
        assert objects.change_tree(tree, changes) == objects.change_tree(made, changes)

    def test_are_listed_in_order_all_or_below_a_folder(self, objects: Objects) -> None:
        made = commit(objects)
        assert list(objects.files(made)) == ["README.md", "src/acme/__init__.py", "src/blob"]
        assert list(objects.files(made, "src/acme")) == ["src/acme/__init__.py"]
        assert list(objects.files(made, "src/acme/")) == ["src/acme/__init__.py"]
        assert list(objects.files(made, "elsewhere")) == []

    def test_with_any_name_survive(self, objects: Objects) -> None:
        made = commit(objects, {"ünï cødé/a b.txt": b"x", "tab\there": b"y"})
        assert sorted(objects.files(made)) == ["tab\there", "ünï cødé/a b.txt"]
        assert objects.read(made, "ünï cødé/a b.txt") == b"x"
        assert objects.read(made, "tab\there") == b"y"

    def test_of_a_commit_that_is_not_here_are_trouble(self, objects: Objects) -> None:
        with pytest.raises(ExternalError):
            objects.read(UNKNOWN, "README.md")
        with pytest.raises(ExternalError):
            objects.files(UNKNOWN)


class TestTrees:
    def test_change_where_they_are_told_to_and_nowhere_else(self, objects: Objects) -> None:
        before = commit(objects)
        after = commit(objects, {"README.md": b"# other\n", "new/file": b""}, before)
        assert objects.read(after, "README.md") == b"# other\n"
        assert objects.read(after, "new/file") == b""
        assert objects.read(after, "src/blob") == FILES["src/blob"]

    def test_without_a_change_are_the_same(self, objects: Objects) -> None:
        made = commit(objects)
        assert objects.change_tree(made, {}) == objects.tree(made)
        assert objects.change_tree(None, FILES) == objects.tree(made)

    def test_may_be_empty(self, objects: Objects) -> None:
        made = commit(objects, {})
        assert list(objects.files(made)) == []

    def test_of_a_tag_are_those_of_its_commit(self, objects: Objects) -> None:
        made = commit(objects)
        tag = objects.tag("v1.0.0", made, "Release v1.0.0\n", ADA, NOON)
        assert objects.tree(tag) == objects.tree(made)


class TestCommits:
    def test_of_the_same_content_are_the_same(self, objects: Objects) -> None:
        assert commit(objects) == commit(objects)
        assert commit(objects) != commit(objects, time=NOON + 1)
        assert commit(objects) != commit(objects, said="feat: two\n")

    def test_are_there_when_they_are_made_and_not_before(self, objects: Objects) -> None:
        assert not objects.has(UNKNOWN)
        assert objects.has(commit(objects))

    def test_tell_their_parents_and_their_message(self, objects: Objects) -> None:
        one = commit(objects)
        two = commit(objects, {}, one, said="fix: ünïcode\n\nA body.\n\nRefs: #1\n")
        merge = commit(objects, {}, two, one, said="Merge one\n")
        found = {each.sha: each for each in objects.history(None, merge)}
        assert [found[sha].parents for sha in (one, two, merge)] == [(), (one,), (two, one)]
        assert found[two].message.strip() == "fix: ünïcode\n\nA body.\n\nRefs: #1"

    def test_know_their_ancestors_themselves_included(self, objects: Objects) -> None:
        one = commit(objects)
        two = commit(objects, {}, one, time=NOON + 1)
        other = commit(objects, {}, one, said="fix: other\n")
        assert objects.ancestors(two) == {one, two}
        assert objects.is_ancestor(one, two)
        assert objects.is_ancestor(two, two)
        assert not objects.is_ancestor(two, one)
        assert not objects.is_ancestor(other, two)

    def test_that_are_not_here_have_no_ancestors_but_trouble(self, objects: Objects) -> None:
        with pytest.raises(ExternalError):
            objects.ancestors(UNKNOWN)

    def test_tell_history_newest_first(self, objects: Objects) -> None:
        one = commit(objects)
        two = commit(objects, {}, one, said="fix: two\n\nbody\n", time=NOON + 60)
        three = commit(objects, {}, two, said="feat: three\n", time=NOON + 120)
        assert [found.sha for found in objects.history(None, three)] == [three, two, one]
        [newest, older] = objects.history(one, three)
        assert (newest.sha, newest.subject, newest.parents, newest.time) == (
            three,
            "feat: three",
            (two,),
            NOON + 120,
        )
        assert (older.message.strip(), older.author) == ("fix: two\n\nbody", ADA)

    def test_tell_the_history_of_several_ends_once(self, objects: Objects) -> None:
        one = commit(objects)
        left = commit(objects, {}, one, said="feat: left\n", time=NOON + 60)
        right = commit(objects, {}, one, said="feat: right\n", time=NOON + 120)
        assert {found.sha for found in objects.history(None, left, right)} == {one, left, right}
        assert list(objects.history(left, left)) == []


class TestFoldersAndPeople:
    def test_only_commits_that_change_something_in_a_folder_touch_it(self, objects: Objects) -> None:
        one = commit(objects, {"api/a": b"1", "web/a": b"1"})
        web = commit(objects, {"web/a": b"2"}, one, said="feat: web\n", time=NOON + 60)
        api = commit(objects, {"api/a": b"2", "web/a": b"3"}, web, said="feat: both\n", time=NOON + 120)
        near = commit(objects, {"api-docs/a": b"1"}, api, said="docs: near\n", time=NOON + 180)
        assert objects.touched("api", None, near) == {one, api}
        assert objects.touched("api", web, near) == {api}
        assert objects.touched("nowhere", None, near) == frozenset()

    def test_merges_touch_nothing(self, objects: Objects) -> None:
        one = commit(objects, {"api/a": b"1"})
        left = commit(objects, {"api/b": b"1"}, one, said="feat: left\n", time=NOON + 60)
        right = commit(objects, {"web/b": b"1"}, one, said="feat: right\n", time=NOON + 60)
        both = commit(objects, {"api/b": b"1"}, right, left, said="Merge left\n", time=NOON + 120)
        assert objects.touched("api", one, both) == {left}

    def test_everybody_who_worked_on_a_history_is_known_by_mail_and_name_in_lower_case(
        self, objects: Objects
    ) -> None:
        one = commit(objects)
        said = "feat: two\n\nCo-authored-by: Bob <Bob@Acme.example>\nco-authored-by: Eve <eve@acme.example>\n"
        two = commit(objects, {}, one, said=said, time=NOON + 60)
        ada = {"ada@acme.example", "ada äcme"}
        assert objects.authors(one) == ada
        assert objects.authors(two) == {*ada, "bob@acme.example", "bob", "eve@acme.example", "eve"}


class TestMerges:
    def base(self, objects: Objects) -> str:
        return commit(objects, {"a": b"1\n", "b": b"1\n", "c": b"1\n"}, said="chore: base\n")

    def test_take_what_each_side_changed(self, objects: Objects) -> None:
        base = self.base(objects)
        ours = commit(objects, {"a": b"2\n"}, base, said="feat: ours\n")
        theirs = commit(objects, {"b": b"2\n", "d": b"new\n"}, base, said="feat: theirs\n")
        merged = objects.merge(ours, theirs, {})
        assert merged.conflicts == ()
        assert merged.tree == objects.change_tree(None, {"a": b"2\n", "b": b"2\n", "c": b"1\n", "d": b"new\n"})

    def test_of_what_is_contained_change_nothing(self, objects: Objects) -> None:
        base = self.base(objects)
        ours = commit(objects, {"a": b"2\n"}, base)
        assert objects.merge(ours, base, {}).tree == objects.tree(ours)
        assert objects.merge(base, ours, {}).tree == objects.tree(ours)

    def test_name_the_files_that_a_person_must_decide(self, objects: Objects) -> None:
        base = self.base(objects)
        ours = commit(objects, {"a": b"2\n", "b": b"2\n", "new": b"ours\n"}, base)
        theirs = commit(objects, {"a": b"3\n", "b": b"2\n", "new": b"theirs\n"}, base, said="feat: theirs\n")
        merged = objects.merge(ours, theirs, {})
        assert merged.tree is None
        assert sorted(merged.conflicts) == ["a", "new"]

    def test_are_decided_by_preferred_bytes_in_these_files_only(self, objects: Objects) -> None:
        base = self.base(objects)
        ours = commit(objects, {"a": b"2\n", "b": b"2\n"}, base)
        theirs = commit(objects, {"a": b"3\n", "b": b"3\n"}, base, said="feat: theirs\n")
        assert objects.merge(ours, theirs, {"a": b"4\n"}).conflicts == ("b",)
        merged = objects.merge(ours, theirs, {"a": b"4\n", "b": b"5\n"})
        assert merged.tree == objects.change_tree(None, {"a": b"4\n", "b": b"5\n", "c": b"1\n"})

    def test_give_preferred_bytes_also_where_the_sides_agree(self, objects: Objects) -> None:
        base = self.base(objects)
        ours = commit(objects, {"b": b"2\n"}, base)
        merged = objects.merge(ours, base, {"a": b"9\n"})
        assert merged.tree == objects.change_tree(None, {"a": b"9\n", "b": b"2\n", "c": b"1\n"})


class TestTags:
    def test_of_the_same_content_are_the_same(self, objects: Objects) -> None:
        made = commit(objects)
        tags = {objects.tag("v1.0.0", made, "Release v1.0.0\n", ADA, NOON) for _ in range(2)}
        assert len(tags) == 1
        assert objects.has(tags.pop())


class TestGit:
    """What only the real thing has: a repository of the user's, modes, settings and signatures."""

    @pytest.fixture
    def real(self, repository: Path) -> GitObjects:
        return GitObjects(repository)

    def test_no_ref_and_no_file_moves_whatever_is_made(self, real: GitObjects, repository: Path) -> None:
        made = commit(real)
        real.tag("v1.0.0", made, "Release v1.0.0\n", ADA, NOON)
        real.merge(made, commit(real, {"x": b"y"}, made), {"x": b"z"})
        assert refs(repository) == {}
        assert git(repository, "status", "--porcelain") == ""
        assert [path.name for path in repository.iterdir()] == [".git"]

    def test_a_commit_is_what_git_says_it_is(self, real: GitObjects, repository: Path) -> None:
        made = commit(real, said="feat: ünïcode\n\nbody\n")
        assert git(repository, "show", "-s", "--format=%an <%ae> %at %cn %ct%n%B", made) == (
            f"Ada Äcme <ada@acme.example> {NOON} Ada Äcme {NOON}\nfeat: ünïcode\n\nbody"
        )
        git(repository, "fsck", "--strict")

    def test_a_tag_is_what_git_says_it_is(self, real: GitObjects, repository: Path) -> None:
        made = commit(real)
        tag = real.tag("v1.0.0", made, "Release v1.0.0\n\nabc  file\n", ADA, NOON)
        assert git(repository, "cat-file", "tag", tag) == (
            f"object {made}\ntype commit\ntag v1.0.0\ntagger Ada Äcme <ada@acme.example> {NOON} +0000\n\n"
            "Release v1.0.0\n\nabc  file"
        )
        git(repository, "fsck", "--strict")

    def test_a_file_stays_executable_when_its_bytes_change(self, real: GitObjects, repository: Path) -> None:
        (repository / "run.sh").write_text("#!/bin/sh\n")
        (repository / "run.sh").chmod(0o755)
        git(repository, "add", "run.sh")
        tree = git(repository, "write-tree")
        before = real.commit(tree, (), "feat: run\n", ADA, NOON)
        after = commit(real, {"run.sh": b"#!/bin/sh\nexit 0\n", "plain": b""}, before)
        rows = git(repository, "ls-tree", after).splitlines()
        assert [(row.split()[0], row.split("\t")[1]) for row in rows] == [("100644", "plain"), ("100755", "run.sh")]

    def test_the_users_settings_on_line_ends_and_filters_do_not_reach_the_bytes(
        self, real: GitObjects, repository: Path
    ) -> None:
        git(repository, "config", "core.autocrlf", "true")
        (repository / ".gitattributes").write_text("* text=auto eol=crlf\n")
        made = commit(real, {"a.txt": b"1\r\n2\n"})
        assert real.read(made, "a.txt") == b"1\r\n2\n"

    def test_a_user_who_signs_commits_is_not_asked_for_a_key(self, real: GitObjects, repository: Path) -> None:
        git(repository, "config", "commit.gpgSign", "true")
        git(repository, "config", "gpg.program", "/bin/false")
        assert real.has(commit(real))

    def test_a_merge_without_a_common_ancestor_is_trouble(self, real: GitObjects) -> None:
        with pytest.raises(ExternalError, match="git merge-tree failed"):
            real.merge(commit(real), commit(real, {"x": b""}, said="other\n"), {})

    def test_a_merge_heeds_the_attributes_of_both_commits_and_ours_before_theirs(self, real: GitObjects) -> None:
        base = commit(real, {"a/log": b"1\n", "b/log": b"1\n"})
        union, binary = b"log merge=union\n", b"log -merge\n"
        ours = commit(real, {"a/log": b"2\n1\n", "b/log": b"2\n1\n", "a/.gitattributes": union}, base)
        changed = {"a/log": b"3\n1\n", "b/log": b"3\n1\n"}
        theirs = commit(real, {**changed, "a/.gitattributes": binary, "b/.gitattributes": union}, base)
        assert real.merge(ours, theirs, {}).conflicts == ("a/.gitattributes",)
        merged = real.merge(ours, theirs, {"a/.gitattributes": union}).tree or ""
        assert real.read(merged, "a/log") == real.read(merged, "b/log") == b"2\n3\n1\n"

    def test_a_merge_works_on_ids_of_sha256(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", "long")
        long = GitObjects(tmp_path / "long")
        base = commit(long)
        ours, theirs = (commit(long, {name: b""}, base) for name in ("x", "y"))
        assert long.merge(ours, theirs, {}).tree == long.change_tree(base, {"x": b"", "y": b""})


class TestSigning:
    @pytest.fixture
    def signing(self, repository: Path) -> GitObjects:
        key = repository / "key"
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", str(key)]
        require("ssh-keygen", shutil.which("ssh-keygen") is not None)
        subprocess.run(make, check=True, capture_output=True)
        git(repository, "config", "gpg.format", "ssh")
        git(repository, "config", "user.signingKey", str(key))
        return GitObjects(repository, sign=True)

    def test_a_signed_tag_carries_a_signature_and_no_ref_is_left(
        self, signing: GitObjects, repository: Path
    ) -> None:
        made = commit(signing)
        tag = signing.tag("v1.0.0", made, "Release v1.0.0\n", ADA, NOON)
        text = git(repository, "cat-file", "tag", tag)
        assert text.startswith(f"object {made}\ntype commit\ntag v1.0.0\ntagger Ada Äcme <ada@acme.example> {NOON}")
        assert "-----BEGIN SSH SIGNATURE-----" in text
        assert refs(repository) == {}

    def test_a_key_that_is_not_there_is_trouble_that_says_so(self, signing: GitObjects, repository: Path) -> None:
        made = commit(signing)
        git(repository, "config", "user.signingKey", str(repository / "gone"))
        with pytest.raises(ExternalError) as caught:
            signing.tag("v1.0.0", made, "Release v1.0.0\n", ADA, NOON)
        assert any("gone" in row for row in caught.value.evidence)
