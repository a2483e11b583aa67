"""A project's own migration tool as a step: it runs inside our lock, after our backup."""

from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, done
from shipit.migrate.ports import Tool


@dataclass(slots=True)
class Ran:
    """Whether the tool has run to its end: only asked where it cannot say what is pending."""

    is_so: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTool:
    """Alembic, Django, or a command, applied up to `to` (None: all); `address` goes through the environment."""

    tool: Tool
    address: str
    to: str | None
    ran: Ran
    name: str = "apply"

    @property
    def summary(self) -> str:
        return f"Run {self.tool.name}{f' up to {self.to}' if self.to else ''}"

    def look(self) -> Look:
        if self.ran.is_so and self.to:
            return done("it ran to its end")
        pending = self.tool.pending(self.address)
        if pending is None:
            return done("it ran to its end, and cannot say what is pending") if self.ran.is_so else absent()
        return (
            absent(f"{len(pending)} pending: {', '.join(pending[:5])}") if pending else done("nothing is pending")
        )

    def run(self, say: Say) -> None:
        self.tool.upgrade(self.address, self.to, say)
        self.ran.is_so = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToolBack:
    """The tool's own way back to `to`."""

    tool: Tool
    address: str
    to: str
    ran: Ran
    name: str = "take-down"

    @property
    def summary(self) -> str:
        return f"Run {self.tool.name} back to {self.to}"

    def look(self) -> Look:
        return done("it ran to its end") if self.ran.is_so else absent()

    def run(self, say: Say) -> None:
        self.tool.downgrade(self.address, self.to, say)
        self.ran.is_so = True
