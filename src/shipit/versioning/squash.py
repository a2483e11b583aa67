"""The commits that a squashed commit tells of in its body."""

import re
from textwrap import dedent

from shipit.quoting import quotations

_PULL_REQUEST = re.compile(r"\(#[0-9]+\)[ \t]*$")
_BULLET = re.compile(r"(?:\A|(?<=\n\n))\* (?=\S)")
_RULE = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_LOCAL = re.compile(r"^commit [0-9a-f]{40,64}$", re.MULTILINE)
_LOCAL_TITLE = re.compile(r"^Squashed commit of the following:$", re.MULTILINE)


def parts(text: str) -> tuple[str, tuple[str, ...]]:
    """(the message proper, the messages of its parts, newest first); without parts the text itself and nothing.

    Two shapes count: GitHub's, where the subject ends in `(#12)` and the body is a list of `* subject`; and that of
    `git merge --squash`. A list in any other body is prose, whatever it quotes.
    """
    subject, _, rest = text.partition("\n")
    if "Squashed commit of" in text and (local := _LOCAL_TITLE.search(text)):
        return _local(text[: local.start()], text[local.end() :])
    rest = rest.lstrip("\n")
    if not rest.startswith("* ") or not _PULL_REQUEST.search(subject):
        return text, ()
    rule = _RULE.search(rest)
    commits, trailer = (rest[: rule.start()], rest[rule.end() :]) if rule else (rest, "")
    return f"{subject}\n\n{trailer.strip()}", tuple(reversed(_bullets(commits)))


def _bullets(text: str) -> list[str]:
    quoted = quotations(text)
    bullets = [found for found in _BULLET.finditer(text) if not quoted.cover(found.start())]
    ends = [*(following.start() for following in bullets[1:]), len(text)]
    return [text[bullet.end() : end].strip() for bullet, end in zip(bullets, ends, strict=True)]


def _local(own: str, rest: str) -> tuple[str, tuple[str, ...]]:
    logs = _LOCAL.split(rest)[1:]
    return own.strip(), tuple(dedent(log.partition("\n\n")[2]).strip() for log in logs)
