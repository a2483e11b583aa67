"""Where a forge lists deployments."""

from typing import TYPE_CHECKING

from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.adapters.github.deployments import Deployments
    from shipit.release.outside import Outside


def board(outside: "Outside") -> "Deployments | None":
    """None where there is no forge, where the configuration says so, and for a person without a token.

    Raises UsageError in a CI job that has no token: there somebody means to have one.
    """
    forge = outside.config.forge
    if not forge.deployments or outside.repository is None:
        return None
    from shipit.adapters.github.client import GitHubClient
    from shipit.adapters.github.deployments import Deployments
    from shipit.adapters.http.limits import Limits, Patience

    try:
        token = outside.secret(forge.token)
    except UsageError:
        if outside.actor().url:
            raise
        return None
    # who only looks on keeps nobody waiting
    patience, limits = Patience(connect=3, answer=5, tries=2), Limits(seconds=10)
    return Deployments(GitHubClient(outside.api, outside.repository, token, limits=limits, patience=patience))
