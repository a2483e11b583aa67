"""May whoever pushes a release push past the rules of a branch?"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from msgspec import Struct

from shipit.errors import ExternalError
from shipit.output.text import clean_line
from shipit.project.protection.demands import CLASSIC, Kind, Row, State
from shipit.project.protection.documents import Classic, Party
from shipit.project.protection.ports import Forge
from shipit.project.protection.standing import ActiveRuleset, Standing

TYPES = {"app": "Integration", "team": "Team", "user": "User"}
_PASSING = frozenset({"always", "exempt"})
_STOPPING = frozenset(
    {
        "pull_request",
        "required_status_checks",
        "update",
        "merge_queue",
        "required_deployments",
        "workflows",
        "code_scanning",
    }
)
"""Rules that decline the push of a commit that nobody has seen yet."""


class Actor(Struct, frozen=True, kw_only=True):
    """Who pushes a release; `number` is the forge's, None where it was not found, and `unknown` says why."""

    kind: str
    name: str
    number: int | None = None
    unknown: str = ""

    @property
    def title(self) -> str:
        return f"{self.kind}:{self.name}"


class Stops(Struct, frozen=True, kw_only=True):
    """What stops an actor: branch protection with the settings and the commands that lift them, and rulesets."""

    classic: Sequence[str] = ()
    commands: Sequence[str] = ()
    rulesets: Sequence[ActiveRuleset] = ()
    unknown: str = ""


def find(forge: Forge, title: str) -> Actor:
    """Look an actor up; one that is not found is still an actor, which can pass no ruleset."""
    kind, _, name = title.partition(":")
    try:
        return Actor(kind=kind, name=name, number=forge.actor(kind, name))
    except ExternalError as why:
        return Actor(kind=kind, name=name, unknown="; ".join(filter(None, (f"{title}: {why.what}", why.hint))))


def stops(forge: Forge, standing: Standing, actor: Actor) -> Stops:
    """All that would decline the actor's push."""
    found = list(_classic(standing.classic, actor)) if standing.classic else []
    path = f"repos/{forge.repository}/branches/{quote(standing.branch, safe='')}/protection"
    stopping = [one for one in standing.rulesets if any(rule.type in _STOPPING for rule in one.rules)]
    unknown = [*standing.unknown, *filter(None, [actor.unknown]), *_hidden(stopping)]
    return Stops(
        classic=[words for words, _ in found],
        commands=[f"gh api --method DELETE {path}/{part}" for _, part in found if part],
        rulesets=[one for one in stopping if one.ruleset.bypass_actors is not None and not _passes(one, actor)],
        unknown=unknown[0] if unknown else "",
    )


def row(standing: Standing, actor: Actor, stopped: Stops) -> Row:
    """The demand that the actor passes, with what stops it."""
    words = [f"{one.title} has no bypass for it (mode always)" for one in stopped.rulesets]
    if stopped.classic:
        words.append(f"{CLASSIC} stops it: {', '.join(stopped.classic)}")
    state = State.MISSING if words else State.UNKNOWN if stopped.unknown else State.HELD
    return Row(
        branch=standing.branch,
        demand=f"{actor.title} may push",
        state=state,
        words="; ".join(words) or clean_line(stopped.unknown) or "nothing stops it",
        kind=Kind.ACTOR,
    )


def _passes(held: ActiveRuleset, actor: Actor) -> bool:
    if actor.number is None:
        return True  # whether it passes is unknown, and said as such
    actors = held.ruleset.bypass_actors or ()
    wanted = (TYPES[actor.kind], actor.number)
    return any((one.actor_type, one.actor_id) == wanted and one.bypass_mode in _PASSING for one in actors)


def _hidden(stopping: Sequence[ActiveRuleset]) -> Iterator[str]:
    """Why it cannot be known of a ruleset."""
    for held in stopping:
        if held.ruleset.bypass_actors is None:
            yield f"{held.title}: only a token with `administration: write` may see who passes"


def _classic(found: Classic, actor: Actor) -> Iterator[tuple[str, str]]:
    """What of branch protection stops the actor, with the part that would have to go; empty: not by one call.

    Nobody is excepted from status checks but administrators, and these only where they are not bound.
    """
    if found.checks:
        yield "status checks bind everybody but administrators", "required_status_checks"
    reviews = found.required_pull_request_reviews
    if reviews is not None and not _has(reviews.bypass_pull_request_allowances, actor):
        yield "it asks for a pull request", "required_pull_request_reviews"
    if found.restrictions is not None and not _has(found.restrictions, actor):
        yield "it is not among those who may push", ""
    if found.lock_branch.enabled:
        yield "the branch is locked", ""


def _has(party: Party | None, actor: Actor) -> bool:
    return party is not None and party.has(actor.kind, actor.name)
