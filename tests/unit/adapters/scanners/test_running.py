"""What scanners share: command lines that fit, paths in the tree, and what is said of a report that is none."""

from pathlib import Path

import pytest

from shipit.adapters.scanners import NAMES, scanner
from shipit.adapters.scanners.running import Unreadable, batches, inside, named, parsed
from shipit.errors import UsageError
from tests.unit.adapters.scanners.conftest import Tree, ended


@pytest.mark.parametrize("name", NAMES)
def test_each_scanner_is_made_by_its_name(tree: Tree, name: str) -> None:
    assert scanner(name, tree()).name == name


def test_a_scanner_that_does_not_exist_is_named_with_those_that_do(tree: Tree) -> None:
    with pytest.raises(UsageError, match="no scan named nmap") as error:
        scanner("nmap", tree())
    assert error.value.hint == f"the scans are {', '.join(NAMES)}"


def test_names_are_split_so_that_each_part_fits_on_a_command_line() -> None:
    assert list(batches(["aa", "bb", "cc"], 6)) == [("aa", "bb"), ("cc",)]
    assert list(batches(["a name that is too long"], 6)) == [("a name that is too long",)]
    assert list(batches([])) == []


def test_a_path_is_relative_to_the_tree_however_it_is_reported(tmp_path: Path) -> None:
    assert inside("././src/m n.py", tmp_path) == "src/m n.py"
    assert inside(f"{tmp_path}/src/a.py", tmp_path) == "src/a.py"
    assert inside("/elsewhere/a.py", tmp_path) == "/elsewhere/a.py"


def test_of_many_things_some_are_named_and_the_rest_is_counted() -> None:
    assert named("abcde") == "a, b, c, d, e"
    assert named("abcdefg") == "a, b, c, d, e and 2 more"


def test_output_that_is_no_json_object_is_told_with_the_exit_code_and_the_last_lines() -> None:
    with pytest.raises(Unreadable, match=r"^tool printed nothing and ended with exit code 1: b / c / d$"):
        parsed(ended(b"", 1, "a\nb\n\nc\nd\n"))
    with pytest.raises(Unreadable, match=r"^tool printed no JSON object and ended with exit code 0$"):
        parsed(ended(b"null"))
    with pytest.raises(Unreadable, match="printed no JSON object"):
        parsed(ended(b"{"))


def test_of_a_traceback_only_the_error_is_quoted() -> None:
    with pytest.raises(Unreadable, match=r"exit code 1: OSError: no$"):
        parsed(ended(b"", 1, "Traceback (most recent call last):\n  File x\n    raise\nOSError: no\n"))


def test_lines_of_the_code_are_not_quoted_where_a_scanner_may_print_them() -> None:
    with pytest.raises(Unreadable, match=r"^tool printed nothing and ended with exit code 2$"):
        parsed(ended(b"", 2, "password = 'x'"), quote=False)
