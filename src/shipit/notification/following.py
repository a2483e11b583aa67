"""Notify of however a command ends that has no environment, such as a gate."""

from collections.abc import Iterator
from contextlib import contextmanager

from shipit.config import Project
from shipit.errors import Stop, UsageError
from shipit.model import Notice
from shipit.notification.ending import detail_of, end_of, ending_of, outcome_of, send
from shipit.notification.outside import actor, notifiers
from shipit.output.reporter import Reporter


@contextmanager
def notified(project: Project, reporter: Reporter, command: str) -> Iterator[None]:
    """Around the command: those that the configuration names are notified of its end, errors pass through.

    Not of a mistake of usage or configuration: that is an answer to whoever typed the command.
    """
    try:
        yield
    except UsageError:
        raise
    except BaseException as error:
        if why := end_of(error):
            _send(project, reporter, command, why)
        raise
    _send(project, reporter, command, None)


def _send(project: Project, reporter: Reporter, command: str, why: Stop | None) -> None:
    outcome, detail = outcome_of(why), detail_of(why)
    name = project.name_or_nothing or project.top.name
    facts = {
        "event": ending_of(outcome),
        "command": command,
        "project": name,
        "detail": detail,
        "actor": str(actor()),
    }
    notice = Notice(title=f"{name}: {command} {outcome}", body=detail, failed=why is not None, facts=facts)
    send(project.config.notify, notifiers(project), notice, reporter)
