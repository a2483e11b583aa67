"""What the documentation repeats from the code: configuration keys, exit codes, command help, rules, a plan.

Each block stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->` in README.md or docs/*.md; the
text around it is written by hand. `python docs/generate.py` writes the blocks, `--check` exits 1 and names
the files that are stale.
"""

import ast
import inspect
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import typer
from rich.console import Console
from typer.main import get_command

from shipit import errors
from shipit.cli.main import app
from shipit.config import Config, DatabaseOptions, Migrations, tables
from shipit.config.checking import listed, nested
from shipit.config.mistake import dotted
from shipit.config.wording import expected
from shipit.engine.events import Checked, Looked
from shipit.engine.plan import absent
from shipit.engine.preview import Preview
from shipit.migrate import files, recipe
from shipit.migrate.outside import Sources
from shipit.migrate.steps.run import Notebook
from shipit.migrations.groups import plan_groups
from shipit.migrations.hazards import RULES
from shipit.migrations.judgement import NOT_NEGOTIABLE
from shipit.migrations.ladder import Policy
from shipit.migrations.records import Run
from shipit.migrations.rules import OF_FILES
from shipit.output.preview import page

TOP = Path(__file__).resolve().parent.parent
WIDTH = 100
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)


def configuration() -> str:
    """A table of keys for each table of [tool.shipit]."""
    return "\n\n".join(_table(table, at) for table, at in _tables(tables.Config, ""))


def exit_codes(page: str) -> str:
    """Every exit code with its title, linked to its heading on `page`, and what it means."""
    rows = ["| code | | what it means |", "|---:|---|---|"]
    rows += [
        f"| {code} | [{title}]({page}{anchor(heading(code, title))}) | {meaning} |"
        for code, title, meaning in endings()
    ]
    return "\n".join(rows)


def endings() -> Iterator[tuple[int, str, str]]:
    """Each exit code with its title and what it means, 0 included."""
    yield 0, "complete", "Complete, or nothing to do and said so"
    for stop in sorted(errors.ALL, key=lambda stop: stop.exit_code):
        yield stop.exit_code, stop.title, _sentence(stop.__doc__ or "")


def heading(code: int, title: str) -> str:
    """The heading under which docs/errors.md explains an exit code."""
    return f"{code}: {title}"


def anchor(text: str) -> str:
    """A link to a heading, as GitHub makes them."""
    return "#" + re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")


def commands() -> str:
    """What `--help` says for each command."""
    helps = _helps(get_command(app), "shipit")
    return "\n\n".join(f"### `{path}`\n\n```text\n{text}\n```" for path, text in helps)


def sample_configuration() -> str:
    """What the sample product configures."""
    text = (TOP / "examples" / "acme" / "pyproject.toml").read_text("utf-8")
    tables = re.findall(r"^\[tool\.shipit.*?(?=^\[(?!tool\.shipit)|\Z)", text, re.DOTALL | re.MULTILINE)
    return f"```toml\n{''.join(tables).strip()}\n```"


def rules() -> str:
    """Every rule that a finding may name: those that a person may allow, then those that nobody can."""
    parts = {
        "About SQL, silenced by `-- shipit: allow`": RULES,
        "About SQL, never silenced": NOT_NEGOTIABLE,
        "About files, their order and what is applied, never silenced": OF_FILES,
    }
    named = levels()
    return "\n\n".join(f"## {title}\n\n{_rules(sentences, named)}" for title, sentences in parts.items())


def migration_plan() -> str:
    """What `shipit migrate --env staging --dry-run` prints for the sample product and an empty database."""
    settings = Migrations(path="migrations/{engine}")
    product = SimpleNamespace(top=TOP / "examples" / "acme", config=Config(migrations=settings))
    read = files.read(Sources(cast("Any", product), "postgresql"))
    database = SimpleNamespace(rehearsal=SimpleNamespace(possible=lambda: ""), guard=None)
    plan = recipe.migrate(
        recipe.MigrationContext(
            environment="staging",
            settings=settings,
            options=DatabaseOptions(url="env:DATABASE_URL"),
            policy=Policy(downs=True, restores=True),
            database=cast("Any", database),
            notebook=Notebook(run=Run("", "migrate", "", "", 0)),
            objections=lambda: (),
            groups=plan_groups(read.prepare(read.migrations)[0]),
        )
    )
    seen = Preview(
        title=plan.title,
        checked=tuple(Checked(check.name, check.summary, ()) for check in plan.checks),
        looked=tuple(Looked(step.name, step.summary, absent()) for step in plan.all_steps),
        point_of_no_return=plan.point_of_no_return,
    )
    console = Console(width=WIDTH, file=StringIO())
    console.print(page(seen, WIDTH))
    printed = cast("StringIO", console.file).getvalue()
    return "```text\n" + "".join(f"{line.rstrip()}\n" for line in printed.splitlines()) + "```"


