"""shipit release: which of begin, go on, finish and take back it is, is decided by what the remote says."""

from msgspec.structs import replace

from shipit.errors import LiveDiffers, NothingToRelease, Refused, UsageError
from shipit.output.reporter import Story
from shipit.release import recipe
from shipit.release.checks import TipsAgree
from shipit.release.next_version import next_version
from shipit.release.open_release import held_by, parts, pushed, take_lock
from shipit.release.outside import World
from shipit.release.refs import evidence_ref
from shipit.release.resume import finish, go_on, incomplete, is_held, undo
from shipit.release.run import Desk, Facts, Options, tidy
from shipit.release.survey import survey
from shipit.versioning.bump import forced
from shipit.versioning.decision import Decision
from shipit.versioning.maintenance import line_of


def run(world: World, options: Options, story: Story) -> Facts:
    """Do what the remote's state and the options call for; returns facts for whatever comes after.

    Raises every class of shipit.errors.
    """
    named = forced(options.exact, options.reason)
    desk = _sit_down(world.of(options.package), options, story)
    begun, still_open = desk.begun, desk.seen.open_tags
    if options.undo:
        return undo(desk)
    if begun and options.resume:
        return go_on(desk, begun)
    if begun and not (begun.holder_is_gone and still_open):
        raise is_held(begun)
    if still_open and options.resume:
        return finish(desk, still_open[0])
    if still_open:
        raise incomplete(desk, still_open[0])
    decision = next_version(
        desk.world, desk.seen, kind=options.kind, pre=options.pre, forced=named, taken=desk.seen.all_tags
    )
    return _begin(desk, decision) if decision.version else _nothing(desk, decision)


def _sit_down(world: World, options: Options, story: Story) -> Desk:
    if options.pull_request and world.forge is None:
        raise UsageError("--pr needs a forge", hint='set kind = "github" in [tool.shipit.forge]')
    world.complete_history()
    seen = survey(world.remote, world.objects, world.config, options.base or _base(world), world.folder)
    return Desk(world, options, story, seen, held_by(world, seen.lock) if seen.lock else None)


def _base(world: World) -> str:
    """The maintenance branch where the user stands, else develop, else main."""
    here = world.checkout.standing().branch
    branches = world.config.branches
    return here if here and line_of(here) else branches.develop or branches.main


def _begin(desk: Desk, decision: Decision) -> Facts:
    world, options, story = desk.world, desk.options, desk.story
    release = world.workshop.make(desk.seen, decision, world.signature())
    if options.pull_request:
        release = replace(release, mode="pull-request", target=release.commit)
    made = parts(world, release, take_lock(world, release, observed=None), _tips(desk))
    plan = recipe.propose(made) if options.pull_request else recipe.release(made)
    if not options.dry_run:
        story.confirm(plan, release)
        story.decide(release)
    return desk.carry_out(plan, made)


def _nothing(desk: Desk, decision: Decision) -> Facts:
    """No commit asks for a release: say whether the last one is complete, and touch nothing."""
    _refuse_unpushed(desk)
    tag = decision.previous
    text = f"nothing to release: {decision.why}"
    if tag and evidence_ref(tag) in desk.seen.refs:
        release = pushed(desk.world, tag)
        missing = desk.missing(release)
        tidy(parts(desk.world, release, recipe.NOBODY))  # what a run that was killed at its very end left
        if missing:
            hint = f"shipit verify release {tag}"
            raise LiveDiffers(f"{tag} is not what was released any more", evidence=missing, hint=hint)
        text = f"nothing to release: {tag} is complete"
    if desk.options.fail_if_nothing:
        raise NothingToRelease(text)
    desk.story.say(text)
    return {"released": "false", "tag": tag or ""}


def _refuse_unpushed(desk: Desk) -> None:
    """Nobody means the remote's branch when they have commits of their own on it."""
    world, seen = desk.world, desk.seen
    here = world.checkout.tip(f"refs/heads/{seen.base_branch}")
    if here and not world.objects.is_ancestor(here, seen.base):
        raise Refused(
            f"{seen.base_branch} has commits here that are not pushed to {world.remote.name}",
            evidence=[f"here {here[:10]}, {world.remote.name} {seen.base[:10]}"],
            hint=f"git push {world.remote.name} {seen.base_branch}",
        )


def _tips(desk: Desk) -> TipsAgree:
    checkout, seen = desk.world.checkout, desk.seen
    standing = checkout.standing()
    here = checkout.tip(f"refs/heads/{seen.base_branch}")
    detached = standing.head if standing.branch is None else None
    return TipsAgree(here, seen.base, seen.base_branch, detached)
