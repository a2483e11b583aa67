"""Releases that have begun: go on, finish, take back, from what the remote says, on any machine."""

from msgspec.structs import replace

from shipit.engine import run
from shipit.errors import LostRace, Refused, Stop, StoppedHalfway, UsageError
from shipit.model import PullRequest
from shipit.release import recipe as recipes
from shipit.release.model import Release
from shipit.release.open_release import Begun, parts, pushed, take_lock
from shipit.release.refs import evidence_ref
from shipit.release.run import RESUME, UNDO, Desk, Facts, tidy


def go_on(desk: Desk, begun: Begun) -> Facts:
    """Take over a release from the run that holds its lock."""
    release = begun.release
    if _has_landed(desk, release):
        return finish(desk, release.tag)
    if release.mode == "push":
        return _carry_on(desk, begun, release, recipes.release)
    if desk.world.forge is None:
        raise UsageError(f"{release.tag} is under way through a pull request, and no forge is configured")
    request = _request(desk, release)
    if request is None:
        return _carry_on(desk, begun, release, recipes.propose)
    return _carry_on(desk, begun, _merged(desk, release, request), recipes.merged)


def finish(desk: Desk, tag: str) -> Facts:
    """The push of this release has landed: carry out what is left of it."""
    release = pushed(desk.world, tag)
    held = take_lock(desk.world, release, desk.begun.lock if desk.begun else None)
    made = parts(desk.world, release, held)
    return desk.carry_out(recipes.finish(made), made)


def incomplete(desk: Desk, tag: str) -> Stop:
    """What to say of a pushed release that is not complete, when nobody asked to finish it."""
    missing = desk.missing(pushed(desk.world, tag))
    first = missing[0] if missing else "it was not closed"
    return StoppedHalfway(f"{tag} is incomplete: {first}", evidence=missing[1:], hint=RESUME)


def is_held(begun: Begun) -> Stop:
    """What to say when the lock is not ours."""
    if begun.release.mode == "pull-request":
        return StoppedHalfway(
            f"{begun.release.tag} is under way through a pull request",
            evidence=begun.holder.splitlines(),
            hint=f"{RESUME} once it is merged, or {UNDO}",
        )
    gone = "its process has ended; " if begun.holder_is_gone else "if that run is dead: "
    return LostRace(
        "another run holds the release lock",
        evidence=begun.holder.splitlines(),
        hint=f"{gone}{RESUME} takes it over, {UNDO} takes it back",
    )


def undo(desk: Desk) -> Facts:
    """Take back what was begun and not pushed; raises Refused past the point of no return."""
    begun, story = desk.begun, desk.story
    tag = begun.release.tag if begun else next(iter(desk.seen.open_tags), "")
    if not tag:
        story.say("nothing to undo: no release is under way")
        return {"released": "false"}
    if begun is None or _has_landed(desk, begun.release) or _is_merged(desk, begun.release):
        raise Refused(f"{tag} is past its point of no return", hint=RESUME)
    held = recipes.Held(begun.lock, begun.lock, begun.lock)
    made = parts(desk.world, begun.release, held)
    run.take_back(recipes.undo(made), story.tell, f"{UNDO} was asked for")
    tidy(made)
    story.say(f"{tag} is taken back: everything is as before")
    return {"released": "false", "tag": tag}


def _carry_on(desk: Desk, begun: Begun, release: Release, recipe: recipes.Recipe) -> Facts:
    made = parts(desk.world, release, take_lock(desk.world, release, begun.lock))
    return desk.carry_out(recipe(made), made)


def _has_landed(desk: Desk, release: Release) -> bool:
    return evidence_ref(release.tag) in desk.seen.refs


def _request(desk: Desk, release: Release) -> PullRequest | None:
    forge = desk.world.forge
    return forge.pull_request(release.branch, release.main) if forge else None


def _is_merged(desk: Desk, release: Release) -> bool:
    request = _request(desk, release) if release.mode == "pull-request" else None
    return request is not None and request.merged


def _merged(desk: Desk, release: Release, request: PullRequest) -> Release:
    """The release as people merged it: what the tag will name is the merge commit on main."""
    if request.merged and request.merge_commit:
        if not desk.world.objects.has(request.merge_commit):
            desk.world.remote.fetch(f"refs/heads/{release.main}")
        return replace(release, target=request.merge_commit, main_before=request.merge_commit)
    if request.state == "open":
        raise StoppedHalfway(
            f"{release.tag} waits for its pull request",
            evidence=[request.url],
            hint=f"merge it, then {RESUME}",
        )
    raise Refused(f"the pull request of {release.tag} was closed", evidence=[request.url], hint=UNDO)
