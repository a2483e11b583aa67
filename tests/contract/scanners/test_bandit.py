"""The real bandit on the seeded sample, and its ways to end green without having looked."""

from pathlib import Path

import pytest

from shipit.errors import Unavailable, UsageError
from tests.contract.scanners.conftest import Make, scan, words


def program(folder: Path, name: str, lines: str) -> Path:
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{lines}\n", "utf-8")
    (folder / name).chmod(0o755)
    return folder


def test_it_finds_what_was_seeded_and_never_shows_a_password(make: Make) -> None:
    found = scan(make("bandit"))
    assert (found.seen, found.expected, found.alive, found.fault) == (6, 6, True, "")
    assert found.tool == "bandit 1.9.4"
    assert ("seeded/shell tools.py", 5, "B602", "high") in words(found)
    assert ("seeded/login.py", 1, "B105", "low") in words(found)
    assert next(one.title for one in found.findings if one.rule == "B105") == "Possible hardcoded password"
    assert not [one for one in found.findings if one.path == "vendor/accepted.py"]


def test_fact_20_every_tracked_file_is_read_wherever_it_lies_and_no_other(make: Make) -> None:
    code = "exec(input())\n"
    places = [".tox/a.py", "x.egg/b.py", "node_modules/c.py", ".venv/d.py", "-e.py"]
    files = {
        **dict.fromkeys(places, code),
        "untracked.py": code,
        "pyproject.toml": '[tool.bandit]\nskips = ["B311"]\n',
    }
    found = scan(make("bandit", files, tracked=(*places, "pyproject.toml")))
    assert (found.seen, found.expected, found.alive, found.fault) == (5, 5, True, "")
    assert sorted(one.path for one in found.findings) == sorted(places)


def test_fact_21_a_file_that_it_cannot_parse_is_a_fault(make: Make) -> None:
    found = scan(make("bandit", {"a.py": "x = 1\n", "b.py": "def (\n"}))
    assert (found.seen, found.expected) == (1, 2)
    assert found.fault == "bandit could not read b.py (syntax error while parsing AST from file)"


def test_fact_20_a_file_that_is_not_there_is_a_fault(make: Make) -> None:
    found = scan(make("bandit", {"a.py": "x = 1\n"}, tracked=("a.py", "gone.py")))
    assert found.seen == 1
    assert found.fault == "bandit could not read gone.py (No such file or directory)"


def test_rules_that_leave_out_nearly_all_do_not_find_the_canary(make: Make) -> None:
    found = scan(make("bandit", {"a.py": "x = 1\n", "pyproject.toml": '[tool.bandit]\ntests = ["B101"]\n'}))
    assert not found.alive
    assert found.seen == 1


def test_folders_that_the_project_leaves_out_are_not_expected(make: Make) -> None:
    files = {
        "a.py": "x = 1\n",
        "tests/t.py": "exec(1)\n",
        "pyproject.toml": '[tool.bandit]\nexclude_dirs = ["tests"]\n',
    }
    found = scan(make("bandit", files))
    assert (found.seen, found.expected, found.findings) == (1, 1, ())


def test_without_bandit_the_error_says_how_it_is_installed(make: Make, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`bandit` is not installed") as error:
        scan(make("bandit", path=tmp_path / "nowhere"))
    assert error.value.hint == "install it: pip install bandit"


def test_a_bandit_that_does_not_end_is_unavailable(make: Make, tmp_path: Path) -> None:
    path = program(tmp_path / "bin", "bandit", "exec /bin/sleep 60")
    with pytest.raises(Unavailable, match=r"did not end within 0\.3 s"):
        scan(make("bandit", path=path, timeout=0.3))


def test_output_that_is_no_json_is_a_fault(make: Make, tmp_path: Path) -> None:
    path = program(
        tmp_path / "bin", "bandit", 'case "$1" in --version) echo bandit 9;; *) echo oops; exit 3;; esac'
    )
    found = scan(make("bandit", path=path))
    assert (found.seen, found.alive) == (0, False)
    assert found.fault == "bandit printed no JSON object and ended with exit code 3"
