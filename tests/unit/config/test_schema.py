"""The JSON schema is made from the types that read the configuration."""

import re
from typing import Any

from shipit.config import Config, checking, schema


def objects(node: Any) -> list[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) and "properties" in node else []
    return own + [one for part in inner for one in objects(part)]


def test_the_schema_names_its_dialect_and_title() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema()["title"] == "shipit"


def test_unknown_keys_are_refused_in_every_table() -> None:
    tables = objects(schema())
    assert len(tables) == 24
    assert all(table["additionalProperties"] is False for table in tables)


def test_keys_are_kebab_case() -> None:
    keys = {key for table in objects(schema()) for key in table["properties"]}
    assert "tag-format" in keys
    assert all(re.fullmatch(r"[a-z-]+", key) for key in keys)


def test_every_key_is_described_or_a_table() -> None:
    for table in objects(schema()):
        assert table["description"]
        for key, value in table["properties"].items():
            assert "$ref" in value or value["description"], key


def test_there_is_no_null_since_toml_has_none() -> None:
    assert "null" not in str(schema())
    assert "None" not in str(schema())


def test_every_reference_leads_somewhere() -> None:
    made = schema()
    names = set(re.findall(r"#/\$defs/(\w+)", str(made)))
    assert names == set(made["$defs"])


def test_patterns_are_the_ones_that_are_checked() -> None:
    pattern = schema()["$defs"]["Forge"]["properties"]["token"]["pattern"]
    assert re.search(pattern, Config().forge.token)
    assert not re.search(pattern, "ghp_hunter2")


def test_patterns_use_nothing_that_only_python_knows() -> None:
    for key, field in checking.leaves():
        assert not re.search(r"\(\?P|\(\?[aiLmsux]|\\[AZ]", str(field.type)), key
