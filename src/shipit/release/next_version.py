"""What the next version would be, from what the remote says."""

from collections.abc import Sequence

from shipit.adapters import semantic_release
from shipit.model import Tag
from shipit.release.outside import World
from shipit.release.survey import Survey
from shipit.versioning.bump import Forced
from shipit.versioning.decision import Decision, Question, decide
from shipit.versioning.units import Reading


def next_version(
    world: World,
    seen: Survey,
    *,
    kind: str = "auto",
    pre: str | None = None,
    forced: Forced | None = None,
    taken: Sequence[Tag] = (),
) -> Decision:
    """Decide it as the configuration of the world's package asks; raises what `decide` raises."""
    policy = world.config.version
    asked = Question(
        seen.commits,
        seen.tags,
        policy,
        kind,
        pre,
        forced,
        taken=taken,
        branch=seen.base_branch,
        reading=Reading(semantic_release.reader(policy.commit_style), world.folder, seen.touched),
        waiting=seen.waiting if seen.base_branch == world.config.branches.develop else {},
    )
    return decide(asked)
