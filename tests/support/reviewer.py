"""What a person does on the forge's page with the pull request of a release, where main takes no push."""

from tests.support import gitserver
from tests.support.acme import git
from tests.support.place import Place


def merge(place: Place, branch: str, how: str) -> str:
    """Merge or squash the first pull request, which is that of this branch; returns the commit on main."""
    other = place.fresh_clone("reviewer", branch="main")
    if how == "merge":
        git(other, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #1", f"origin/{branch}")
    else:
        git(other, "merge", "--quiet", "--squash", f"origin/{branch}")
        git(other, "commit", "--quiet", "-m", "chore(release): v1.1.0 (#1)")
    gitserver.remove_hooks(place.laid.remote)
    git(other, "push", "--quiet", "origin", "main")
    gitserver.decline(place.laid.remote, "refs/heads/main")
    sha = git(other, "rev-parse", "HEAD")
    place.forge.merge_pull_request(1, sha)
    return sha
