"""shipit status: what the remote says about releases, in a few lines."""

import json as _json
from collections.abc import Mapping, Sequence
from typing import Any

from shipit.errors import Refused, UsageError
from shipit.output.text import clean_line
from shipit.release.next_version import next_version
from shipit.release.open_release import look
from shipit.release.outside import Outside
from shipit.release.refs import evidence_ref
from shipit.release.survey import Survey, survey
from shipit.versioning.tags import previous_tags


def report(outside: Outside, *, json: bool) -> Sequence[str]:
    """Lines for people, or one line of JSON. Only reads."""
    found = facts(outside)
    return [_json.dumps(found)] if json else lines(outside, found)


def facts(outside: Outside) -> Mapping[str, Any]:
    """What is released, what is under way and what would come next; only reads."""
    branch = _branch(outside)
    seen, begun = look(outside, branch)
    packages = {name: _standing(outside.of(name), branch) for name in outside.config.packages}
    return {
        "project": _name(outside),
        **_standing(outside, branch, seen),
        "open": list(seen.open_tags),
        "lock": f"{begun.release.tag}: {begun.record}" if begun else None,
        **({"packages": packages} if packages else {}),
    }


def lines(outside: Outside, found: Mapping[str, Any]) -> list[str]:
    """The facts for people."""
    branch, packages = _branch(outside), found.get("packages", {})
    rows = [
        ("project", found["project"]),
        ("released", _released(found)),
        ("open", ", ".join(found["open"]) or "nothing"),
        ("lock", found["lock"] or "free"),
        ("next", _next(found, branch)),
        *(("package", f"{name}: {_released(one)}; next: {_next(one, branch)}") for name, one in packages.items()),
    ]
    return [f"{title:<12}{clean_line(text)}" for title, text in rows]


def _branch(outside: Outside) -> str:
    return outside.config.branches.develop or outside.config.branches.main


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
