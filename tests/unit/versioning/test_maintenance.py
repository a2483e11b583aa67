"""Maintenance branches keep to their line."""

import pytest

from shipit.errors import Refused
from shipit.versioning import Question, decide, parse
from shipit.versioning.levels import Level
from shipit.versioning.maintenance import Line, line_of
from tests.support.commits import Rules, line, tag


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        ("1.x", Line(1, None)),
        ("v1.x", Line(1, None)),
        ("1.2.x", Line(1, 2)),
        ("maintenance/1.2.x", Line(1, 2)),
        ("release/team/v0.10.X", Line(0, 10)),
        ("main", None),
        ("develop", None),
        ("1.2", None),
        ("release/v1.2.3", None),
        ("01.x", None),
        ("fix-1.x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_branch_names_its_line_or_none(branch: str | None, found: Line | None) -> None:
    assert line_of(branch) == found


@pytest.mark.parametrize(
    ("branch", "version", "holds"),
    [
        ("1.x", "1.0.0", True),
        ("1.x", "1.9.0-rc.1", True),
        ("1.x", "2.0.0", False),
        ("1.2.x", "1.2.9", True),
        ("1.2.x", "1.3.0", False),
        ("1.0.x", "1.0.1", True),
        ("1.0.x", "1.1.0", False),
    ],
)
def test_a_line_holds_what_belongs_on_it(branch: str, version: str, holds: bool) -> None:
    found = line_of(branch)
    assert found
    assert found.holds(parse(version)) is holds


def test_a_line_knows_how_much_fits() -> None:
    assert [(one.greatest, one.smaller) for one in (Line(1, None), Line(1, 2))] == [
        (Level.MINOR, "minor and patch"),
        (Level.PATCH, "patch"),
    ]


def test_what_fits_is_released_and_what_would_leave_is_refused_with_the_commits() -> None:
    history = line("fix: a", "feat: b", "feat!: c")
    with pytest.raises(Refused, match=r"would be 2\.0\.0, which does not belong on 1\.x") as caught:
        decide(Question(history, [tag("v1.2.0")], Rules(), branch="1.x"))
    assert [line.partition(" ")[2] for line in caught.value.evidence] == [
        "feat!: c: a breaking change asks for a major release"
    ]
    assert decide(Question(history[1:], [tag("v1.2.0")], Rules(), branch="1.x")).version == "1.3.0"
    with pytest.raises(Refused, match=r"1\.3\.0, which does not belong on 1\.2\.x"):
        decide(Question(history[1:], [tag("v1.2.0")], Rules(), branch="1.2.x"))
    assert decide(Question(history[1:], [tag("v1.2.0")], Rules(), kind="patch", branch="1.2.x")).version == "1.2.1"


def test_a_line_is_left_before_it_is_asked_whether_the_version_is_taken() -> None:
    with pytest.raises(Refused, match="does not belong on"):
        decide(Question(line("feat: b"), [tag("v1.2.0")], Rules(), branch="1.2.x", taken=[tag("v1.3.0", "x")]))


@pytest.mark.parametrize("branch", ["1.X", "team/V1.2.x"])
def test_the_letters_of_a_line_may_be_capitals(branch: str) -> None:
    assert line_of(branch) is not None
