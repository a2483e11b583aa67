"""shipit deploy: what is deployed is decided from the remote, and carried out or gone on with."""

from collections.abc import Mapping, Sequence

from shipit.deploy import recipe
from shipit.deploy.checks_elsewhere import ImagesAwaited
from shipit.deploy.choice import bring, choose
from shipit.deploy.ending import followed
from shipit.deploy.halfway import what_is_there
from shipit.deploy.job import DeployJob, context, wait_for_checks
from shipit.deploy.ledger import former, is_meant
from shipit.deploy.lock import HeldLock, is_held
from shipit.deploy.model import Decision, Entry, Intent
from shipit.deploy.ports import Target
from shipit.deploy.recipe import DeployContext
from shipit.engine.events import Event, StepDone, StepSkipped
from shipit.engine.run import carry_out
from shipit.errors import Refused, Stop, StoppedHalfway
from shipit.model import Revision

Facts = Mapping[str, str]


def deploy(job: DeployJob) -> Facts:
    """Bring a revision live, or say that it is; raises every class of shipit.errors."""
    return followed(job, "deploy", lambda: _deploy(job))


def roll_back(job: DeployJob, to: str = "") -> Facts:
    """Go back to what was recorded as live before, or to a version of the ledger.

    A deployment that was left half-way is given up: what stood before it is gone back to.
    """
    return followed(job, "deploy rollback", lambda: _roll_back(job, to))


def _deploy(job: DeployJob) -> Facts:
    held = job.held()
    if job.options.resume:
        return _go_on(job, held)
    _refuse_held(job, held)
    revision, tag = _chosen(job)
    with context(job, revision, tag) as made:
        if _is_live(made):
            return _nothing(job, revision)
        if job.is_on_a_runner and not job.options.dry_run:
            outside = job.outside
            timeout = outside.options.images_timeout
            ImagesAwaited(images=made.images, clock=outside.clock, timeout=timeout).run(job.reporter.say)
        return _carry_out(job, made)


def _chosen(job: DeployJob) -> tuple[Revision, str]:
    """What is to be live, once its checks are green; while they ran, the branch may have moved on."""
    revision, tag = choose(job.outside, job.options.version)
    job.revision = revision
    while not job.options.dry_run and (wait := wait_for_checks(job.outside, revision)):
        wait.run(job.reporter.say)
        again, tag = choose(job.outside, job.options.version)
        if again == revision:
            break
        job.reporter.say(f"meanwhile {job.outside.options.from_} has {again}")
        job.revision = revision = again
    return revision, tag


def _roll_back(job: DeployJob, to: str) -> Facts:
    held = job.held()
    if held is None or held.decision.is_rollback or job.is_alive(held):
        _refuse_held(job, held)
    standing = job.ledger.standing()
    if standing is None:
        raise Refused(f"nothing was ever deployed to {job.outside.name}", hint="shipit deploy --env NAME")
    entry = standing if held and not to else _former(job, standing, to)
    revision, tag = entry.decision.revision, entry.decision.tag
    job.revision = revision
    bring(job.outside, revision)
    with context(job, revision, tag, is_rollback=True, held=held) as made:
        return _nothing(job, revision) if _is_live(made) and not held else _carry_out(job, made)


def _former(job: DeployJob, standing: Entry, to: str) -> Entry:
    """The deployment to go back to."""
    complete = [one for one in job.ledger.entries() if one.is_complete]
    known = [one for one in complete if one.decision.revision != standing.decision.revision]
    wanted = [one for one in (*known, standing) if is_meant(one, to)] if to else former(complete)
    revisions = dict.fromkeys(str(one.decision.revision) for one in wanted)
    if to and len(revisions) > 1:
        raise Refused(
            f"{to} was live on {job.outside.name} as several commits",
            evidence=list(revisions),
            hint=f"name the commit: shipit deploy rollback --env {job.outside.name} --to COMMIT",
        )
    if not wanted:
        others = dict.fromkeys(str(one.decision.revision) for one in known)
        raise Refused(
            f"{to or 'another version'} was never live on {job.outside.name}",
            evidence=[f"were live: {', '.join(others) or 'no other one'}"],
            hint=f"shipit deploy history --env {job.outside.name}",
        )
    return wanted[0]


