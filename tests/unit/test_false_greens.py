"""The list in docs/false-greens.md: each number has a test that runs the real tool."""

import re
from pathlib import Path

TOP = Path(__file__).parents[2]
_ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)
_TEST = re.compile(r"def test_facts?_(\d+)(?:_and_(\d+))?_")


def test_each_number_of_the_list_has_a_test_and_each_test_its_number() -> None:
    listed = [int(number) for number in _ROW.findall((TOP / "docs" / "false-greens.md").read_text())]
    texts = [path.read_text() for path in (TOP / "tests" / "contract").rglob("test_*.py")]
    tested = {int(number) for text in texts for pair in _TEST.findall(text) for number in pair if number}
    assert listed == [*range(1, 29)]
    assert tested == {*listed}
