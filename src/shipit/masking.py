"""Secrets that must never leave: registered once, masked at every door through which text goes out."""

import base64
import json
import re
import threading
from urllib.parse import quote, quote_plus

MASK = "***"
_SHORTEST_LINE = 4
_NEVER_ESCAPED = re.compile(r"[A-Za-z0-9]")
_lock = threading.Lock()
_forms: set[str] = set()
_patterns: set[str] = set()
_any: re.Pattern[str] | None = None


def register(secret: str) -> None:
    """Mask this text from now on: raw, URL-encoded, JSON-escaped, base64 at any alignment, line by line."""
    global _any  # noqa: PLW0603 - a process has one set of secrets
    lines = (line for line in secret.splitlines() if len(line) >= _SHORTEST_LINE)
    with _lock:
        for part in filter(None, {secret, *lines}):
            encoded = _base64_cores(part)
            _forms.update(_spellings(part), encoded)
            _patterns.update(map(_pattern, {part, *encoded}), map(re.escape, _spellings(part)))
        if _patterns:
            # the longest first, so that none is cut in two by another that it contains
            _any = re.compile("|".join(sorted(_patterns, key=len, reverse=True)))


def known_forms() -> frozenset[str]:
    """The usual spellings of everything that is masked, for GitHub's ::add-mask:: and for tests."""
    return frozenset(_forms)


def mask(text: str) -> str:
    """The text with every registered secret replaced, in whatever spelling it stands there."""
    return _any.sub(MASK, text) if _any else text


def forget_all() -> None:
    """Start anew (tests only: a process has one set of secrets)."""
    global _any  # noqa: PLW0603 - as above
    with _lock:
        _forms.clear()
        _patterns.clear()
        _any = None


def _spellings(secret: str) -> set[str]:
    """As text, in an address, in JSON and in Python's repr (text from the environment may hold any byte)."""
    data = _bytes(secret)
    return {
        secret,
        quote(data, safe=""),
        quote(data),
        quote_plus(data),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }


def _pattern(text: str) -> str:
    """Match the text with any of its characters escaped: encoders disagree on which, and on case."""
    return "".join(map(_any_spelling, text))


def _any_spelling(character: str) -> str:
    """One character as it is, behind a backslash, as %XX, in JSON's hexadecimal, and a space as `+`."""
    if _NEVER_ESCAPED.fullmatch(character):
        return character
    percent = "".join(f"%{byte:02x}" for byte in _bytes(character))
    units = character.encode("utf-16-be", "surrogatepass").hex()
    unicode = "".join(rf"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
    ways = [rf"\\?{re.escape(character)}", f"(?i:{percent}|{unicode})"]
    ways += [re.escape(json.dumps(character)[1:-1])] if character < " " else []
    ways += [r"\+"] if character == " " else []
    return f"(?:{'|'.join(ways)})"


def _base64_cores(secret: str) -> set[str]:
    """What the secret alone decides in base64 text, with 0, 1 or 2 bytes before it in its group of three."""
    data = _bytes(secret)
    cores = {_base64_core(data, before) for before in range(3)}
    cores |= {core.replace("+", "-").replace("/", "_") for core in cores}
    return {core for core in cores if len(core) >= _SHORTEST_LINE}


def _base64_core(data: bytes, before: int) -> str:
    padded = bytes(before) + data
    first, last = (before * 8 + 5) // 6, len(padded) * 8 // 6
    return base64.b64encode(padded).decode()[first:last]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
