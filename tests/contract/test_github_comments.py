"""Comments on GitHub's pull requests, the fake in their place, and ten runs at once that leave one of them."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.comments import Comments
from shipit.adapters.http.limits import Limits, Patience
from shipit.errors import Denied, Unavailable
from shipit.gates.commenting import OneComment, Stamp, stamp_of
from shipit.gates.ports import Comments as Port
from tests.fakes_publishing import FakeComments
from tests.support.github import GitHubServer
from tests.support.github_scene import DONE_ANYWAY
from tests.support.github_security_state import Note
from tests.support.github_state import Pull, Repository
from tests.support.misbehaviour import Kind

RUNS = 10


def with_pull(server: GitHubServer) -> Repository:
    repository = server.add_repository("acme/widget")
    for number, (head, state) in enumerate([("topic", "closed"), ("topic", "open"), ("other", "open")], 1):
        repository.pulls.append(Pull(number, head, "main", "Title", None, "1" * 40, state))
    return repository


@pytest.fixture(params=["person", "app", "fake person", "fake app"])
def port(request: pytest.FixtureRequest) -> Iterator[Port]:
    is_app = request.param.endswith("app")
    if request.param.startswith("fake"):
        yield FakeComments(account=None if is_app else 1, branches={"topic": 2})
        return
    with GitHubServer() as server:
        with_pull(server)
        client = GitHubClient(server.api, "acme/widget", server.add_token("write", installation=is_app))
        yield Comments(client)
        client.http.close()


def test_a_comment_is_made_changed_listed_and_deleted(port: Port) -> None:
    one, two = port.create(2, "one"), port.create(2, "two")
    assert port.update(one.id, "new")
    assert [(found.id, found.body) for found in port.comments(2)] == [(one.id, "new"), (two.id, "two")]
    assert {found.author for found in port.comments(2)} == {one.author}
    port.delete(one.id)
    assert not port.update(one.id, "new")
    assert [found.body for found in port.comments(2)] == ["two"]


def test_the_author_of_a_personal_token_is_known_and_that_of_an_app_only_by_its_comments(port: Port) -> None:
    made = port.create(2, "one")
    assert made.author != 0
    assert port.author() == (None if made.is_bot else made.author)


def test_the_open_pull_request_of_a_branch_is_found(port: Port) -> None:
    assert (port.pull_request("topic"), port.pull_request("unknown")) == (2, None)


@dataclass
class Place:
    server: GitHubServer
    repository: Repository

    def comments(self, *, installation: bool = True) -> Comments:
        token = self.server.add_token("write", installation=installation)
        return Comments(
            GitHubClient(
                self.server.api,
                "acme/widget",
                token,
                pause=lambda _: None,
                limits=Limits(seconds=5),
                patience=Patience(connect=1, answer=3, tries=2),
            )
        )

    @property
    def notes(self) -> list[Note]:
        return self.repository.security.notes


@pytest.fixture
def place() -> Iterator[Place]:
    with GitHubServer() as server:
        yield Place(server, with_pull(server))


def one(place: Place, run: int, *, installation: bool = True, pace: float = 20) -> OneComment:
    return OneComment(
        comments=place.comments(installation=installation),
        number=2,
        stamp=Stamp(run=run, attempt=1, time=run, commit=f"{run:040x}"),
        pause=lambda seconds: time.sleep(seconds / pace),
    )


@pytest.mark.parametrize(("installation", "there"), [(True, False), (False, True)])
def test_ten_runs_at_once_leave_one_comment_with_the_text_of_the_newest(
    place: Place, *, installation: bool, there: bool
) -> None:
    if there:
        one(place, 1, installation=installation).bring("before")
    gate = threading.Barrier(RUNS)

    def go(run: int) -> None:
        # a busy machine must not take longer from a look to a change than others wait
        work = one(place, run, installation=installation, pace=2)
        gate.wait()
        work.bring(f"text of {run}")

    threads = [threading.Thread(target=go, args=(run,)) for run in range(100, 100 + RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    [left] = place.notes
    assert left.body.endswith("text of 109")
    assert stamp_of(left.body).run == 109
    assert 1 <= place.repository.security.made <= (1 if there else RUNS)


@pytest.mark.parametrize("kind", [*DONE_ANYWAY, Kind.NO_JSON, Kind.ERROR_BEFORE])
def test_a_comment_whose_answer_is_lost_is_looked_for_and_not_made_twice(place: Place, kind: Kind) -> None:
    place.server.misbehave("POST", "/comments$", kind)
    work = one(place, 5)
    if kind in DONE_ANYWAY:
        work.bring("text")
        assert [note.body.rpartition("\n")[2] for note in place.notes] == ["text"]
    else:
        with pytest.raises(Unavailable):
            work.bring("text")
        assert place.notes == []
    assert place.repository.security.made == len(place.notes)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("kind", [*DONE_ANYWAY, Kind.ERROR_BEFORE])
def test_a_change_whose_answer_is_lost_is_made_once_more(place: Place, method: str, kind: Kind) -> None:
    one(place, 5).bring("old")
    if method == "DELETE":
        place.notes.append(Note(9999, 2, place.notes[0].body, place.notes[0].author, is_bot=True))
    place.server.misbehave(method, "/comments/", kind)
    one(place, 6).bring("new")
    assert [note.body.rpartition("\n")[2] for note in place.notes] == ["new"]
    assert place.server.unused_orders() == []


def test_comments_of_others_are_left_alone_also_where_they_look_like_ours(place: Place) -> None:
    forged = Stamp(run=9**9, attempt=9, time=9**9).text()
    place.notes.append(Note(1000, 2, forged, 77, is_bot=False))
    one(place, 5).bring("text")
    one(place, 6, installation=False).bring("mine")
    bodies = [(note.author, note.body.rpartition("\n")[2]) for note in place.notes]
    assert [body for _, body in bodies] == ["", "text", "mine"]
    assert bodies[0][0] == 77


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.NOT_FOUND])
def test_a_missing_right_is_named(place: Place, method: str, kind: Kind) -> None:
    place.server.misbehave(method, "/comments$", kind)
    with pytest.raises(Denied) as raised:
        one(place, 5).bring("text")
    assert "`pull-requests: write`" in str(raised.value.hint)


def test_a_wrong_token_is_an_error_whoever_is_asked_first(place: Place) -> None:
    place.server.misbehave("GET", "/user$", Kind.UNAUTHORIZED)
    with pytest.raises(Denied, match="Bad credentials") as raised:
        one(place, 5, installation=False).bring("text")
    assert "expired" in str(raised.value.hint)


def test_a_token_that_does_not_look_like_one_of_an_app_may_be_one(place: Place) -> None:
    place.server.misbehave("GET", "/user$", Kind.FORBIDDEN)
    assert place.comments(installation=False).author() is None


@pytest.mark.parametrize(
    "body", [[7], [None], [{}], [{"id": "1"}], [{"id": True}], [{"id": 1, "user": {"id": "x"}}]]
)
def test_an_answer_of_another_shape_is_an_ordinary_error(body: object) -> None:
    client = GitHubClient("http://127.0.0.1:9", "acme/widget", "t")
    client.http._http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)))
    with pytest.raises(Unavailable, match="has no id"):
        Comments(client).comments(1)
    assert Comments(client).pull_request("main") is None


@pytest.mark.parametrize("body", [7, {}, None])
def test_an_answer_that_is_no_list_is_an_ordinary_error(body: object) -> None:
    client = GitHubClient("http://127.0.0.1:9", "acme/widget", "t")
    client.http._http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)))
    with pytest.raises(Unavailable):
        Comments(client).comments(1)


def test_a_comment_of_an_account_that_is_gone_has_no_author() -> None:
    client = GitHubClient("http://127.0.0.1:9", "acme/widget", "t")
    answer = [{"id": 1, "user": None, "body": None}]
    client.http._http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)))
    [found] = Comments(client).comments(1)
    assert (found.author, found.body, found.is_bot) == (0, "", False)
