"""How many minutes each folder of tests took, from pytest's JUnit report."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

ROW = "{:>8.1f} min  {:>6,} tests  {}"


def table(report: Path) -> Iterator[str]:
    """A line for each folder, and one for all: the sum of its tests over all workers, and how many there are."""
    spent: dict[str, list[float]] = defaultdict(list)
    for _, element in ET.iterparse(report):
        if element.tag == "testcase":
            spent[folder(element.get("classname", ""))].append(float(element.get("time", 0)))
            element.clear()
    for name in sorted(spent):
        yield ROW.format(sum(spent[name]) / 60, len(spent[name]), name)
    everything = [seconds for all_of_it in spent.values() for seconds in all_of_it]
    yield ROW.format(sum(everything) / 60, len(everything), "all, summed over the workers")


def folder(classname: str) -> str:
    """`tests.unit.release.steps.test_gate.TestGate` → `unit/release`: two levels are enough."""
    above: list[str] = []
    for part in classname.split(".")[1:]:
        if part.startswith("test_"):
            return "/".join(above[:2]) or "tests"
        above.append(part)
    return "not collected"
