"""shipit status: what the remote says about releases, in a few lines."""

import json as _json
from collections.abc import Mapping, Sequence
from typing import Any

from shipit.errors import Refused, UsageError
from shipit.release.next_version import next_version
from shipit.release.open_release import held_by
from shipit.release.outside import Outside
from shipit.release.refs import evidence_ref
from shipit.release.survey import Survey, survey
from shipit.versioning.tags import previous_tags


def report(outside: Outside, *, json: bool) -> Sequence[str]:
    """Lines for people, or one line of JSON. Only reads."""
    branches = outside.config.branches
    branch = branches.develop or branches.main
    seen = survey(outside.remote, outside.objects, outside.config, branch)
    begun = held_by(outside, seen.lock) if seen.lock else None
    packages = {name: _standing(outside.of(name), branch) for name in outside.config.packages}
    own = _standing(outside, branch, seen)
    facts = {
        "project": _name(outside),
        **own,
        "open": list(seen.open_tags),
        "lock": f"{begun.release.tag}: {begun.record}" if begun else None,
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


def _standing(outside: Outside, branch: str, seen: Survey | None = None) -> Mapping[str, Any]:
    """What the project, or one package of it, has released, and what would come next."""
    seen = seen or survey(outside.remote, outside.objects, outside.config, branch, outside.project.folder)
    released = previous_tags(seen.tags, outside.config.version)[1]
    proven = bool(released) and evidence_ref(released.name if released else "") in seen.refs
    commits = sum(1 for one in seen.commits if seen.counts(one))
    found = {"released": released.name if released else None, "evidence": proven, "commits": commits}
    try:  # the index may ask for a password, which nobody needs who only looks
        return {**found, "next": next_version(outside, seen, ask_index=False).version, "refused": None}
    except Refused as error:
        return {**found, "next": None, "refused": error.what}


def _name(outside: Outside) -> str:
    """The project's name; a repository of packages need not have one of its own."""
    try:
        return outside.project.name
    except UsageError:
        if not outside.config.packages:
            raise
        return outside.top.name


def _released(own: Mapping[str, Any]) -> str:
    return f"{own['released'] or 'nothing yet'}{' (with evidence)' if own['evidence'] else ''}"


def _next(own: Mapping[str, Any], branch: str) -> str:
    if own["refused"]:
        return f"refused: {own['refused']}"
    if own["next"] is None:
        return f"nothing to release on {branch}"
    commits = own["commits"]
    return f"{own['next']} ({commits} commit{'s' if commits != 1 else ''} on {branch})"
