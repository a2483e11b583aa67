"""After a release: bring the branch that is checked out forward, or say how."""

from shipit.model import Divergence
from shipit.release.outside import Outside


def follow(outside: Outside, *, somebody_is_there: bool) -> str:
    """Bring the current branch to the remote's commit where the configuration asks for that.

    Returns what to say to a person; empty if there is nothing to say.
    """
    divergence = _divergence(outside)
    if divergence is None:
        return ""
    wanted = outside.config.branches.follow
    if divergence.ahead or wanted == "never" or (wanted == "auto" and not somebody_is_there):
        return f"{divergence}: {divergence.command}"
    why_not = outside.checkout.bring_forward(divergence.remote, divergence.branch)
    if why_not:
        return f"{divergence}, and was left as it is ({why_not}): {divergence.command}"
    return f"{divergence.branch} here was brought forward to {divergence.remote}"


def _divergence(outside: Outside) -> Divergence | None:
    """How the branch that is checked out differs from the remote, whose objects a release has brought here."""
    branch = outside.checkout.branch
    here = outside.checkout.tip("HEAD")
    there = outside.remote.refs().get(f"refs/heads/{branch}") if branch else None
    if branch is None or here is None or there in {None, here}:
        return None
    if not outside.objects.has(there or ""):
        outside.remote.fetch(f"refs/heads/{branch}")
    return outside.divergence(branch, here, there or "")
