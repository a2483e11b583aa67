"""What a person finds where a deployment stopped after something may have been published."""

from collections.abc import Iterator, Sequence

from shipit.deploy.ports import Target
from shipit.deploy.recipe import DeployContext
from shipit.engine.plan import State, Step
from shipit.errors import Stop


def what_is_there(c: DeployContext) -> Sequence[str]:
    """What each target has live, and which steps have published; nothing where publishing has not begun."""
    try:
        begun = c.lock.is_public
    except Stop:  # the remote does not answer: to tell is no reason to fail in another way
        return ()
    return [*map(_live, c.targets), _published(c.published)] if begun else []


def _live(target: Target) -> str:
    try:
        return f"{target.name}: {target.live() or 'nothing'} is live"
    except Stop as why:
        return f"{target.name}: it is not known what is live: {why.what}"


def _published(steps: Sequence[Step]) -> str:
    known = [(step.name, _state(step)) for step in steps]

    def named(wanted: str) -> Iterator[str]:
        names = [name for name, state in known if state == wanted]
        return iter([f"{wanted}: {', '.join(names)}"] if names else [])

    return "; ".join([*named("published"), *named("not yet"), *named("not known")])


def _state(step: Step) -> str:
    try:
        return "published" if step.look().state is State.DONE else "not yet"
    except Stop:
        return "not known"
