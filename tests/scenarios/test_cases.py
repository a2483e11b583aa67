"""Cases 4 to 9 of the design, and whatever history surprised somebody: a folder each, see cases/README.md."""

from collections import Counter
from pathlib import Path

import pytest

from tests.support.cases import CASES, questions, set_up, transcript

FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())
MUST = {"commits.sh", "expected.txt"}
MAY = {"config.toml", "open.txt"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_command_line_says_of_this_history_what_is_expected(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    reason = folder / "open.txt"
    if reason.exists():  # a wrong answer that is not corrected yet; once it is right, this fails
        request.applymarker(pytest.mark.xfail(reason=reason.read_text("utf-8").strip(), strict=True))
    expected = (folder / "expected.txt").read_text("utf-8")

    said = transcript(set_up(folder, tmp_path / "stall"), questions(expected))

    assert said == expected


def test_each_case_of_the_design_has_its_folders() -> None:
    numbers = Counter(folder.name.partition("-")[0] for folder in FOLDERS)
    assert all(numbers[number] >= 5 for number in "456789"), numbers


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_holds_what_the_instructions_say_and_asks_something_of_shipit(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert MUST <= names <= MUST | MAY
    asked = questions((folder / "expected.txt").read_text("utf-8"))
    assert any("shipit " in question.command for question in asked)
