"""`--comment`: one comment on a pull request, with what the newest run has found.

GitHub cannot change a comment only if it is still as it was read. So whoever has changed something looks again
after a pause, and repairs what others wrote over it, until nothing is left to do.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shipit.errors import ExternalError, Stop, Unavailable
from shipit.gates.ports import Comments
from shipit.output.text import one_line
from shipit.scans.judging import Judged
from shipit.scans.policy import Policy
from shipit.scans.publication import Comment

MARK = "<!-- shipit security -->"
"""The first line of every comment of ours; it is not shown."""
_STAMP = re.compile(
    re.escape(MARK) + r"\n<!-- run=(\d{1,18}) attempt=(\d{1,18}) time=(\d{1,18}) commit=([0-9a-f]{0,64}) -->"
)
SETTLED = 2.0
"""Seconds after a change until the next look: longer than other runs take from their look to their change."""
ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Which run wrote a comment: `run` and `attempt` of GitHub Actions, else 0; `time` in ms since the epoch."""

    run: int = 0
    attempt: int = 0
    time: int = 0
    commit: str = ""

    def is_newer_than(self, other: "Stamp") -> bool:
        """By run and attempt, so that an old run that was started again stays the older one; else by time."""
        if self.run and other.run:
            return (self.run, self.attempt, self.time) > (other.run, other.attempt, other.time)
        return self.time > other.time

    def text(self) -> str:
        """The lines that a comment begins with."""
        stamp = f"run={self.run} attempt={self.attempt} time={self.time} commit={self.commit}"
        return f"{MARK}\n<!-- {stamp} -->\n"


def stamp_of(body: str) -> Stamp:
    """What stands in a comment; without it the comment is older than any other."""
    found = _STAMP.match(body.replace("\r\n", "\n"))
    if not found:
        return Stamp()
    run, attempt, time = (int(found[place]) for place in (1, 2, 3))
    return Stamp(run=run, attempt=attempt, time=time, commit=found[4])


@dataclass(slots=True, kw_only=True)
class OneComment:
    """Brings a text onto a pull request so that in the end one comment of ours is there, from the newest run.

    Ours are those that begin with the mark and whose author is that of our token. The token of an app may not ask
    who it is: for it, what an app wrote is ours, until a comment that it made itself says it. No person writes
    as an app.
    """

    comments: Comments
    number: int
    stamp: Stamp
    pause: Callable[[float], None]
    _author: int | None = field(default=None, init=False)

    def bring(self, text: str) -> Comment:
        """The comment that is kept; raises Unavailable or Denied."""
        self._author = self.comments.author()
        body, ours = self.stamp.text() + text, self._ours()
        # made once: a list of GitHub may lag behind, and a person may delete it
        kept = ours[0] if ours else self._create(body)
        for _ in range(ROUNDS):
            ours = self._ours()
            kept = ours[0] if ours else kept
            if ours and not self._repair(ours, body):
                break
            self.pause(SETTLED)
        return kept

    def _ours(self) -> list[Comment]:
        """The oldest first: each run keeps the same one."""
        marked = [one for one in self.comments.comments(self.number) if one.body.startswith(MARK)]
        known = self._author
        found = [one for one in marked if (one.is_bot if known is None else one.author == known)]
        found.sort(key=lambda one: one.id)
        return [one for one in found if one.author == found[0].author]

    def _create(self, body: str) -> Comment:
        """Make it; where no answer came, a second look shows whether it is there."""
        try:
            made = self.comments.create(self.number, body)
        except Unavailable:
            self.pause(SETTLED)
            if not (ours := self._ours()):
                raise
            return ours[0]
        self._author = made.author
        self.pause(SETTLED)
        return made

    def _repair(self, ours: Sequence[Comment], body: str) -> bool:
        """Keep the first with the newest text, delete the others; whether anything had to be changed."""
        first, *others = ours
        newest, text = self.stamp, body
        for one in ours:
            if (there := stamp_of(one.body)).is_newer_than(newest):
                newest, text = there, one.body
        is_old = newest.is_newer_than(stamp_of(first.body))
        if is_old:
            self.comments.update(first.id, text)
        for one in others:
            self.comments.delete(one.id)
        return is_old or bool(others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    """What became of the comment: `state` is written, none, not-written or failed."""

    state: str
    said: str
    url: str = ""
    failure: Stop | None = None

    def lines(self) -> Sequence[str]:
        return (self.said,)

    def facts(self) -> Mapping[str, str]:
        """`comment` is the state, `comment-url` its address."""
        return {"comment": self.state, "comment-url": self.url}


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestComment:
    """Plays gates.ports.Publisher.

    `pull_request` gives the number of the one to comment on, None without one; `text` makes what stands there;
    `read_only` says why the token of this run can have no right to write, empty where it can.
    """

    comments: Comments
    pull_request: Callable[[], int | None]
    text: Callable[[Policy, Sequence[Judged]], str]
    stamp: Stamp
    read_only: str
    pause: Callable[[float], None]

    def publish(self, policy: Policy, judged: Sequence[Judged]) -> Commented:
        """Write the comment; never raises what goes wrong outside."""
        try:
            number = self.pull_request()
            if number is None:
                return Commented(state="none", said="no comment: there is no open pull request for it")
            one = OneComment(comments=self.comments, number=number, stamp=self.stamp, pause=self.pause)
            kept = one.bring(self.text(policy, judged))
        except ExternalError as error:
            return self._failed(error)
        said = one_line(f"comment on pull request {number}: {kept.url}")
        return Commented(state="written", said=said, url=one_line(kept.url))

    def _failed(self, error: ExternalError) -> Commented:
        why = error.what.lower()
        if self.read_only and "not accessible by" in why:
            return Commented(state="not-written", said=f"no comment: {self.read_only}")
        if "is locked" in why:
            return Commented(state="not-written", said="no comment: the pull request is locked")
        return Commented(state="failed", said=f"the comment failed: {one_line(error.what)}", failure=error)
