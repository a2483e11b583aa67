"""The text of a script and its checksum: the same however a checkout wrote line ends and byte order marks."""

import codecs
import hashlib
import re

from shipit.migrations.model import Finding, Position

ALGORITHM = "sha256-lf"
"""The name that the ledger keeps beside every checksum: sha256 of UTF-8 without marks, with LF line ends."""


def checksum(text: str) -> str:
    """Hexadecimal sha256 of a text that `read_text` gave."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_text(path: str, data: bytes) -> str | Finding:
    """The text with LF line ends and without byte order marks; a finding if it is none that people can read."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return Finding(Position(path), "not-utf8", f"the file is {name}", _CONVERT)
    try:
        text = _tidy(data.decode())
    except UnicodeDecodeError as error:
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return Finding(_end(path, _tidy(data[: error.start].decode())), "not-utf8", what, _CONVERT)
    if "\0" in text:
        where = _end(path, text[: text.index("\0")])
        return Finding(where, "not-utf8", "a zero byte stands here: this is no text, or it is UTF-16", _CONVERT)
    if found := _CONTROL.search(text):
        what = f"a control character (U+{ord(found[0]):04X}) stands here, which an editor hides"
        return Finding(_end(path, text[: found.start()]), "control-character", what, _BY_NUMBER)
    return text


_CONVERT = "save the file as UTF-8"
_BY_NUMBER = (
    "leave it out; where it belongs to a value, write its number: char(27) in SQLite, chr(27) in PostgreSQL"
)
# the longer marks first: that of UTF-32 begins with that of UTF-16
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# not every parser, driver and terminal reads past them
_CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f]")


def _tidy(text: str) -> str:
    # more than one mark stands where files were put together that each had one
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _end(path: str, text: str) -> Position:
    """Where the character after `text` stands."""
    return Position(path, text.count("\n") + 1, len(text) - text.rfind("\n"))
