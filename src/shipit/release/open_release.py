"""A release that has begun: found again from what the remote says, on any machine."""

import os
from dataclasses import dataclass
from functools import partial

import msgspec

from shipit.config.guesses import guess
from shipit.engine.lock import LockRecord, read_lock
from shipit.errors import ExternalError, Refused, Unavailable
from shipit.release.checks import TipsAgree
from shipit.release.context import ReleaseContext
from shipit.release.files import EVIDENCE
from shipit.release.lock import LockCommits
from shipit.release.model import Release
from shipit.release.outside import Outside
from shipit.release.refs import DECISION, LOCK, RECORD, decision_text, evidence_ref, kept_ref, read_decision
from shipit.release.steps.package import read_evidence
from shipit.release.survey import Survey, survey
from shipit.release.version_places import PlacesKnown
from shipit.versioning.maintenance import line_of
from shipit.versioning.number import parse
from shipit.versioning.tags import tag_name, version_of

TRIES = 10
"""Looks at a lock that others take and free as fast as we look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRelease:
    """A decision that stands on the remote; `lock` is the lock commit that carries it."""

    release: Release
    lock: str
    record: LockRecord
    holder_has_ended: bool
    """whether the holder was a process of this machine that is gone"""


def look(outside: Outside, base: str) -> tuple[Survey, OpenRelease | None]:
    """What the remote says, and the release whose lock stands there; looks again where that moves meanwhile."""
    config, folder = outside.config, outside.project.folder
    for _ in range(TRIES):
        seen = survey(outside.remote, outside.objects, config, base, folder)
        if seen.lock is None:
            return seen, None
        if _bring(outside, seen.lock):
            return seen, _held_by(outside, seen.lock)
    raise Unavailable(f"{LOCK} of {outside.remote.name} never stays the same", hint="run the same command again")


def _bring(outside: Outside, lock: str) -> bool:
    """Have the lock commit here; False if it was freed or taken by another run before it came."""
    if not outside.objects.has(lock):
        try:
            outside.remote.fetch(LOCK)
        except ExternalError:
            if outside.remote.refs().get(LOCK) == lock:
                raise
    return outside.objects.has(lock)


def _held_by(outside: Outside, lock: str) -> OpenRelease:
    """The decision that the release lock carries; raises Refused if it carries none."""
    try:
        release = read_decision(outside.objects.read(lock, DECISION) or b"")
        record = read_lock(outside.objects.read(lock, RECORD) or b"")
    except msgspec.DecodeError:
        raise Refused(
            f"{LOCK} does not hold a decision of this version of shipit",
            evidence=[lock],
            hint=f"look at it with `git fetch {outside.remote.name} {LOCK}` and `git show FETCH_HEAD`",
        ) from None
    return OpenRelease(release=release, lock=lock, record=record, holder_has_ended=outside.has_ended(record.holder))


def require_names(outside: Outside, begun: OpenRelease) -> None:
    """Raise Refused unless the decision's branches and tag are those that the configuration gives that version.

    Whoever may write to the remote may write it: what is undone or pushed is not whatever it names.
    """
    release, config = begun.release, outside.of(begun.release.package).config
    branches, form = config.branches, config.version.tag_format
    alone = line_of(release.base_branch) is not None
    wanted = {
        "tag": tag_name(release.version, form),
        "branch": branches.release.format(tag=tag_name(release.version, form), version=release.version),
        "main": release.base_branch if alone else branches.main,
        "develop": None if alone else branches.develop,
    }
    found = {name: getattr(release, name) for name in wanted}
    if found != wanted:
        raise Refused(
            f"the decision in {LOCK} is not one for this configuration",
            evidence=[
                f"{name} is {found[name] or 'none'}, and would be {wanted[name] or 'none'}"
                for name in wanted
                if found[name] != wanted[name]
            ],
            hint="use the configuration that it was made with, or free the lock: "
            f"git push {outside.remote.name} :{LOCK}",
        )


def pushed(outside: Outside, tag: str) -> Release:
    """The decision of a release whose push has landed, from its evidence; its small files come along.

    Raises Refused if shipit did not make that release.
    """
    ref = evidence_ref(tag)
    refs = outside.remote.refs()
    sha = refs.get(ref)
    if sha is None:
        kept, remote = kept_ref(tag), outside.remote.name
        raise Refused(
            f"{tag} has no evidence on {remote}",
            evidence=[
                f"there is no {ref}",
                *([f"there is {kept}, which no run of shipit leaves alone"] * (kept in refs)),
            ],
            hint=f"if somebody else made it: git push {remote} :{kept}"
            if kept in refs
            else "only releases that shipit made can be verified",
        )
    if not outside.objects.has(sha):
        outside.remote.fetch(ref)
    try:
        release = read_evidence(outside.objects.read(sha, EVIDENCE) or b"")
    except (msgspec.DecodeError, LookupError, TypeError):
        raise Refused(
            f"the evidence of {tag} cannot be read by this version of shipit",
            evidence=[f"{ref} at {sha[:10]}"],
            hint=f"look at it with `git fetch {outside.remote.name} {ref}` and `git show FETCH_HEAD:{EVIDENCE}`",
        ) from None
    artifacts = outside.artifacts(release)
    for name in outside.objects.files(sha):
        artifacts.write(name, outside.objects.read(sha, name) or b"")
    return release


def context(outside: Outside, release: Release, lock: LockCommits, tips: TipsAgree | None = None) -> ReleaseContext:
    """Everything that the steps of this release are made of, whichever package the command was started for."""
    outside = outside.of(release.package)
    tree = outside.objects.tree(release.tagged_commit)
    builder = outside.builder
    return ReleaseContext(
        config=outside.config,
        project=outside.project.name,
        release=release,
        tree=tree,
        lock=lock,
        remote=outside.remote,
        objects=outside.objects,
        checkout=outside.checkout,
        artifacts=outside.artifacts(release),
        gates=outside.gates(release, tree),
        packager=outside.packager(release, tree),
        forge=outside.forge,
        index=outside.index,
        back_merge=lambda tip: builder.back_merge(release, tip),
        tips=tips,
        places=_places(outside, release),
    )


def _places(outside: Outside, release: Release) -> PlacesKnown:
    previous = version_of(release.previous, outside.config.version.tag_format) if release.previous else None
    by_backend = outside.index is not None and not outside.config.distribution.run
    return PlacesKnown(
        guess=partial(guess, outside.project),
        objects=outside.objects,
        base=release.base,
        previous=previous,
        version=parse(release.version) if by_backend else None,
    )


def make_lock(outside: Outside, release: Release, observed: str | None) -> LockCommits:
    """Make the two lock commits of this run; nobody else can make the same, and nothing is pushed yet."""
    objects, now = outside.objects, outside.now()
    record = LockRecord(holder=outside.actor(), since=now, token=os.urandom(8).hex())
    tree = objects.change_tree(None, {DECISION: decision_text(release), RECORD: record.text})
    message = f"{release.tag}: {record}\n\nrun {record.token}\n"
    mine = objects.commit(tree, [release.tagged_commit], message, release.author, now)
    after = objects.commit(tree, [mine], f"pushed, {message}", release.author, now)
    return LockCommits(mine=mine, after=after, observed=observed)
