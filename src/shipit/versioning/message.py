"""Commit messages in the grammar of Conventional Commits 1.0.0, https://www.conventionalcommits.org.

Linear in the length of the message, and every text is a message: nothing here raises.
"""

import re

from msgspec import Struct

from shipit.quotations import quotations

HEADER = re.compile(r"([^\W\d_][\w-]*+)(?:\(([^()\n]++)\))?(!)?:[ \t]++([^\s][^\n]*)")
# as text: what few messages need is compiled for the first of them, not at start-up
_DECORATION = (
    r"(?:[ \t]*(?::[A-Za-z0-9_+-]{1,40}:"  # gitmoji, as a word or as a sign
    r"|[\u200d\u20e3\u2100-\u2138\u213a-\u2bff\ufe0f\U0001f000-\U0001faff]))*+[ \t]*+"
)
_FOOTER = re.compile(
    r"^(?:(BREAKING[ -]CHANGE):(?=\s|\Z)[ \t]*+|((?i:issues? closed)(?=:)|[A-Za-z][A-Za-z0-9_-]*+)"
    r"(:[ \t]++(?=\S)| (?=#\S)))",
    re.MULTILINE,
)
_BREAKING = ("BREAKING CHANGE", "BREAKING-CHANGE")
_MARKED_BY_GIT = frozenset({"fixup", "squash", "amend"})
"""Words before git's own `!`, which says what to do with a commit and not that something breaks."""
_WITHIN = frozenset({"note", "before", "after", "example", "migration"})
"""Words with a colon that go on telling what breaks."""
_RULE = "\n---------\n"
"""What GitHub writes below the text of a squashed commit."""


class Footer(Struct, frozen=True):
    """`token: value`; of `Closes #12` the value is `#12`."""

    token: str
    value: str


class Message(Struct, frozen=True):
    """A message in its parts. Without a conventional header `type` is empty and `description` is the subject.

    `type` is lower case; `marked` is whether a `!` stands before the colon; `quotes_breaking` is whether the notes
    of another project, which an update quotes, name a breaking change.
    """

    type: str = ""
    scope: str = ""
    description: str = ""
    marked: bool = False
    body: str = ""
    footers: tuple[Footer, ...] = ()
    quotes_breaking: bool = False

    @property
    def breaking_footers(self) -> tuple[Footer, ...]:
        """The footers that name what breaks, whether or not the message is conventional."""
        return tuple(footer for footer in self.footers if footer.token in _BREAKING)

    @property
    def breaking(self) -> tuple[str, ...]:
        """What breaks, in the author's words; empty if nothing does or the message is not conventional."""
        if not self.type:
            return ()
        texts = tuple(footer.value or self.description for footer in self.breaking_footers)
        return texts or ((self.description,) if self.marked else ())


def parse(text: str) -> Message:
    """Take a message apart."""
    text = normalized(text)
    subject, _, rest = text.partition("\n")
    quoted = _foreign(text, len(subject) + 1) if "BREAKING" in rest else (0, 0)
    body, footers = _tail(rest, quoted) if rest else ("", ())
    found = header(subject)
    if not found or (found[3] and not found[2] and found[1].lower() in _MARKED_BY_GIT):
        return Message(description=subject.strip(), body=body, footers=footers)
    kind, scope, mark, description = found.groups()
    return Message(
        kind.lower(), (scope or "").strip(), description.rstrip(), mark is not None, body, footers, any(quoted)
    )


def header(text: str) -> re.Match[str] | None:
    """The header at the beginning of a text, perhaps behind spaces and an emoji, as HEADER takes it apart."""
    if text[:1].isalnum():  # nearly all
        return HEADER.match(text)
    start = re.match(_DECORATION, text)
    return HEADER.match(text, start.end() if start else 0)


def footers(text: str) -> tuple[Footer, ...]:
    """The footers of a message that is tidy, and no more."""
    rest = text.partition("\n")[2]
    return _tail(rest, (0, 0))[1] if rest else ()


def normalized(text: str) -> str:
    """The message with LF line ends and without blank lines or a byte order mark in front."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.lstrip("\ufeff\n")


def _foreign(text: str, start: int) -> tuple[int, int]:
    """The part behind `start` that is another project's notes and names a breaking change, counted from there."""
    from shipit.versioning import foreign  # noqa: PLC0415 - few messages name something that breaks

    first, last = (max(0, place - start) for place in foreign.span(text))
    found = re.compile(r"^BREAKING[ -]CHANGE:", re.MULTILINE).search(text, first + start, last + start)
    return (first, last) if found else (0, 0)


def _tail(text: str, foreign: tuple[int, int]) -> tuple[str, tuple[Footer, ...]]:
    """Body and footers.

    Footers begin where a paragraph begins with one. BREAKING CHANGE also counts in the middle of a paragraph:
    a forgotten blank line must not hide it. Quotations never count.
    """
    starts: list[re.Match[str]] = []
    quoted = quotations(text) if ": " in text or " #" in text or ":\n" in text else None
    for found in _FOOTER.finditer(text) if quoted else ():
        if foreign[0] <= found.start() < foreign[1]:
            continue
        if starts and starts[-1][1] and found[2] and found[2].lower() in _WITHIN:
            continue
        expected = starts or found[1] or _begins_paragraph(text, found.start())
        if expected and quoted and not quoted.cover(found.start()):
            starts.append(found)
    if not starts:
        return text.strip(), ()
    ends = [following.start() for following in starts[1:]]
    footers = tuple(_footer(found, text, end) for found, end in zip(starts, [*ends, len(text)], strict=True))
    return text[: starts[0].start()].strip(), footers


def _footer(found: re.Match[str], text: str, end: int) -> Footer:
    value = f"{text[found.end() : end]}\n".partition(_RULE)[0]
    return Footer(found[1] or found[2], value.strip())


def _begins_paragraph(text: str, start: int) -> bool:
    """Whether the line before is blank, or there is none."""
    before = text.rfind("\n", 0, max(start - 1, 0))
    return not text[before + 1 : start].strip()
