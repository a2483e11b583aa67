"""Which adapter plays the forge of verify protection."""

from typing import TYPE_CHECKING

from shipit.config import Project
from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.adapters.github.protection import BranchProtection


def forge(project: Project) -> "BranchProtection":
    """The forge of the project; raises UsageError where it has none, or no token."""
    from shipit.adapters.github.client import GitHubClient
    from shipit.adapters.github.protection import BranchProtection
    from shipit.release.outside import Outside

    outside = Outside(project)
    if outside.repository is None:
        raise UsageError(
            "this project has no forge that could protect a branch",
            where="[tool.shipit.forge]",
            hint='forge.kind = "github" and forge.repository = "owner/name"',
        )
    return BranchProtection(
        GitHubClient(outside.api, outside.repository, outside.secret(project.config.forge.token))
    )
