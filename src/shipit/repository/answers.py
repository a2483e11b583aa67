"""What the light commands answer: one text for stdout, one for stderr."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from shipit.config import light
from shipit.repository.clone import Clone, opened
from shipit.repository.peers import remarks

if TYPE_CHECKING:
    from shipit.changelog.notes import ReleaseNotes
    from shipit.versioning.decision import Decision


class Answer(NamedTuple):
    """Either may be empty; neither ends with a line end."""

    out: str = ""
    err: str = ""


def current(clone: Clone) -> Answer:
    """The version that files and tags tell."""
    found = clone.current()
    return Answer(str(found)) if found else Answer(err="no version yet")


def upcoming(decision: "Decision") -> Answer:
    """The next version; only a word on stderr if there is nothing to release."""
    return Answer(decision.version) if decision.version else Answer(err=f"nothing to release: {decision.why}")


def pages(clone: Clone, all_notes: "Iterable[ReleaseNotes]", *, people: bool = False) -> Answer:
    """The notes as Markdown; no edition is kept, a whole history has many."""
    from shipit.repository import notes  # noqa: PLC0415 - only notes pay for it

    style = notes.style(clone, people=people)
    found: list[str] = []
    anything = False
    since: str | None = None
    for release_notes in all_notes:
        since = release_notes.previous if not found else since
        anything = anything or bool(release_notes.changes or release_notes.version)
        found.append(notes.page(release_notes, style, clone))
    if not anything:
        return Answer(err=f"no changes since {since}" if since else "no changes")
    return Answer("\n\n".join(found))


def _open() -> Clone:
    return opened(*light.load(Path.cwd()))


def plain_current() -> Answer:
    """`shipit version`"""
    clone = _open()
    return _with_remarks(current(clone), remarks(clone))


def plain_upcoming() -> Answer:
    """`shipit version --next`"""
    clone = _open()
    decision = clone.decide("auto", None)
    return _with_remarks(upcoming(decision), remarks(clone, decision))


def _with_remarks(answer: Answer, said: list[str]) -> Answer:
    return Answer(answer.out, "\n".join(filter(None, (*said, answer.err))))


def plain_unreleased() -> Answer:
    """`shipit changelog`"""
    from shipit.repository import notes  # noqa: PLC0415 - as above

    clone = _open()
    return pages(clone, [notes.unreleased(clone)])


def plain_everything() -> Answer:
    """`shipit changelog --all`"""
    from shipit.repository import notes  # noqa: PLC0415 - as above

    clone = _open()
    return pages(clone, notes.everything(clone, brief=True))