def _go_on(job: DeployJob, held: HeldLock | None) -> Facts:
    """Finish what was begun, here or on another machine; what its last moment finished is complete."""
    newest = job.ledger.newest()
    if held and job.is_alive(held):
        raise is_held(held)
    if held is None or _has_ended(held, newest):
        if held and not job.options.dry_run:
            job.outside.release.remote.push(held.freed)
        last = f": {newest.decision.revision} {newest.outcome}" if newest else ""
        job.reporter.say(f"nothing is under way on {job.outside.name}{last}")
        if newest and newest.is_complete and not job.options.dry_run:
            _prune(job, _as_recorded(job, newest), newest.decision)
            job.mirror.heal()
        return {"deployed": "false"}
    decision = held.decision
    with context(job, decision.revision, decision.tag, held=held) as made:
        return _carry_out(job, made)


def _has_ended(held: HeldLock, newest: Entry | None) -> bool:
    """Whether the ledger has its end already: a remote without atomic pushes moves the two one after the other."""
    return newest is not None and newest.decision.run == held.decision.run


def _refuse_held(job: DeployJob, held: HeldLock | None) -> None:
    """Raise LostRace for a lock of somebody at work, Refused for what somebody left half-way."""
    if held is None:
        return
    if job.is_alive(held):
        raise is_held(held)
    name, is_rollback = job.outside.name, held.decision.is_rollback
    back = "" if is_rollback else f"; shipit deploy rollback --env {name} gives it up and goes back"
    raise Refused(
        f"{'going back to' if is_rollback else 'deploying'} {held.decision.revision} on {name} was left half-way",
        evidence=[str(held.record)],
        hint=f"shipit deploy --env {name} --resume finishes it{back}",
    )


def _nothing(job: DeployJob, revision: Revision) -> Facts:
    job.reporter.say(f"nothing to deploy: {revision} is live on {job.outside.name}")
    return {"deployed": "false", "version": revision.version, "commit": revision.commit}


def _is_live(made: DeployContext) -> bool:
    """Whether ledger, targets, registry and database say that there is nothing to do."""
    if made.standing != made.decision.revision:
        return False
    revision = made.decision.revision
    if any(target.live() != revision.reference or not target.candidate(revision) for target in made.targets):
        return False
    if any(image.tagged(made.image_tag) != image.digest for image in made.images):
        return False
    return made.schema is None or made.decision.is_rollback or not made.schema.pending()


def _carry_out(job: DeployJob, made: DeployContext) -> Facts:
    """Show the plan of a dry run, or run it."""
    job.outside.require_inputs(made.decision.revision)
    plan = recipe.deploy(made)
    revision = made.decision.revision
    facts = {"version": revision.version, "commit": revision.commit}
    if job.options.dry_run:
        job.reporter.preview(plan)
        return {"deployed": "false", **facts}
    job.reporter.confirm(plan, f"Deploy {revision} to {job.outside.name}?")
    try:
        carry_out(plan, lambda event: _emit(job, made, event))
    except StoppedHalfway as stop:
        stop.evidence = (*stop.evidence, *what_is_there(made))
        raise
    finally:
        job.outside.close()
    _prune(job, made.targets, made.decision)
    job.reporter.say(f"{revision} is live on {job.outside.name}")
    return {"deployed": "true", **facts}


def _emit(job: DeployJob, made: DeployContext, event: Event) -> None:
    """Keep it for the ledger, and show it: a display that fails takes nothing away from what is written down."""
    made.notebook.event(event)
    job.reporter.emit(event)
    if isinstance(event, StepDone | StepSkipped) and event.name == recipe.hold(made).name:
        job.mirror.begin(made.decision)


def _as_recorded(job: DeployJob, entry: Entry) -> Sequence[Target]:
    """The targets that have live what the ledger says, with the number of the run that brought it there.

    That run was killed before it had pruned them, perhaps; with its number, nothing of a later one is harmed.
    """
    decision = entry.decision
    intent = Intent(revision=decision.revision, tag=decision.tag, fence=entry.fence, standing=entry)
    found = job.outside.targets(intent)
    return [target for target in found if target.live() == entry.targets.get(target.name)]


def _prune(job: DeployJob, targets: Sequence[Target], decision: Decision) -> None:
    """Remove the oldest versions that are kept; one that cannot be removed is no reason to fail."""
    needed = [reference for reference in decision.replaces.values() if reference]
    for target in targets:
        try:
            target.prune(needed, job.reporter.say)
        except Stop as why:
            job.reporter.say(f"old versions of {target.name} stay: {why.what}")
