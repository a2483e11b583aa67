"""What to say where another tool, configured in this repository, would answer something else."""

from typing import TYPE_CHECKING

from shipit.adapters.git import query
from shipit.config import sources
from shipit.repository.clone import Clone

if TYPE_CHECKING:
    from shipit.versioning.decision import Decision


def remarks(clone: Clone, decision: "Decision | None" = None, *, auto: bool = True) -> list[str]:
    """Each as one line with the key that settles it; without a decision, what does not depend on one.

    `auto`: the commits decide, nobody named the kind or the version.
    """
    said = _silent(clone) if decision and clone.mentions else []
    if sources.may_have_peers(clone.top):
        said += _of_peers(clone, decision, auto=auto)
    return ["".join(one if one.isprintable() else " " for one in line) for line in said]


def _silent(clone: Clone) -> list[str]:
    return [f"{one}: the current version does not stand there; correct version.mentions" for one in clone.silent()]


def _of_peers(clone: Clone, decision: "Decision | None", *, auto: bool) -> list[str]:
    from shipit.config.peers import peers  # noqa: PLC0415 - few projects have another tool

    found = peers(clone.top)
    if found is None:
        return []
    said = list(found.not_taken())
    if decision and not clone.package:
        from shipit.versioning.peers import Asked, differences, first  # noqa: PLC0415 - as above

        branch = query.branch(clone.top)
        asked = Asked(decision=decision, branch=branch, auto=auto, in_files=lambda: first(clone.readable()))
        said += differences(found, asked)
    return list(dict.fromkeys(said))
