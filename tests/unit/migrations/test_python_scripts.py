"""Migrations in Python are read, never run."""

import pytest

from shipit.migrations.model import Script
from shipit.migrations.python_scripts import Outline, outline


def read(text: str) -> Outline:
    return outline(Script("m/1_a.py", text, "", language="python"))


def wrong(text: str) -> tuple[str, str]:
    (found,) = read(text).findings
    assert found.level == "error"
    return str(found.place), found.rule


def test_functions_tell_what_a_script_can_do() -> None:
    found = read(
        "def up(connection): ...\ndef down(connection, dry=False): ...\ndef verify(*rows): ...\ndef x(): ...\n"
    )
    assert found.roles == {"up", "down", "verify"}
    assert found.findings == ()
    assert read("def up(connection, /): ...").roles == {"up"}


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("# a\nimport x\ndef up(c): ...", "# a\n"),
        ('"""Doc.\n# no"""\n# a\nimport x\ndef up(c): ...', "       \n       \n# a\n"),
        ("# a\n@b\n@c\ndef up(c): ...", "# a\n"),
        ("def up(c): ...", ""),
    ],
)
def test_the_head_ends_at_the_first_statement_and_a_docstring_is_none(text: str, head: str) -> None:
    assert read(text).head == head


def test_a_file_without_statements_is_all_head() -> None:
    assert read("# a\n").head == "# a\n"
    assert wrong("# a\n\n") == ("m/1_a.py:2:1", "python-without-up")
    assert wrong("") == ("m/1_a.py:1:1", "python-without-up")


@pytest.mark.parametrize(
    ("text", "place"),
    [("def up(\n", "m/1_a.py:1:7"), ("x = 1\n  y = 2\n", "m/1_a.py:2:2"), ("f(" * 500, "m/1_a.py:1")],
)
def test_what_is_no_python_is_named_with_its_place(text: str, place: str) -> None:
    at, rule = wrong(text)
    assert rule == "python-syntax"
    assert at.startswith(place)


def test_an_expression_too_deep_to_read_is_a_finding_too() -> None:
    assert wrong("-" * 100_000 + "1") == ("m/1_a.py:1:1", "python-syntax")


def test_a_doubtful_escape_is_left_to_its_author() -> None:
    assert read('x = "\\d"\ndef up(c): ...').findings == ()


@pytest.mark.parametrize(
    "signature",
    ["def up():", "def up(a, b):", "def up(a, *, b):", "async def up(a):", "def up(a=1, b=2, *, c):"],
)
def test_a_function_that_could_not_be_called_is_an_error(signature: str) -> None:
    assert wrong(f"\nif 1:\n    pass\n{signature}\n    ...\n") == ("m/1_a.py:4:1", "python-signature")
