"""Every key of [tool.shipit] is described and is in docs/reference.md, under the heading of its table."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipit.config import Config, checking
from shipit.config.mistake import dotted
from shipit.config.wording import expected

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference.md"
KEYS = dict(checking.leaves())


def rows(page: str) -> dict[str, list[str]]:
    """The cells of each key's row by its dotted key: the heading's table and the name in the first cell."""
    found: dict[str, list[str]] = {}
    tables = re.findall(r"^### `\[tool\.shipit\.?([^\]]*)\]`\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    for heading, body in tables:
        for line in re.findall(r"^\| `.*\|$", body, re.MULTILINE):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found[dotted(heading, cells[0].strip("`"))] = cells[1:]
    return found


def description(annotation: Any) -> str:
    info = msgspec.inspect.type_info(annotation)
    return str((getattr(info, "extra_json_schema", None) or {}).get("description", ""))


@pytest.fixture(scope="module")
def reference() -> dict[str, list[str]]:
    return rows(PAGE.read_text("utf-8"))


@pytest.mark.parametrize("key", KEYS)
def test_every_configuration_key_stands_in_the_reference(key: str, reference: dict[str, list[str]]) -> None:
    words = description(KEYS[key].type)
    assert words, "it has no description"
    assert key in reference, "run: python docs/generate.py"
    assert reference[key][:2] == [words, expected(msgspec.inspect.type_info(KEYS[key].type))]


def test_the_reference_has_no_key_that_is_not_in_the_tables(reference: dict[str, list[str]]) -> None:
    assert set(reference) == set(KEYS)


def test_every_table_with_free_names_is_described() -> None:
    named = {field.encode_name: field for field in msgspec.structs.fields(Config) if checking.nested(field.type)[1]}
    assert set(named) == {"environments", "gates", "images", "packages"}
    assert all(description(field.type) for field in named.values())


def test_every_table_has_a_sentence_of_its_own() -> None:
    tables = {checking.nested(field.type)[0] for field in msgspec.structs.fields(Config)} - {None}
    assert all(table and table.__doc__ and not table.__doc__.startswith("Section") for table in tables)
