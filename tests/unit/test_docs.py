"""What the documentation repeats from the code is fresh, and nothing that users can meet is left out."""

import importlib
import importlib.util
import io
import json
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, get_args

import msgspec
import pytest
from typer.main import get_command

import shipit
import shipit.migrate.steps
import shipit.release.steps
from shipit import errors
from shipit.cli.main import app
from shipit.config import Config
from shipit.engine import events
from shipit.engine.preview import Preview
from shipit.output.json_lines import JsonLines
from shipit.output.problem import Report, report

TOP = Path(__file__).resolve().parents[2]
DOCS = TOP / "docs"
PAGES = [TOP / "README.md", *sorted(DOCS.glob("*.md"))]


def options() -> Iterator[tuple[str, str]]:
    """Each command with each of its options, as both are typed."""
    waiting: list[tuple[str, Any]] = [("shipit", get_command(app))]
    while waiting:
        path, command = waiting.pop()
        names = [name for one in command.params if one.param_type_name == "option" for name in one.opts]
        yield from ((path, name) for name in names if not one_letter(name))
        waiting += [(f"{path} {name}", inner) for name, inner in getattr(command, "commands", {}).items()]


def one_letter(option: str) -> bool:
    return not option.startswith("--")


def steps() -> dict[str, type]:
    """The class of every step, by the name under which people meet it."""
    found: dict[str, type] = {}
    for package in (shipit.release.steps, shipit.migrate.steps):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            here = vars(importlib.import_module(module.name)).values()
            found |= {step_name(one): one for one in here if is_step(one) and one.__module__ == module.name}
    return found


def is_step(thing: object) -> bool:
    return isinstance(thing, type) and all(hasattr(thing, name) for name in ("look", "run", "summary"))


def step_name(step: Any) -> str:
    """The default of the field, or what the property makes of placeholders."""
    if isinstance(step.name, property):
        assert step.name.fget
        last = SimpleNamespace(version="VERSION")
        placeholders = SimpleNamespace(
            gate="NAME", workflow="WORKFLOW.yml", group=SimpleNamespace(migrations=[last])
        )
        return str(step.name.fget(placeholders))
    kinds = getattr(step, "__dataclass_fields__", None) or {f.name: f for f in msgspec.structs.fields(step)}
    return str(kinds["name"].default)


def lines() -> dict[str, set[str]]:
    """The fields of each kind of JSON line, by its name; what happens in a run, and what stands around it."""
    stream = io.StringIO()
    output = JsonLines(stream)
    output.preview(Preview(title=""))
    output.summary("")
    output.error(report(errors.Refused("")))
    output.close()
    around = [json.loads(line) for line in stream.getvalue().splitlines()]
    of_runs = {re.sub(r"(?<!^)(?=[A-Z])", "-", one.__name__).lower(): set(one.__struct_fields__) for one in EVENTS}
    return of_runs | {one.pop("event"): set(one) for one in around}


EVENTS = get_args(events.Event)
FOLDERS = [f"{one.name}/" if one.ispkg else one.name for one in pkgutil.iter_modules(shipit.__path__)]
FOLDERS.remove("__main__")
OPTIONS = sorted(options())
STEPS = steps()
LINES = lines()


@pytest.fixture(scope="module")
def reference() -> str:
    return (DOCS / "reference.md").read_text("utf-8")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", TOP / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_blocks_of_the_documentation_are_fresh(generate: ModuleType) -> None:
    assert [page.name for page in generate.stale()] == [], "run: python docs/generate.py"


@pytest.mark.parametrize("stop", errors.ALL, ids=lambda stop: stop.__name__)
def test_every_exit_code_has_a_heading_and_is_linked_to_it(stop: type[errors.Stop], generate: ModuleType) -> None:
    heading = generate.heading(stop.exit_code, stop.title)
    assert f"\n## {heading}\n" in (DOCS / "errors.md").read_text("utf-8")
    row = f"| {stop.exit_code} | [{stop.title}](docs/errors.md{generate.anchor(heading)}) |"
    assert row in (TOP / "README.md").read_text("utf-8")


def test_no_heading_is_left_of_an_exit_code_that_is_gone(generate: ModuleType) -> None:
    headings = re.findall(r"^## (\d.*)$", (DOCS / "errors.md").read_text("utf-8"), re.MULTILINE)
    assert headings == [generate.heading(code, title) for code, title, _ in generate.endings()]


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=map(" ".join, OPTIONS))
def test_every_option_stands_in_the_reference_below_its_command(command: str, option: str, reference: str) -> None:
    block = reference.partition(f"### `{command}`\n")[2].partition("\n### ")[0]
    assert re.search(rf"^ +(?:-\w, )?{option}\b", block, re.MULTILINE)


@pytest.mark.parametrize("name", STEPS)
def test_every_step_has_a_row_in_the_reference(name: str, reference: str) -> None:
    table = reference.partition("\n## Steps\n")[2].partition("\n## ")[0]
    assert re.search(rf"^\| `{name}`[ ,]", table, re.MULTILINE)


