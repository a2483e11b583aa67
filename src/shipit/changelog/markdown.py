"""People's words as Markdown that shows exactly these words."""

import re
from collections.abc import Callable, Sequence

# as text: what few lines need is compiled for the first of them, not at start-up
_CODE = r"(`+)(?!`)(?:.*?[^`])?\1(?!`)"
_ADDRESS = r"https?://[^\s<>`\[\]|\\\"]+"
_SPECIAL = r"([\\*~|\[\]<`]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))"
"""what Markdown reads as more than itself; an underscore within a word is none of these"""
_MENTION = r"(?<![\w.])@(?=\w)"
_HTML = r"(?<!\\)((?:\\\\)*+)(<(?=[A-Za-z/!?])|&(?=#?\w+;))"
"""what begins a tag, a comment or an entity, and the backslashes before it, each of which is escaped by another"""
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
    return _shield(_around(_CODE, text, lambda words: _around(_ADDRESS, words, _escape)))


def paragraph(text: str, indent: str) -> str:
    """Several lines of somebody's words inside of a list item.

    Lists, quotes, fenced code, and what is marked within a line stay Markdown. What would divide the page that the
    item stands on is shown as text: headings, lines, tables, HTML, link definitions; and nobody is mentioned.
    """
    rows = _rows(clean(text).strip().expandtabs(4).split("\n"), is_item=True)
    return "\n".join([rows[0], *(f"{indent}{row}".rstrip() for row in rows[1:])])


def blocks(text: str, indent: str) -> str:
    """The same below the first line of a list item: this text may begin with a list or with fenced code."""
    rows = _rows(clean(text).strip().expandtabs(4).split("\n"), is_item=False)
    return "\n".join(f"{indent}{row}".rstrip() for row in rows)


def is_block(text: str) -> bool:
    """Whether a text begins with a list, a quote or fenced code: with more than words."""
    return re.match(rf"{_CONTAINER}|`{{3}}|~{{3}}", text.lstrip()) is not None


def length_of_first(rows: Sequence[str]) -> int:
    """How many of these lines, one at least, are the paragraph at the beginning."""
    ends = (at for at, row in enumerate(rows) if at and (not row.strip() or is_block(row)))
    return next(ends, len(rows))


def _rows(lines: Sequence[str], *, is_item: bool) -> list[str]:
    """Lines as they are written; the first one stands behind the mark of a list item, or on its own."""
    rows = [_shield(_inline(lines[0]))] if is_item else []
    position, endless = len(rows), dict[str, int]()
    is_open = is_item and _leaves_open(lines[0])
    while position < len(lines):
        code = _fenced(lines, position, endless)
        row = lines[position]
        is_open = bool(row.strip()) and not code and (is_open or _leaves_open(row))
        rows += code or [_inline(row, has_code=not is_open)]
        position += len(code) or 1
    return rows


def _leaves_open(row: str) -> bool:
    """Whether code that begins in this line may end in one of the next, so that nothing is sure to be code."""
    return "\\`" in row or "`" in re.sub(_CODE, "", row)


def _around(verbatim: str, text: str, change: Callable[[str], str]) -> str:
    """The text with all of it changed but what is to stay as it is."""
    out: list[str] = []
    position = 0
    for found in re.finditer(verbatim, text):
        out += [change(text[position : found.start()]), found[0]]
        position = found.end()
    return "".join([*out, change(text[position:])])


def _plain(text: str) -> str:
    return _around(_ADDRESS, text, lambda words: _shy(re.sub(_HTML, r"\1\\\2", words)))


def _inline(row: str, *, has_code: bool = True) -> str:
    """A line with its indentation that opens nothing but lists and quotes."""
    has_code = has_code and not _leaves_open(row)
    text = (_around(_CODE, row, _plain) if has_code else _plain(row)).lstrip()
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
