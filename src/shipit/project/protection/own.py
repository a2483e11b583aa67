"""The ruleset that shipit writes: what it must hold, added to what people have added to it."""

from collections.abc import Iterable, Sequence
from typing import Any

from shipit.config import Protection
from shipit.project.protection.actor import TYPES, Actor
from shipit.project.protection.demands import ROLES
from shipit.project.protection.ports import Document

NAME = "shipit"
_FIELDS = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")
_REVIEWS = {
    "required_approving_review_count": 0,
    "dismiss_stale_reviews_on_push": False,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_review_thread_resolution": False,
}
_CHECKS = {"strict_required_status_checks_policy": False, "required_status_checks": []}


def as_sent(found: Document | None) -> dict[str, Any]:
    """The body of a PUT that changes nothing; empty where there is no such ruleset yet."""
    return {name: found[name] for name in _FIELDS if name in found} if found else {}


def wanted(
    sent: dict[str, Any], branches: Iterable[str], options: Protection, actor: Actor | None
) -> dict[str, Any]:
    """The body with what the configuration demands; `branches` are those for which it does not hold yet."""
    return {
        **sent,
        "name": NAME,
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": _bypass(sent.get("bypass_actors", []), options, actor),
        "conditions": _conditions(sent.get("conditions") or {}, branches),
        "rules": _rules(sent.get("rules", []), options),
    }


def _bypass(found: Sequence[Document], options: Protection, actor: Actor | None) -> list[Document]:
    """Who passes, the release actor always; no role where administrators are to be bound."""
    kept = [one for one in found if not (options.admins and one["actor_type"] in ROLES)]
    if actor is None:
        return kept
    ours = {"actor_id": actor.number, "actor_type": TYPES[actor.kind]}
    same = [one for one in kept if ours.items() <= one.items()]
    if any(one.get("bypass_mode", "always") != "pull_request" for one in same):
        return kept
    return [*(one for one in kept if one not in same), {**ours, "bypass_mode": "always"}]


def _conditions(found: Document, branches: Iterable[str]) -> Document:
    refs = [f"refs/heads/{branch}" for branch in branches]
    names = found.get("ref_name") or {}
    include, exclude = names.get("include", []), names.get("exclude", [])
    return {
        **found,
        "ref_name": {
            "include": [*include, *(ref for ref in refs if ref not in include)],
            "exclude": [ref for ref in exclude if ref not in refs],
        },
    }


def _rules(found: Sequence[Document], options: Protection) -> list[Document]:
    reviews, checks = (
        _parameters(found, "pull_request", _REVIEWS),
        _parameters(found, "required_status_checks", _CHECKS),
    )
    named = [one["context"] for one in checks["required_status_checks"]]
    missing = [name for name in dict.fromkeys(options.required_checks) if name not in named]
    ours: dict[str, Document] = {
        "pull_request": {
            **reviews,
            "required_approving_review_count": max(1, reviews["required_approving_review_count"]),
            "dismiss_stale_reviews_on_push": reviews["dismiss_stale_reviews_on_push"]
            or options.dismiss_stale_reviews,
            "require_code_owner_review": reviews["require_code_owner_review"] or options.code_owners,
        },
        "required_status_checks": {
            **checks,
            "required_status_checks": [
                *checks["required_status_checks"],
                *({"context": name} for name in missing),
            ],
        },
    }
    kept = [{**one, "parameters": ours.pop(one["type"])} if one["type"] in ours else one for one in found]
    return [*kept, *({"type": kind, "parameters": parameters} for kind, parameters in ours.items())]


def _parameters(found: Sequence[Document], kind: str, usual: Document) -> dict[str, Any]:
    [standing, *_] = [*(one.get("parameters") or {} for one in found if one["type"] == kind), {}]
    return {**usual, **standing}
