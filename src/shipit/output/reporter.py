"""How a command tells what it does: to the journal first, then to people."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import to_builtins

from shipit.engine import events, run
from shipit.engine.journal import Journal
from shipit.engine.plan import Plan
from shipit.errors import Refused
from shipit.output import Renderer
from shipit.release.model import Release

Ask = Callable[[str], bool]


class Story:
    """`folder` holds the journals, one a tag; `ask` asks a person yes or no, None where nobody is there to ask."""

    def __init__(self, renderer: Renderer, folder: Callable[[], Path], ask: Ask | None = None) -> None:
        self.renderer = renderer
        self.folder = folder
        self.ask = ask
        self.journal: Journal | None = None

    def tell(self, event: events.Event) -> None:
        if self.journal:
            self.journal.event(event)
        self.renderer(event)

    def follow(self, release: Release) -> Journal:
        """Write the story of this release into its journal from now on."""
        self.journal = Journal(self.folder() / f"{release.tag.replace('/', '-')}.jsonl")
        return self.journal

    def decide(self, release: Release) -> None:
        self.follow(release).decide(to_builtins(release))

    def preview(self, plan: Plan, release: Release) -> Mapping[str, str]:
        """Show the plan; raises Refused if something stands in its way."""
        seen = run.preview(plan)
        self.renderer.preview(plan.title, seen.looked, seen.checked, plan.turning_point)
        run.refuse(plan, seen)
        return {"released": "false", "version": release.version, "tag": release.tag}

    def confirm(self, plan: Plan, release: Release) -> None:
        """Where a person sits in front, show the plan and ask; raises Refused if the answer is no."""
        if self.ask is None:
            return
        self.preview(plan, release)
        if not self.ask(f"Release {release.tag}?"):
            raise Refused("not released: the answer was no", evidence=["nothing was touched"])

    def say(self, text: str) -> None:
        self.renderer.summary(text)