@pytest.mark.parametrize("name", LINES)
def test_every_kind_of_json_line_has_a_row_with_its_fields(name: str, reference: str) -> None:
    table = reference.partition("\n## JSON lines\n")[2].partition("\n## ")[0]
    row = re.search(rf"^\| `{name}` \|.*\| (.*) \|$", table, re.MULTILINE)
    assert row, f"no row for {name}"
    assert LINES[name] - set(re.findall(r"`(\w+)`", row[1])) == set()


def test_a_report_of_an_error_has_the_fields_that_are_documented() -> None:
    assert LINES["error"] == set(Report.__struct_fields__)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_folder_and_module_of_the_code_stands_in_the_tree_of_the_architecture(name: str) -> None:
    tree = (DOCS / "architecture.md").read_text("utf-8").partition("```text")[2].partition("```")[0]
    assert re.search(rf"(?:^|\s){name}(?:\s|$)", tree)


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"[` ]([\w.]+/[\w./]+)[` ]", (DOCS / "architecture.md").read_text("utf-8"))
    assert len(named) > 20
    folders = (TOP, TOP / "src" / "shipit")
    assert [name for name in named if not any((folder / name).exists() for folder in folders)] == []


def test_a_docstring_of_several_paragraphs_is_no_block_of_code(generate: ModuleType) -> None:
    assert "\n    Paths are relative" not in generate.configuration()
    assert "\nPaths are relative to that folder." in generate.configuration()


def test_checking_names_the_stale_page_and_leaves_it(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "README.md"
    page.write_text("a\n<!-- generated: exit-codes -->\nold\n<!-- end: exit-codes -->\nb\n")
    assert generate.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().out == "stale: README.md\n"
    assert "old" in page.read_text()


def test_writing_renews_the_block_and_nothing_else(generate: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("a\n<!-- generated: exit-codes -->\nold\n<!-- end: exit-codes -->\nb\n")
    assert generate.main([], tmp_path) == 0
    text = page.read_text()
    assert text.startswith("a\n<!-- generated: exit-codes -->\n\n| code |")
    assert text.endswith("<!-- end: exit-codes -->\nb\n")
    assert generate.main(["--check"], tmp_path) == 0


def test_an_unknown_block_is_an_error(generate: ModuleType) -> None:
    with pytest.raises(KeyError):
        generate.renewed("<!-- generated: nothing -->\n<!-- end: nothing -->")


def test_every_rule_that_the_code_names_has_one_sentence_in_one_table(generate: ModuleType) -> None:
    documented = [*generate.RULES, *generate.NOT_NEGOTIABLE, *generate.OF_FILES]
    assert sorted(documented) == sorted(generate.levels())


def test_the_page_of_rules_says_what_stops_and_what_warns(generate: ModuleType) -> None:
    made = generate.rules()
    assert "| `ban-drop-table` | a table is dropped without the directive `contract` | warns |" in made
    assert "| `late-file` | not applied, although something newer is" in made
    assert made.index("`truncate`") < made.index("never silenced") < made.index("`syntax`")
    assert re.search(r"^\| `syntax` \|.*\| stops \|$", made, re.MULTILINE)
    assert re.search(r"^\| `empty-script` \|.*\| stops or warns \|$", made, re.MULTILINE)


def test_a_rule_without_a_sentence_would_be_found(generate: ModuleType, tmp_path: Path) -> None:
    code = """
_OF = {"a": "of-table"}
Finding(here, "bare", what)
warn(_OF[kind], what)
Finding(here, "soft", what, "", "warning")
"""
    (tmp_path / "code.py").write_text(code)
    wanted = {"bare": {"stops"}, "of-table": {"warns"}, "soft": {"warns"}}
    assert generate.levels(tmp_path) == wanted


def test_the_printed_plan_holds_every_migration_of_the_sample_product(generate: ModuleType) -> None:
    made = generate.migration_plan()
    files = (TOP / "examples" / "acme" / "migrations" / "postgresql").glob("*_*.sql")
    versions = {path.name.partition("_")[0] for path in files}
    spans = re.findall(r"apply-(\d+)(?:-to-(\d+))?", made)
    assert {
        f"{number:04}" for first, last in spans for number in range(int(first), int(last or first) + 1)
    } == versions
    assert "point of no return" in made


def test_the_block_of_a_missing_page_is_not_forgotten(generate: ModuleType) -> None:
    text = "".join(page.read_text("utf-8") for page in generate.pages())
    assert [name for name in generate.BLOCKS if f"<!-- generated: {name} -->" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_shown_is_one_that_shipit_knows(page: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(shipit [^`]*)`", page.read_text("utf-8"))
    assert [line for line in lines if line.startswith("shipit ") and not _is_known(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_configuration_that_is_shown_can_be_read(page: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        table = tomllib.loads(block).get("tool", {}).get("shipit", {})
        msgspec.convert(table, Config)


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _is_known(line: str) -> bool:
    """Every option belongs to the last command, and a group is followed by one of its commands."""
    command: Any = get_command(app)
    words = iter(shlex.split(line, comments=True)[1:])
    for word in words:
        if word == "--help":
            return True
        if word.startswith("-"):
            option = next((each for each in command.params if word in each.opts), None)
            if option is None:
                return False
            if not option.is_flag:
                next(words, None)
        elif inner := getattr(command, "commands", {}):
            if word not in inner:
                return False
            command = inner[word]
    return True
