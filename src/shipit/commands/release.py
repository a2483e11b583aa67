"""shipit release: begin, go on, finish, take back. Which of these is decided by what the remote says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shipit import engine, recipes
from shipit.commands.open_release import Begun, free_lock, held_by, parts, pushed, take_lock
from shipit.commands.story import Story
from shipit.errors import (
    FollowUpNeeded,
    LiveDiffers,
    LostRace,
    NothingToRelease,
    Refused,
    StoppedHalfway,
    TakenBack,
    Trouble,
    UsageError,
)
from shipit.model import Release
from shipit.plan import Plan, State
from shipit.steps.preflight import TipsAgree
from shipit.steps.refs import evidence_ref
from shipit.survey import Survey, survey
from shipit.versioning.decision import Decision, decide
from shipit.world import World

RESUME = "shipit release --resume"


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


def run(world: World, options: Options, story: Story) -> Mapping[str, str]:
    """Do what the remote's state and the options call for; returns facts for whatever comes after.

    Raises every class of shipit.errors.
    """
    branches = world.config.branches
    if options.pull_request and world.forge is None:
        raise UsageError("--pr needs a forge", hint='set kind = "github" in [tool.shipit.forge]')
    seen = survey(world.remote, world.objects, world.config, options.base or branches.develop or branches.main)
    begun = held_by(world, seen.lock) if seen.lock else None
    if options.undo:
        return _undo(world, begun, seen, story)
    if begun and options.resume:
        return _go_on(world, begun, seen, options, story)
    if begun and not (begun.holder_is_gone and seen.open_tags):
        raise _is_held(begun)
    if seen.open_tags:
        return _open(world, seen.open_tags[0], begun, options, story)
    decision = decide(
        seen.commits, seen.tags, world.config.version, kind=options.kind, pre=options.pre, taken=seen.all_tags
    )
    if decision.version is None:
        return _nothing(world, seen, decision, options, story)
    return _begin(world, seen, decision, options, story)


def _begin(world: World, seen: Survey, decision: Decision, options: Options, story: Story) -> Mapping[str, str]:
    release = world.workshop.make(seen, decision, world.signature())
    if options.pull_request:
        release = replace(release, mode="pull-request")
    held = take_lock(world, release, observed=None)
    made = parts(world, release, held, _tips(world, seen))
    plan = recipes.propose(made) if options.pull_request else recipes.release(made)
    if options.dry_run:
        return story.preview(plan, release)
    story.confirm(plan, release)
    story.decide(release)
    return _carry_out(world, plan, made, story)


def _go_on(world: World, begun: Begun, seen: Survey, options: Options, story: Story) -> Mapping[str, str]:
    """Take over a release from the run that holds its lock."""
    release = begun.release
    if evidence_ref(release.tag) in seen.refs:
        return _finish(world, pushed(world, release.tag), begun, options, story)
    if release.mode == "pull-request":
        release = _merged(world, release)
    held = take_lock(world, release, begun.lock)
    made = parts(world, release, held)
    waits = release.mode == "pull-request" and release.target == begun.release.target
    recipe = recipes.propose if waits else recipes.merged if release.mode == "pull-request" else recipes.release
    if options.dry_run:
        return story.preview(recipe(made), release)
    return _carry_out(world, recipe(made), made, story)


def _merged(world: World, release: Release) -> Release:
    """The release as people merged it: what the tag will name is the merge commit on main."""
    there = world.forge.pull_request(release.branch, release.main) if world.forge else None
    if there is None:
        return release
    if there.merged and there.merge_commit:
        if not world.objects.has(there.merge_commit):
            world.remote.fetch(f"refs/heads/{release.main}")
        return replace(release, target=there.merge_commit, main_before=there.merge_commit)
    if there.state == "open":
        raise StoppedHalfway(
            f"{release.tag} waits for its pull request", evidence=[there.url], hint=f"merge it, then {RESUME}"
        )
    raise Refused(
        f"the pull request of {release.tag} was closed", evidence=[there.url], hint="shipit release --undo"
    )


def _finish(
    world: World, release: Release, begun: Begun | None, options: Options, story: Story
) -> Mapping[str, str]:
    """The push has landed: carry out what is left of it."""
    held = take_lock(world, release, begun.lock if begun else None)
    made = parts(world, release, held)
    if options.dry_run:
        return story.preview(recipes.finish(made), release)
    return _carry_out(world, recipes.finish(made), made, story)


def _open(world: World, tag: str, begun: Begun | None, options: Options, story: Story) -> Mapping[str, str]:
    """A pushed release that is not complete: finish it if asked to, else say what is missing."""
    release = pushed(world, tag)
    if options.resume:
        return _finish(world, release, begun, options, story)
    missing = _missing(world, release)
    raise StoppedHalfway(
        f"{tag} is incomplete: {missing[0] if missing else 'it was not closed'}",
        evidence=missing[1:],
        hint=RESUME,
    )


def _nothing(
    world: World, seen: Survey, decision: Decision, options: Options, story: Story
) -> Mapping[str, str]:
    """No commit asks for a release: say whether the last one is complete, and touch nothing."""
    _refuse_unpushed(world, seen)
    tag = decision.previous
    text = "nothing to release" if tag else "nothing to release: there is no commit that asks for a version"
    if tag and evidence_ref(tag) in world.remote.refs():
        missing = _missing(world, pushed(world, tag))
        if missing:
            raise LiveDiffers(
                f"{tag} is not what was released any more",
                evidence=missing,
                hint=f"shipit verify release {tag}",
            )
        text = f"nothing to release: {tag} is complete"
    elif tag:
        text = f"nothing to release since {tag}"
    if options.fail_if_nothing:
        raise NothingToRelease(text)
    story.say(text)
    return {"released": "false", "tag": tag or ""}


def _undo(world: World, begun: Begun | None, seen: Survey, story: Story) -> Mapping[str, str]:
    if begun is None:
        if seen.open_tags:
            raise Refused(f"{seen.open_tags[0]} is past its point of no return", hint=RESUME)
        story.say("nothing to undo: no release is under way")
        return {"released": "false"}
    release = begun.release
    if evidence_ref(release.tag) in seen.refs:
        raise Refused(f"{release.tag} is past its point of no return", evidence=[begun.holder], hint=RESUME)
    held = recipes.Held(begun.lock or "", begun.lock or "", begun.lock)
    made = parts(world, release, held)
    engine.take_back(recipes.undo(made), story.tell, "asked to with --undo")
    _tidy(made)
    story.say(f"{release.tag} is taken back: everything is as before")
    return {"released": "false", "tag": release.tag}


def _carry_out(world: World, plan: Plan, made: recipes.Parts, story: Story) -> Mapping[str, str]:
    """Run the plan; whatever happens, leave no lock behind that nobody needs, and no files."""
    release = made.release
    story.follow(release)
    try:
        engine.carry_out(plan, story.tell)
    except StoppedHalfway:
        _let_go(world, made.held)
        raise
    except (Refused, TakenBack, LostRace):
        _tidy(made)
        raise
    if plan.turning_point == "pull-request":
        story.say(f"{release.tag} waits for its pull request; once it is merged: {RESUME}")
        return {"released": "false", "version": release.version, "tag": release.tag}
    _tidy(made)
    _follow_up(made)
    story.say(f"{release.tag} is released and complete")
    return {"released": "true", "version": release.version, "tag": release.tag}


def _follow_up(made: recipes.Parts) -> None:
    for step in recipes.follow_ups(made):
        look = step.look()
        if "waits for a person" in look.evidence:
            raise FollowUpNeeded(
                f"{made.release.tag} is released and complete; {step.name}: {look.evidence}",
                hint=f"merge {made.release.tag} into {made.release.develop} and resolve what conflicts",
            )


def _missing(world: World, release: Release) -> list[str]:
    """What the proof of a pushed release finds wanting, in words."""
    held = recipes.Held("", "", None)
    seen = engine.preview(recipes.proof(parts(world, release, held)))
    return [
        f"{one.name}: {one.look.evidence or one.look.state}"
        for one in seen.looked
        if one.look.state is not State.DONE
    ]


def _tips(world: World, seen: Survey) -> TipsAgree:
    standing = world.checkout.standing()
    local = {seen.base_branch: world.checkout.tip(f"refs/heads/{seen.base_branch}")}
    remote = {seen.base_branch: seen.base}
    here = {name: tip for name, tip in local.items() if tip}
    return TipsAgree(here, remote, seen.base_branch, standing.head if standing.branch is None else None)


def _refuse_unpushed(world: World, seen: Survey) -> None:
    """Nobody means the remote's branch when they have commits of their own on it."""
    here = world.checkout.tip(f"refs/heads/{seen.base_branch}")
    if here and not world.objects.is_ancestor(here, seen.base):
        raise Refused(
            f"nothing to release on {world.remote.name}, but {seen.base_branch} here has commits that are not pushed",
            evidence=[f"here {here[:10]}, {world.remote.name} {seen.base[:10]}"],
            hint=f"git push {world.remote.name} {seen.base_branch}",
        )


def _is_held(begun: Begun) -> LostRace:
    gone = "its process has ended; " if begun.holder_is_gone else "if that run is dead: "
    return LostRace(
        "another run holds the release lock",
        evidence=begun.holder.splitlines(),
        hint=f"{gone}{RESUME} takes it over, shipit release --undo takes it back",
    )


def _let_go(world: World, held: recipes.Held) -> None:
    try:
        free_lock(world, held)
    except Trouble:
        return


def _tidy(made: recipes.Parts) -> None:
    made.bench.clear()
    made.vault.clear()
