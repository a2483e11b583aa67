"""What a JUnit report says: how many tests ran, and whether any of them failed."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from msgspec import Struct

from shipit.gates.coverage import stamp
from shipit.gates.report import Verdict

_WORD = re.compile(r"^--junit-?xml[=\n](.+)", re.MULTILINE)
_OPTION = re.compile(r"--junit-?xml[=\s]+(?:\"([^\"]+)\"|'([^']+)'|(\S+))")


class Tests(Struct, frozen=True, kw_only=True):
    """Counts of a report; `fault` says why there are none. Who skipped it, did not run it."""

    ran: int = 0
    skipped: int = 0
    failed: int = 0
    was_interrupted: bool = False
    fault: str = ""

    @property
    def verdict(self) -> Verdict:
        """Of a command that itself ended with 0."""
        if self.failed:
            return Verdict.FINDINGS
        return Verdict.INCONCLUSIVE if self.why else Verdict.CLEAN

    @property
    def why(self) -> str:
        """What keeps it from being clean."""
        if self.fault:
            return self.fault
        if self.failed:
            return f"{_count(self.failed, 'test')} failed, by its JUnit report"
        if self.was_interrupted:
            return "the run was ended before all tests had run, by its JUnit report"
        if not self.ran:
            return f"no test ran: {self.skipped} skipped" if self.skipped else "no test ran"
        return ""

    @property
    def is_empty(self) -> bool:
        """Whether it is a report, and no test is in it that ran or failed."""
        return not (self.fault or self.ran or self.failed)

    @property
    def text(self) -> str:
        return f"{_count(self.ran, 'test')}{f', {self.skipped} skipped' if self.skipped else ''}"


def read(path: Path, before: tuple[int, int] | None) -> Tests:
    """Read the report that a command wrote since `before` was stamped."""
    if not path.is_file():
        return Tests(fault=f"no JUnit report {path.name} was written")
    if stamp(path) == before:
        return Tests(fault=f"the JUnit report {path.name} is older than this run")
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - the report comes from the project's own tests
        return _read(root, path.name)
    except (ET.ParseError, ValueError, OSError) as error:
        return Tests(fault=f"the JUnit report {path.name} cannot be read: {error}")


def written_by(argv: Sequence[str], options: str) -> str:
    """Where a pytest command writes its report: as its words say, else as `options` do; empty if nowhere."""
    if named := _WORD.findall("\n".join(argv)):
        return str(named[-1])
    found = list(_OPTION.finditer(options))
    return next(group for group in found[-1].groups() if group) if found else ""


def _read(root: ET.Element, name: str) -> Tests:
    if root.tag not in {"testsuites", "testsuite"}:
        return Tests(fault=f"{name} is no JUnit report: <{root.tag}> instead of <testsuites>")
    cases = list(root.iter("testcase"))
    named = [case for case in cases if case.get("name")]
    skipped = [case for case in named if case.find("skipped") is not None]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    # subtests count as failures and have no element of their own; a suite may be cut off without having counted
    suites = list(root.iter("testsuite"))
    counted = sum(_number(suite, "failures") + _number(suite, "errors") for suite in suites)
    return Tests(
        ran=len(named) - len(skipped),
        skipped=len(skipped),
        failed=max(len(failed), counted),
        was_interrupted=len(named) < len(cases),
    )


def _number(suite: ET.Element, name: str) -> int:
    return int(suite.get(name) or 0)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
