"""What the next version would be, from what the remote says."""

from collections.abc import Sequence

from shipit.model import Tag
from shipit.release.known_versions import require_above_all, require_pushed
from shipit.release.outside import Outside
from shipit.release.survey import Survey
from shipit.versioning.bump import Forced
from shipit.versioning.decision import Decision, Question, decide
from shipit.versioning.units import Reading


def next_version(
    outside: Outside,
    seen: Survey,
    *,
    kind: str = "auto",
    pre: str | None = None,
    forced: Forced | None = None,
    taken: Sequence[Tag] = (),
    ask_index: bool = True,
) -> Decision:
    """Decide it as the configuration of the outside's package asks; raises what `decide` raises.

    Also raises Refused where the version would fall below one that is known, unless a person named it.
    """
    policy = outside.config.version
    require_pushed(outside, seen)
    asked = Question(
        seen.commits,
        seen.tags,
        policy,
        kind,
        pre,
        forced,
        taken=taken,
        branch=seen.base_branch,
        reading=Reading(outside.grammar, outside.project.folder, seen.touched),
        waiting=seen.waiting_for(outside.config.branches.develop),
        initial_origin=outside.project.initial_origin,
    )
    decision = decide(asked)
    if forced is None:
        require_above_all(outside, seen, decision, ask_index=ask_index)
    return decision
