"""What on GitHub would decline a push, found by reading: rights, rulesets, branch protection.

A rule that a bypass may lift is only reported when GitHub says that it is not lifted for this token.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from shipit.adapters.github.client import GitHubClient
from shipit.engine.plan import Problem
from shipit.errors import Denied, ExternalError

BLOCKING_RULES = {
    "pull_request": "asks for a pull request",
    "merge_queue": "asks for the merge queue",
    "required_status_checks": "asks for status checks",
    "required_deployments": "asks for deployments",
    "required_signatures": "asks for signed commits",
    "required_linear_history": "declines merge commits",
    "update": "lets nobody update the branch",
    "workflows": "asks for workflows to pass",
    "code_scanning": "asks for code scanning results",
}
"""Ruleset rules that decline a direct push of a merge commit, in words."""

PULL_REQUEST = "`shipit release --pr` prepares the release on a pull request"


class Rules:
    """Plays release.ports.BranchRules."""

    client: GitHubClient

    def problems(self, branches: Sequence[str]) -> Sequence[Problem]:
        return _problems(self.client, branches)


def _problems(client: GitHubClient, branches: Sequence[str]) -> list[Problem]:
    """Name all that would decline a release; raises nothing: what cannot be asked is a problem too."""
    try:
        repository = client.get("~")
    except ExternalError as error:
        return [_as_problem(error)]
    found = list(_of_repository(client, repository))
    is_admin = bool(repository.get("permissions", {}).get("admin"))
    for branch in branches:
        try:
            found += _of_rulesets(client, branch)
            found += _of_protection(client, branch, is_admin=is_admin)
        except ExternalError as error:
            found.append(_as_problem(error))
    return found


def _as_problem(error: ExternalError) -> Problem:
    return Problem(error.what, "; ".join(error.evidence), error.hint or "")


def _of_repository(client: GitHubClient, repository: Mapping[str, Any]) -> Iterator[Problem]:
    if repository["archived"] or repository["disabled"]:
        state = "archived" if repository["archived"] else "disabled"
        yield Problem(
            f"{client.repository} is {state} on GitHub", repository["html_url"], "nothing can be pushed to it"
        )
    rights = repository.get("permissions")
    if rights and not rights["push"] and not _is_installation(client):
        found = ", ".join(right for right, given in rights.items() if given) or "none"
        yield Problem(
            f"the token may not push to {client.repository}",
            f"rights on the repository: {found}",
            "give the token `contents: write` on this repository",
        )


def _is_installation(client: GitHubClient) -> bool:
    """Recognise an app's token (GITHUB_TOKEN is one): GitHub always says that it may not push."""
    if client.is_installation_token:
        return True
    try:
        client.get("/installation/repositories", per_page=1)
    except Denied:
        return False
    return True


def _of_rulesets(client: GitHubClient, branch: str) -> Iterator[Problem]:
    rules = [
        rule
        for rule in client.pages(f"~/rules/branches/{quote(branch, safe='')}")
        if rule["type"] in BLOCKING_RULES
    ]
    for ruleset in sorted({rule["ruleset_id"] for rule in rules}):
        found = client.find(f"~/rulesets/{ruleset}") or {}
        if found.get("current_user_can_bypass") in {"always", "exempt"}:
            continue
        blocking = [BLOCKING_RULES[rule["type"]] for rule in rules if rule["ruleset_id"] == ruleset]
        yield Problem(
            f"a ruleset would decline a direct push to {branch}",
            f"{found.get('name', f'ruleset {ruleset}')}: {', '.join(blocking)}",
            f"{PULL_REQUEST}; or let this token bypass the ruleset",
        )


def _of_protection(client: GitHubClient, branch: str, *, is_admin: bool) -> Iterator[Problem]:
    path = f"~/branches/{quote(branch, safe='')}"
    try:
        protection = client.find(f"{path}/protection")
    except Denied:  # only administrators may read it
        protection = None
    if protection is None:
        yield from _of_unreadable_protection(client, branch, path)
        return
    for_everyone = not is_admin or protection.get("enforce_admins", {}).get("enabled")
    if for_everyone and (declined := ", ".join(_declined_by(protection))):
        yield Problem(f"branch protection would decline a direct push to {branch}", declined, PULL_REQUEST)


def _of_unreadable_protection(client: GitHubClient, branch: str, path: str) -> Iterator[Problem]:
    found = client.find(path)
    if found and found["protected"] and found["protection"].get("enabled"):
        yield Problem(
            f"{branch} is protected, and this token may not read how",
            f"GET {path.replace('~', client.repository, 1)}: protected = true",
            f"{PULL_REQUEST}; or give the token `administration: read`, so that the rules can be checked",
        )


def _declined_by(protection: Mapping[str, Any]) -> Iterator[str]:
    reviews = protection.get("required_pull_request_reviews")
    # who may bypass cannot be known without the token's own name; a push that is declined is rolled back
    if reviews and not any((reviews.get("bypass_pull_request_allowances") or {}).values()):
        yield "asks for a pull request"
    restrictions = protection.get("restrictions")
    if restrictions and not any(restrictions.get(kind) for kind in ("users", "teams", "apps")):
        yield "lets nobody push"
    if protection.get("required_status_checks"):
        yield "asks for status checks"
    for key, words in (
        ("required_signatures", "asks for signed commits"),
        ("required_linear_history", "declines merge commits"),
        ("lock_branch", "is locked"),
    ):
        if (protection.get(key) or {}).get("enabled"):
            yield words