def proposed(name: str) -> str:
    """What `shipit init --yes` does in a project of the tests, outside of .github."""
    diff = (TOP / "tests" / "scenarios" / "strangers" / name / "init.diff").read_text("utf-8")
    return f"```diff\n{diff.strip()}\n```"


BLOCKS: dict[str, Callable[[], str]] = {
    "configuration": configuration,
    "exit-codes": partial(exit_codes, "docs/errors.md"),
    "exit-codes-of-this-page": partial(exit_codes, ""),
    "commands": commands,
    "sample-configuration": sample_configuration,
    "rules": rules,
    "migration-plan": migration_plan,
    **{
        f"init-{name}": partial(proposed, name)
        for name in ("hatchling-library", "setuptools-setup-cfg", "alembic-service")
    },
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
    for file, text in stale(top).items():
        print(f"{'stale' if checking else 'written'}: {file.relative_to(top)}")
        if not checking:
            file.write_text(text, "utf-8")
    return 1 if checking and stale(top) else 0


def levels(source: Path = TOP / "src" / "shipit") -> Mapping[str, frozenset[str]]:
    """Each rule that the code names, with what its findings do: `stops`, `warns`."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(source.rglob("*.py")):
        module = ast.parse(path.read_text("utf-8"))
        constants = {
            getattr(node.targets[0], "id", ""): _texts(*getattr(node.value, "values", ()))
            for node in module.body
            if isinstance(node, ast.Assign)
        }
        for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
            for rule, level in _named(call, constants):
                found[rule].add(level)
    return {rule: frozenset(named) for rule, named in found.items()}


def _named(call: ast.Call, constants: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """The rules in a call that makes a finding: written out, or in a dictionary at the top of the module."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    position = {"Finding": 1, "warn": 0, "refuse": 0}.get(name)
    if position is None or len(call.args) <= position:
        return
    rule = call.args[position]
    named = [constants.get(node.id, ()) for node in ast.walk(rule) if isinstance(node, ast.Name)]
    last = [*call.args[4:], *(each.value for each in call.keywords if each.arg == "level")]
    for text in _texts(rule).union(*named):
        yield text, "warns" if name == "warn" or "warning" in _texts(*last) else "stops"


def _texts(*nodes: ast.AST) -> frozenset[str]:
    inside = (each for node in nodes for each in ast.walk(node))
    return frozenset(
        each.value for each in inside if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def _rules(sentences: Mapping[str, str], named: Mapping[str, frozenset[str]]) -> str:
    rows = ["| rule | what it names | |", "|---|---|---|"]
    rows += [
        f"| `{rule}` | {_sentence(sentence)} | {' or '.join(sorted(named[rule]))} |"
        for rule, sentence in sorted(sentences.items())
    ]
    return "\n".join(rows)


def _tables(table: type[msgspec.Struct], at: str) -> Iterator[tuple[type[msgspec.Struct], str]]:
    yield table, at
    for field in msgspec.structs.fields(table):
        inner, several = nested(field.type)
        if inner:
            yield from _tables(inner, dotted(at, field.encode_name, "NAME" if several else ""))
        if row := listed(field.type):
            yield row, f"{dotted(at, field.encode_name)}[]"


def _table(table: type[msgspec.Struct], at: str) -> str:
    lines = [
        f"### `[{'.'.join(filter(None, ('tool.shipit', at)))}]`",
        "",
        inspect.cleandoc(table.__doc__ or ""),
        "",
    ]
    plain = [field for field in msgspec.structs.fields(table) if nested(field.type)[0] is None]
    lines += ["| key | what it is | value | default |", "|---|---|---|---|"] if plain else []
    return "\n".join(lines + [_row(field) for field in plain]).rstrip()


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
