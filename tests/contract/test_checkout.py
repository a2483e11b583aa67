"""What every checkout must do: the same tests against the fake and against a clone of git's."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from shipit.adapters import process
from shipit.adapters.git.checkout import Checkout
from shipit.errors import Denied, ExternalError, Refused, Unavailable, UsageError
from shipit.model import Identity
from shipit.release.ports import Checkout as Port
from tests.fakes import FakeCheckout
from tests.support.acme import Laid, commit, fresh_clone, git, refs
from tests.support.gitserver import GitServer, User


@dataclass
class Place:
    checkout: Port
    sha: str
    """An object that is here"""
    set: Callable[[str, str], object]
    """Sets a ref as the user would."""


@pytest.fixture(params=["fake", "git"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "fake":
        fake = FakeCheckout(tmp_path)
        return Place(fake, "a" * 40, lambda ref, sha: fake.refs.update({ref: sha}))
    clone: Path = request.getfixturevalue("small_acme").clone
    return Place(
        Checkout(clone), git(clone, "rev-parse", "HEAD"), lambda ref, sha: git(clone, "update-ref", ref, sha)
    )


class TestEveryCheckout:
    def test_has_no_ref_that_nobody_made(self, place: Place) -> None:
        assert place.checkout.ref("refs/tags/v9.0.0") is None

    def test_tells_what_a_ref_holds(self, place: Place) -> None:
        place.set("refs/tags/v9.0.0", place.sha)
        assert place.checkout.ref("refs/tags/v9.0.0") == place.sha

    def test_takes_a_tag(self, place: Place) -> None:
        place.checkout.set_tag("v9.0.0", place.sha)
        assert place.checkout.ref("refs/tags/v9.0.0") == place.sha

    def test_never_writes_over_a_tag_of_the_user(self, place: Place) -> None:
        place.set("refs/tags/v9.0.0", place.sha)
        with pytest.raises(Denied, match=r"v9\.0\.0 is in this clone already"):
            place.checkout.set_tag("v9.0.0", "b" * 40)
        assert place.checkout.ref("refs/tags/v9.0.0") == place.sha


class TestAClone:
    def checkout(self, laid: Laid) -> Checkout:
        return Checkout(laid.clone)

    def test_tells_what_keeps_a_tag_from_being_written_and_takes_it_for_no_other_tag(
        self, small_acme: Laid
    ) -> None:
        tip = Checkout(small_acme.clone).tip("HEAD")
        (small_acme.clone / ".git" / "refs" / "tags" / "v9.0.0.lock").touch()
        with pytest.raises(ExternalError, match=r"v9\.0\.0 cannot be written into this clone") as caught:
            Checkout(small_acme.clone).set_tag("v9.0.0", str(tip))
        assert "File exists" in caught.value.evidence[0]

    def test_tells_where_the_user_stands(self, small_acme: Laid) -> None:
        checkout = self.checkout(small_acme)
        assert (checkout.branch, checkout.is_shallow) == ("develop", False)
        assert checkout.tip("HEAD") == git(small_acme.clone, "rev-parse", "HEAD")

    def test_tells_of_a_detached_head(self, small_acme: Laid) -> None:
        git(small_acme.clone, "checkout", "--quiet", "--detach", "main")
        checkout = self.checkout(small_acme)
        assert checkout.branch is None
        assert checkout.tip("HEAD") == git(small_acme.clone, "rev-parse", "main")

    def test_tells_of_a_history_that_is_cut_off(self, small_acme: Laid) -> None:
        shallow = fresh_clone(small_acme, "shallow", "--depth=1")
        assert Checkout(shallow).is_shallow

    def test_has_no_head_before_the_first_commit(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet", "--initial-branch=main")
        checkout = Checkout(tmp_path)
        assert (checkout.tip("HEAD"), checkout.branch) == (None, "main")

    def test_tells_the_tip_behind_a_tag_and_the_tag_itself(self, small_acme: Laid) -> None:
        checkout = self.checkout(small_acme)
        tag = refs(small_acme.clone)["refs/tags/v1.0.0"]
        assert checkout.ref("refs/tags/v1.0.0") == tag
        assert checkout.tip("refs/tags/v1.0.0") == git(small_acme.clone, "rev-parse", "v1.0.0^{commit}") != tag
        assert checkout.tip("refs/heads/nowhere") is None

    def test_tells_the_address_of_a_remote(self, small_acme: Laid) -> None:
        assert self.checkout(small_acme).remote_url("origin") == str(small_acme.remote)
        assert self.checkout(small_acme).remote_url("upstream") is None

    def test_knows_the_user(self, small_acme: Laid) -> None:
        assert self.checkout(small_acme).identity() == Identity("Ada Acme", "ada@acme.example")

    def test_changes_nothing_but_the_tag(self, small_acme: Laid) -> None:
        clone = small_acme.clone
        (clone / "README.md").write_text("changed\n")
        before = refs(clone)
        index = (clone / ".git" / "index").read_bytes()
        checkout = self.checkout(small_acme)
        assert (checkout.branch, checkout.is_shallow) == ("develop", False)
        checkout.identity()
        checkout.set_tag("v9.0.0", before["refs/heads/develop"])
        assert refs(clone) == {**before, "refs/tags/v9.0.0": before["refs/heads/develop"]}
        assert (clone / ".git" / "index").read_bytes() == index

    def test_shares_its_git_folder_with_its_work_trees(self, small_acme: Laid) -> None:
        git(small_acme.clone, "worktree", "add", "--quiet", "--detach", "../beside")
        beside = Checkout(small_acme.folder / "beside")
        assert beside.git_folder.resolve() == (small_acme.clone / ".git").resolve()

    def test_is_a_usage_error_where_there_is_none(self, tmp_path: Path) -> None:
        for folder in (tmp_path, tmp_path / "nowhere"):
            with pytest.raises(UsageError, match="not a git repository"):
                Checkout(folder)


class TestBringingTheBranchForward:
    @pytest.fixture
    def behind(self, small_acme: Laid) -> Path:
        """A clone on develop, to which somebody else has pushed a commit."""
        other = fresh_clone(small_acme, "other")
        commit(other, "feat: meanwhile", {"meanwhile.txt": "new\n"}, push=True)
        return small_acme.clone

    def test_reaches_the_commit_of_the_remote(self, small_acme: Laid, behind: Path) -> None:
        assert Checkout(behind).bring_forward("origin", "develop") == ""
        assert git(behind, "rev-parse", "HEAD") == refs(small_acme.remote)["refs/heads/develop"]
        assert (behind / "meanwhile.txt").read_text() == "new\n"

    def test_leaves_work_in_hand_as_it_is(self, behind: Path) -> None:
        (behind / "README.md").write_text("changed\n")
        assert Checkout(behind).bring_forward("origin", "develop") == ""
        assert (behind / "README.md").read_text() == "changed\n"

    def test_says_why_not_where_it_would_write_over_a_file(self, behind: Path) -> None:
        (behind / "meanwhile.txt").write_text("mine\n")
        before = git(behind, "rev-parse", "HEAD")
        why = Checkout(behind).bring_forward("origin", "develop")
        assert why.startswith("The following untracked working tree files would be overwritten by merge")
        assert git(behind, "rev-parse", "HEAD") == before
        assert (behind / "meanwhile.txt").read_text() == "mine\n"

    def test_does_not_wait_without_end_for_a_server_that_says_nothing(
        self, behind: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "LONGEST", 1.5)
        before = refs(behind)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            git(behind, "remote", "set-url", "origin", f"http://127.0.0.1:{silent.getsockname()[1]}/acme.git")
            with pytest.raises(Unavailable, match=r"git fetch did not end within 1\.5 s"):
                Checkout(behind).bring_forward("origin", "develop")
        assert refs(behind) == before

    def test_starts_no_child_that_has_the_password_in_its_argv(
        self, behind: Path, small_acme: Laid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Git starts children of its own, which would get the address as it is written in the settings."""
        trace = small_acme.folder / "trace"
        monkeypatch.setenv("GIT_TRACE", str(trace))
        with GitServer(small_acme.folder, {"bot": User("hunter22")}) as server:
            git(behind, "remote", "set-url", "origin", server.url(small_acme.remote.name, "bot"))
            assert Checkout(behind).bring_forward("origin", "develop") == ""
        assert "git-remote-http origin http://" in trace.read_text()
        assert "hunter22" not in trace.read_text()

    def test_makes_no_merge_of_commits_that_are_only_here(self, behind: Path) -> None:
        mine = commit(behind, "feat: mine", {"mine.txt": "mine\n"})
        assert "fast-forward" in Checkout(behind).bring_forward("origin", "develop")
        assert git(behind, "rev-parse", "HEAD") == mine


class TestAUserWithoutAName:
    @pytest.fixture
    def nameless(self, small_acme: Laid) -> Checkout:
        commit(small_acme.clone, "chore: last words")
        for key in ("user.name", "user.email"):
            git(small_acme.clone, "config", "--unset", key)
        return Checkout(small_acme.clone)

    def test_is_asked_for_one(self, nameless: Checkout) -> None:
        with pytest.raises(Refused, match="git does not know who you are") as caught:
            nameless.identity()
        assert "git config user.name" in (caught.value.hint or "")

    def test_is_the_bot_on_github(self, nameless: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        assert nameless.identity().name == "github-actions[bot]"
