"""One comment on a pull request: which is kept, whose text it has, and what happens where GitHub refuses."""

from collections.abc import Callable, Sequence

import pytest

from shipit.errors import Denied, ExternalError, Unavailable
from shipit.gates.commenting import ROUNDS, Commented, OneComment, PullRequestComment, Stamp, stamp_of
from shipit.scans.judging import Judged
from shipit.scans.policy import Policy
from tests.fakes_publishing import FakeComments
from tests.unit.scans.conftest import policy


def bring(comments: FakeComments, run: int = 5, text: str = "text", meanwhile: Callable[[], object] = list) -> None:
    stamp = Stamp(run=run, attempt=1, time=run, commit="a" * 40)

    def pause(_: float) -> None:
        meanwhile()

    OneComment(comments=comments, number=7, stamp=stamp, pause=pause).bring(text)


def body(run: int, text: str = "text") -> str:
    return Stamp(run=run, attempt=1, time=run).text() + text


def texts(comments: FakeComments) -> list[str]:
    return [one.body.rpartition("\n")[2] for one in comments.kept]


@pytest.fixture(params=[1, None], ids=["person", "app"])
def comments(request: pytest.FixtureRequest) -> FakeComments:
    return FakeComments(account=request.param)


def test_the_first_run_makes_it_and_the_next_changes_it(comments: FakeComments) -> None:
    bring(comments)
    bring(comments, 6, "new")
    assert (texts(comments), comments.done) == (["new"], ["update"])
    assert stamp_of(comments.kept[0].body).run == 6


def test_an_older_run_does_not_write_over_a_newer_one(comments: FakeComments) -> None:
    bring(comments, 6, "new")
    bring(comments, 5, "old")
    assert (texts(comments), comments.done) == (["new"], [])


def test_of_several_the_oldest_is_kept_with_the_newest_text(comments: FakeComments) -> None:
    for run in (3, 9, 4):
        comments.add(body(run, f"of {run}"))
    bring(comments, 5)
    assert (texts(comments), comments.kept[0].id) == (["of 9"], 1)


def test_what_another_run_writes_over_it_meanwhile_is_repaired(comments: FakeComments) -> None:
    comments.add(body(3))
    overwritten = [body(4, "of another")]

    def meanwhile() -> None:
        if overwritten:
            comments.update(1, overwritten.pop())

    bring(comments, 5, "mine", meanwhile)
    assert texts(comments) == ["mine"]


def test_a_comment_that_a_person_deletes_meanwhile_is_not_made_again(comments: FakeComments) -> None:
    bring(comments, meanwhile=lambda: comments.delete(1))
    assert comments.kept == []


def test_comments_of_others_are_never_touched_though_they_look_like_ours(comments: FakeComments) -> None:
    comments.add(body(99, "forged"), author=66, is_bot=False)
    comments.add("no mark")
    bring(comments)
    assert texts(comments) == ["forged", "no mark", "text"]


def test_of_two_apps_the_comment_of_the_other_one_is_never_deleted() -> None:
    comments = FakeComments(account=None)
    comments.add(body(3))
    comments.add(body(4, "of another app"), author=8, is_bot=True)
    bring(comments)
    assert texts(comments) == ["text", "of another app"]


def test_without_a_stamp_it_is_older_than_any() -> None:
    comments = FakeComments()
    comments.add("<!-- shipit security -->\nby hand")
    bring(comments)
    assert texts(comments) == ["text"]


def test_a_comment_made_without_an_answer_is_found_and_one_that_was_not_made_is_an_error(
    comments: FakeComments,
) -> None:
    lost = Unavailable("GitHub is failing")
    comments.errors["create"], comments.is_lost = [lost], True
    bring(comments)
    assert texts(comments) == ["text"]
    other = FakeComments(errors={"create": [lost]})
    with pytest.raises(Unavailable, match="is failing"):
        bring(other)
    assert other.kept == []


def test_it_ends_also_where_others_never_stop(comments: FakeComments) -> None:
    comments.add(body(3))
    rounds = []

    def meanwhile() -> None:
        rounds.append(1)
        comments.update(1, body(4))

    bring(comments, 5, meanwhile=meanwhile)
    assert len(rounds) == ROUNDS


def test_it_ends_also_where_what_it_makes_never_appears() -> None:
    class Hidden(FakeComments):
        def comments(self, number: int) -> Sequence[object]:  # type: ignore[override]
            return []

    hidden = Hidden()
    bring(hidden)
    assert len(hidden.kept) == 1


@pytest.mark.parametrize(
    ("one", "other", "newer"),
    [
        (Stamp(run=2, attempt=1), Stamp(run=1, attempt=9, time=9), True),
        (Stamp(run=1, attempt=2), Stamp(run=1, attempt=1, time=9), True),
        (Stamp(run=1, attempt=1, time=2), Stamp(run=1, attempt=1, time=1), True),
        (Stamp(run=1, attempt=1, time=1), Stamp(run=1, attempt=1, time=1), False),
        (Stamp(time=2), Stamp(run=1, attempt=1, time=1), True),
        (Stamp(run=1, attempt=1, time=1), Stamp(time=2), False),
    ],
)
def test_the_newer_run_is_that_with_the_higher_number_else_the_later_one(
    one: Stamp, other: Stamp, newer: bool
) -> None:
    assert one.is_newer_than(other) is newer


def test_a_stamp_survives_the_line_ends_of_a_web_page() -> None:
    stamp = Stamp(run=1, attempt=2, time=3, commit="abc")
    assert stamp_of(stamp.text().replace("\n", "\r\n")) == stamp


def publish(comments: FakeComments, number: int | None = 7, read_only: str = "") -> Commented:
    def text(_: Policy, __: Sequence[Judged]) -> str:
        return "text"

    return PullRequestComment(
        comments=comments,
        pull_request=lambda: number,
        text=text,
        stamp=Stamp(run=1),
        read_only=read_only,
        pause=lambda _: None,
    ).publish(policy(), [])


def test_where_it_is_written_its_address_is_said() -> None:
    done = publish(FakeComments())
    assert [*done.lines()] == ["comment on pull request 7: https://forge.example/1"]
    assert done.facts() == {"comment": "written", "comment-url": "https://forge.example/1"}


def test_without_a_pull_request_there_is_none_and_no_error() -> None:
    done = publish(FakeComments(), None)
    assert (done.state, done.failure) == ("none", None)


NO_RIGHT = "GitHub refused: Resource not accessible by integration"
LOCKED = "GitHub refused: Unable to create comment because issue is locked."


@pytest.mark.parametrize(
    ("what", "read_only", "state"),
    [
        (NO_RIGHT, "a fork", "not-written"),
        (LOCKED, "", "not-written"),
        (NO_RIGHT, "", "failed"),
        ("GitHub refused: Bad credentials", "a fork", "failed"),
    ],
)
def test_a_refusal_is_an_error_only_where_somebody_can_help_it(what: str, read_only: str, state: str) -> None:
    error: ExternalError = Denied(what)
    done = publish(FakeComments(errors={"create": [error]}), read_only=read_only)
    assert (done.state, done.failure) == (state, error if state == "failed" else None)
