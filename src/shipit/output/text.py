"""Text on its way out: without control characters, masked, and in letters that the other side can show."""

import contextlib
import re
from collections.abc import Callable
from typing import IO, Any, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from shipit import masking

Value = TypeVar("Value")
Change: TypeAlias = Callable[[str], str]

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Everything that moves a cursor, rings a bell or turns the writing direction; tab and newline stay."""

_ASCII = str.maketrans("✓●✗↶→·…─│—\u2013⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "+ox<>.~-|--|/-\\|/-\\|/")
"""One character for one, so that columns stay columns."""


def clean(value: Value) -> Value:
    """Mask and disarm every string in a value, however deep it lies."""
    return _each(value, clean_text)  # type: ignore[no-any-return]


def masked(value: Value) -> Value:
    """Mask every string in a value, and leave all else as it is: who shows it to people cleans it."""
    return _each(value, _masked_text)  # type: ignore[no-any-return]


def _each(value: Any, change: Change) -> Any:
    if type(value) is str:  # not State, which is a str too
        return change(value)
    if isinstance(value, tuple):
        return tuple(_each(item, change) for item in value)
    if isinstance(value, list):
        return [_each(item, change) for item in value]
    if isinstance(value, dict):
        return {_each(key, change): _each(item, change) for key, item in value.items()}
    if isinstance(value, Struct):
        return _each_field(value, change)
    return value


def _each_field(value: Struct, change: Change) -> Struct:
    changed = {}
    for name in value.__struct_fields__:
        old = getattr(value, name)
        new = _each(old, change)
        if new is not old:
            changed[name] = new
    return replace(value, **changed) if changed else value


def clean_text(text: str) -> str:
    if text.isprintable():  # nearly every line: nothing in it moves, breaks or hides
        return masking.mask(text)
    # masked twice: a secret may hold an escape sequence, and an escape sequence may cut a secret in two
    text = masking.mask(text).replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    text = masking.mask(_CONTROLS.sub("", _ESCAPES.sub("", text)))
    return text.encode("utf-8", "replace").decode("utf-8")


def _masked_text(text: str) -> str:
    """The text without secrets; all of it is cleaned where an escape sequence cuts a secret in two."""
    once = masking.mask(text)
    bare = _CONTROLS.sub("", _ESCAPES.sub("", once))
    return once if masking.mask(bare) == bare else clean_text(text)


def clean_line(text: str) -> str:
    return one_line(clean_text(text))


def one_line(text: str) -> str:
    return " ".join(text.split())


def duration(seconds: float) -> str:
    """`0.1 s`, `42.0 s`, `3 min 04 s`, `1 h 02 min`."""
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class SafeStream:
    """A stream that falls back to ASCII where the locale has no other marks, and that outlives its reader."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self._unicode = self.encoding.lower().replace("-", "").startswith("utf")

    def write(self, text: str) -> int:
        if not self._unicode:
            text = text.translate(_ASCII).encode(self.encoding, "replace").decode(self.encoding)
        # a run must not stop half-way because nobody listens any more: `| head`, a terminal that was closed
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()
