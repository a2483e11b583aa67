"""People's words as Markdown that shows exactly these words."""

import re

_CODE = re.compile(r"(`+)(?!`)(?:.*?[^`])?\1(?!`)")
_SPECIAL = re.compile(r"([\\*_~|\[\]<`])")
_MENTION = re.compile(r"(?<![\w.])@(?=\w)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_PLAIN = re.compile(r"[^\W\d_][^\W_]*(?:[ ,.:;/()'\"=+#&%!?$^{}>-]+[^\W_]+)*[.)!?'\"]*")


def line(text: str) -> str:
    """One line; code spans stay code, and nobody is mentioned by accident."""
    if _PLAIN.fullmatch(text):  # most are, and then nothing of what follows changes anything
        return text
    text = clean(text).replace("\n", " ").strip()
    out: list[str] = []
    position = 0
    for code in _CODE.finditer(text):
        out += [_escape(text[position : code.start()]), code[0]]
        position = code.end()
    out.append(_escape(text[position:]))
    return _shield("".join(out))


def paragraph(text: str, indent: str) -> str:
    """Several lines of somebody's Markdown inside of a list item: kept, but no HTML and no mentions."""
    found = _MENTION.sub("@\u200b", _HTML.sub(r"\\<", clean(text).strip()))
    lines = found.split("\n")
    return "\n".join([_shield(lines[0]), *(f"{indent}{each}".rstrip() for each in lines[1:])])


def clean(text: str) -> str:
    """Without control characters and those that turn the direction of writing: they make text lie."""
    return _CONTROL.sub("", text)


def _escape(text: str) -> str:
    return _MENTION.sub("@\u200b", _SPECIAL.sub(r"\\\1", text))


def _shield(text: str) -> str:
    """Keep the first character of a list item from opening a heading, a quote or another list."""
    if text[:1] in "#+>=-" and text:
        return f"\\{text}"
    number = re.match(r"\d{1,9}(?=[.)](?:\s|$))", text)
    return f"{number[0]}\\{text[number.end() :]}" if number else text
