"""What the documentation repeats from the code: configuration keys, exit codes, command help.

Each block stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->` in README.md or docs/*.md; the
text around it is written by hand. `python docs/generate.py` writes the blocks, `--check` exits 1 and names
the files that are stale.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer
from typer.main import get_command

from shipit import errors
from shipit.cli import app
from shipit.config import tables
from shipit.config.checking import dotted, nested
from shipit.config.wording import expected

TOP = Path(__file__).resolve().parent.parent
WIDTH = 100
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)


def configuration() -> str:
    """A table of keys for each table of [tool.shipit]."""
    return "\n\n".join(_table(table, at) for table, at in _tables(tables.Config, ""))


def exit_codes() -> str:
    """Every exit code with the class that owns it."""
    rows = ["| code | class | when |", "|---:|---|---|", "| 0 | | Complete, or nothing to do and said so |"]
    owners = sorted(errors.ALL, key=lambda stop: stop.exit_code)
    rows += [f"| {stop.exit_code} | `{stop.__name__}` | {_sentence(stop.__doc__ or '')} |" for stop in owners]
    return "\n".join(rows)


def commands() -> str:
    """What `--help` says for each command."""
    helps = _helps(get_command(app), "shipit")
    return "\n\n".join(f"### `{path}`\n\n```text\n{text}\n```" for path, text in helps)


def sample_configuration() -> str:
    """What the sample product configures."""
    text = (TOP / "examples" / "acme" / "pyproject.toml").read_text("utf-8")
    tables = re.findall(r"^\[tool\.shipit.*?(?=^\[(?!tool\.shipit)|\Z)", text, re.DOTALL | re.MULTILINE)
    return f"```toml\n{''.join(tables).strip()}\n```"


BLOCKS: dict[str, Callable[[], str]] = {
    "configuration": configuration,
    "exit-codes": exit_codes,
    "commands": commands,
    "sample-configuration": sample_configuration,
}


def pages(top: Path = TOP) -> list[Path]:
    """The files that may hold blocks."""
    return [page for page in (top / "README.md", *sorted((top / "docs").rglob("*.md"))) if page.exists()]


def renewed(text: str) -> str:
    """The page with its blocks as they should be; an unknown name is a KeyError."""

    def block(match: re.Match[str]) -> str:
        return f"{match[1]}\n{BLOCKS[match['name']]()}\n\n{match[3]}"

    return _BLOCK.sub(block, text)


def stale(top: Path = TOP) -> dict[Path, str]:
    """The pages that differ from what they should be, with what they should be."""
    wanted = {page: renewed(page.read_text("utf-8")) for page in pages(top)}
    return {page: text for page, text in wanted.items() if page.read_text("utf-8") != text}


def main(arguments: list[str], top: Path = TOP) -> int:
    """Write what is stale, or with --check say what is."""
    checking = arguments == ["--check"]
    for page, text in stale(top).items():
        print(f"{'stale' if checking else 'written'}: {page.relative_to(top)}")
        if not checking:
            page.write_text(text, "utf-8")
    return 1 if checking and stale(top) else 0


def _tables(table: type[msgspec.Struct], at: str) -> Iterator[tuple[type[msgspec.Struct], str]]:
    yield table, at
    for field in msgspec.structs.fields(table):
        inner, several = nested(field.type)
        if inner:
            yield from _tables(inner, dotted(at, field.encode_name, "NAME" if several else ""))


def _table(table: type[msgspec.Struct], at: str) -> str:
    lines = [f"### `[{'.'.join(filter(None, ('tool.shipit', at)))}]`", "", table.__doc__ or "", ""]
    lines += ["| key | what it is | value | default |", "|---|---|---|---|"]
    plain = [field for field in msgspec.structs.fields(table) if nested(field.type)[0] is None]
    return "\n".join(lines + [_row(field) for field in plain])


def _row(field: msgspec.structs.FieldInfo) -> str:
    info = msgspec.inspect.type_info(field.type)
    words = (getattr(info, "extra_json_schema", None) or {}).get("description", "")
    cells = [f"`{field.encode_name}`", words, expected(info), _default(field)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    factory = field.default_factory
    value: Any = field.default if factory is msgspec.NODEFAULT else factory()
    if isinstance(value, dict):
        return ", ".join(f"`{name} = {json.dumps(inner)}`" for name, inner in value.items()) or "none"
    return "none" if value is None else f"`{json.dumps(value)}`"


def _sentence(docstring: str) -> str:
    return " ".join(docstring.split()).rstrip(".").replace("|", "\\|")


def _helps(command: Any, path: str) -> Iterator[tuple[str, str]]:
    """Without Rich's boxes: a page is copied from, and its width must not depend on the terminal."""
    command.rich_markup_mode = None
    context = typer.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    yield path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from _helps(inner, f"{path} {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
