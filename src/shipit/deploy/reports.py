"""shipit deploy history, shipit verify deployment, and what shipit status says of environments."""

import json as _json
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from shipit.config import Project
from shipit.deploy.images import DeployedImage, left, split
from shipit.deploy.job import DeployJob, Options
from shipit.deploy.model import Entry, Intent
from shipit.deploy.outside import Outside
from shipit.errors import ExternalError, LiveDiffers, Refused, Stop
from shipit.output.reporter import Reporter
from shipit.output.text import clean, clean_line

Facts = Mapping[str, str]


def history(job: DeployJob, *, json: bool) -> Sequence[str]:
    """Every deployment, newest first: lines for people, or one line of JSON."""
    entries = list(job.ledger.entries())
    if json:
        return [_json.dumps({"deployments": [msgspec.to_builtins(clean(entry)) for entry in entries]})]
    return [_line(entry) for entry in entries] or [f"nothing was ever deployed to {job.outside.name}"]


def verify(job: DeployJob) -> Facts:
    """Is what the ledger says still what answers? Raises LiveDiffers if not, Refused where nothing was deployed."""
    standing = job.ledger.standing()
    name = job.outside.name
    if standing is None:
        raise Refused(f"nothing was ever deployed to {name}", hint=f"shipit deploy --env {name}")
    wrong = drift(job, standing)
    revision = standing.decision.revision
    if wrong:
        raise LiveDiffers(
            f"{name} is not what was deployed",
            evidence=wrong,
            hint=f"shipit deploy --env {name}, or shipit deploy history --env {name}",
        )
    proof = _seen(job, standing)
    job.reporter.say(f"{name} is what was deployed: {revision}, {proof}")
    return {"verified": "true", "version": revision.version, "commit": revision.commit}


def drift(job: DeployJob, standing: Entry) -> list[str]:
    """What differs between the ledger and what is there, a line each."""
    revision = standing.decision.revision
    wrong = []
    intent = as_recorded(standing)
    for target in job.outside.targets(intent):
        live, recorded = target.live(), standing.targets.get(target.name)
        if live != recorded:
            wrong.append(f"{target.name}: {live or 'nothing'} is live, {recorded or 'nothing'} was deployed")
        elif live and target.candidate(revision) is None:
            wrong.append(f"{target.name}: {live} was deployed, but is not there whole, or does not run")
    wrong += [line for one in job.outside.images(intent) if (line := _image_left(one, standing))]
    left = _schema_left(job, standing)
    with job.outside.schema(revision) as schema:
        if schema and (version := schema.version()) != left:
            wrong.append(f"database: at {version or 'no version'}, {left or 'no version'} was left")
    return wrong


def as_recorded(standing: Entry) -> Intent:
    """What the ledger says is live, for those who look at it."""
    decision = standing.decision
    return Intent(
        revision=decision.revision,
        tag=decision.tag,
        standing=standing,
        recorded=standing.images,
    )


def _image_left(image: DeployedImage, standing: Entry) -> str:
    recorded = standing.images.get(image.key)
    if recorded is None:
        return ""
    return left(image.key, recorded, standing.decision.revision.commit, image.registry)


class Seen(Struct, frozen=True, kw_only=True):
    """One environment: `facts` for `shipit status`, and its last deployments, newest first."""

    facts: Mapping[str, Any]
    entries: Sequence[Entry] = ()


def environments(project: Project, reporter: Reporter, last: int = 0) -> list[Seen]:
    """What every environment with targets has, with `last` deployments; one that cannot be looked at says why."""
    known = project.config.environments.items()
    return [_seen_environment(project, reporter, name, last) for name, options in known if options.targets]


def _seen_environment(project: Project, reporter: Reporter, name: str, last: int) -> Seen:
    entries: Sequence[Entry] = ()
    try:
        job = DeployJob(Outside(project, name), Options(), reporter)
        entries = [*islice(job.ledger.entries(), last)] if last else ()
        return Seen(facts=environment(job), entries=entries)
    except Stop as why:
        facts = {"environment": name, "version": None, "problem": why.what}
        return Seen(facts=facts, entries=entries)


def environment(job: DeployJob) -> Mapping[str, Any]:
    """What one environment has: for `shipit status`. Only reads."""
    standing, held = job.ledger.standing(), job.held()
    found: dict[str, Any] = {
        "environment": job.outside.name,
        "lock": f"{held.decision.revision}: {held.record}" if held else None,
    }
    if standing is None:
        return {**found, "version": None}
    wrong = drift(job, standing)
    decision = standing.decision
    return {
        **found,
        "version": decision.revision.version,
        "commit": decision.revision.commit,
        "schema": _schema_left(job, standing) or None,
        "images": dict(standing.images),
        "deployed": standing.ended,
        "by": standing.actor,
        "health": _health(job, standing),
        "drift": wrong,
    }


def environment_line(found: Mapping[str, Any]) -> str:
    """The same for people, in one line."""
    if found["version"] is None:
        return clean_line(f"{found['environment']}: {found.get('problem') or 'nothing deployed yet'}")
    schema = f", schema {found['schema']}" if found["schema"] else ""
    images = "".join(f", {name} {split(pinned)[2][:19]}" for name, pinned in found["images"].items())
    drifted = f"; drifted: {'; '.join(found['drift'])}" if found["drift"] else ""
    lock = f"; under way: {found['lock']}" if found["lock"] else ""
    return clean_line(
        f"{found['environment']}: {found['version']} ({found['commit'][:10]}){schema}{images}, "
        f"since {_when(found['deployed'])} by {found['by']}; {found['health']}{drifted}{lock}"
    )


def _schema_left(job: DeployJob, standing: Entry) -> str:
    """The version of the schema since the last deployment: one that was rolled back has left its migrations."""
    return (job.ledger.newest() or standing).schema


def _seen(job: DeployJob, standing: Entry) -> str:
    smoke = job.outside.smoke
    if smoke is None:
        return "no smoke checks are configured, so nobody was asked"
    try:
        return smoke.check(standing.decision.revision, job.reporter.say)
    except ExternalError as why:
        raise LiveDiffers(why.what, where=why.where, evidence=why.evidence, hint=why.hint) from why


def _health(job: DeployJob, standing: Entry) -> str:
    """Asked once: whoever asks how things stand does not want to wait."""
    smoke = job.outside.smoke
    return "health unknown" if smoke is None else smoke.glance(standing.decision.revision)


def _line(entry: Entry) -> str:
    decision = entry.decision
    back = "rollback to " if decision.is_rollback else ""
    schema = f", schema {entry.schema}" if entry.schema else ""
    parts = (f"{back}{decision.revision}{schema}", f"{entry.outcome} by {entry.actor}")
    return "  ".join([_when(entry.ended), *map(clean_line, parts)])


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
