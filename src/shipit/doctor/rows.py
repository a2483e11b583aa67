"""What was found held against what is needed: a row for each tool, with its state."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from shipit.doctor.model import Need
from shipit.doctor.ports import Answer, Tools


class State(StrEnum):
    """Of a tool."""

    HERE = "here"
    MISSING = "missing"
    FAULTY = "does not run"
    UNFIT = "another version"
    UNKNOWN = "version unknown"
    """It is here, and does not say which of the versions it is that are needed."""


class Row(Struct, frozen=True, kw_only=True):
    """One tool: what is needed, what is here, and whether the project can do without it."""

    need: Need
    state: State
    version: str = ""
    place: str = ""
    fault: str = ""
    is_required: bool = True

    @property
    def lacks(self) -> bool:
        """Whether it is required and not as it must be."""
        return self.is_required and self.state is not State.HERE


def rows(answers: Sequence[tuple[Need, Answer]], tools: Tools) -> Sequence[Row]:
    """A row for each need, in their order; of ways to the same end the best one counts."""
    found = [_row(need, answer, tools) for need, answer in answers]
    by_tool = {row.need.tool: row for row in found}
    found = [replace(row, is_required=False) if _is_spared(row, by_tool, tools) else row for row in found]
    way = _way(found)
    return [replace(row, is_required=False) if row.need.way not in {"", way} else row for row in found]


def _row(need: Need, answer: Answer, tools: Tools) -> Row:
    return Row(
        need=need,
        state=_state(need, answer, tools),
        version=answer.version,
        place=answer.place,
        fault=answer.fault,
        is_required=need.is_required,
    )


def _state(need: Need, answer: Answer, tools: Tools) -> State:
    if not answer.is_here:
        return State.MISSING
    if answer.fault:
        return State.FAULTY
    if need.wanted and not answer.version:
        return State.UNKNOWN
    return State.HERE if not need.wanted or tools.fits(answer.version, need.wanted) else State.UNFIT


def _is_spared(row: Row, by_tool: Mapping[str, Row], tools: Tools) -> bool:
    if row.need.spared is None:
        return False
    other, versions = row.need.spared
    version = by_tool[other].version
    return bool(version) and tools.fits(version, versions)


def _way(found: Sequence[Row]) -> str:
    """The first way that lacks nothing, else the first there is."""
    ways = list(dict.fromkeys(row.need.way for row in found if row.need.way))
    open_ways = [way for way in ways if not any(row.lacks for row in found if row.need.way == way)]
    return next(iter([*open_ways, *ways]), "")
