"""shipit config: what can be configured, and what is."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shipit.cli.answering import say

if TYPE_CHECKING:
    from shipit.config import Entry, Settings

app = typer.Typer(name="config", no_args_is_help=True, help="What can be configured, and what is.")


def mount(root: typer.Typer) -> None:
    root.add_typer(app, name="config")


@app.command()
def schema() -> None:
    """Print the JSON schema of shipit.toml and [tool.shipit]."""
    from shipit import config

    say(json.dumps(config.schema(), indent=2))


@app.command()
def show(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False) -> None:
    """Print the configuration in effect and where each value comes from; no secret is read."""
    from msgspec import to_builtins

    from shipit import config

    settings = config.read(Path.cwd())
    entries = list(config.listing(settings))
    if as_json:
        say(json.dumps(_as_object(settings, entries), indent=2, default=to_builtins))
    else:
        say("\n".join(_as_toml(settings, entries)))


def _as_object(settings: "Settings", entries: list["Entry"]) -> dict[str, Any]:
    return {
        "top": str(settings.top),
        "values": {one.key: {"value": one.value, "from": one.origin} | _presence(one) for one in entries},
        "not-taken-over": [{"key": one.key, "why": one.why} for one in settings.not_taken],
    }


def _as_toml(settings: "Settings", entries: list["Entry"]) -> Iterator[str]:
    """Valid TOML; what TOML cannot say (no value, origins, other tools' keys) stands in comments."""
    yield f"# {settings.top}"
    lines = [_assignment(one) for one in entries]
    width = max(len(line) for line in lines if len(line) <= _WIDEST)
    for line, one in zip(lines, entries, strict=True):
        there = {True: " (set)", False: " (not set)", None: ""}[_presence(one).get("set")]
        yield f"{line:<{width}}  # {one.origin}{there}"
    if settings.not_taken:
        yield "\n# not taken over:"
    yield from (f"#   {one.key}: {one.why}" for one in settings.not_taken)


_WIDEST = 60


def _assignment(one: "Entry") -> str:
    return f"# {one.key} is not set" if one.value is None else f"{one.key} = {_literal(one.value)}"


def _literal(value: Any) -> str:
    from msgspec import Struct, to_builtins

    if isinstance(value, Struct):
        return _literal(to_builtins(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(name)} = {_literal(inner)}" for name, inner in value.items())
        return f"{{ {pairs} }}"
    return json.dumps(value, ensure_ascii=False)


def _presence(one: "Entry") -> dict[str, bool]:
    """Whether a secret's environment variable is set; files and commands are not touched to find out."""
    if one.secret and str(one.value).startswith("env:"):
        return {"set": bool(os.environ.get(one.value.removeprefix("env:")))}
    return {}
