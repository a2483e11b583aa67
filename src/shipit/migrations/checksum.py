"""The text of a script and its checksum: the same however a checkout wrote line ends and byte order marks."""

import codecs
import hashlib

from shipit.migrations.model import Finding, Position

ALGORITHM = "sha256-lf"
"""The name that the ledger keeps beside every checksum: sha256 of UTF-8 without marks, with LF line ends."""


def checksum(text: str) -> str:
    """Hexadecimal sha256 of a text that `read_text` gave."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_text(path: str, data: bytes) -> str | Finding:
    """The text with LF line ends and without byte order marks; a finding if it is no UTF-8 text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Finding(Position(path), "not-utf8", "the file is UTF-16", _CONVERT)
    try:
        text = _tidy(data.decode())
    except UnicodeDecodeError as error:
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return Finding(_end(path, _tidy(data[: error.start].decode())), "not-utf8", what, _CONVERT)
    if "\0" in text:
        where = _end(path, text[: text.index("\0")])
        return Finding(where, "not-utf8", "a zero byte stands here: this is no text, or it is UTF-16", _CONVERT)
    return text


_CONVERT = "save the file as UTF-8"


def _tidy(text: str) -> str:
    # more than one mark stands where files were put together that each had one
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _end(path: str, text: str) -> Position:
    """Where the character after `text` stands."""
    return Position(path, text.count("\n") + 1, len(text) - text.rfind("\n"))
