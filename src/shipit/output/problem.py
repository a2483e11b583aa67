"""A stop as text: what, where, the evidence, and after a blank line the next command."""

from collections.abc import Iterator

from msgspec import Struct

from shipit.engine.plan import Problem
from shipit.errors import FollowUpNeeded, NothingToDo, Stop


class Report(Struct, frozen=True):
    """What is shown of a stop; `level` is GitHub's word: error, warning or notice."""

    level: str
    title: str
    what: str
    where: str | None
    evidence: tuple[str, ...]
    hint: str | None
    exit_code: int


def report(stop: Stop) -> Report:
    return Report(_level(stop), stop.title, stop.what, stop.where, stop.evidence, stop.hint, stop.exit_code)


def _level(stop: Stop) -> str:
    if isinstance(stop, NothingToDo):
        return "notice"
    return "warning" if isinstance(stop, FollowUpNeeded) else "error"


def details(report: Report) -> Iterator[str]:
    """Give the lines below the first one, not yet indented."""
    if report.where:
        yield f"where: {report.where}"
    for piece in report.evidence:
        yield from piece.splitlines()


def problem_lines(problem: Problem) -> Iterator[str]:
    """Say what, its evidence, and what to do about it."""
    yield from problem.what.splitlines()
    yield from problem.evidence.splitlines()
    if problem.hint:
        yield f"hint: {problem.hint}"
