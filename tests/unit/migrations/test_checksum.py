"""The text of a script and its checksum."""

import codecs
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.migrations.checksum import ALGORITHM, checksum, read_text
from shipit.migrations.model import Finding

CONTROL = "".join(map(chr, [*range(9), *range(11, 32), 127]))
texts = some.text(some.characters(exclude_characters=f"{CONTROL}\ufeff", exclude_categories=["Cs"]))


def text_of(data: bytes) -> str:
    found = read_text("a.sql", data)
    assert isinstance(found, str)
    return found


def wrong(data: bytes) -> tuple[str, str]:
    found = read_text("m/a.sql", data)
    assert isinstance(found, Finding)
    assert (found.rule, found.level, found.rewrite) == ("not-utf8", "error", "save the file as UTF-8")
    return str(found.place), found.what


def test_the_checksum_is_plain_sha256_of_the_text_so_that_anybody_can_compute_it() -> None:
    assert ALGORITHM == "sha256-lf"
    assert checksum("größe\n") == hashlib.sha256("größe\n".encode()).hexdigest()


@given(texts)
def test_line_ends_and_byte_order_mark_do_not_count(text: str) -> None:
    lf = text.encode()
    spellings = [lf, lf.replace(b"\n", b"\r\n"), lf.replace(b"\n", b"\r"), codecs.BOM_UTF8 + lf]
    spellings.append(codecs.BOM_UTF8 + lf.replace(b"\n", b"\r\n"))
    assert {checksum(text_of(spelling)) for spelling in spellings} == {checksum(text)}


@given(texts, texts)
def test_every_other_difference_counts(one: str, other: str) -> None:
    assert (checksum(text_of(one.encode())) == checksum(text_of(other.encode()))) == (one == other)


@given(some.binary())
def test_any_bytes_are_a_tidy_text_or_a_finding(data: bytes) -> None:
    found = read_text("a.sql", data)
    if isinstance(found, str):
        assert read_text("a.sql", found.encode()) == found
        assert not set("\r\0") & set(found)


def test_marks_of_files_that_were_put_together_do_not_count_either() -> None:
    assert text_of(codecs.BOM_UTF8 * 2 + b"select 1;") == "select 1;"


@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        (b"\xe9", "m/a.sql:1:1", "byte 0xe9 is not UTF-8"),
        ("ä\r\nö = ".encode() + b"\xff", "m/a.sql:2:5", "byte 0xff is not UTF-8"),
        (codecs.BOM_UTF8 + b"a\rb\r" + b"\xc3(", "m/a.sql:3:1", "byte 0xc3 is not UTF-8"),
        ("select 1".encode("utf-16"), "m/a.sql:1:1", "the file is UTF-16"),
        ("select 1".encode("utf-32"), "m/a.sql:1:1", "the file is UTF-32"),
        (b"select\n1\0", "m/a.sql:2:2", "a zero byte stands here: this is no text, or it is UTF-16"),
    ],
)
def test_what_is_not_utf8_is_named_with_line_and_column(data: bytes, place: str, what: str) -> None:
    assert wrong(data) == (place, what)


@pytest.mark.parametrize("sign", sorted({*CONTROL} - {"\0", "\r"}))
def test_a_control_character_that_no_editor_shows_is_named_with_its_number(sign: str) -> None:
    found = read_text("m/a.sql", f"select\t1;\r\n-- {sign}[2K".encode())
    assert isinstance(found, Finding)
    assert (str(found.place), found.rule, found.level) == ("m/a.sql:2:4", "control-character", "error")
    assert f"U+{ord(sign):04X}" in found.what
    assert "char(27)" in found.rewrite


@pytest.mark.parametrize("sign", ["\t", "\n", "\x85", "\u200f", "é"])
def test_tab_line_ends_and_what_is_no_control_character_of_ascii_are_text(sign: str) -> None:
    assert text_of(f"-- a{sign}b".encode()) == f"-- a{sign}b"
