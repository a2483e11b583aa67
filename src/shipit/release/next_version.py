"""What the next version would be, from what the remote says."""

from collections.abc import Sequence

from shipit.model import Tag
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
) -> Decision:
    """Decide it as the configuration of the outside's package asks; raises what `decide` raises."""
    policy = outside.config.version
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
        waiting=seen.waiting if seen.base_branch == outside.config.branches.develop else {},
    )
    return decide(asked)
