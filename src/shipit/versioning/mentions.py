"""Whom and what a message mentions: pull requests, issues, co-authors, the commit it was picked from."""

import re
from collections.abc import Container, Iterable, Sequence
from functools import cache

from shipit.model import Identity
from shipit.versioning.message import Footer, Message

_PULL_REQUEST = re.compile(r"[ \t]*\((?:pull request )?([#!][0-9]{1,18})\)[ \t]*\Z")
# as text: what few messages need is compiled for the first of them, not at start-up
_MERGED = r"Merge pull request (#[0-9]{1,18}) "
_AZURE = r"Merged PR ([0-9]{1,18}): [ \t]*+"
_BITBUCKET = r"Merged in [^\n]*\(pull request (#[0-9]{1,18})\)[ \t]*\n\n"
_ISSUE = r"(?:[\w.-]{1,99}/[\w.-]{1,99})?#[0-9]{1,18}\b"
_CLOSES = rf"(?ai)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]{{1,9}}({_ISSUE}(?:,[ \t]{{1,9}}{_ISSUE})*+)"
_ANY_ISSUE = rf"(?a){_ISSUE}"
_CLOSING = frozenset(
    {
        *("close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"),
        *("issue closed", "issues closed"),  # as commitizen's questions write it
    }
)
_REFERRING = frozenset({"refs", "ref", "references", "issue", "issues", "see", "see-also", "relates-to", "related"})
_PERSON = r"([^<>\n]*)<([^<>\s]+)>"
_compiled = cache(re.compile)
_PICKED = r"(?m)^\(cherry picked from commit ([0-9a-f]{7,64})\)"


def pull_request(subject: str) -> tuple[str, str]:
    """(the subject without it, `#12`) for a subject that ends in `(#12)`, as GitHub writes it.

    So do Bitbucket with `(pull request #12)` and GitLab with `(!12)`, of which the reference is `!12`.
    """
    if not subject.rstrip().endswith(")"):
        return subject, ""
    found = _PULL_REQUEST.search(subject, max(0, len(subject) - 99))
    return (subject[: found.start()], found[1]) if found else (subject, "")


def merged_pull_request(subject: str) -> str:
    """`#12` for the subject of GitHub's merge commit."""
    found = re.match(_MERGED, subject)
    return found[1] if found else ""


def squashed(text: str) -> tuple[str, str]:
    """(the message without it, the pull request) for one before which a forge writes what it merged.

    Azure DevOps begins the title with `Merged PR 12: `, of which the reference is `!12`; Bitbucket has a title of
    its own, and what people wrote below it.
    """
    if not text.startswith("Merged "):
        return text, ""
    if found := re.match(_AZURE, text):
        return text[found.end() :], f"!{found[1]}"
    found = re.match(_BITBUCKET, text)
    return (text[found.end() :], found[1]) if found else (text, "")


def issues(text: str, footers: Iterable[Footer]) -> tuple[str, ...]:
    """The issues that a message with these footers closes, each once, in order."""
    if "#" not in text:
        return ()
    small = text.lower()
    may_close = "clos" in small or "fix" in small or "resolv" in small
    return _named([*(_compiled(_CLOSES).findall(text) if may_close else ()), *_values(footers, _CLOSING)])


def references(footers: Iterable[Footer]) -> tuple[str, ...]:
    """The issues that footers refer to without a word of closing them, each once, in order."""
    return _named(_values(footers, _REFERRING))


def _values(footers: Iterable[Footer], tokens: Container[str]) -> list[str]:
    return [footer.value for footer in footers if footer.token.lower() in tokens]


def _named(texts: Sequence[str]) -> tuple[str, ...]:
    if not texts:  # of nearly all messages
        return ()
    find = _compiled(_ANY_ISSUE).findall
    return tuple(dict.fromkeys(issue for text in texts for issue in find(text)))


def co_authors(message: Message) -> tuple[Identity, ...]:
    """The people named in Co-authored-by footers."""
    values = (footer.value for footer in message.footers if footer.token.lower() == "co-authored-by")
    people = (re.match(_PERSON, value) for value in values)
    return tuple(Identity(person[1].strip(), person[2]) for person in people if person)


def picked_from(text: str) -> str:
    """The commit that `git cherry-pick -x` names, or nothing."""
    found = re.search(_PICKED, text) if "cherry picked" in text else None
    return found[1] if found else ""
