"""Verdicts of gates whose commands are played: JUnit, coverage, tracked files."""

from pathlib import Path

import pytest

from shipit.config import Gate
from shipit.errors import Unavailable, UsageError
from shipit.gates.report import Verdict
from tests.unit.gates.bench import (
    PYTEST,
    TREE,
    Played,
    case,
    cobertura,
    ends,
    junit,
    lay_out,
    row,
    run,
    runner,
    stops,
    write,
    writes,
)

PASSED = junit(case())


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


def test_a_pytest_command_without_a_report_is_asked_for_one_outside_of_the_tree(top: Path) -> None:
    commands = Played(writes({"junit": PASSED}))
    report = runner(top, Gate(run="python -m pytest -q"), commands).run("tests", lambda _: None)
    (argv, env) = commands.seen[0]
    assert argv[:3] == ("python", "-m", "pytest")
    assert argv[3].startswith("--junitxml=")
    assert argv[4:] == ("-q",)
    assert not (top / "junit.xml").exists()
    assert (report.verdict, report.detail, env) == (Verdict.CLEAN, "1 test", {"GIVEN": "1"})


@pytest.mark.parametrize("run_", ["pytest --junitxml=r/j.xml", "pytest --junit-xml r/j.xml"])
def test_the_report_that_a_command_names_is_read(top: Path, run_: str) -> None:
    report = run(top, Gate(run=run_), writes({"r/j.xml": PASSED}))
    assert (report.verdict, report.command) == (Verdict.CLEAN, tuple(run_.split()))


@pytest.mark.parametrize("words", [("--junitxml=a b/j.xml",), ("--junit-xml", "a b/j.xml")])
def test_the_report_that_a_command_names_may_have_a_blank_in_its_name(top: Path, words: tuple[str, ...]) -> None:
    assert run(top, Gate(run=("pytest", *words)), writes({"a b/j.xml": PASSED})).passed


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['-q', '--junitxml=j.xml']"),
        ("pytest.ini", "[pytest]\naddopts = --junitxml 'j.xml'"),
        ("setup.cfg", '[tool:pytest]\naddopts = --junitxml="j.xml"'),
    ],
)
def test_the_report_that_pytests_options_name_is_read(top: Path, file: str, text: str) -> None:
    write(top / file, text)
    assert run(top, Gate(run="pytest"), writes({"j.xml": PASSED})).passed


@pytest.mark.parametrize("text", ["[", "tool = 1", "[tool]\npytest = 2"])
def test_configuration_that_nobody_can_read_names_nothing(top: Path, text: str) -> None:
    write(top / "pyproject.toml", text)
    write(top / "pytest.ini", "no section")
    assert run(top, Gate(run="pytest"), writes({"junit": PASSED})).passed


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        (junit(case("<failure/>")), Verdict.FINDINGS, "1 test failed"),
        (junit(case(), failures=2), Verdict.FINDINGS, "2 tests failed"),
        (junit(case(), '<testcase time="0"/>'), Verdict.INCONCLUSIVE, "ended before all tests had run"),
        (junit(case("<skipped/>")), Verdict.INCONCLUSIVE, "no test ran: 1 skipped"),
        (junit(), Verdict.INCONCLUSIVE, "no test ran"),
        ("<report/>", Verdict.INCONCLUSIVE, "is no JUnit report"),
        ("<testsuites>", Verdict.INCONCLUSIVE, "cannot be read"),
        (junit(case(), case("<skipped/>")), Verdict.CLEAN, "1 test, 1 skipped"),
    ],
)
def test_what_a_junit_report_says_counts_more_than_exit_code_0(
    top: Path, text: str, verdict: Verdict, said: str
) -> None:
    report = run(top, Gate(run="make", junit_file="j.xml"), writes({"j.xml": text}))
    assert report.verdict is verdict
    assert said in report.detail


def test_a_report_that_is_missing_or_old_is_inconclusive(top: Path) -> None:
    gate = Gate(run="make", junit_file="j.xml")
    assert run(top, gate, ends()).detail == "no JUnit report j.xml was written"
    write(top / "j.xml", PASSED)
    assert run(top, gate, ends()).detail == "the JUnit report j.xml is older than this run"


def test_an_exit_code_1_without_any_test_is_inconclusive(top: Path) -> None:
    report = run(top, Gate(run="pytest"), writes({"junit": junit()}, 1, "FAIL Required"))
    assert (report.verdict, report.detail.splitlines()[0]) == (Verdict.INCONCLUSIVE, "no test ran")


