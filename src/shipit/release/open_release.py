"""A release that has begun: found again from what the remote says, on any machine."""

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shipit.errors import Refused
from shipit.model import RefUpdate
from shipit.release.checks import TipsAgree
from shipit.release.model import Release
from shipit.release.outside import World
from shipit.release.recipe import Held, Parts
from shipit.release.refs import DECISION, LOCK, decision_text, evidence_ref, read_decision
from shipit.release.steps.package import EVIDENCE, read_evidence


@dataclass(frozen=True, slots=True)
class Begun:
    """A decision that stands on the remote; `lock` is the lock commit that carries it."""

    release: Release
    lock: str
    holder: str

    @property
    def holder_is_gone(self) -> bool:
        """Whether its holder was a process of this machine that has ended."""
        found = re.search(r" on (\S+), process (\d+)", self.holder)
        if not found or found.group(1) != socket.gethostname():
            return False
        return Path("/proc").is_dir() and not Path("/proc", found.group(2)).exists()


def held_by(world: World, lock: str) -> Begun:
    """The decision that the release lock carries; raises Refused if it carries none."""
    if not world.objects.has(lock):
        world.remote.fetch(LOCK)
    data = world.objects.read(lock, DECISION)
    try:
        release = read_decision(data or b"")
    except msgspec.DecodeError:
        raise Refused(
            f"{LOCK} does not hold a decision of this version of shipit",
            evidence=[lock],
            hint=f"look at it with `git fetch {world.remote.name} {LOCK}` and `git show FETCH_HEAD`",
        ) from None
    return Begun(release, lock, world.objects.message(lock).strip())


def pushed(world: World, tag: str) -> Release:
    """The decision of a release whose push has landed, from its evidence; its small files come along.

    Raises Refused if shipit did not make that release.
    """
    ref = evidence_ref(tag)
    sha = world.remote.refs().get(ref)
    if sha is None:
        raise Refused(
            f"{tag} has no evidence on {world.remote.name}",
            evidence=[f"there is no {ref}"],
            hint="only releases that shipit made can be verified",
        )
    if not world.objects.has(sha):
        world.remote.fetch(ref)
    try:
        release = read_evidence(world.objects.read(sha, EVIDENCE) or b"")
    except (msgspec.DecodeError, LookupError, TypeError):
        raise Refused(
            f"the evidence of {tag} cannot be read by this version of shipit",
            evidence=[f"{ref} at {sha[:10]}"],
            hint=f"look at it with `git fetch {world.remote.name} {ref}` and `git show FETCH_HEAD:{EVIDENCE}`",
        ) from None
    vault = world.vault(release)
    for name in world.objects.files(sha):
        vault.write(name, world.objects.read(sha, name) or b"")
    return release


def parts(world: World, release: Release, held: Held, tips: TipsAgree | None = None) -> Parts:
    """Everything that the steps of this release are made of, whichever package the command was started for."""
    world = world.of(release.package)
    tree = world.objects.tree(release.target)
    workshop = world.workshop
    return Parts(
        config=world.config,
        project=world.project,
        release=release,
        tree=tree,
        held=held,
        remote=world.remote,
        objects=world.objects,
        checkout=world.checkout,
        vault=world.vault(release),
        bench=world.bench(release, tree),
        forge=world.forge,
        index=world.index,
        back_merge=lambda tip: workshop.back_merge(release, tip),
        tips=tips,
    )


def take_lock(world: World, release: Release, observed: str | None) -> Held:
    """Make the two lock commits of this run; nobody else can make the same, and nothing is pushed yet."""
    objects = world.objects
    tree = objects.change_tree(None, {DECISION: decision_text(release)})
    nonce = os.urandom(8).hex()
    message = f"{release.tag}: held by {world.holder()}\n\nrun {nonce}\n"
    mine = objects.commit(tree, [release.target], message, release.author, world.now())
    after = objects.commit(tree, [mine], f"pushed, {message}", release.author, world.now())
    return Held(mine, after, observed)


def free_lock(world: World, held: Held) -> None:
    """Let go of our lock if it is still ours."""
    there = world.remote.refs().get(LOCK)
    if there in (held.mine, held.after):
        world.remote.push(RefUpdate(LOCK, None, there))
