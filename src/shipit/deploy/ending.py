"""How a deployment ends: those that the configuration names are notified, once, whatever happened."""

from collections.abc import Callable, Mapping

from shipit.deploy.job import DeployJob
from shipit.errors import Signalled, Stop, UsageError
from shipit.model import Notice
from shipit.notification.ending import detail_of, end_of, ending_of, outcome_of, send
from shipit.notification.outside import notifiers
from shipit.output.reporter import Declined

Facts = Mapping[str, str]


def followed(job: DeployJob, command: str, act: Callable[[], Facts]) -> Facts:
    """Do it and notify of its end; returns what it returns, errors pass through.

    Nobody is notified of a dry run, where there was nothing to do, where a person said no, and of a mistake of
    usage or configuration: those are answers to whoever typed the command.
    """
    if job.options.dry_run:
        return act()
    try:
        facts = act()
    except BaseException as error:
        why = end_of(error)
        if why:
            _mirror(job, why)
        if why and not isinstance(error, UsageError | Declined):
            _send(job, command, why)
        raise
    _mirror(job, None)
    if facts["deployed"] == "true":
        _send(job, command, None)
    return facts


def _mirror(job: DeployJob, why: Stop | None) -> None:
    """Say in the forge's list how it ended; what goes wrong with that is said and changes nothing."""
    try:
        job.mirror.end(why)
        lost = job.mirror.lost
    except Signalled as signal:  # it ends the waiting, as with a notification
        lost = f"interrupted by {signal}"
    if lost:
        job.reporter.say(f"the forge's list of deployments lacks something of this one: {lost}")


def _send(job: DeployJob, command: str, why: Stop | None) -> None:
    outcome, environment = outcome_of(why), job.outside.name
    lines = (str(job.revision or ""), detail_of(why), job.outside.release.actor().url)
    notice = Notice(
        title=f"{environment}: {command} {outcome}",
        body="\n".join(filter(None, lines)),
        failed=why is not None,
        facts={"event": ending_of(outcome), "command": command, "environment": environment, **_facts_of(job, why)},
    )
    send(job.outside.project.config.notify, notifiers(job.outside.project), notice, job.reporter)


def _facts_of(job: DeployJob, why: Stop | None) -> Facts:
    """What is not known, such as the version before it was decided, is left out."""
    actor, revision = job.outside.release.actor(), job.revision
    found = {
        "run": job.run,
        "version": revision.version if revision else "",
        "commit": revision.commit if revision else "",
        "url": actor.url,
    }
    known = {name: value for name, value in found.items() if value}
    return {**known, "detail": detail_of(why), "actor": str(actor)}
