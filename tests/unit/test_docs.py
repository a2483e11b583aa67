"""What the documentation repeats from the code is fresh."""

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from typer.main import get_command

from shipit.cli.main import app
from shipit.config import Config

TOP = Path(__file__).resolve().parents[2]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]


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


def test_every_configuration_key_stands_in_the_reference(generate: ModuleType) -> None:
    made = generate.configuration()
    assert "### `[tool.shipit.gates.NAME]`" in made
    assert "| `tag-format` | tag name; {version} is filled in |" in made


def test_every_exit_code_stands_in_the_list(generate: ModuleType) -> None:
    assert [line.split(" ")[1] for line in generate.exit_codes().splitlines()[2:]] == [
        *map(str, range(10)),
        "130",
    ]


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
    files = (TOP / "examples" / "acme" / "migrations").glob("*_*.sql")
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
