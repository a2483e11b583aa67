"""A forge in memory and what is said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from shipit.config import Branches, Config, Protection
from shipit.output.reporter import Ask, Reporter
from shipit.project.protection.command import Job
from tests.fakes_protection import FakeForge


class Heard:
    """A renderer that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.facts: dict[str, str] = {}

    def summary(self, text: str) -> None:
        self.lines.append(text)

    def outputs(self, facts: Mapping[str, str]) -> None:
        self.facts |= facts


@dataclass
class Bench:
    forge: FakeForge = field(default_factory=FakeForge)
    heard: Heard = field(default_factory=Heard)

    def job(self, *, develop: str | None = None, ask: Ask | None = None, **options: Any) -> Job:
        protection = Protection(**{"required_checks": ("lint",), **options})
        config = Config(branches=Branches(develop=develop), protection=protection)
        return Job(forge=self.forge, config=config, reporter=Reporter(self.heard, ask))  # type: ignore[arg-type]

    def table(self, run: Callable[[Job], None], **options: Any) -> dict[tuple[str, str], str]:
        """What stands in the table, by branch and demand."""
        run(self.job(**options))
        return self.rows()

    def rows(self) -> dict[tuple[str, str], str]:
        found = [line.split("  ", 1) for line in self.heard.lines if line[:1] in {"✓", "✗", "·"}]
        cells = [[cell.strip() for cell in rest.split("  ") if cell.strip()] for _, rest in found]
        return {(branch, demand): words for branch, demand, words in cells}


@pytest.fixture
def bench() -> Bench:
    return Bench()
