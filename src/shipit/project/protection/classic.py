"""Branch protection as it is sent: PUT replaces all of it, so that what GET answered must go back whole.

GET answers with objects (`{"enabled": true}`, users and teams in full), PUT takes plain values and names. Source:
the operations repos/get-branch-protection and repos/update-branch-protection of GitHub's OpenAPI description. Of
`contexts` and `checks`, which GET both has, PUT takes one alone: with both GitHub answers 422, whatever its
description says (google/go-github#2976, ossf/allstar#155).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from shipit.config import Protection
from shipit.errors import Refused
from shipit.project.protection.documents import Classic, read
from shipit.project.protection.ports import Document

ANY_APP = -1
"""As `app_id` of a check that is sent; without it GitHub would choose the app that reported the check last."""
_NOT_SENT = frozenset({"url", "enabled", "name", "protection_url", "required_signatures"})
"""Addresses, and what has an operation of its own."""
_OF_CHECKS = frozenset({"url", "contexts_url", "enforcement_level", "strict", "contexts", "checks"})
_REVIEW_VALUES = (
    "dismiss_stale_reviews",
    "require_code_owner_reviews",
    "required_approving_review_count",
    "require_last_push_approval",
)
_REVIEW_PARTIES = ("dismissal_restrictions", "bypass_pull_request_allowances")
_PARTIES = {"users": "login", "teams": "slug", "apps": "slug"}
_ADDRESSES = frozenset({"url", "users_url", "teams_url", "apps_url"})
_MADE = frozenset({"required_status_checks", "required_pull_request_reviews", "restrictions"})


def as_sent(found: Document) -> dict[str, Any]:
    """The body of a PUT that changes nothing; raises Refused for a setting that would be lost, or Unavailable."""
    read(found, Classic)
    checks, reviews = found.get("required_status_checks"), found.get("required_pull_request_reviews")
    restrictions = found.get("restrictions")
    switches = {name: value for name, value in found.items() if name not in _NOT_SENT | _MADE}
    return {
        "enforce_admins": False,
        **{name: _switch(name, value) for name, value in switches.items()},
        "required_status_checks": _checks(checks) if checks is not None else None,
        "required_pull_request_reviews": _reviews(reviews) if reviews is not None else None,
        "restrictions": _party("restrictions", restrictions) if restrictions is not None else None,
    }


def wanted(sent: Mapping[str, Any], options: Protection) -> dict[str, Any]:
    """The same body with what the configuration demands."""
    checks = sent["required_status_checks"] or {"strict": False, "checks": []}
    named = {one["context"] for one in checks["checks"]}
    missing = [name for name in dict.fromkeys(options.required_checks) if name not in named]
    added = [{"context": name, "app_id": ANY_APP} for name in missing]
    reviews = sent["required_pull_request_reviews"] or {}
    return {
        **sent,
        "enforce_admins": sent["enforce_admins"] or options.admins,
        "required_status_checks": {**checks, "checks": [*checks["checks"], *added]},
        "required_pull_request_reviews": {
            **reviews,
            "dismiss_stale_reviews": reviews.get("dismiss_stale_reviews", False) or options.dismiss_stale_reviews,
            "require_code_owner_reviews": reviews.get("require_code_owner_reviews", False) or options.code_owners,
            "required_approving_review_count": max(1, reviews.get("required_approving_review_count", 0)),
        },
    }


def _checks(found: Mapping[str, Any]) -> dict[str, Any]:
    """Every check keeps its app; a name that stands only in the older list may come from any."""
    _require_known("required_status_checks", found, _OF_CHECKS)
    checks = [{"context": one["context"], "app_id": _app(one)} for one in found.get("checks", ())]
    named = {one["context"] for one in checks}
    checks += [{"context": name, "app_id": ANY_APP} for name in found.get("contexts", ()) if name not in named]
    return {"strict": found.get("strict", False), "checks": checks}


def _app(check: Mapping[str, Any]) -> int:
    number = check.get("app_id")
    return ANY_APP if number is None else int(number)


def _reviews(found: Mapping[str, Any]) -> dict[str, Any]:
    _require_known("required_pull_request_reviews", found, {"url", *_REVIEW_VALUES, *_REVIEW_PARTIES})
    values = {name: found[name] for name in _REVIEW_VALUES if name in found}
    parties = {
        name: _party(f"required_pull_request_reviews.{name}", found[name])
        for name in _REVIEW_PARTIES
        if found.get(name) is not None
    }
    return {**values, **parties}


def _party(where: str, found: Mapping[str, Any]) -> dict[str, list[str]]:
    _require_known(where, found, _ADDRESSES | _PARTIES.keys())
    return {kind: [one[key] for one in found.get(kind, ())] for kind, key in _PARTIES.items()}


def _switch(name: str, value: object) -> bool:
    found = value if isinstance(value, Mapping) else {}
    enabled = found.get("enabled")
    if not isinstance(enabled, bool) or found.keys() - {"enabled", "url"}:
        raise _lost([name])
    return enabled


def _require_known(where: str, found: Mapping[str, Any], known: "frozenset[str] | set[str]") -> None:
    if unknown := list(_paths(where, found, known)):
        raise _lost(unknown)


def _paths(where: str, found: Mapping[str, Any], known: "frozenset[str] | set[str]") -> Iterator[str]:
    yield from (f"{where}.{name}" for name in found if name not in known)


def _lost(names: list[str]) -> Refused:
    return Refused(
        f"branch protection has a setting that this shipit cannot send back: {', '.join(names)}",
        evidence=["an update replaces everything, so that it would be lost"],
        hint="set what is missing on the forge's page, or look for a newer shipit",
    )
