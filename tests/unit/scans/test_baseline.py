"""The file of findings that were there before."""

import json
from collections import Counter

import pytest

from shipit.scans import baseline
from shipit.scans.baseline import fingerprint
from tests.unit.scans.conftest import finding


def test_what_is_written_is_read_again_the_same_in_any_order() -> None:
    marks = [
        fingerprint("bandit", finding(path="a.py", line=1), "x"),
        fingerprint("bandit", finding(path="a.py", line=7), " x "),
        fingerprint("pip-audit", finding("CVE-2026-1", package="jinja2", version="2.0"), ""),
    ]
    data = baseline.encode(marks)
    assert data == baseline.encode(reversed(marks))
    assert baseline.decode(data) == Counter(marks)
    assert [row.get("count", 1) for row in json.loads(data)["findings"]] == [2, 1]


def test_neither_line_number_nor_version_nor_text_stand_in_it() -> None:
    data = baseline.encode([fingerprint("bandit", finding(path="a.py", line=77, version="9.9"), "the very text")])
    assert not any(part in data.decode() for part in ("77", "9.9", "very text"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "truncated"),
        (b"[]", "Expected `object`"),
        (b'{"format": 1}', "findings"),
        (b'{"format": 2, "findings": []}', "its format is 2, this shipit knows 1"),
        (b'{"format": 1, "findings": [{"scan": "x", "rule": "y", "lines": "z"}]}', "unknown field"),
    ],
)
def test_a_file_that_is_no_baseline_is_never_an_empty_one(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        baseline.decode(data)
