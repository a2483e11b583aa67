"""A machine in memory: which tools it has, and a configuration from a text."""

import tomllib
from collections.abc import Mapping
from datetime import date

import msgspec

from shipit.config.tables import Config
from shipit.doctor.model import Need, Surroundings
from shipit.doctor.needs import needs
from shipit.doctor.rows import Row, rows

TODAY = date(2026, 7, 1)


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """Plays doctor.ports.Answer."""

    is_here: bool = True
    version: str = ""
    place: str = ""
    fault: str = ""


MISSING = Here(is_here=False)


class FakeTools:
    """Plays doctor.ports.Tools: `known` by the name of the tool; nothing else is here."""

    def __init__(self, known: Mapping[str, Here] | None = None, *, files: tuple[str, ...] = ()) -> None:
        self.known = dict(known or {})
        self.files = files

    def look(self, need: Need) -> Here:
        return self.known.get(need.tool, MISSING)

    def fits(self, version: str, wanted: str) -> bool:
        """For `>=N`, `<N` and several of them."""
        number = _numbers(version)
        return all(
            number >= _numbers(one[2:]) if one.startswith(">=") else number < _numbers(one[1:])
            for one in wanted.split(",")
        )

    def has(self, program: str) -> bool:
        return program in self.known

    def is_readable(self, path: str) -> bool:
        return path in self.files


def configured(text: str = "") -> Config:
    return msgspec.convert(tomllib.loads(text), Config)


def surroundings(**facts: object) -> Surroundings:
    made: dict[str, object] = {"variables": {}, "today": TODAY, **facts}
    return msgspec.structs.replace(Surroundings(variables={}, today=TODAY), **made)


def needed(text: str, environment: str = "", **facts: object) -> dict[str, Need]:
    """What this configuration needs, by the name of the tool."""
    return {need.tool: need for need in needs(configured(text), surroundings(**facts), environment)}


def judged(text: str, known: Mapping[str, Here], **facts: object) -> dict[str, Row]:
    """The rows of this configuration on a machine with these tools, by the name of the tool."""
    tools = FakeTools(known)
    wanted = needs(configured(text), surroundings(**facts))
    return {row.need.tool: row for row in rows([(need, tools.look(need)) for need in wanted], tools)}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
