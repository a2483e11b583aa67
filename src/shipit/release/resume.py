"""Releases that have begun: go on, finish or undo, from what the remote says, on any machine."""

from msgspec.structs import replace

from shipit.engine.plan import End
from shipit.engine.rollback import roll_back
from shipit.errors import ExternalError, LostRace, Refused, Stop, StoppedHalfway, UsageError
from shipit.model import PullRequest
from shipit.release import recipe
from shipit.release.lock import LockCommits
from shipit.release.model import Release
from shipit.release.open_release import OpenRelease, context, make_lock, pushed, require_names
from shipit.release.recipe import RESUME, UNDO
from shipit.release.refs import evidence_ref
from shipit.release.run import Facts, ReleaseRun, clean_up


def go_on(run: ReleaseRun, begun: OpenRelease) -> Facts:
    """Take over a release from the run that holds its lock."""
    release = begun.release
    if _has_landed(run, release):
        return finish(run, release.tag)
    if _is_late(run, release):
        return undo(run)
    require_names(run.outside, begun)
    if release.mode == "push":
        return _carry_on(run, begun, release, recipe.release)
    if run.outside.forge is None:
        raise UsageError(f"{release.tag} is under way through a pull request, and no forge is configured")
    request = _request(run, release)
    if request is None:
        return _carry_on(run, begun, release, recipe.propose)
    return _carry_on(run, begun, _merged(run, release, request), recipe.merged)


def finish(run: ReleaseRun, tag: str) -> Facts:
    """The push of this release has landed: carry out what is left of it."""
    release = pushed(run.outside, tag)
    lock = make_lock(run.outside, release, run.open.lock if run.open else None)
    made = context(run.outside, release, lock)
    return run.carry_out(recipe.finish(made), made)


def incomplete(run: ReleaseRun, tag: str) -> Stop:
    """What to say of a pushed release that is not complete, when nobody asked to finish it."""
    release = pushed(run.outside, tag)
    try:
        missing = run.missing(release)
    except Refused as unknown:
        missing = ["it was not closed", unknown.what, *unknown.evidence]
    first = missing[0] if missing else "it was not closed"
    return StoppedHalfway(f"{tag} is incomplete: {first}", evidence=missing[1:], hint=RESUME)


def is_held(begun: OpenRelease) -> Stop:
    """What to say when the lock is not ours."""
    evidence = [str(begun.record), f"run {begun.record.token}"]
    if begun.release.mode == "pull-request":
        return StoppedHalfway(
            f"{begun.release.tag} is under way through a pull request",
            evidence=evidence,
            hint=f"{RESUME} once it is merged, or {UNDO}",
        )
    gone = "its process has ended; " if begun.holder_has_ended else "if that run is dead: "
    return LostRace(
        "another run holds the release lock",
        evidence=[f"{begun.release.tag}: {evidence[0]}", evidence[1]],
        hint=f"{gone}{RESUME} takes it over, {UNDO} undoes it",
    )


def undo(run: ReleaseRun) -> Facts:
    """Undo what was begun and not pushed; raises Refused past the point of no return."""
    begun, reporter = run.open, run.reporter
    tag = begun.release.tag if begun else next(iter(run.seen.open_tags), "")
    if not tag:
        reporter.say("nothing to undo: no release is under way")
        return {"released": "false"}
    if begun is None or _has_landed(run, begun.release) or _is_merged(run, begun.release):
        raise Refused(f"{tag} is past its point of no return", hint=RESUME)
    require_names(run.outside, begun)
    lock = LockCommits(mine=begun.lock, after=begun.lock, observed=begun.lock)
    made = context(run.outside, begun.release, lock)
    is_late = _is_late(run, begun.release)
    roll_back(recipe.undo(made), reporter.emit, f"{UNDO} was asked for", recipe.HINTS)
    try:
        recipe.guard(made).free(End.ROLLED_BACK)
    except ExternalError as why:
        what = f"{tag} could not be undone: {why.what}"
        raise StoppedHalfway(what, evidence=why.evidence, hint=recipe.HINTS.stuck) from why
    clean_up(made)
    late = f"{tag} was released by another run; what came of this one after that is undone"
    reporter.say(late if is_late else f"{tag} is undone: everything is as before")
    return {"released": "false", "tag": tag}


def _carry_on(run: ReleaseRun, begun: OpenRelease, release: Release, make: recipe.Recipe) -> Facts:
    made = context(run.outside, release, make_lock(run.outside, release, begun.lock))
    return run.carry_out(make(made), made)


def _has_landed(run: ReleaseRun, release: Release) -> bool:
    return evidence_ref(release.tag) in run.seen.refs and not _is_late(run, release)


def _is_late(run: ReleaseRun, release: Release) -> bool:
    """Whether this lock landed after another run had released that version: its client is long gone."""
    is_pushed = evidence_ref(release.tag) in run.seen.refs
    return is_pushed and pushed(run.outside, release.tag).commit != release.commit


def _request(run: ReleaseRun, release: Release) -> PullRequest | None:
    forge = run.outside.forge
    return forge.pull_request(release.branch, release.main) if forge else None


def _is_merged(run: ReleaseRun, release: Release) -> bool:
    request = _request(run, release) if release.mode == "pull-request" else None
    return request is not None and request.merged


def _merged(run: ReleaseRun, release: Release, request: PullRequest) -> Release:
    """The release as people merged it: what the tag will name is the merge commit on main."""
    if request.merged and request.merge_commit:
        if not run.outside.objects.has(request.merge_commit):
            run.outside.remote.fetch(f"refs/heads/{release.main}")
        return replace(release, tagged_commit=request.merge_commit, main_before=request.merge_commit)
    if request.state == "open":
        raise StoppedHalfway(
            f"{release.tag} waits for its pull request",
            evidence=[request.url],
            hint=f"merge it, then {RESUME}",
        )
    raise Refused(f"the pull request of {release.tag} was closed", evidence=[request.url], hint=UNDO)
