"""People's words as Markdown that shows exactly these words."""

import re

# as text: what few lines need is compiled for the first of them, not at start-up
_CODE = r"(`+)(?!`)(?:.*?[^`])?\1(?!`)"
_SPECIAL = r"([\\*_~|\[\]<`])"
_MENTION = r"(?<![\w.])@(?=\w)"
_HTML = r"<(?=[A-Za-z/!?])"
_CONTROL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
_UNUSUAL = re.compile(r"[\\*_~|\[\]<`@\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


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
    """Several lines of somebody's Markdown inside of a list item: kept, but no HTML and no mentions."""
    found = _shy(re.sub(_HTML, r"\\<", clean(text).strip()))
    lines = found.split("\n")
    return "\n".join([_shield(lines[0]), *(f"{indent}{each}".rstrip() for each in lines[1:])])


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
    if text[:1] in "#+>=-" and text:
        return f"\\{text}"
    number = re.match(r"\d{1,9}(?=[.)](?:\s|$))", text)
    return f"{number[0]}\\{text[number.end() :]}" if number else text
