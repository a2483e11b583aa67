"""Pushes that got no answer: the server may go on without its client, and land them later."""

import time
from collections.abc import Callable, Mapping

from shipit.errors import Refused, StoppedHalfway
from shipit.model import RefUpdate
from shipit.release.ports import Remote

PATIENCE, PAUSE = 5.0, 0.25
"""Seconds that such a push may take to land, and between two looks for it."""
Pause = Callable[[float], None]
"""Waits for so many seconds."""


def settled(remote: Remote, update: RefUpdate, pause: Pause = time.sleep) -> Mapping[str, str]:
    """What the remote says: if this push got no answer, once it has landed or patience ends."""
    refs = remote.refs()
    for _ in range(round(PATIENCE / PAUSE)):
        if not _may_land(remote, update, refs):
            break
        pause(PAUSE)
        refs = remote.refs()
    return refs


def require_settled(remote: Remote, update: RefUpdate, refs: Mapping[str, str]) -> None:
    """Raise StoppedHalfway if this push may still land."""
    if _may_land(remote, update, refs):
        raise StoppedHalfway(f"the push of {update.ref} got no answer, and may still land")


def require_shown(remote: Remote, *updates: RefUpdate) -> None:
    """Raise Refused for what the server took and does not show, and delete it there: nobody would ever find it."""
    refs = remote.refs()
    hidden = [update for update in updates if update.ref not in refs]
    if not hidden:
        return
    remote.push(*(RefUpdate(one.ref, None, one.new) for one in updates))
    raise Refused(
        f"{remote.name} takes refs that it does not show",
        evidence=[f"{one.ref} was pushed, and is not in the list of refs" for one in hidden],
        hint="have the server show refs/shipit: lock and evidence stand there (uploadpack.hideRefs = !refs/shipit)",
    )


def _may_land(remote: Remote, update: RefUpdate, refs: Mapping[str, str]) -> bool:
    """Whether the server may still be busy with it: its lease would hold."""
    return update in remote.unanswered and refs.get(update.ref) == update.expected
