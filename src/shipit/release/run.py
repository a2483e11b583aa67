"""What the release command has before it, and how a plan is carried out from there."""

from collections.abc import Mapping
from dataclasses import dataclass

from shipit.engine import run
from shipit.engine.plan import Plan, State
from shipit.errors import FollowUpNeeded, Interrupted, LostRace, Refused, StoppedHalfway, TakenBack, Trouble
from shipit.output.reporter import Story
from shipit.release import recipe
from shipit.release.model import Release
from shipit.release.open_release import Begun, free_lock, parts
from shipit.release.outside import World
from shipit.release.refs import back_merge_branch, evidence_ref
from shipit.release.steps.back_merge import WAITING
from shipit.release.survey import Survey

RESUME = "shipit release --resume"
UNDO = "shipit release --undo"

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    kind: str = "auto"
    pre: str | None = None
    base: str | None = None
    dry_run: bool = False
    resume: bool = False
    undo: bool = False
    pull_request: bool = False
    fail_if_nothing: bool = False
    exact: str | None = None
    reason: str | None = None
    package: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """`seen` is what the remote said, `begun` the release whose lock stands there (None: the lock is free)."""

    world: World
    options: Options
    story: Story
    seen: Survey
    begun: Begun | None

    def carry_out(self, plan: Plan, made: recipe.Parts) -> Facts:
        """Show the plan of a dry run, or run it; afterwards no lock and no file is left that nobody needs."""
        release = made.release
        if self.options.dry_run:
            return self.story.preview(plan, release)
        self.story.follow(release)
        try:
            run.carry_out(plan, self.story.tell)
        except StoppedHalfway:
            self._let_go(made)
            raise
        except Interrupted:
            if not self._let_go(made):
                tidy(made)
            raise
        except (Refused, TakenBack, LostRace):
            tidy(made)
            raise
        return self._complete(plan, made)

    def missing(self, release: Release) -> list[str]:
        """What the proof of a pushed release finds wanting, in words."""
        made = parts(self.world, release, recipe.NOBODY)
        return wanting(run.preview(recipe.proof(made)))

    def _complete(self, plan: Plan, made: recipe.Parts) -> Facts:
        release = made.release
        facts = {"version": release.version, "tag": release.tag}
        if not recipe.publishes(plan):
            self.story.say(f"{release.tag} waits for its pull request; once it is merged: {RESUME}")
            return {"released": "false", **facts}
        tidy(made)
        for step in recipe.bring_back(made):
            if step.look().evidence.endswith(WAITING):
                waiting = back_merge_branch(release.tag)
                raise FollowUpNeeded(
                    f"{release.tag} is released and complete, but not merged back into {release.develop}",
                    evidence=[f"{release.develop} conflicts with it or takes no push"],
                    hint=f"merge {waiting} into {release.develop} and resolve what conflicts",
                )
        self.story.say(f"{release.tag} is released and complete")
        return {"released": "true", **facts}

    def _let_go(self, made: recipe.Parts) -> bool:
        """Free the lock if the push has landed: from then on the evidence tells what the lock told before.

        Answers whether anything of this release is still needed.
        """
        try:
            if evidence_ref(made.release.tag) not in self.world.remote.refs():
                return False
            free_lock(self.world, made.held)
        except Trouble:
            return True
        return True


def wanting(seen: run.Preview) -> list[str]:
    """The steps of a preview that are not done, with what was seen instead."""
    rows = [one for one in seen.looked if one.look.state is not State.DONE]
    return [f"{one.name}: {one.look.evidence or one.look.state}" for one in rows]


def tidy(made: recipe.Parts) -> None:
    """Remove work tree and kept files of a release that is over."""
    made.bench.clear()
    made.vault.clear()
