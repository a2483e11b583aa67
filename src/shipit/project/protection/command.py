"""shipit verify protection: is what the configuration demands of a commit demanded by the forge?"""

from collections.abc import Sequence

from msgspec import Struct

from shipit.config import Config
from shipit.errors import LiveDiffers, Refused, Unavailable, UsageError
from shipit.output.reporter import Declined, Reporter
from shipit.project.protection import actor as actors
from shipit.project.protection.actor import Actor
from shipit.project.protection.changes import Change, Seen, changes
from shipit.project.protection.demands import Kind, Row, State, more_checks, rows
from shipit.project.protection.page import difference, table
from shipit.project.protection.ports import Forge
from shipit.project.protection.standing import look


class Job(Struct, frozen=True, kw_only=True):
    """What is looked at, and who hears of it."""

    forge: Forge
    config: Config
    reporter: Reporter

    @property
    def branches(self) -> tuple[str, ...]:
        branches = self.config.branches
        return tuple(dict.fromkeys(filter(None, (branches.main, branches.develop))))


def verify(job: Job) -> None:
    """Raises LiveDiffers where a demand is not held, Refused where that is not known, UsageError without checks."""
    _require_checks(job)
    seen = _look(job, _actor(job))
    _show(job, seen)
    _judge(job, seen)


def apply(job: Job) -> None:
    """Write what is missing and look again; raises as `verify`, Declined if a person says no, ExternalError."""
    _require_checks(job)
    actor = _actor(job)
    seen = _look(job, actor)
    _require_seen(seen, actor)
    needed = list(changes(job.forge, job.config.protection, seen, actor))
    if not needed:
        job.reporter.say("nothing to write: no rule is missing that shipit could write")
    else:
        _write_all(job, needed)
        seen = _look(job, actor)
    _show(job, seen)
    _judge(job, seen)


def _require_checks(job: Job) -> None:
    if not job.config.protection.required_checks:
        raise UsageError(
            "no check is required, so that protection would ask for none",
            where="[tool.shipit.protection] required-checks",
            hint="name the checks as the forge shows them on a pull request",
        )


def _actor(job: Job) -> Actor | None:
    named = job.config.protection.release_actor
    return actors.find(job.forge, named) if named else None


def _look(job: Job, actor: Actor | None) -> list[Seen]:
    return [_seen(job, branch, actor) for branch in job.branches]


def _seen(job: Job, branch: str, actor: Actor | None) -> Seen:
    options = job.config.protection
    standing = look(job.forge, branch, owners=options.code_owners)
    found = list(rows(standing, options))
    if actor is None:
        return Seen(standing=standing, rows=found)
    stopped = actors.stops(job.forge, standing, actor)
    return Seen(standing=standing, rows=[*found, actors.row(standing, actor, stopped)], stops=stopped)


def _show(job: Job, seen: Sequence[Seen]) -> None:
    for line in table(_all_rows(seen)):
        job.reporter.say(line)
    for one in seen:
        for line in more_checks(one.standing, job.config.protection):
            job.reporter.say(f"{line}, which the configuration does not name")
    if job.config.protection.release_actor is None:
        job.reporter.say("no release-actor is named: releases go through shipit release --pr")


def _judge(job: Job, seen: Sequence[Seen]) -> None:
    found = _all_rows(seen)
    missing = [row for row in found if row.state is State.MISSING]
    unknown = [row for row in found if row.state is State.UNKNOWN]
    counts = {str(state): str(sum(row.state is state for row in found)) for state in State}
    job.reporter.renderer.outputs({"verified": str(len(unknown) == len(missing) == 0).lower(), **counts})
    where = f"{job.forge.repository} on {job.forge.name}"
    if missing:
        not_known = [f"{difference(row)} (not known)" for row in unknown]
        raise LiveDiffers(
            f"{where} does not demand what the configuration does",
            evidence=[*map(difference, missing), *not_known, *_commands(seen)],
            hint=_next(seen),
        )
    if unknown:
        raise _not_seen(where, unknown)


def _next(seen: Sequence[Seen]) -> str:
    """The command that helps, or where a person must."""
    if any(one.lacks_rules or (one.stops.classic and not one.is_ours) for one in seen):
        return "shipit verify protection --apply"
    if any(one.stops.classic for one in seen):
        return "let an administrator lift what stops the release actor, or leave out protection.release-actor"
    return "commit what is missing, or change the named rulesets on the forge's page"


def _commands(seen: Sequence[Seen]) -> list[str]:
    """What would lift branch protection for the release actor: shipit runs none of them."""
    lines = [command for one in seen for command in one.stops.commands]
    return ["once the ruleset holds all that branch protection does, this lifts it:", *lines] if lines else []


def _require_seen(seen: Sequence[Seen], actor: Actor | None) -> None:
    """What cannot be seen cannot be kept."""
    unknown = [row for row in _all_rows(seen) if row.state is State.UNKNOWN and row.kind is not Kind.FILE]
    if unknown:
        raise _not_seen("nothing was written: the forge", unknown)
    if actor and actor.unknown:
        raise Refused("nothing was written: the release actor was not found", evidence=[actor.unknown])


def _not_seen(where: str, unknown: Sequence[Row]) -> Refused:
    wants_right = any("`administration:" in row.words for row in unknown)
    right = "use a token with `administration: write`; the GITHUB_TOKEN of Actions cannot have it"
    return Refused(
        f"{where} did not let everything be seen",
        evidence=[difference(row) for row in unknown],
        hint=right if wants_right else "remove what is named, then run the same command again",
    )


def _write_all(job: Job, needed: Sequence[Change]) -> None:
    """Show every change, ask once, and write them."""
    for change in needed:
        job.reporter.say(f"{change.title}:")
        for line in change.lines:
            job.reporter.say(f"  {line}")
    if job.reporter.ask and not job.reporter.ask(f"Write this to {job.forge.repository}?"):
        raise Declined
    for change in needed:
        _write(change)
        job.reporter.say(f"written: {change.title}")


def _write(change: Change) -> None:
    """Write once; an answer that is lost is looked up, and raises Unavailable where it was not done."""
    try:
        change.write()
    except Unavailable:
        if not change.is_there():
            raise


def _all_rows(seen: Sequence[Seen]) -> list[Row]:
    return [row for one in seen for row in one.rows]
