"""The JSON schema of [tool.shipit], made from the types."""

from typing import Any

import msgspec

from shipit.config.tables import Config


def schema() -> dict[str, Any]:
    """A JSON schema (draft 2020-12) for shipit.toml and for [tool.shipit]."""
    _, components = msgspec.json.schema_components([Config], ref_template="#/$defs/{name}")
    components = {name: _tidy(component) for name, component in components.items()}
    top = components.pop("Config")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": "shipit",
        "$defs": components,
    }


def _tidy(node: Any) -> Any:
    """Without null, which TOML does not have, and without the empty defaults of whole tables."""
    if isinstance(node, list | tuple):
        return [_tidy(one) for one in node if one != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    node = {key: _tidy(value) for key, value in node.items() if not _says_nothing(key, value, node)}
    if len(node.get("anyOf", ())) == 1:
        node = {**node.pop("anyOf")[0], **node}
    return node


def _says_nothing(key: str, value: Any, node: dict[str, Any]) -> bool:
    return (key == "default" and (value is None or "$ref" in node)) or (key == "required" and not value)
