"""What the documentation repeats from the code is fresh."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).resolve().parents[2]


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
