"""The rules that the project has given itself, on every file of src: sizes, keywords, words, first sentences."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import words

SOURCE = Path(__file__).parents[2] / "src"
FILES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in FILES}
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


@every_file
def test_no_file_has_more_than_250_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 250


@every_file
def test_no_function_has_more_than_40_lines(path: Path) -> None:
    assert [f"{node.name} at {node.lineno}" for node in functions(path) if length(node) > 40] == []


def test_most_functions_are_small() -> None:
    lengths = sorted(length(node) for path in FILES for node in functions(path))
    assert statistics.median(lengths) <= 5
    assert lengths[len(lengths) * 9 // 10] <= 15


@every_file
def test_a_dataclass_with_more_than_two_fields_takes_keywords_only(path: Path) -> None:
    classes = [node for node in ast.walk(TREES[path]) if isinstance(node, ast.ClassDef)]
    assert [
        node.name for node in classes if _is_dataclass(node) and _fields(node) > 2 and not _is_kw_only(node)
    ] == []


def _decorators(node: ast.ClassDef) -> Iterator[ast.expr]:
    for one in node.decorator_list:
        if "dataclass" in ast.unparse(one.func if isinstance(one, ast.Call) else one):
            yield one


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any(_decorators(node))


def _is_kw_only(node: ast.ClassDef) -> bool:
    return any("kw_only=True" in ast.unparse(one) for one in _decorators(node))


def _fields(node: ast.ClassDef) -> int:
    lines = [ast.unparse(line) for line in node.body if isinstance(line, ast.AnnAssign)]
    return sum("ClassVar" not in line and "init=False" not in line for line in lines)


@every_file
def test_every_module_says_first_what_it_holds(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not text or ast.get_docstring(TREES[path]) or path.name == "__init__.py"


@every_file
def test_a_docstring_says_what_it_is_about_on_its_first_line(path: Path) -> None:
    """As in a man page: one sentence that stands alone, in plain English."""
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        text for node in ast.walk(TREES[path]) if isinstance(node, nodes) and (text := ast.get_docstring(node))
    ]
    firsts = [text.partition("\n")[0] for text in found]
    assert [line for line in firsts if not line.strip() or line.rstrip().endswith((",", ";", "-"))] == []


def test_no_word_of_the_old_language_is_left() -> None:
    assert list(words.left()) == []
