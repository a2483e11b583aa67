"""Which adapters notify, as the configuration names them."""

from collections.abc import Iterator

from shipit.config import Project
from shipit.model import Actor
from shipit.notification.ports import Notifier


def notifiers(project: Project) -> Iterator[Notifier]:
    """Those that the configuration names; raises UsageError for a secret that is missing."""
    notify = project.config.notify
    if notify.run is not None:
        from shipit.adapters.notify_command import CommandNotifier

        yield CommandNotifier(notify.run, project.top)
    if notify.apprise is not None:
        from shipit.adapters.notify import AppriseNotifier
        from shipit.adapters.secrets import resolve

        yield AppriseNotifier(tuple(resolve(notify.apprise, project.top).split()))


def actor() -> Actor:
    """Who runs this."""
    from shipit.adapters.actor import actor as ours

    return ours()
