"""Which images a scan of the work tree looks at."""

from shipit.images.model import Names
from shipit.images.outside import Outside
from shipit.images.tags import SHORT


def references(outside: Outside) -> tuple[tuple[str, str], ...]:
    """Each image of the configuration with its name for the commit that is checked out; nothing without images.

    Raises UsageError where it is not known how they are called.
    """
    if not outside.project.config.images:
        return ()
    commit = outside.head
    names = outside.names(commit) or Names(own=commit[:SHORT])  # as `shipit build` calls them without a branch
    return tuple((image.key, image.named(names.own)) for image in outside.images())
