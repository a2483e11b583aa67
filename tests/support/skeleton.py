"""The least object that a schema allows, so that a stand-in writes only the fields that mean something."""

from collections.abc import Mapping
from typing import Any

TEXTS = {
    "uri": "http://stand-in.invalid/",
    "uri-template": "http://stand-in.invalid/",
    "date-time": "2026-01-01T00:00:00Z",
    "email": "nobody@stand-in.invalid",
}
EMPTY: Mapping[str, Any] = {"integer": 0, "number": 0, "boolean": False, "array": []}


def skeleton(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A new object of the component schema `name` with all required fields, each as empty as it may be."""
    made = _least(document, document["components"]["schemas"][name])
    assert isinstance(made, dict), f"{name} is no object"
    return made


def _least(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if schema.get("nullable") and "type" in schema:  # beside a choice the judge does not let null pass
        return None
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return _least(document, schema[choice][0])
    kind = schema.get("type", "object")
    if kind == "object":
        fields = schema.get("properties", {})
        return {field: _least(document, fields[field]) for field in schema.get("required", [])}
    if kind == "string":
        return TEXTS.get(schema.get("format", ""), "")
    made = EMPTY[kind]
    return list(made) if kind == "array" else made
