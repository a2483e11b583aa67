"""shipit status: what the remote says about releases, in a few lines."""

import json as _json
from collections.abc import Sequence

from shipit.commands.open_release import held_by
from shipit.steps.refs import evidence_ref
from shipit.survey import survey
from shipit.versioning.decision import decide
from shipit.world import World


def report(world: World, *, json: bool) -> Sequence[str]:
    """Lines for people, or one line of JSON. Only reads."""
    branches = world.config.branches
    seen = survey(world.remote, world.objects, world.config, branches.develop or branches.main)
    decision = decide(seen.commits, seen.tags, world.config.version, kind="auto")
    begun = held_by(world, seen.lock) if seen.lock else None
    proven = bool(decision.previous) and evidence_ref(decision.previous or "") in seen.refs
    facts = {
        "project": world.project,
        "released": decision.previous,
        "evidence": proven,
        "open": list(seen.open_tags),
        "lock": begun.holder.splitlines()[0] if begun else None,
        "commits": len(seen.commits),
        "next": decision.version,
    }
    if json:
        return [_json.dumps(facts)]
    return [
        f"project     {world.project}",
        f"released    {decision.previous or 'nothing yet'}{' (with evidence)' if proven else ''}",
        f"open        {', '.join(seen.open_tags) or 'nothing'}",
        f"lock        {facts['lock'] or 'free'}",
        f"next        {_next(decision.version, len(seen.commits), seen.base_branch)}",
    ]


def _next(version: str | None, commits: int, branch: str) -> str:
    if version is None:
        return f"nothing to release on {branch}"
    return f"{version} ({commits} commit{'s' if commits != 1 else ''} on {branch})"
