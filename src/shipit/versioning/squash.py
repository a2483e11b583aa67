"""The commits that a squashed commit lists in its body."""

import re
from textwrap import dedent

from shipit.quotations import quotations

# as text: what few messages need is compiled for the first of them, not at start-up
_PULL_REQUEST = r"\(#[0-9]+\)[ \t]*$"
_BULLET = r"(?:\A|(?<=\n\n))\* (?=\S)"
_RULE = r"(?m)^-{3,}[ \t]*$"
_LOCAL = r"(?m)^commit [0-9a-f]{40,64}$"
_LOCAL_TITLE = r"(?m)^Squashed commit of the following:$"


def parts(text: str) -> tuple[str, tuple[str, ...]]:
    """(the message proper, the messages of its parts, newest first); without parts the text itself and nothing.

    Two shapes count: GitHub's, where the subject ends in `(#12)` and the body is a list of `* subject`; and that of
    `git merge --squash`. A list in any other body is prose, whatever it quotes.
    """
    subject, _, rest = text.partition("\n")
    if "Squashed commit of" in text and (local := re.search(_LOCAL_TITLE, text)):
        return _local(text[: local.start()], text[local.end() :])
    rest = rest.lstrip("\n")
    if not rest.startswith("* ") or not re.search(_PULL_REQUEST, subject):
        return text, ()
    rule = re.search(_RULE, rest)
    commits, trailer = (rest[: rule.start()], rest[rule.end() :]) if rule else (rest, "")
    return f"{subject}\n\n{trailer.strip()}", tuple(reversed(_bullets(commits)))


def _bullets(text: str) -> list[str]:
    quoted = quotations(text)
    bullets = [found for found in re.finditer(_BULLET, text) if not quoted.cover(found.start())]
    ends = [*(following.start() for following in bullets[1:]), len(text)]
    return [text[bullet.end() : end].strip() for bullet, end in zip(bullets, ends, strict=True)]


def _local(own: str, rest: str) -> tuple[str, tuple[str, ...]]:
    logs = re.split(_LOCAL, rest)[1:]
    return own.strip(), tuple(dedent(log.partition("\n\n")[2]).strip() for log in logs)
