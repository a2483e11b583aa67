"""The minutes of each folder of tests."""

from pathlib import Path

import pytest

from tests.support.minutes import folder, table

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="6">
<testcase classname="tests.unit.engine.test_run.TestAGoodRun" name="test_one" time="30.0" />
<testcase classname="tests.unit.engine.test_plan" name="test_two" time="36.0"><failure message="no" /></testcase>
<testcase classname="tests.unit.test_model" name="test_three" time="0.3"><skipped type="pytest.skip" /></testcase>
<testcase classname="tests.faults.migrations.test_kills" name="test_four" time="600.0" />
<testcase classname="tests.faults.test_signals" name="test_five" time="6.0" />
<testcase classname="" name="tests.unit.cli.test_config" time="0.000"><error message="collection" /></testcase>
</testsuite></testsuites>
"""


def test_each_folder_has_its_sum_and_its_count(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    assert list(table(path)) == [
        "     0.1 min       1 tests  faults",
        "    10.0 min       1 tests  faults/migrations",
        "     0.0 min       1 tests  not collected",
        "     0.0 min       1 tests  unit",
        "     1.1 min       2 tests  unit/engine",
        "    11.2 min       6 tests  all, summed over the workers",
    ]


def test_a_report_without_tests_has_one_line(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text("<testsuites><testsuite/></testsuites>")
    assert list(table(path)) == ["     0.0 min       0 tests  all, summed over the workers"]


@pytest.mark.parametrize(
    ("classname", "name"),
    [
        ("tests.unit.release.steps.test_gate.TestGate", "unit/release"),
        ("tests.contract.test_remote", "contract"),
        ("tests.contract.migrations.test_locks", "contract/migrations"),
        ("tests.test_anything", "tests"),
        ("", "not collected"),
    ],
)
def test_a_folder_is_at_most_two_levels_deep(classname: str, name: str) -> None:
    assert folder(classname) == name
