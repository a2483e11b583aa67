"""Report what a command does: write it to the journal, then show it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shipit.engine import events
from shipit.engine.journal import Journal
from shipit.engine.plan import Plan
from shipit.engine.preview import Contents, page, refuse
from shipit.errors import Refused
from shipit.output import Renderer

Ask = Callable[[str], bool]


class Declined(Refused):
    """A person was asked and said no: who sits in front knows, and nothing has failed."""

    def __init__(self) -> None:
        super().__init__("the answer was no", evidence=["nothing was touched"])


class Reporter:
    """`ask` asks a person yes or no, None where nobody is to be asked; `is_watched`: someone sits at a terminal."""

    def __init__(self, renderer: Renderer, ask: Ask | None = None, *, is_watched: bool = False) -> None:
        self.renderer = renderer
        self.ask = ask
        self.is_watched = is_watched
        self.journal: Journal | None = None

    def emit(self, event: events.Event) -> None:
        if self.journal:
            self.journal.event(event)
        self.renderer(event)

    def follow(self, path: Path) -> Journal:
        """Write every event into the journal at `path` from now on."""
        self.journal = Journal(path)
        return self.journal

    def decide(self, path: Path, decision: Mapping[str, Any]) -> None:
        """Write down what was decided, in a journal that is followed from now on."""
        self.follow(path).decide(decision)

    def preview(self, plan: Plan, contents: Contents | None = None) -> None:
        """Show the plan, with what it is about; raises Refused if a check or a step objects."""
        seen = page(plan, contents)
        self.renderer.preview(seen)
        refuse(seen)

    def confirm(self, plan: Plan, question: str) -> None:
        """Where a person sits in front, show the plan and ask; raises Declined if the answer is no."""
        if self.ask is None:
            return
        self.preview(plan)
        if not self.ask(question):
            raise Declined

    def say(self, text: str) -> None:
        self.renderer.summary(text)
