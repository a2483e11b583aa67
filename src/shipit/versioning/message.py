"""Commit messages in the grammar of Conventional Commits 1.0.0, https://www.conventionalcommits.org.

Linear in the length of the message, and every text is a message: nothing here raises.
"""

import re

from msgspec import Struct

from shipit.quotations import quotations

HEADER = re.compile(r"([^\W\d_][\w-]*+)(?:\(([^()\n]++)\))?(!)?:[ \t]++([^\s][^\n]*)")
_FOOTER = re.compile(
    r"^(?:(BREAKING[ -]CHANGE):(?=\s|\Z)[ \t]*+|([A-Za-z][A-Za-z0-9_-]*+)(:[ \t]++(?=\S)| (?=#\S)))",
    re.MULTILINE,
)
_BREAKING = ("BREAKING CHANGE", "BREAKING-CHANGE")


class Footer(Struct, frozen=True):
    """`token: value`; of `Closes #12` the value is `#12`."""

    token: str
    value: str


class Message(Struct, frozen=True):
    """A message in its parts. Without a conventional header `type` is empty and `description` is the subject.

    `type` is lower case; `marked` is whether a `!` stands before the colon.
    """

    type: str = ""
    scope: str = ""
    description: str = ""
    marked: bool = False
    body: str = ""
    footers: tuple[Footer, ...] = ()

    @property
    def breaking(self) -> tuple[str, ...]:
        """What breaks, in the author's words; empty if nothing does or the message is not conventional."""
        if not self.type:
            return ()
        texts = tuple(footer.value or self.description for footer in self.footers if footer.token in _BREAKING)
        return texts or ((self.description,) if self.marked else ())


def parse(text: str) -> Message:
    """Take a message apart."""
    text = normalized(text)
    subject, _, rest = text.partition("\n")
    body, footers = _tail(rest) if rest else ("", ())
    found = HEADER.match(subject)
    if not found:
        return Message(description=subject.strip(), body=body, footers=footers)
    kind, scope, mark, description = found.groups()
    return Message(kind.lower(), (scope or "").strip(), description.rstrip(), mark is not None, body, footers)


def footers(text: str) -> tuple[Footer, ...]:
    """The footers of a message that is tidy, and no more."""
    rest = text.partition("\n")[2]
    return _tail(rest)[1] if rest else ()


def normalized(text: str) -> str:
    """The message with LF line ends and without blank lines or a byte order mark in front."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.lstrip("\ufeff\n")


def _tail(text: str) -> tuple[str, tuple[Footer, ...]]:
    """Body and footers.

    Footers begin where a paragraph begins with one. BREAKING CHANGE also counts in the middle of a paragraph:
    a forgotten blank line must not hide it. Quotations never count.
    """
    starts: list[re.Match[str]] = []
    quoted = quotations(text) if ": " in text or " #" in text or ":\n" in text else None
    for found in _FOOTER.finditer(text) if quoted else ():
        expected = starts or found[1] or _begins_paragraph(text, found.start())
        if expected and quoted and not quoted.cover(found.start()):
            starts.append(found)
    if not starts:
        return text.strip(), ()
    ends = [following.start() for following in starts[1:]]
    footers = tuple(_footer(found, text, end) for found, end in zip(starts, [*ends, len(text)], strict=True))
    return text[: starts[0].start()].strip(), footers


def _footer(found: re.Match[str], text: str, end: int) -> Footer:
    return Footer(found[1] or found[2], text[found.end() : end].strip())


def _begins_paragraph(text: str, start: int) -> bool:
    """Whether the line before is blank, or there is none."""
    before = text.rfind("\n", 0, max(start - 1, 0))
    return not text[before + 1 : start].strip()
