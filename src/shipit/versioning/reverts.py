"""What a message says it reverts."""

import re

from msgspec import Struct

from shipit.quotations import quotations
from shipit.versioning.mentions import pull_request, squashed
from shipit.versioning.message import Message

# as text: what few messages need is compiled for the first of them, not at start-up
# forges shorten a long title, which then has no closing quotation mark
_TITLE = r'(?i)(revert|reapply):?[ \t]+"(?:(.*)"|(.*(?:…|\.\.\.)))[ \t]*(?:\([#!][0-9]+\)[ \t]*)?'
_BY_NUMBER = r"(?i)reverts?:?[ \t]+(?:(?:PR|MR|pull request|merge request)[ \t]+)?([#!][0-9]{1,18})(?![\w/])"
_SHA = r"[0-9a-f]{7,64}\b"
_STATED = rf"(?im)^(?:this )?reverts commits?:? ({_SHA}(?:,?(?: and| &)?\s+{_SHA})*+)"
_PULL_REQUEST = r"(?im)^reverts (?:[\w.-]+/[\w.-]+)?(#[0-9]{1,18})\b"
_SHAS = rf"(?i)\b{_SHA}"


class Undo(Struct, frozen=True):
    """A statement that something is reverted.

    `subject` is that of the reverted commit; `shas` are its ids, perhaps shortened; `pull_request` is `#12` if
    the statement names one. `whole` means that the commit does nothing else.
    """

    subject: str = ""
    shas: tuple[str, ...] = ()
    pull_request: str = ""
    whole: bool = True


def undone(text: str, message: Message) -> Undo | None:
    """The statement in a message (`text` as `message.tidy` gives it); None if it takes nothing back."""
    if message.type != "revert" and "evert" not in text and "eapply" not in text and "EVERT" not in text:
        return None
    subject = _subject(message, text.partition("\n")[0])
    shas = _shas(text, message)
    if not subject and not shas:
        return None
    pull = (re.search(_PULL_REQUEST, text) if subject else None) or _by_number(message, text)
    return Undo(subject, shas, pull[1] if pull else "", whole=bool(subject))


def core(subject: str) -> tuple[str, bool]:
    """(the innermost subject, whether it is gone) for a title with any number of Revert "…" and Reapply "…"."""
    gone = False
    while found := re.fullmatch(_TITLE, subject):
        gone = gone != (found[1].lower() == "revert")
        subject = found[2] or found[3] or ""
    return pull_request(squashed(subject)[0])[0], gone


def _subject(message: Message, subject: str) -> str:
    """What the title says is reverted; nothing if it says something else."""
    # a title as `fix: Revert "x"` reverts x, too
    found = re.fullmatch(_TITLE, subject.strip()) or re.fullmatch(_TITLE, message.description)
    if found:
        inner = found[2] or found[3] or ""
        # git ≥ 2.43 titles the revert of Revert "x" as Reapply "x"
        return inner if found[1].lower() == "revert" else f'Revert "{inner}"'
    if _by_number(message, subject):
        return message.description
    return pull_request(message.description)[0] if message.type == "revert" else ""


def _by_number(message: Message, text: str) -> re.Match[str] | None:
    """What a title such as `Revert #12`, or `revert: #12`, says is reverted."""
    title = text.partition("\n")[0].strip()
    return re.match(_BY_NUMBER, title) or re.match(_BY_NUMBER, message.description)


def _shas(text: str, message: Message) -> tuple[str, ...]:
    quoted = quotations(text)
    stated = [found[1] for found in re.finditer(_STATED, text) if not quoted.cover(found.start())]
    if message.type == "revert":
        stated += [footer.value for footer in message.footers if footer.token.lower() in {"refs", "reverts"}]
    return tuple(dict.fromkeys(sha.lower() for part in stated for sha in re.findall(_SHAS, part)))
