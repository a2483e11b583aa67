"""What the configuration demands of a branch, and what holds each demand."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from shipit.config import Protection
from shipit.output.text import clean_line
from shipit.project.protection.documents import Classic, Reviews
from shipit.project.protection.standing import ActiveRuleset, Standing

CLASSIC = "branch protection"
ROLES = frozenset({"RepositoryRole", "OrganizationAdmin", "EnterpriseOwner", "EnterpriseRole"})
"""Bypass actors that are a role: whoever has it, administrators among them."""


class State(StrEnum):
    """What became of a demand."""

    HELD = "held"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """Where it is set right: on the forge, by a commit, or, for a release actor, by either or by a person."""

    RULE = "rule"
    FILE = "file"
    ACTOR = "actor"


class Row(Struct, frozen=True, kw_only=True):
    """One demand on one branch; `words` say what holds it, or what stands in its place."""

    branch: str
    demand: str
    state: State
    words: str
    kind: Kind = Kind.RULE


class Demand(Struct, frozen=True, kw_only=True):
    """What is demanded, and how branch protection and a ruleset are seen to hold it."""

    name: str
    classic: Callable[[Classic], bool]
    ruleset: Callable[[ActiveRuleset], bool]


def demands(options: Protection) -> tuple[Demand, ...]:
    """All that either a ruleset or branch protection can hold, in the order of the table."""
    checks = tuple(_check(name) for name in dict.fromkeys(options.required_checks))
    return (
        *checks,
        _review(
            "an approving review",
            lambda one: one.required_approving_review_count > 0,
            lambda held: any(rule.asks.required_approving_review_count > 0 for rule in held.rules),
        ),
        *_stale(options),
        *_owners(options),
    )


def rows(standing: Standing, options: Protection) -> Iterator[Row]:
    """Every demand on the branch but that of the release actor."""
    wanted = demands(options)
    for demand in wanted:
        yield _row(standing, demand)
    if options.code_owners:
        yield _owners_file(standing)
    if options.admins:
        yield _admins(standing, wanted)


def more_checks(standing: Standing, options: Protection) -> Iterator[str]:
    """Checks that are required beside those of the configuration, with what requires them: one may be gone."""
    found = [(ruleset.title, ruleset.checks) for ruleset in standing.rulesets]
    if standing.classic:
        found.append((CLASSIC, standing.classic.checks))
    for title, checks in found:
        if more := sorted(checks - set(options.required_checks)):
            yield f"{title} of {standing.branch} also requires {clean_line(', '.join(more))}"


def _check(name: str) -> Demand:
    return Demand(
        name=f"check {clean_line(name)}",
        classic=lambda classic: name in classic.checks,
        ruleset=lambda held: name in held.checks,
    )


def _review(name: str, classic: Callable[[Reviews], bool], ruleset: Callable[[ActiveRuleset], bool]) -> Demand:
    def of_classic(found: Classic) -> bool:
        reviews = found.required_pull_request_reviews
        return reviews is not None and classic(reviews)

    return Demand(name=name, classic=of_classic, ruleset=ruleset)


def _stale(options: Protection) -> Iterator[Demand]:
    if options.dismiss_stale_reviews:
        yield _review(
            "stale reviews dismissed",
            lambda one: one.dismiss_stale_reviews,
            lambda held: any(rule.asks.dismiss_stale_reviews_on_push for rule in held.rules),
        )


def _owners(options: Protection) -> Iterator[Demand]:
    if options.code_owners:
        yield _review(
            "code owners approve",
            lambda one: one.require_code_owner_reviews,
            lambda held: any(rule.asks.require_code_owner_review for rule in held.rules),
        )


def _row(standing: Standing, demand: Demand) -> Row:
    found = [name for name, _ in _holders(standing, demand)]
    if found:
        return Row(branch=standing.branch, demand=demand.name, state=State.HELD, words=", ".join(found))
    return _without(standing, demand.name, "nothing asks for it")


def _without(standing: Standing, demand: str, words: str) -> Row:
    """A demand that nothing is seen to hold: missing only where everything was seen."""
    state = State.UNKNOWN if standing.unknown else State.MISSING
    return Row(
        branch=standing.branch,
        demand=demand,
        state=state,
        words=clean_line(standing.unknown[0]) if standing.unknown else words,
    )


def _holders(standing: Standing, demand: Demand) -> Iterator[tuple[str, bool | None]]:
    """What holds a demand, and whether administrators are bound; None: not to be seen."""
    if standing.classic and demand.classic(standing.classic):
        yield CLASSIC, standing.classic.enforce_admins.enabled
    for held in standing.rulesets:
        if demand.ruleset(held):
            yield held.title, _binds_admins(held)


def _binds_admins(held: ActiveRuleset) -> bool | None:
    actors = held.ruleset.bypass_actors
    return None if actors is None else not any(one.actor_type in ROLES for one in actors)


def _owners_file(standing: Standing) -> Row:
    demand = "a file CODEOWNERS"
    if why := clean_line(standing.owners_unknown):
        return Row(branch=standing.branch, demand=demand, state=State.UNKNOWN, words=why, kind=Kind.FILE)
    state = State.MISSING if standing.owners else State.HELD
    words = clean_line(standing.owners) or "on the branch"
    return Row(branch=standing.branch, demand=demand, state=state, words=words, kind=Kind.FILE)


def _admins(standing: Standing, wanted: Sequence[Demand]) -> Row:
    """Administrators are bound where each demand that is held is held by something that binds them."""
    name = "administrators bound"
    held = [found for demand in wanted if (found := list(_holders(standing, demand)))]
    if not held:
        return _without(standing, name, "nothing binds anybody")
    loose = [found for found in held if not any(binds for _, binds in found)]
    if not loose:
        binding = dict.fromkeys(title for found in held for title, binds in found if binds)
        return Row(branch=standing.branch, demand=name, state=State.HELD, words=", ".join(binding))
    hidden = dict.fromkeys(title for found in loose for title, binds in found if binds is None)
    if hidden:
        words = f"{', '.join(hidden)}: only a token with `administration: write` may see who passes"
        return Row(branch=standing.branch, demand=name, state=State.UNKNOWN, words=words)
    letting = dict.fromkeys(title for found in loose for title, _ in found)
    return Row(
        branch=standing.branch, demand=name, state=State.MISSING, words=f"{', '.join(letting)} lets them past"
    )
