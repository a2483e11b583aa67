"""Cases 4 to 9 of the design, and whatever history surprised somebody: a folder each, see cases/README.md."""

from collections import Counter
from pathlib import Path

import pytest

from tests.support.cases import CASES, questions, set_up, transcript

FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_command_line_says_of_this_history_what_is_expected(folder: Path, tmp_path: Path) -> None:
    expected = (folder / "expected.txt").read_text("utf-8")

    said = transcript(set_up(folder, tmp_path / "stall"), questions(expected))

    assert said == expected


def test_each_case_of_the_design_has_its_folders() -> None:
    numbers = Counter(folder.name.partition("-")[0] for folder in FOLDERS)
    assert all(numbers[number] >= 5 for number in "456789"), numbers


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_holds_what_the_instructions_say_and_asks_something_of_shipit(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert {"commits.sh", "expected.txt"} <= names <= {"commits.sh", "config.toml", "expected.txt"}
    assert any(
        "shipit " in question.command for question in questions((folder / "expected.txt").read_text("utf-8"))
    )
