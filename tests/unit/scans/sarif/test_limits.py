"""What GitHub's limits leave of runs, in how many files, and that nothing is left out without being counted."""

import gzip
import json
import random
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shipit.scans.sarif.files import Part, parts
from shipit.scans.sarif.limits import Limits, within
from shipit.scans.sarif.log import CodeFlow, Region, Result, Run, Text, ThreadFlow, ThreadFlowLocation
from shipit.scans.sarif.sources import location
from tests.unit.scans.sarif.sample import ours

AT = location("app.py", Region(start_line=1))
SMALL = Limits(runs=2, results=3, shown=3, rules=3, locations=2, steps=3, tags=2, text=8, size=100_000)


def changed(run: Run, **more: Any) -> Run:
    """The run, with its first result changed."""
    first, *others = run.results
    return replace(run, results=(replace(first, **more), *others))


def test_a_run_within_the_limits_stays_as_it_is() -> None:
    run = ours("error", "note")
    assert within(run, Limits()) == run


def test_the_least_grave_results_are_left_out_first_and_before_them_the_suppressed_ones() -> None:
    run = ours("note", "error", "warning", "none", "error", suppressed=1, text="")
    kept = within(run, SMALL)
    assert [one.rule_id for one in kept.results] == ["R0", "R1", "R2"]
    assert kept.properties.dropped == ("2 results left out", "2 rules left out", "3 tags left out")
    said = [note.message.text for note in kept.invocations[0].tool_execution_notifications]
    assert said == list(kept.properties.dropped)
    assert {rule.id for rule in kept.tool.driver.rules} == {"R0", "R1", "R2"}


def test_of_results_with_one_level_those_with_the_higher_score_stay() -> None:
    run = ours("error", "error")
    first, second = run.tool.driver.rules
    rules = (first, replace(second, properties=replace(second.properties, security_severity="9.5")))
    run = replace(run, tool=replace(run.tool, driver=replace(run.tool.driver, rules=rules)))
    assert [one.rule_id for one in within(run, Limits(results=1)).results] == ["R1"]


def flow(*steps: int) -> CodeFlow:
    return CodeFlow(tuple(ThreadFlow((ThreadFlowLocation(AT),) * many) for many in steps))


def test_locations_steps_tags_and_texts_are_cut_and_counted() -> None:
    run = changed(
        ours("error", text="is too long"),
        locations=(AT,) * 3,
        related_locations=(AT,) * 4,
        code_flows=(flow(2, 2), flow(2)),
    )
    cut = within(run, SMALL)
    [one] = cut.results
    assert (len(one.locations), len(one.related_locations)) == (2, 2)
    assert one.code_flows == (flow(2, 1),)
    assert one.message.text == "0 is to…"
    assert cut.tool.driver.rules[0].properties.tags == ("security", "a")
    assert cut.properties.dropped == (
        "3 locations left out",
        "3 steps of a path through the code left out",
        "1 tag left out",
        "1 end of a text left out",
    )


def test_that_github_keeps_fewer_results_than_it_takes_is_said() -> None:
    cut = within(ours("error", "error", "note"), Limits(shown=2))
    assert cut.properties.dropped == ("GitHub keeps 2 of its 3 results, the gravest",)
    assert len(cut.results) == 3


def names(made: tuple[Part, ...]) -> list[tuple[str, list[str]]]:
    return [(part.suffix, [run.automation_details.id for run in part.runs]) for part in made]


def test_runs_of_scans_that_could_not_look_are_in_files_of_their_own() -> None:
    failed = [ours(category=f"f{number}/", looked=False) for number in range(3)]
    good = [ours(category=f"g{number}/") for number in range(3)]
    assert names(parts([failed[0], *good, *failed[1:]], SMALL)) == [
        ("", ["g0/", "g1/"]),
        ("-2", ["g2/"]),
        ("-unsuccessful", ["f0/", "f1/"]),
        ("-unsuccessful-2", ["f2/"]),
    ]
    assert names(parts(failed, SMALL)) == [("", ["f0/", "f1/"]), ("-2", ["f2/"])]
    assert names(parts([], SMALL)) == [("", [])]


def test_no_two_runs_have_the_same_category() -> None:
    made = parts([ours(), ours(), ours(category="other/")], Limits())
    assert names(made) == [("", ["shipit/x/", "shipit/x/2/", "other/"])]


def noise(many: int, size: int, category: str) -> Run:
    """Results that gzip cannot make small."""
    chance = random.Random(1)
    run = ours("error", category=category)
    texts = (Text(b64encode(chance.randbytes(size)).decode()) for _ in range(many))
    results = (Result(rule_id="R0", level="error", message=text, locations=(AT,)) for text in texts)
    return replace(run, results=tuple(results))


def test_files_that_would_be_too_large_are_split_and_then_cut() -> None:
    limits = Limits(size=20_000, text=10_000)
    made = parts([noise(6, 1_000, "a/"), noise(14, 1_000, "b/"), noise(60, 1_000, "c/")], limits)
    assert names(made) == [("", ["a/"]), ("-2", ["b/"]), ("-3", ["c/"])]
    assert all(len(gzip.compress(part.data, 6)) <= limits.size for part in made)
    [big] = made[2].runs
    left = 60 - len(big.results)
    why = "left out, since the file would have more than 20000 bytes after gzip"
    assert 0 < left < 55
    assert made[2].dropped == (f"c/: {left} results {why}",)
    assert [part.dropped for part in made[:2]] == [(), ()]


def test_a_run_that_is_too_large_without_results_is_written_all_the_same() -> None:
    [part] = parts([ours("error")], Limits(size=10))
    assert part.runs[0].results == ()


def test_githubs_own_limits_at_their_size() -> None:
    runs = [ours(category=f"{number}/") for number in range(20)]
    one = ours("error")
    big = replace(one, results=one.results * 29_000 + ours("note").results * 1_000)
    first, second = parts([*runs, big], Limits())
    assert [len(part.runs) for part in (first, second)] == [20, 1]
    assert len(json.loads(second.data)["runs"][0]["results"]) == 25_000
    assert second.dropped == (
        "shipit/x/: 5000 results left out",
        "shipit/x/: GitHub keeps 5000 of its 25000 results, the gravest",
    )


def test_a_file_of_twelve_megabytes_after_gzip_is_cut_to_ten() -> None:
    [part] = parts([noise(12_000, 1_000, "a/")], Limits(text=10_000))
    assert 9_000_000 < len(gzip.compress(part.data, 6)) <= 10_000_000
    [run] = part.runs
    assert run.properties.dropped[-1].startswith(f"{12_000 - len(run.results)} results left out, since the file")


@pytest.mark.parametrize(("suffix", "name"), [("", "x.sarif"), ("-2", "x-2.sarif")])
def test_files_stand_beside_the_first(suffix: str, name: str) -> None:
    assert Part(suffix=suffix, runs=(), data=b"").path(Path("reports/x.sarif")) == Path("reports") / name
