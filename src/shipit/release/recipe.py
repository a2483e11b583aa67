"""Which steps each form of a release consists of: lists to read from top to bottom.

Every step looks whether its effect is there already, runs only if it is absent, and looks again. What fails before
the point of no return is rolled back; what fails after it is finished by `shipit release --resume`, on any machine.
"""

from collections.abc import Callable

from shipit.engine.plan import Check, Hints, Plan, Step
from shipit.release.context import (
    ReleaseContext,
    assets,
    back_merge,
    build_and_try,
    checks,
    close,
    dispatch,
    draft,
    evidence,
    gates,
    lock,
    lock_with_branch,
    publish,
    pull_request,
    push,
    release_branch,
    tag_here,
    upload,
)
from shipit.release.lock import UNHELD, ReleaseLock
from shipit.release.steps.lock import Close

RESUME = "shipit release --resume"
UNDO = "shipit release --undo"
PROPOSAL = ", by pull request"
HINTS = Hints(resume=RESUME, stuck=f"{UNDO} undoes the rest; {RESUME} goes on")


Recipe = Callable[[ReleaseContext], Plan]


def release(c: ReleaseContext) -> Plan:
    """A whole release, from the lock to the closing."""
    return _plan(c, checks=checks(c), point_of_no_return="push", undo_found=True, steps=(
        # one release at a time: the lock carries the decision, so that any machine can go on; the branch comes with
        # it, before the gates, so that people and CI can see what is being released
        lock_with_branch(c),
        *gates(c),  # the project's own commands, such as tests and lint
        *build_and_try(c),  # sdist and wheel, once: checked, and installed in a fresh environment
        evidence(c),  # release.json: what was decided, the files' sha256, what the gates said
        push(c),  # main, develop, tag and evidence at once: from here there is only forward
        tag_here(c),  # into the clone of whoever releases
        *draft(c),
        *assets(c),
        *upload(c),  # to the package index
        *publish(c),  # after its assets: an immutable release takes none once it is published
        *back_merge(c),  # develop may have moved on since; a conflict waits for a person
        *dispatch(c),  # a tag pushed with the CI's own token starts no workflow
        close(c),  # the lock is free, and what was kept for a resume is gone
    ))  # fmt: skip


def propose(c: ReleaseContext) -> Plan:
    """The first half of a release through a pull request: all that can be known before people merge it."""
    return _plan(c, PROPOSAL, checks=checks(c), point_of_no_return="pull-request", undo_found=True, steps=(
        lock_with_branch(c),
        *gates(c),
        *build_and_try(c),
        *pull_request(c, c.release.notes),
    ))  # fmt: skip


def merged(c: ReleaseContext) -> Plan:
    """The second half: people have merged the pull request, so there is only forward."""
    return _plan(c, steps=(
        lock(c),
        *gates(c),
        *build_and_try(c),
        evidence(c),
        push(c),
        *deliver(c),
        close(c),
    ))  # fmt: skip


def finish(c: ReleaseContext) -> Plan:
    """What is left of a release whose push has landed: there is only forward."""
    return _plan(c, steps=(lock(c), push(c), *deliver(c), close(c)))


def proof(c: ReleaseContext, *, may_be_edited: bool = False) -> Plan:
    """What must be there of a complete release, asked at any later time; a forge forgets runs of workflows."""
    return _plan(c, steps=(push(c), *published(c, may_be_edited=may_be_edited), *back_merge(c), close(c)))


def undo(c: ReleaseContext) -> tuple[Step, ...]:
    """Every step whose effect may be there before the push, undone in reverse; lock and branch go after them."""
    return pull_request(c, "")


def deliver(c: ReleaseContext) -> tuple[Step, ...]:
    return (tag_here(c), *published(c, may_be_edited=True), *back_merge(c), *dispatch(c))


def published(c: ReleaseContext, *, may_be_edited: bool = False) -> tuple[Step, ...]:
    return (*draft(c, may_be_edited=may_be_edited), *assets(c), *upload(c), *publish(c))


def publishes(plan: Plan) -> bool:
    """Whether a plan ends with a complete release; the other one ends with a pull request."""
    return any(isinstance(step, Close) for step in plan.steps)


def guard(c: ReleaseContext) -> ReleaseLock:
    return ReleaseLock(remote=c.remote, commits=c.lock, tag=c.release.tag, opens=release_branch(c))


def _plan(
    c: ReleaseContext,
    how: str = "",
    *,
    steps: tuple[Step, ...],
    checks: tuple[Check, ...] = (),
    point_of_no_return: str | None = None,
    undo_found: bool = False,
) -> Plan:
    release = c.release
    previous = f"after {release.previous}" if release.previous else "the first"
    return Plan(
        title=f"Release {c.project} {release.version} ({previous}){how}",
        steps=steps,
        checks=checks,
        point_of_no_return=point_of_no_return,
        hints=HINTS,
        guard=None if c.lock is UNHELD else guard(c),
        undo_found=undo_found,
    )