def test_commands_that_could_not_run_say_so(top: Path) -> None:
    gate = Gate(run="make")
    assert run(top, gate, stops(UsageError("no make"))).verdict is Verdict.NOT_RUN
    assert run(top, gate, stops(Unavailable("too late"))).verdict is Verdict.INCONCLUSIVE
    assert run(top, gate, ends(-9)).detail == "the command was ended by signal 9"
    with pytest.raises(UsageError, match="no gate is named"):
        runner(top, gate, Played(ends())).run("other", lambda _: None)


def test_secrets_are_withheld_unless_they_are_named(top: Path) -> None:
    commands = Played(ends(1))
    gate = Gate(run="make", secrets=("A",))
    report = runner(top, gate, commands, withheld=frozenset({"A", "B"})).run("tests", lambda _: None)
    assert commands.seen[0][1] == {"GIVEN": "1", "B": None}
    assert "it did not see B" in report.detail


class TestCoverage:
    def measured(self, top: Path, xml: str, least: float = 70, **more: object) -> tuple[Verdict, str]:
        gate = Gate(run=PYTEST, coverage=least)
        report = run(top, gate, writes({"junit": PASSED, "coverage.xml": xml}), **more)  # type: ignore[arg-type]
        return report.verdict, report.detail.removeprefix("1 test; ")

    def whole(self, top: Path, covered: int, valid: int = 1000, branches: tuple[int, int] = (0, 0)) -> str:
        return cobertura(top, (covered, valid), branches).replace(f"{top}/src", "/elsewhere")

    def test_is_lines_and_branches_together(self, top: Path) -> None:
        assert self.measured(top, self.whole(top, 7, 8, (0, 2)))[1] == "coverage 70.0 %"

    @pytest.mark.parametrize(
        ("covered", "said"),
        [
            (699, "coverage 69.9 % is below 70 %"),
            (69_999, "coverage 69.999 % is below 70 %"),
            (700, "coverage 70.0 %"),
            (79_996, "coverage 79.9 %"),
        ],
    )
    def test_is_never_rounded_up(self, top: Path, covered: int, said: str) -> None:
        valid = 1000 if covered < 1000 else 100_000
        assert self.measured(top, self.whole(top, covered, valid))[1] == said

    def test_of_a_release_may_be_more(self, top: Path) -> None:
        gate = Gate(run=PYTEST, coverage=70, release_coverage=80)
        act = writes({"junit": PASSED, "coverage.xml": self.whole(top, 75, 100)})
        assert run(top, gate, act).passed
        assert not run(top, gate, act, for_release=True).passed
        assert run(top, Gate(run=PYTEST, coverage=70), act, for_release=True).passed

    def test_that_was_not_written_or_is_old_is_inconclusive(self, top: Path) -> None:
        gate = Gate(run="make", coverage=70)
        assert run(top, gate, ends()).detail == "no coverage report coverage.xml was written"
        write(top / "coverage.xml", self.whole(top, 1, 1))
        assert run(top, gate, ends()).detail == "the coverage report coverage.xml is older than this run"

    @pytest.mark.parametrize(
        "xml", ["<coverage", "<report/>", '<coverage line-rate="1"/>', '<coverage line-rate="x"><line/></coverage>']
    )
    def test_that_nobody_can_read_is_inconclusive(self, top: Path, xml: str) -> None:
        assert self.measured(top, xml)[0] is Verdict.INCONCLUSIVE

    def test_names_the_least_covered_files_with_percent_and_lines(self, top: Path) -> None:
        rows = row(1) + row(2, 0) + row(3, 0) + row(5, 0) + row(6, 1, "1/2")
        xml = cobertura(top, (2, 5), (1, 2), __init__=row(1), a=rows, gone=row(1))
        verdict, detail = self.measured(top, xml)
        assert verdict is Verdict.FINDINGS
        assert detail.splitlines() == [
            "coverage 37.5 % is below 70 %",
            "1 tracked file is in no report, since no test imports it: 1 line at 0 %",
            "  src/acme/deep/b.py: 0.0 %",
            "  src/acme/a.py: 42.8 %, lines 2-3, 5",
        ]

    def test_counts_files_that_no_test_imports_as_not_covered(self, top: Path) -> None:
        write(top / "src/acme/deep/b.py", "\n".join(f"x{number} = 1" for number in range(10)))
        xml = cobertura(top, (10, 10), a=row(1), __init__="")
        never = "1 tracked file is in no report, since no test imports it: 10 lines at 0 %"
        verdict, detail = self.measured(top, xml, 70)
        assert verdict is Verdict.FINDINGS
        assert detail.splitlines() == ["coverage 50.0 % is below 70 %", never, "  src/acme/deep/b.py: 0.0 %"]
        assert self.measured(top, xml, 40) == (Verdict.CLEAN, f"coverage 50.0 %; {never}")

    def test_is_compared_with_the_whole_of_the_outermost_package(self, top: Path) -> None:
        tracked = ("src/acme/__init__.py", "src/acme/in/__init__.py", "src/acme/in/a.py", "src/acme/b.py")
        lay_out(top, tracked)
        xml = f"""<coverage lines-covered="9" lines-valid="9"><sources><source>{top}</source></sources>
            <class filename="src/acme/in/a.py"><lines/></class></coverage>"""
        said = self.measured(top, xml, tracked=tracked)[1]
        assert (
            said == "coverage 75.0 %; 3 tracked files are in no report, since no test imports them: 3 lines at 0 %"
        )

    @pytest.mark.parametrize(
        ("file", "text", "option"),
        [
            ("pyproject.toml", "[tool.coverage.run]\nomit = ['src/acme/deep/*']", ""),
            (".coveragerc", "[report]\nomit =\n  */deep/b.py\n", ""),
            ("cov.ini", "[run]\nomit = src/acme/deep/*\n", " --cov-config=cov.ini"),
        ],
    )
    def test_leaves_out_what_coverage_is_told_to_omit(self, top: Path, file: str, text: str, option: str) -> None:
        write(top / file, text)
        xml = cobertura(top, (10, 10), a=row(1), __init__="")
        gate = Gate(run=PYTEST + option, coverage=70)
        report = run(top, gate, writes({"junit": PASSED, "coverage.xml": xml}))
        assert report.detail == "1 test; coverage 100.0 %"

    def test_of_what_is_no_python_or_gone_is_counted_as_well_as_it_can_be(self, top: Path) -> None:
        tracked = ("src/acme/__init__.py", "src/acme/a.py", "src/acme/bad.py", "src/acme/gone.py")
        write(top / "src/acme/bad.py", "def (\n\nx\n")
        xml = cobertura(top, (8, 8), a=row(1), __init__="")
        assert self.measured(top, xml, 80, tracked=tracked)[1].endswith("2 lines at 0 %")

    def test_of_tests_alone_is_inconclusive(self, top: Path) -> None:
        xml = f"""<coverage lines-covered="9" lines-valid="9"><sources><source>{top}/tests</source></sources>
            <class filename="test_a.py"><lines/></class></coverage>"""
        assert self.measured(top, xml)[1].startswith("coverage of tests alone")

    def test_of_a_module_at_the_top_and_of_what_lies_outside_says_nothing_of_other_files(self, top: Path) -> None:
        write(top / "one.py", "x = 1")
        xml = """<coverage lines-covered="9" lines-valid="9"><class filename="one.py"><lines/></class>
            <class filename="/etc/hostname"><lines/></class></coverage>"""
        assert self.measured(top, xml)[1] == "coverage 100.0 %"

    def test_names_no_more_than_eight_ranges_of_a_file(self, top: Path) -> None:
        rows = "".join(row(number, 0) for number in range(1, 20, 2))
        detail = self.measured(top, cobertura(top, (0, 10), a=rows, __init__=""), tracked=TREE[:2])[1]
        assert detail.endswith("lines 1, 3, 5, 7, 9, 11, 13, 15, …")

    def test_that_no_text_can_tell_from_the_minimum_is_floored(self, top: Path) -> None:
        assert self.measured(top, self.whole(top, 7 * 10**11 - 1, 10**12))[1] == "coverage 69.9 % is below 70 %"


def test_without_python_files_a_known_tool_is_inconclusive(top: Path) -> None:
    assert run(top, Gate(run="ruff check ."), ends(), tracked=()).verdict is Verdict.INCONCLUSIVE
    assert run(top, Gate(run="ruff check ."), ends(text="a.py"), tracked=None).passed
    assert run(top, Gate(run="ruff check ."), ends(text="a.py"), tracked=("a.py",)).passed
    assert run(top, Gate(run="make"), ends(), tracked=()).passed
