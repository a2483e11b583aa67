"""shipit status: what the remote says about releases, in a few lines."""

import json as _json
from collections.abc import Mapping, Sequence
from typing import Any

from shipit.errors import UsageError
from shipit.release.next_version import next_version
from shipit.release.open_release import held_by
from shipit.release.outside import World
from shipit.release.refs import evidence_ref
from shipit.release.survey import Survey, survey


def report(world: World, *, json: bool) -> Sequence[str]:
    """Lines for people, or one line of JSON. Only reads."""
    branches = world.config.branches
    branch = branches.develop or branches.main
    seen = survey(world.remote, world.objects, world.config, branch)
    begun = held_by(world, seen.lock) if seen.lock else None
    packages = {name: _standing(world.of(name), branch) for name in world.config.packages}
    own = _standing(world, branch, seen)
    facts = {
        "project": _name(world),
        **own,
        "open": list(seen.open_tags),
        "lock": begun.holder.splitlines()[0] if begun else None,
    }
    if json:
        return [_json.dumps({**facts, "packages": packages} if packages else facts)]
    return [
        f"project     {facts['project']}",
        f"released    {_released(own)}",
        f"open        {', '.join(seen.open_tags) or 'nothing'}",
        f"lock        {facts['lock'] or 'free'}",
        f"next        {_next(own, branch)}",
        *(f"package     {name}: {_released(one)}; next: {_next(one, branch)}" for name, one in packages.items()),
    ]


def _standing(world: World, branch: str, seen: Survey | None = None) -> Mapping[str, Any]:
    """What the project, or one package of it, has released, and what would come next."""
    seen = seen or survey(world.remote, world.objects, world.config, branch, world.folder)
    decision = next_version(world, seen)
    proven = bool(decision.previous) and evidence_ref(decision.previous or "") in seen.refs
    commits = sum(1 for one in seen.commits if seen.counts(one))
    return {"released": decision.previous, "evidence": proven, "commits": commits, "next": decision.version}


def _name(world: World) -> str:
    """The project's name; a repository of packages need not have one of its own."""
    try:
        return world.project
    except UsageError:
        if not world.config.packages:
            raise
        return world.top.name


def _released(own: Mapping[str, Any]) -> str:
    return f"{own['released'] or 'nothing yet'}{' (with evidence)' if own['evidence'] else ''}"


def _next(own: Mapping[str, Any], branch: str) -> str:
    if own["next"] is None:
        return f"nothing to release on {branch}"
    commits = own["commits"]
    return f"{own['next']} ({commits} commit{'s' if commits != 1 else ''} on {branch})"
