"""What every shared remote must do: the same tests against the fake and against git over smart HTTP."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from shipit.adapters.git import remote
from shipit.adapters.git.objects import GitObjects
from shipit.adapters.git.remote import GitRemote
from shipit.errors import Denied, ExternalError, LeaseLost, StoppedHalfway, Unavailable
from shipit.model import Identity, RefUpdate
from shipit.release.ports import Objects, Remote
from tests.fakes import FakeObjects, FakeRemote, FakeServer
from tests.support import gitserver
from tests.support.acme import git, refs
from tests.support.gitserver import FETCH, GitServer, User
from tests.support.tcp_proxy import Proxy

ADA = Identity("Ada Acme", "ada@acme.example")
MAIN, DEVELOP, TAG = "refs/heads/main", "refs/heads/develop", "refs/tags/v1.0.0"
LOCK = "refs/shipit/lock/release"
UNKNOWN = "0123456789" * 4


class Other(Protocol):
    """What happens on the other side."""

    def refs(self) -> dict[str, str]: ...

    def decline(self, *refs: str) -> None: ...

    def go_away(self) -> None: ...

    def lose_the_next_answer(self) -> None: ...

    def let_nobody_push(self) -> None: ...

    def commit(self, message: str) -> str:
        """Somebody else commits to main; the object is not here."""
        ...

    def push_in_between(self, ref: str, sha: str) -> None:
        """Somebody else moves a ref when the next push arrives."""
        ...


@dataclass
class InMemory:
    server: FakeServer

    def refs(self) -> dict[str, str]:
        return dict(self.server.refs)

    def decline(self, *refs: str) -> None:
        self.server.declined.update(refs)

    def go_away(self) -> None:
        self.server.trouble = Unavailable("origin does not answer")

    def lose_the_next_answer(self) -> None:
        self.server.lose_answer_to = len(self.server.pushes) + 1

    def let_nobody_push(self) -> None:
        self.server.read_only = True

    def commit(self, message: str) -> str:
        objects, tip = self.server.objects, self.server.refs[MAIN]
        self.server.refs[MAIN] = objects.commit(objects.tree(tip), [tip], message, ADA, 1)
        return self.server.refs[MAIN]

    def push_in_between(self, ref: str, sha: str) -> None:
        self.server.before_push = lambda: self.server.refs.update({ref: sha})


@dataclass
class OnGit:
    server: GitServer
    repository: Path

    def refs(self) -> dict[str, str]:
        return refs(self.repository)

    def decline(self, *refs: str) -> None:
        gitserver.decline(self.repository, *refs)

    def go_away(self) -> None:
        for service in (gitserver.FETCH, gitserver.PUSH):
            self.server.fail(503, service=service, method="GET", times=99)

    def lose_the_next_answer(self) -> None:
        self.server.fail("drop-after")

    def let_nobody_push(self) -> None:
        self.server.users = {"bot": User("secret", push=False)}

    def commit(self, message: str) -> str:
        tree = git(self.repository, "rev-parse", "main^{tree}")
        who = ["-c", "user.name=Bob", "-c", "user.email=bob@acme.example"]
        sha = git(self.repository, *who, "commit-tree", tree, "-p", "main", "-m", message)
        git(self.repository, "update-ref", MAIN, sha)
        return sha

    def push_in_between(self, ref: str, sha: str) -> None:
        self.server.before_push = lambda: git(self.repository, "update-ref", ref, sha)


@dataclass
class Place:
    """`base` is main's first commit and on the remote, `work` a commit on top of it that is only here."""

    remote: Remote
    objects: Objects
    other: Other
    base: str
    work: str

    def tag(self, target: str | None = None, name: str = "v1.0.0") -> str:
        return self.objects.tag(name, target or self.work, f"Release {name}\n", ADA, 0)

    def set_up(self) -> "Place":
        tree = self.objects.change_tree(None, {"README.md": b"# small\n"})
        self.base = self.objects.commit(tree, (), "chore: begin\n", ADA, 0)
        self.work = self.objects.commit(tree, [self.base], "feat: work\n", ADA, 1)
        self.remote.push(RefUpdate(MAIN, self.base, None))
        return self


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "here")
    with GitServer(tmp_path, {"bot": User("secret")}) as running:
        git(tmp_path / "here", "remote", "add", "origin", running.url("remote", "bot"))
        yield running


