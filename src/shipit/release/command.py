"""shipit release: whether it begins, goes on, finishes or undoes is decided by what the remote says."""

from msgspec.structs import replace

from shipit.errors import LiveDiffers, NothingToDo, Refused, UsageError
from shipit.model import Divergence
from shipit.output.reporter import Reporter
from shipit.release import recipe
from shipit.release.checks import TipsAgree
from shipit.release.lock import UNHELD
from shipit.release.next_version import next_version
from shipit.release.open_release import context, look, make_lock, pushed
from shipit.release.outside import Outside
from shipit.release.peers import remarks
from shipit.release.refs import evidence_ref, released_tags
from shipit.release.resume import finish, go_on, incomplete, is_held, undo
from shipit.release.run import Facts, Options, ReleaseRun, clean_up
from shipit.versioning.bump import forced
from shipit.versioning.decision import Decision
from shipit.versioning.maintenance import line_of


def release(outside: Outside, options: Options, reporter: Reporter) -> Facts:
    """Do what the remote's state and the options call for; returns facts for whatever comes after.

    Raises every class of shipit.errors.
    """
    named = forced(options.exact, options.reason)
    outside = outside.of(options.package)
    run = start(outside.looking() if options.dry_run else outside, options, reporter)
    under_way, incomplete_tags = run.open, run.seen.open_tags
    if options.undo:
        return undo(run)
    if under_way and options.resume:
        return go_on(run, under_way)
    if under_way and not (under_way.holder_has_ended and incomplete_tags):
        raise is_held(under_way)
    if incomplete_tags and options.resume:
        return finish(run, incomplete_tags[0])
    if incomplete_tags:
        raise incomplete(run, incomplete_tags[0])
    _require_folder(run)
    decision = next_version(
        run.outside, run.seen, kind=options.kind, pre=options.pre, forced=named, taken=run.seen.all_tags
    )
    for line in remarks(run, decision):
        reporter.say(line)
    return _begin(run, decision) if decision.version else _nothing(run, decision)


def start(outside: Outside, options: Options, reporter: Reporter) -> ReleaseRun:
    """Read what the remote says; nothing is decided yet."""
    if options.pull_request and outside.forge is None:
        raise UsageError("--pr needs a forge", hint='set kind = "github" in [tool.shipit.forge]')
    outside.complete_history()
    base = options.base or _base(outside)
    seen, begun = look(outside, base)
    return ReleaseRun(outside=outside, options=options, reporter=reporter, seen=seen, open=begun)


def _base(outside: Outside) -> str:
    """The maintenance branch where the user stands, else develop, else main."""
    here = outside.checkout.branch
    branches = outside.config.branches
    return here if here and line_of(here) else branches.develop or branches.main


def _require_folder(run: ReleaseRun) -> None:
    """Raise Refused for a package whose folder is not in what is released: nothing would ever touch it."""
    outside, seen = run.outside, run.seen
    folder = outside.project.folder
    if folder and not outside.objects.files(seen.base, folder):
        name, branch = outside.remote.name, seen.base_branch
        raise Refused(
            f"{folder}, the folder of the package {outside.project.package}, is not on {branch} of {name}",
            evidence=[f"a release is made from {name}, at {seen.base[:10]}"],
            hint=f"commit it and push: git add {folder} && git commit && git push {name} {branch}",
        )


def _begin(run: ReleaseRun, decision: Decision) -> Facts:
    outside, options = run.outside, run.options
    release = outside.builder.make(run.seen, decision, outside.signature())
    if options.pull_request:
        release = replace(release, mode="pull-request", tagged_commit=release.commit)
    made = context(outside, release, make_lock(outside, release, observed=None), _tips(run))
    return run.begin(recipe.propose(made) if options.pull_request else recipe.release(made), made)


def _nothing(run: ReleaseRun, decision: Decision) -> Facts:
    """No commit asks for a release: say whether the last one is complete, and touch nothing."""
    _refuse_unpushed(run)
    tag = decision.previous
    text = f"nothing to release: {decision.why}"
    if tag and evidence_ref(tag) in run.seen.refs:
        release = pushed(run.outside, tag)
        missing = run.missing(release)
        clean_up(context(run.outside, release, UNHELD))  # what a run that was killed at its very end left
        run.outside.sweep(tag)
        if missing:
            hint = f"shipit verify release {tag}"
            raise LiveDiffers(f"{tag} is not what was released any more", evidence=missing, hint=hint)
        text = f"nothing to release: {tag} is complete"
    if run.options.fail_if_nothing:
        raise NothingToDo(text)
    run.reporter.say(text)
    return {"released": "false", "tag": tag or ""}


def _refuse_unpushed(run: ReleaseRun) -> None:
    """Nobody means the remote's branch when they have commits of their own on it."""
    divergence = _divergence(run)
    if divergence and divergence.ahead:
        raise Refused(
            str(divergence),
            evidence=[f"a release is made from {run.outside.remote.name}, at {run.seen.base[:10]}"],
            hint=divergence.command,
        )


def _divergence(run: ReleaseRun) -> Divergence | None:
    """How the branch to release differs here from the remote; None if it does not, or is not here."""
    outside, seen = run.outside, run.seen
    here = outside.checkout.tip(f"refs/heads/{seen.base_branch}")
    if here is None or here == seen.base:
        return None
    return outside.divergence(seen.base_branch, here, seen.base)


def _tips(run: ReleaseRun) -> TipsAgree:
    checkout, seen = run.outside.checkout, run.seen
    detached, divergence = checkout.tip("HEAD") if checkout.branch is None else None, _divergence(run)
    here = detached or checkout.tip(f"refs/heads/{seen.base_branch}")
    if here and _is_of_releases(run, here):  # such as another package's, a moment ago in the same job
        detached, divergence = None, None
    return TipsAgree(there=seen.base, branch=seen.base_branch, detached=detached, divergence=divergence)


def _is_of_releases(run: ReleaseRun, here: str) -> bool:
    """Whether releases of shipit have made all that the remote's branch has and this commit lacks."""
    objects, seen = run.outside.objects, run.seen
    if here not in seen.ancestors:
        return False
    more = objects.history(here, seen.base)
    released = {seen.tagged(tag) for tag in released_tags(seen.refs)}
    # with gitflow the tag is on the merge, and the commit of the release is what was merged
    merged = {parent for commit in more if commit.sha in released for parent in commit.parents[1:]}
    ours = released | merged
    return all(one.sha in ours or (len(one.parents) > 1 and ours.intersection(one.parents)) for one in more)
