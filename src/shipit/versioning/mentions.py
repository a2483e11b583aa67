"""Whom and what a message mentions: pull requests, issues, co-authors, the commit it was picked from."""

import re
from collections.abc import Iterable

from shipit.model import Identity
from shipit.versioning.message import Footer, Message

_PULL_REQUEST = re.compile(r"[ \t]*\((#[0-9]{1,18})\)[ \t]*\Z")
# as text: what few messages need is compiled for the first of them, not at start-up
_MERGED = r"Merge pull request (#[0-9]{1,18}) "
_ISSUE = r"(?:[\w.-]{1,99}/[\w.-]{1,99})?#[0-9]{1,18}\b"
_CLOSES = rf"(?ai)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]{{1,9}}({_ISSUE})"
_ANY_ISSUE = rf"(?a){_ISSUE}"
_REFERRING = frozenset(
    {"refs", "ref", "closes", "close", "fixes", "resolves", "issue", "issues", "see", "relates-to"}
)
_PERSON = r"([^<>\n]*)<([^<>\s]+)>"
_PICKED = r"(?m)^\(cherry picked from commit ([0-9a-f]{7,64})\)"


def pull_request(subject: str) -> tuple[str, str]:
    """(the subject without it, `#12`) for a subject that ends in `(#12)`; GitHub writes it there."""
    if not subject.rstrip().endswith(")"):
        return subject, ""
    found = _PULL_REQUEST.search(subject, max(0, len(subject) - 99))
    return (subject[: found.start()], found[1]) if found else (subject, "")


def merged_pull_request(subject: str) -> str:
    """`#12` for the subject of GitHub's merge commit."""
    found = re.match(_MERGED, subject)
    return found[1] if found else ""


def issues(text: str, footers: Iterable[Footer]) -> tuple[str, ...]:
    """The issues that a message with these footers closes or refers to, each once, in order."""
    if "#" not in text:
        return ()
    found = re.findall(_CLOSES, text)
    for footer in footers:
        if footer.token.lower() in _REFERRING:
            found += re.findall(_ANY_ISSUE, footer.value)
    return tuple(dict.fromkeys(found))


def co_authors(message: Message) -> tuple[Identity, ...]:
    """The people named in Co-authored-by footers."""
    values = (footer.value for footer in message.footers if footer.token.lower() == "co-authored-by")
    people = (re.match(_PERSON, value) for value in values)
    return tuple(Identity(person[1].strip(), person[2]) for person in people if person)


def picked_from(text: str) -> str:
    """The commit that `git cherry-pick -x` names, or nothing."""
    found = re.search(_PICKED, text) if "cherry picked" in text else None
    return found[1] if found else ""