@pytest.fixture
def on_git(server: GitServer) -> Place:
    here = server.root / "here"
    there = OnGit(server, server.root / "remote.git")
    return Place(GitRemote(here, "origin"), GitObjects(here), there, "", "").set_up()


@pytest.fixture(params=["fake", "git"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "git":
        made = request.getfixturevalue("on_git")
        assert isinstance(made, Place)
        return made
    objects, far = FakeObjects(), FakeServer()
    return Place(FakeRemote(far, objects), objects, InMemory(far), "", "").set_up()


class TestReading:
    def test_every_ref_is_told_and_an_annotated_tag_also_peeled(self, place: Place) -> None:
        tag = place.tag(place.base)
        place.remote.push(RefUpdate(TAG, tag, None), RefUpdate(LOCK, place.work, None))
        told = {ref: sha for ref, sha in place.remote.refs().items() if ref != "HEAD"}
        assert told == {MAIN: place.base, LOCK: place.work, TAG: tag, f"{TAG}^{{}}": place.base}

    def test_refs_are_read_anew_each_time(self, place: Place) -> None:
        before = place.remote.refs()[MAIN]
        after = place.other.commit("feat: theirs")
        assert (before, place.remote.refs()[MAIN]) == (place.base, after)

    def test_what_others_pushed_is_not_here_until_it_is_fetched(self, place: Place) -> None:
        theirs = place.other.commit("feat: theirs")
        assert not place.objects.has(theirs)
        place.remote.fetch(MAIN)
        assert place.objects.has(theirs)
        assert place.objects.is_ancestor(place.base, theirs)

    def test_fetching_what_is_there_already_is_no_harm(self, place: Place) -> None:
        place.remote.fetch(MAIN)
        place.remote.fetch(MAIN, MAIN)

    def test_fetching_a_ref_that_nobody_has_is_trouble(self, place: Place) -> None:
        with pytest.raises(ExternalError):
            place.remote.fetch("refs/heads/nowhere")

    def test_a_remote_that_does_not_answer_is_unavailable(self, place: Place) -> None:
        place.other.go_away()
        with pytest.raises(Unavailable):
            place.remote.refs()
        with pytest.raises(Unavailable):
            place.remote.fetch(MAIN)
        with pytest.raises(Unavailable):
            place.remote.push(RefUpdate(MAIN, place.work, place.base))


class TestPushing:
    def test_makes_moves_and_deletes_refs_at_once(self, place: Place) -> None:
        place.remote.push(RefUpdate(DEVELOP, place.base, None))
        place.remote.push(
            RefUpdate(MAIN, place.work, place.base),
            RefUpdate(TAG, tag := place.tag(), None),
            RefUpdate(DEVELOP, None, place.base),
        )
        assert place.other.refs() == {MAIN: place.work, TAG: tag}

    def test_moves_a_ref_back_as_well(self, place: Place) -> None:
        place.remote.push(RefUpdate(MAIN, place.work, place.base))
        place.remote.push(RefUpdate(MAIN, place.base, place.work))
        assert place.other.refs() == {MAIN: place.base}

    def test_of_nothing_does_nothing(self, place: Place) -> None:
        place.remote.push()
        assert place.other.refs() == {MAIN: place.base}

    def test_what_is_there_already_is_no_harm(self, place: Place) -> None:
        place.remote.push(RefUpdate(LOCK, place.work, None))
        place.remote.push(RefUpdate(LOCK, place.work, None))
        assert place.other.refs()[LOCK] == place.work

    @pytest.mark.parametrize("expected", [None, UNKNOWN])
    def test_with_a_lease_that_does_not_hold_is_contested_and_moves_nothing(
        self, place: Place, expected: str | None
    ) -> None:
        with pytest.raises(LeaseLost, match="refs/heads/main"):
            place.remote.push(RefUpdate(DEVELOP, place.work, None), RefUpdate(MAIN, place.work, expected))
        assert place.other.refs() == {MAIN: place.base}

    def test_a_ref_that_must_not_exist_yet_is_contested_when_it_does(self, place: Place) -> None:
        place.remote.push(RefUpdate(LOCK, place.base, None))
        with pytest.raises(LeaseLost, match=LOCK):
            place.remote.push(RefUpdate(LOCK, place.work, None))
        assert place.other.refs()[LOCK] == place.base

    def test_a_deletion_with_a_lease_that_does_not_hold_is_contested(self, place: Place) -> None:
        with pytest.raises(LeaseLost):
            place.remote.push(RefUpdate(MAIN, None, place.work))
        with pytest.raises(LeaseLost):
            place.remote.push(RefUpdate(DEVELOP, None, place.work))
        assert place.other.refs() == {MAIN: place.base}

    def test_that_comes_second_is_contested_and_moves_nothing(self, place: Place) -> None:
        """The lease is held by the server, not by what was read before."""
        theirs = place.other.commit("feat: theirs")
        place.remote.fetch(MAIN)
        place.other.push_in_between(DEVELOP, theirs)
        with pytest.raises(LeaseLost):
            place.remote.push(RefUpdate(MAIN, place.work, theirs), RefUpdate(DEVELOP, place.work, None))
        assert place.other.refs() == {MAIN: theirs, DEVELOP: theirs}

    def test_with_one_ref_declined_is_denied_names_it_and_moves_nothing(self, place: Place) -> None:
        place.other.decline(MAIN)
        with pytest.raises(Denied) as caught:
            place.remote.push(RefUpdate(MAIN, place.work, place.base), RefUpdate(TAG, place.tag(), None))
        assert caught.value.what == "origin declined refs/heads/main"
        assert "--pr" in (caught.value.hint or "")
        assert place.other.refs() == {MAIN: place.base}

    def test_without_the_right_to_is_denied(self, place: Place) -> None:
        place.other.let_nobody_push()
        with pytest.raises(Denied):
            place.remote.push(RefUpdate(MAIN, place.work, place.base))
        assert place.other.refs() == {MAIN: place.base}

    def test_whose_answer_is_lost_is_unavailable_though_it_landed(self, place: Place) -> None:
        place.other.lose_the_next_answer()
        with pytest.raises(Unavailable):
            place.remote.push(RefUpdate(MAIN, place.work, place.base), RefUpdate(TAG, place.tag(), None))
        assert place.other.refs()[MAIN] == place.work
        assert TAG in place.other.refs()
        assert [one.ref for one in place.remote.unanswered] == [MAIN, TAG]

    def test_that_was_answered_one_way_or_the_other_is_not_waited_for(self, place: Place) -> None:
        place.remote.push(RefUpdate(DEVELOP, place.work, None))
        place.other.decline(MAIN)
        for update in (RefUpdate(MAIN, place.work, place.base), RefUpdate(DEVELOP, place.base, None)):
            with pytest.raises((Denied, LeaseLost)):
                place.remote.push(update)
        assert list(place.remote.unanswered) == []


class TestAskingWhetherAPushWouldDo:
    def test_finds_nothing_and_moves_nothing_where_it_would(self, place: Place) -> None:
        assert not place.remote.push_problems(
            RefUpdate(MAIN, place.work, place.base), RefUpdate(DEVELOP, place.work, None)
        )
        assert place.other.refs() == {MAIN: place.base}

    def test_leaves_a_lease_that_does_not_hold_to_the_push_which_loses_the_race(self, place: Place) -> None:
        assert not place.remote.push_problems(RefUpdate(MAIN, place.work, None))

    def test_names_an_account_that_may_not_push(self, place: Place) -> None:
        place.other.let_nobody_push()
        assert len(place.remote.push_problems(RefUpdate(MAIN, place.work, place.base))) == 1

    def test_names_a_remote_that_does_not_answer(self, place: Place) -> None:
        place.other.go_away()
        assert len(place.remote.push_problems(RefUpdate(MAIN, place.work, place.base))) == 1


class TestGit:
    """What only the real thing has: evidence in git's words, a clone around it, servers of all kinds."""

    def test_no_ref_of_the_clone_moves(self, on_git: Place, server: GitServer) -> None:
        on_git.other.commit("feat: theirs")
        on_git.remote.fetch(MAIN)
        on_git.remote.push(RefUpdate(DEVELOP, on_git.work, None))
        here = server.root / "here"
        assert not [ref for ref in refs(here) if not ref.startswith("refs/remotes/")]
        assert not (here / ".git" / "FETCH_HEAD").exists()

    def test_the_servers_own_words_are_the_evidence(self, on_git: Place) -> None:
        on_git.other.decline(MAIN)
        with pytest.raises(Denied) as caught:
            on_git.remote.push(RefUpdate(MAIN, on_git.work, on_git.base))
        assert any("GH006" in row for row in caught.value.evidence)
        assert not any("secret" in row for row in caught.value.evidence)

    def test_what_a_rule_of_the_servers_own_declines_is_no_matter_of_the_account(
        self, on_git: Place, server: GitServer
    ) -> None:
        git(server.root / "remote.git", "config", "receive.denyDeletes", "true")
        git(server.root / "remote.git", "config", "receive.hideRefs", "refs/shipit")
        on_git.remote.push(RefUpdate(DEVELOP, on_git.base, None))
        with pytest.raises(Denied, match="origin declined refs/heads/develop") as caught:
            on_git.remote.push(RefUpdate(DEVELOP, None, on_git.base))
        assert "deletion prohibited" in "\n".join(caught.value.evidence)
        assert str(caught.value.hint).startswith("let the server delete refs/heads/develop: receive.denyDeletes")
        with pytest.raises(Denied) as caught:
            on_git.remote.push(RefUpdate(LOCK, on_git.base, None))
        assert str(caught.value.hint).startswith("have the server show refs/shipit")

    def test_what_git_itself_cannot_push_is_nothing_that_the_server_declined(self, on_git: Place) -> None:
        with pytest.raises(ExternalError, match=r"git could not push refs/heads/a\.\.b") as caught:
            on_git.remote.push(RefUpdate("refs/heads/a..b", on_git.base, None))
        assert type(caught.value) is ExternalError
        assert "account" not in f"{caught.value.hint}"

    def test_a_server_that_declines_everything_names_every_ref(self, on_git: Place, server: GitServer) -> None:
        gitserver.decline_everything(server.root / "remote.git")
        with pytest.raises(Denied) as caught:
            on_git.remote.push(RefUpdate(MAIN, on_git.work, on_git.base), RefUpdate(DEVELOP, on_git.work, None))
        assert "refs/heads/main, refs/heads/develop" in caught.value.what
        assert any("this repository is read-only" in row for row in caught.value.evidence)

    def test_wrong_credentials_are_denied_without_a_question(self, on_git: Place, server: GitServer) -> None:
        server.users = {"bot": User("another")}
        with pytest.raises(Denied):
            on_git.remote.refs()

    def test_hooks_and_settings_of_the_user_do_not_interfere(self, on_git: Place, server: GitServer) -> None:
        here = server.root / "here"
        hook = here / ".git" / "hooks" / "pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        git(here, "config", "push.followTags", "true")
        git(here, "config", "remote.origin.push", "refs/heads/*:refs/heads/*")
        git(here, "update-ref", "refs/heads/mine", on_git.work)
        git(here, "update-ref", "refs/tags/mine", on_git.tag(on_git.base, "mine"))
        on_git.remote.push(RefUpdate(MAIN, on_git.work, on_git.base))
        assert on_git.other.refs() == {MAIN: on_git.work}

    def test_a_shallow_clone_is_deepened_and_no_ref_moves(self, on_git: Place, server: GitServer) -> None:
        on_git.remote.push(RefUpdate(MAIN, on_git.work, on_git.base))
        git(server.root, "clone", "--quiet", "--depth=1", server.url("remote", "bot"), "shallow")
        shallow = server.root / "shallow"
        before = refs(shallow)
        GitRemote(shallow, "origin").deepen()
        assert GitObjects(shallow).ancestors(on_git.work) == {on_git.base, on_git.work}
        assert refs(shallow) == before


class Gaps(Proxy):
    """Before it passes anything on it hangs up on so many."""

    def __init__(self, port: int, left: int) -> None:
        super().__init__(port)
        self.left = left

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it is over
            while self.left:
                self._listener.accept()[0].close()
                self.left -= 1
            super()._accept()


class TestALinkThatFails:
    @pytest.fixture
    def through(self, on_git: Place, server: GitServer) -> Iterator[Callable[[int], Gaps]]:
        begun: list[Gaps] = []

        def begin(left: int) -> Gaps:
            url = urlsplit(server.url("remote", "bot"))
            begun.append(Gaps(url.port or 0, left))
            begun[-1].start()
            address = url._replace(netloc=url.netloc.replace(str(url.port), str(begun[-1].port)))
            git(server.root / "here", "remote", "set-url", "origin", address.geturl())
            return begun[-1]

        yield begin
        for gaps in begun:
            gaps.left = 0
            gaps.stop()

    def test_for_a_moment_holds_up_nobody_who_reads(self, on_git: Place, through: Callable[[int], Gaps]) -> None:
        through(2)
        assert on_git.remote.refs()[MAIN] == on_git.base
        through(2)
        on_git.remote.fetch(MAIN)

    def test_for_longer_is_unavailable(self, on_git: Place, through: Callable[[int], Gaps]) -> None:
        through(99)
        with pytest.raises(Unavailable):
            on_git.remote.refs()

    def test_is_not_asked_a_second_time_to_push(self, on_git: Place, through: Callable[[int], Gaps]) -> None:
        gaps = through(99)
        with pytest.raises(Unavailable):
            on_git.remote.push(RefUpdate(MAIN, on_git.work, on_git.base))
        once, before = 99 - gaps.left, gaps.left
        with pytest.raises(Unavailable):
            on_git.remote.refs()
        assert before - gaps.left == once * (1 + len(remote.PAUSES))

    @pytest.mark.parametrize("act", ["look", "fetch", "push"])
    def test_a_server_that_says_nothing_is_left_after_a_while(
        self, on_git: Place, server: GitServer, monkeypatch: pytest.MonkeyPatch, act: str
    ) -> None:
        monkeypatch.setattr(remote, "LOOK", 0.6)
        monkeypatch.setattr(remote, "TRANSFER", 0.6)
        with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes the connection, nobody answers
            port = silent.getsockname()[1]
            git(server.root / "here", "remote", "set-url", "origin", f"http://127.0.0.1:{port}/remote.git")
            acts: Mapping[str, Callable[[], object]] = {
                "look": on_git.remote.refs,
                "fetch": lambda: on_git.remote.fetch(MAIN),
                "push": lambda: on_git.remote.push(RefUpdate(MAIN, on_git.work, on_git.base)),
            }
            began = time.monotonic()
            with pytest.raises(Unavailable) as caught:
                acts[act]()
            assert time.monotonic() - began < 5
        assert "did not end within" in f"{caught.value.what} {caught.value.evidence}"


class TestAServerWithoutAtomicPushes:
    @pytest.fixture
    def plain(self, on_git: Place, server: GitServer) -> Place:
        server.advertise_atomic = False
        return on_git

    def test_gets_branches_first_the_tag_after_them_and_deletions_last(
        self, plain: Place, server: GitServer
    ) -> None:
        plain.remote.push(RefUpdate(DEVELOP, plain.base, None))
        order = server.root / "order"
        hook = server.root / "remote.git" / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\necho "$1" >> {order}\n')
        hook.chmod(0o755)
        plain.remote.push(
            RefUpdate(TAG, plain.tag(), None),
            RefUpdate(DEVELOP, None, plain.base),
            RefUpdate(MAIN, plain.work, plain.base),
            RefUpdate(LOCK, plain.work, None),
        )
        assert order.read_text().split() == [MAIN, LOCK, TAG, DEVELOP]

    def test_that_declines_a_branch_never_sees_the_tag(self, plain: Place) -> None:
        plain.other.decline(MAIN)
        with pytest.raises(Denied, match="refs/heads/main"):
            plain.remote.push(RefUpdate(TAG, plain.tag(), None), RefUpdate(MAIN, plain.work, plain.base))
        assert plain.other.refs() == {MAIN: plain.base}

    def test_that_declines_the_tag_gets_its_branches_back_as_they_were(self, plain: Place) -> None:
        plain.remote.push(RefUpdate(DEVELOP, plain.base, None))
        plain.other.decline(TAG)
        with pytest.raises(Denied, match="refs/tags"):
            plain.remote.push(
                RefUpdate(MAIN, plain.work, plain.base),
                RefUpdate(LOCK, plain.work, None),
                RefUpdate(TAG, plain.tag(), None),
                RefUpdate(DEVELOP, None, plain.base),
            )
        assert plain.other.refs() == {MAIN: plain.base, DEVELOP: plain.base}

    def test_that_does_not_take_them_back_leaves_it_half_way_and_says_where(
        self, plain: Place, server: GitServer
    ) -> None:
        hook = server.root / "remote.git" / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\ncase "$1 $3" in "{MAIN} {plain.work}") exit 0;; *) exit 1;; esac\n')
        hook.chmod(0o755)
        with pytest.raises(StoppedHalfway, match="could not be put back") as caught:
            plain.remote.push(RefUpdate(MAIN, plain.work, plain.base), RefUpdate(TAG, plain.tag(), None))
        assert plain.work in caught.value.evidence[0]

    def test_that_is_silent_from_the_second_ref_on_gets_the_first_one_back(
        self, plain: Place, server: GitServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote, "TRANSFER", 2.0)
        hook = server.root / "remote.git" / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\n[ "$1" = {TAG} ] && sleep 6 && exit 1\nexit 0\n')
        hook.chmod(0o755)
        with pytest.raises(Unavailable, match="origin did not take the push") as caught:
            plain.remote.push(RefUpdate(MAIN, plain.work, plain.base), RefUpdate(TAG, plain.tag(), None))
        assert caught.value.evidence == ("git push did not end within 2 s",)
        assert plain.other.refs() == {MAIN: plain.base}

    def test_still_holds_every_lease(self, plain: Place) -> None:
        with pytest.raises(LeaseLost):
            plain.remote.push(RefUpdate(MAIN, plain.work, None))
        assert plain.other.refs() == {MAIN: plain.base}

    def test_is_no_problem_before_the_push(self, plain: Place) -> None:
        assert plain.remote.push_problems(RefUpdate(MAIN, plain.work, plain.base)) == ()

    def test_that_fetches_only_is_not_asked(self, plain: Place, server: GitServer) -> None:
        server.requests.clear()
        plain.remote.refs()
        assert {request.service for request in server.requests} == {FETCH}
