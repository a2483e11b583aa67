"""What a message says it reverts."""

import re

from msgspec import Struct

from shipit.quotations import quotations
from shipit.versioning.mentions import pull_request
from shipit.versioning.message import Message

# as text: what few messages need is compiled for the first of them, not at start-up
_TITLE = r'(?i)(revert|reapply):?[ \t]+"(.*)"[ \t]*(?:\(#[0-9]+\)[ \t]*)?'
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
    pull = re.search(_PULL_REQUEST, text) if subject else None
    return Undo(subject, shas, pull[1] if pull else "", whole=bool(subject))


def core(subject: str) -> tuple[str, bool]:
    """(the innermost subject, whether it is gone) for a title with any number of Revert "…" and Reapply "…"."""
    gone = False
    while found := re.fullmatch(_TITLE, subject):
        gone = gone != (found[1].lower() == "revert")
        subject = found[2]
    return pull_request(subject)[0], gone


def _subject(message: Message, subject: str) -> str:
    """What the title says is reverted; nothing if it says something else."""
    found = re.fullmatch(_TITLE, subject.strip())
    if found:
        # git ≥ 2.43 titles the revert of Revert "x" as Reapply "x"
        return found[2] if found[1].lower() == "revert" else f'Revert "{found[2]}"'
    return pull_request(message.description)[0] if message.type == "revert" else ""


def _shas(text: str, message: Message) -> tuple[str, ...]:
    quoted = quotations(text)
    stated = [found[1] for found in re.finditer(_STATED, text) if not quoted.cover(found.start())]
    if message.type == "revert":
        stated += [footer.value for footer in message.footers if footer.token.lower() in {"refs", "reverts"}]
    return tuple(dict.fromkeys(sha.lower() for part in stated for sha in re.findall(_SHAS, part)))
