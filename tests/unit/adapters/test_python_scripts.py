"""Migrations in Python are loaded from the text that was read."""

import pytest

from shipit.adapters.python_scripts import load
from shipit.errors import Refused


def test_its_functions_are_given() -> None:
    text = "value = 3\ndef up(connection): return connection + value\ndef down(connection): ...\nverify = None"
    functions = load("1_a.py", text)
    assert sorted(functions) == ["down", "up"]
    assert functions["up"](4) == 7


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("def up(:", "1_a.py:1:8"),
        ("\nimport no_such_module", "1_a.py:2"),
        ("def f():\n    raise OSError('full')\n\nf()", "1_a.py:2"),
        ("x = 1\0", "1_a.py:1"),
    ],
)
def test_one_that_cannot_be_loaded_is_refused_with_its_line(text: str, where: str) -> None:
    with pytest.raises(Refused, match=r"1_a\.py cannot be loaded") as refused:
        load("1_a.py", text)
    assert refused.value.where == where
    assert refused.value.evidence


def test_two_scripts_share_nothing() -> None:
    load("1_a.py", "secret = 1")
    with pytest.raises(Refused):
        load("2_b.py", "print(secret)")
