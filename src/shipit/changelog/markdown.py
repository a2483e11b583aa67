"""People's words as Markdown that shows exactly these words."""

import re
from collections.abc import Sequence

# as text: what few lines need is compiled for the first of them, not at start-up
_CODE = r"(`+)(?!`)(?:.*?[^`])?\1(?!`)"
_SPECIAL = r"([\\*_~|\[\]<`]|&(?=#?\w+;))"
_MENTION = r"(?<![\w.])@(?=\w)"
_HTML = r"(?<!\\)((?:\\\\)*+)<(?=[A-Za-z/!?])"
"""what begins a tag or a comment, and the backslashes before it, each of which is escaped by another"""
_CONTAINER = r"(?:>|(?:[-*+]|\d{1,9}[.)])(?= )) *"
"""a list item or a quote, in which lines of their own begin"""
_DIVIDING = (
    r"#{1,6}(?: |$)|=+ *$|[ :|]*-[ :|-]*$|(?:\* *){3,}$|(?:_ *){3,}$|`{3}|~{3}"  # headings, lines, tables, fences
    r"|\[(?!(?:[^\[\]\\]|\\.)*\]\()"  # definitions of links and footnotes, but no link
)
_DEEPEST = 8
"""Lists and quotes in each other that are kept."""
_FENCE = r"( *)(`{3,8}|~{3,8}) *([\w+#.-]*)[^`~]*"
_CONTROL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
_UNUSUAL = re.compile(r"[\\*_~|\[\]<`&@\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


def line(text: str) -> str:
    """One line; code spans stay code, and nobody is mentioned by accident."""
    if text[:1].isalpha() and not text[-1].isspace() and not _UNUSUAL.search(text):
        # as most are, and then nothing of what follows changes anything
        return text
    text = clean(text).replace("\n", " ").strip()
    out: list[str] = []
    position = 0
    for code in re.finditer(_CODE, text):
        out += [_escape(text[position : code.start()]), code[0]]
        position = code.end()
    out.append(_escape(text[position:]))
    return _shield("".join(out))


def paragraph(text: str, indent: str) -> str:
    """Several lines of somebody's words inside of a list item.

    Lists, quotes, fenced code, and what is marked within a line stay Markdown. What would divide the page that the
    item stands on is shown as text: headings, lines, tables, HTML, link definitions; and nobody is mentioned.
    """
    lines = clean(text).strip().expandtabs(4).split("\n")
    rows = [_shield(_inline(lines[0]))]
    position, endless = 1, dict[str, int]()
    while position < len(lines):
        code = _fenced(lines, position, endless)
        rows += code or [_inline(lines[position])]
        position += len(code) or 1
    return "\n".join([rows[0], *(f"{indent}{row}".rstrip() for row in rows[1:])])


def _inline(row: str) -> str:
    """A line with its indentation that opens nothing but lists and quotes."""
    text = _shy(re.sub(_HTML, r"\1\\<", row)).lstrip()
    out = [row[: len(row) - len(row.lstrip())]]
    for _ in range(_DEEPEST):
        marker = None if re.match(_DIVIDING, text) else re.match(_CONTAINER, text)
        if not marker:
            break
        out.append(marker[0])
        text = text[marker.end() :]
    opens = re.match(_DIVIDING, text) or re.match(_CONTAINER, text)
    return "".join([*out, "\\" if opens else "", text])


def _fenced(lines: Sequence[str], start: int, endless: dict[str, int]) -> list[str]:
    """The lines of a block of fenced code that begins at this line and ends; none if there is no such block.

    `endless` has the length from which on fences of a kind have no end in what is left.
    """
    opening = re.fullmatch(_FENCE, lines[start])
    if not opening or len(opening[2]) >= endless.get(opening[2][0], len(lines[start]) + 1):
        return []
    margin, fence, language = opening.groups()
    for end in range(start + 1, len(lines)):
        closing = lines[end].strip()
        if len(closing) >= len(fence) and not closing.strip(fence[0]):
            inner = (row[min(len(margin), len(row) - len(row.lstrip())) :] for row in lines[start + 1 : end])
            return [f"{fence}{language}", *inner, closing]
    endless[fence[0]] = len(fence)
    return []


def clean(text: str) -> str:
    """Without control characters and those that turn the direction of writing: they make text lie."""
    return re.sub(_CONTROL, "", text)


def _escape(text: str) -> str:
    return _shy(re.sub(_SPECIAL, r"\\\1", text))


def _shy(text: str) -> str:
    """The text without mentions: a character without width after each @."""
    return re.sub(_MENTION, "@\u200b", text)


def _shield(text: str) -> str:
    """Keep the first character of a list item from opening a heading, a quote or another list."""
    if text[:1] in {*"#+>=-"} or text[:2] == "* ":
        return f"\\{text}"
    number = re.match(r"\d{1,9}(?=[.)](?:\s|$))", text)
    return f"{number[0]}\\{text[number.end() :]}" if number else text
