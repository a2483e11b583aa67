"""The JSON schema of [tool.shipit], made from the types."""

from typing import Any

import msgspec

from shipit.config.tables import Config


def schema() -> dict[str, Any]:
    """A JSON schema (draft 2020-12) for shipit.toml and for [tool.shipit]."""
    _, components = msgspec.json.schema_components([Config], ref_template="#/$defs/{name}")
    components = {name: _clean(component) for name, component in components.items()}
    top = components.pop("Config")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": "shipit",
        "$defs": components,
    }


def _clean(node: Any) -> Any:
    """A part of the schema without null, which TOML does not have, and without the defaults of whole tables."""
    if isinstance(node, list | tuple):
        return [_clean(one) for one in node if one != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    node = {key: _clean(value) for key, value in node.items() if not _is_empty(key, value, node)}
    if len(node.get("anyOf", ())) == 1:
        node = {**node.pop("anyOf")[0], **node}
    return node


def _is_empty(key: str, value: Any, node: dict[str, Any]) -> bool:
    return (key == "default" and (value is None or "$ref" in node)) or (key == "required" and not value)
