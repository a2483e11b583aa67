"""One call of the release command: what it has before it, and how a plan is carried out from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec import to_builtins
from msgspec.structs import replace

from shipit.engine import events
from shipit.engine.ending import as_stop
from shipit.engine.plan import Look, Plan, State
from shipit.engine.preview import Preview, preview
from shipit.engine.run import carry_out
from shipit.errors import ExternalError, FollowUpNeeded, Refused, Stop
from shipit.output.reporter import Reporter
from shipit.release import recipe
from shipit.release.contents import contents
from shipit.release.context import ReleaseContext, back_merge
from shipit.release.follow import follow
from shipit.release.lock import UNHELD
from shipit.release.model import Release
from shipit.release.open_release import OpenRelease, context
from shipit.release.outside import Outside
from shipit.release.recipe import RESUME
from shipit.release.refs import LOCK, back_merge_branch, evidence_ref
from shipit.release.steps.back_merge import WAITING
from shipit.release.survey import Survey

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRun:
    """`seen` is what the remote said, `open` the release whose lock stands there (None: the lock is free)."""

    outside: Outside
    options: Options
    reporter: Reporter
    seen: Survey
    open: OpenRelease | None

    def begin(self, plan: Plan, made: ReleaseContext) -> Facts:
        """Ask where somebody sits in front, write the decision down, and carry the plan out."""
        release = made.release
        if not self.options.dry_run:
            self.reporter.confirm(plan, f"Release {release.tag}?")
            self.reporter.decide(self._journal(release), to_builtins(release))
        return self.carry_out(plan, made)

    def carry_out(self, plan: Plan, made: ReleaseContext) -> Facts:
        """Show the plan of a dry run, or run it; afterwards no file is left that nobody needs."""
        release = made.release
        facts = {"version": release.version, "tag": release.tag}
        if self.options.dry_run:
            self.reporter.preview(plan, contents(self.outside.objects, release))
            return {"released": "false", **facts}
        self.reporter.follow(self._journal(release))
        looks: dict[str, Look] = {}
        try:
            plan = replace(plan, overtaken=partial(self._overtaken, release))
            carry_out(plan, lambda event: self._emit(event, looks))
        except Stop:
            if self._is_over(release):
                clean_up(made)
            raise
        return {"released": self._complete(plan, made, looks), **facts}

    def _emit(self, event: events.Event, looks: dict[str, Look]) -> None:
        """Pass an event on, and keep what the run saw of a step when it was done with it."""
        if isinstance(event, events.StepDone | events.StepSkipped):
            looks[event.name] = event.look
        self.reporter.emit(event)

    def missing(self, release: Release) -> list[str]:
        """What the proof of a pushed release does not find, in words; notes that people edited are no loss.

        Raises Refused where that cannot be known.
        """
        return missing(preview(recipe.proof(context(self.outside, release, UNHELD), may_be_edited=True)))

    def _complete(self, plan: Plan, made: ReleaseContext, looks: Mapping[str, Look]) -> str:
        """Say how a run ended that saw every step done: what is complete stays it, whatever happens now."""
        release = made.release
        if not recipe.publishes(plan):
            self.reporter.say(f"{release.tag} waits for its pull request; once it is merged: {RESUME}")
            return "false"
        self._tidy(made)
        for step in back_merge(made):
            if looks[step.name].evidence.endswith(WAITING):
                waiting = back_merge_branch(release.tag)
                raise FollowUpNeeded(
                    f"{release.tag} is released and complete, but not merged back into {release.develop}",
                    evidence=[f"{release.develop} conflicts with it or takes no push"],
                    hint=f"merge {waiting} into {release.develop} and resolve what conflicts",
                )
        self.reporter.say(f"{release.tag} is released and complete")
        self._follow()
        return "true"

    def _tidy(self, made: ReleaseContext) -> None:
        """Remove what nobody needs any more; that it cannot be removed is worth a sentence, and no other end."""
        try:
            clean_up(made)
            self.outside.sweep(made.release.tag)
        except (Stop, OSError) as why:
            self.reporter.say(f"files of this run are left on this machine: {as_stop(why).what}")

    def _follow(self) -> None:
        """What is released is released: nothing that goes wrong here is worth more than a sentence."""
        try:
            said = follow(self.outside, somebody_is_there=self.reporter.is_watched)
        except Stop as why:
            said = f"the branch that is checked out was left as it is: {why.what}"
        if said:
            self.reporter.say(said)

    def _is_over(self, release: Release) -> bool:
        """Whether nobody can go on with this release and need its files; False where that cannot be known."""
        try:
            refs = self.outside.remote.refs()
        except ExternalError:
            return False
        tag = f"refs/tags/{release.tag}"
        tagged = refs.get(f"{tag}^{{}}", refs.get(tag))
        is_anothers = tagged not in {None, release.tagged_commit}
        return is_anothers or (LOCK not in refs and evidence_ref(release.tag) not in refs)

    def _overtaken(self, release: Release) -> str:
        """Say so if somebody has released that version since this run looked; empty where that cannot be known."""
        ref = evidence_ref(release.tag)
        try:
            is_new = ref not in self.seen.refs and ref in self.outside.remote.refs()
        except ExternalError:
            return ""
        return f"another run has just released {release.tag}" if is_new else ""

    def _journal(self, release: Release) -> Path:
        return self.outside.private / "journal" / f"{release.tag.replace('/', '-')}.jsonl"


def missing(seen: Preview) -> list[str]:
    """The steps of a preview that are not done, with what was seen instead; last those that could not look.

    Raises Refused where all that is not done could not look: that says nothing about the release.
    """
    wrong = [_row(one) for one in seen.looked if one.look.state not in {State.DONE, State.UNKNOWN}]
    unknown = [f"{_row(one)} (not known)" for one in seen.looked if one.look.state is State.UNKNOWN]
    if unknown and not wrong:
        raise Refused(
            f"{seen.title}: it is not known whether all of it is there",
            evidence=[row.removesuffix(" (not known)") for row in unknown],
            hint="run the same command again once all of them answer",
        )
    return [*wrong, *unknown]


def _row(one: events.Looked) -> str:
    return f"{one.name}: {one.look.evidence or one.look.state}"


def clean_up(made: ReleaseContext) -> None:
    """Remove the private clone and the kept files of a release that is over."""
    made.packager.clear()
    made.artifacts.clear()
