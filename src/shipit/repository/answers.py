"""What the light commands answer: one text for stdout, one for stderr."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from shipit.config import light
from shipit.repository.clone import Outlook

if TYPE_CHECKING:
    from shipit.changelog.notes import Edition
    from shipit.versioning.decision import Decision


class Answer(NamedTuple):
    """Either may be empty; neither ends with a line end."""

    out: str = ""
    err: str = ""


def current(outlook: Outlook) -> Answer:
    """The version that files and tags tell."""
    found = outlook.current()
    return Answer(str(found)) if found else Answer(err="no version yet")


def upcoming(decision: "Decision") -> Answer:
    """The next version; only a word on stderr if there is nothing to release."""
    return Answer(decision.version) if decision.version else Answer(err=f"nothing to release: {decision.why}")


def pages(outlook: Outlook, editions: "Iterable[Edition]", *, people: bool = False) -> Answer:
    """The notes as Markdown; no edition is kept, a whole history has many."""
    from shipit.repository import notes  # noqa: PLC0415 - only notes pay for it

    style = notes.style(outlook, people=people)
    found: list[str] = []
    anything = False
    since: str | None = None
    for edition in editions:
        since = edition.previous if not found else since
        anything = anything or bool(edition.changes or edition.version)
        found.append(notes.page(edition, style, outlook))
    if not anything:
        return Answer(err=f"no changes to tell of since {since}" if since else "no changes to tell of")
    return Answer("\n\n".join(found))


def _look() -> Outlook:
    return Outlook(*light.load(Path.cwd()))


def plain_current() -> Answer:
    """`shipit version`"""
    return current(_look())


def plain_upcoming() -> Answer:
    """`shipit version --next`"""
    return upcoming(_look().decide("auto", None))


def plain_unreleased() -> Answer:
    """`shipit changelog`"""
    from shipit.repository import notes  # noqa: PLC0415 - as above

    outlook = _look()
    return pages(outlook, [notes.unreleased(outlook)])


def plain_everything() -> Answer:
    """`shipit changelog --all`"""
    from shipit.repository import notes  # noqa: PLC0415 - as above

    outlook = _look()
    return pages(outlook, notes.everything(outlook, brief=True))
