"""What the stand-in for GitHub does with branch protection, rulesets, files on a branch, and those who act."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.github_call import Answer, Call, Refusal, refused
from tests.support.github_shapes import Shapes
from tests.support.github_state import State
from tests.support.skeleton import skeleton

ACTIONS = 15368
"""The app that GitHub chooses for a check whose app is not named, since it has reported it last."""
URL = "http://stand-in.invalid/"
SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)
REVIEW_VALUES = {
    "dismiss_stale_reviews": False,
    "require_code_owner_reviews": False,
    "required_approving_review_count": 1,
    "require_last_push_approval": False,
}
ALIKE = {"pull_request": {"allowed_merge_methods": ["merge", "squash", "rebase"]}}
"""What GitHub adds to the parameters of a rule that leaves it out."""
PEOPLE = {
    "apps/get-by-slug": ("app", "app_slug", "integration"),
    "teams/get-by-name": ("team", "team_slug", "team-full"),
    "users/get-by-username": ("user", "username", "public-user"),
}


def person(state: State, shapes: Shapes, operation: str, given: Mapping[str, str]) -> Answer:
    kind, key, schema = PEOPLE[operation]
    number = state.actors.get((kind, given[key]))
    if number is None:
        return refused(404, "Not Found")
    named = {"login": given[key], "user_view_type": "public"} if kind == "user" else {"slug": given[key]}
    return Answer(200, _whole(shapes.document, schema) | named | {"id": number})


def _whole(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The least object of a schema that also lets null pass."""
    schemas = document["components"]["schemas"]
    plain = {key: value for key, value in schemas[name].items() if key != "nullable"}
    made = skeleton({"components": {"schemas": {**schemas, name: plain}}}, name)
    return made | ({"owner": skeleton(document, "simple-user")} if name == "integration" else {})


def _require_admin(call: Call) -> None:
    if call.token.right != "admin":
        raise Refusal(404, "Not Found")  # a token of Actions gets 403, but the description has 404 alone


def _require_plan(call: Call) -> None:
    if not call.repository.has_protection:
        raise Refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")


def _get_protection(call: Call) -> Answer:
    _require_plan(call)
    _require_admin(call)
    protection = call.repository.protection.get(call.parameters["branch"])
    if protection is None:
        raise Refusal(404, "Branch not protected")
    return Answer(200, protection)


def _put_protection(call: Call) -> Answer:
    """Everything is replaced but signatures, which have an operation of their own."""
    _require_admin(call)
    branch, body = call.parameters["branch"], call.body
    if call.repository.sha(f"refs/heads/{branch}") is None:
        raise Refusal(404, "Branch not found")
    old = call.repository.protection.get(branch, {})
    made: dict[str, Any] = {
        "url": URL,
        "enforce_admins": {"url": URL, "enabled": bool(body["enforce_admins"])},
        **{name: {"enabled": bool(body.get(name))} for name in SWITCHES},
        **{name: old[name] for name in ("required_signatures",) if name in old},
    }
    if body["required_status_checks"] is not None:
        made["required_status_checks"] = _checks(body["required_status_checks"])
    if body["required_pull_request_reviews"] is not None:
        made["required_pull_request_reviews"] = _reviews(call, body["required_pull_request_reviews"])
    if body["restrictions"] is not None:
        made["restrictions"] = _party(call, body["restrictions"])
    call.repository.protection[branch] = made
    return Answer(200, made)


def _checks(body: Mapping[str, Any]) -> dict[str, Any]:
    """One of both lists, as people have met it: google/go-github#2976, ossf/allstar#155."""
    if ("checks" in body) == ("contexts" in body):
        raise Refusal(422, 'Invalid request.\n\nNo subschema in "anyOf" matched.')
    told = body["checks"] if "checks" in body else [{"context": one} for one in body["contexts"]]
    checks = [{"context": one["context"], "app_id": _app(one)} for one in told]
    contexts = [one["context"] for one in checks]
    return {"url": URL, "contexts_url": URL, "strict": body["strict"], "contexts": contexts, "checks": checks}


def _app(check: Mapping[str, Any]) -> int | None:
    number: int = check.get("app_id", ACTIONS)
    return None if number == -1 else number


def _reviews(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    made = {"url": URL, **{name: body.get(name, usual) for name, usual in REVIEW_VALUES.items()}}
    if not 0 <= made["required_approving_review_count"] <= 6:
        raise Refusal(422, "Validation Failed")
    if body.get("dismissal_restrictions"):  # an empty object lifts it
        made["dismissal_restrictions"] = _party(call, body["dismissal_restrictions"], addressed=True)
    if body.get("bypass_pull_request_allowances"):
        made["bypass_pull_request_allowances"] = _party(
            call, body["bypass_pull_request_allowances"], addressed=False
        )
    return made


def _party(call: Call, body: Mapping[str, Any], *, addressed: bool | None = None) -> dict[str, Any]:
    if call.repository.is_personal:
        raise Refusal(422, "Only organization repositories can have users and team restrictions")
    kinds = (("users", "simple-user", "login"), ("teams", "team", "slug"), ("apps", "integration", "slug"))
    made: dict[str, Any] = {
        kind: [
            # those of restrictions are described with fields of their own, none of which is required
            {key: name} if addressed is None and kind != "teams" else _one(call.shapes, schema, key, name)
            for name in body.get(kind, [])
        ]
        for kind, schema, key in kinds
    }
    addresses = ("url", "users_url", "teams_url") + (("apps_url",) if addressed is None else ())
    return made if addressed is False else {**dict.fromkeys(addresses, URL), **made}


def _one(shapes: Shapes, schema: str, key: str, name: str) -> dict[str, Any]:
    return _whole(shapes.document, schema) | {key: name}


def _branch_rules(call: Call) -> Answer:
    _require_plan(call)
    branch = call.parameters["branch"]
    told = [call.shapes.rule(call.repository, rule) for rule in call.repository.rules if rule.branch == branch]
    for one in call.repository.rulesets:
        if one["enforcement"] == "active" and one["target"] == "branch" and matches(one["conditions"], branch):
            source = {
                "ruleset_source_type": one["source_type"],
                "ruleset_source": one["source"],
                "ruleset_id": one["id"],
            }
            told += [{**rule, **source} for rule in one["rules"]]
    return call.page(told, f"/repos/{call.repository.name}/rules/branches/{branch}")


def matches(conditions: Mapping[str, Any] | None, branch: str) -> bool:
    """As GitHub reads its conditions; the default branch of the stand-in is main."""
    names = (conditions or {}).get("ref_name", {})

    def has(patterns: list[str]) -> bool:
        return any(
            one == "~ALL"
            or (one == "~DEFAULT_BRANCH" and branch == "main")
            or re.fullmatch(_expression(one), f"refs/heads/{branch}") is not None
            for one in patterns
        )

    return has(names.get("include", [])) and not has(names.get("exclude", []))


def _expression(pattern: str) -> str:
    """fnmatch in which `*` and `?` stop at a slash, and `**/` does not."""
    pieces = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return "".join(pieces.get(one, re.escape(one)) for one in re.findall(r"\*\*/|.", pattern))


def _get_ruleset(call: Call) -> Answer:
    number = int(call.parameters["ruleset_id"])
    for rule in call.repository.rules:
        if rule.id == number:
            return Answer(200, call.shapes.ruleset(call.repository, rule))
    return Answer(200, _shown(call, _find(call)))


def _find(call: Call) -> dict[str, Any]:
    for one in call.repository.rulesets:
        if one["id"] == int(call.parameters["ruleset_id"]):
            return one
    raise Refusal(404, "Not Found")


def _shown(call: Call, one: Mapping[str, Any]) -> dict[str, Any]:
    """Who may bypass is shown only to who may change it."""
    hidden = set() if call.token.right == "admin" else {"bypass_actors"}
    return {key: value for key, value in one.items() if key not in hidden} | {"current_user_can_bypass": "never"}


def _list_rulesets(call: Call) -> Answer:
    parents = call.query.get("includes_parents", "true") == "true"
    left_out = {"rules", "conditions", "bypass_actors"}
    told = [
        {key: value for key, value in one.items() if key not in left_out}
        for one in call.repository.rulesets
        if parents or one["source_type"] == "Repository"
    ]
    return call.page(told, f"/repos/{call.repository.name}/rulesets")


def _create_ruleset(call: Call) -> Answer:
    _require_admin(call)
    made = {"id": call.state.new_id(), **_ruleset(call, call.body, None)}
    call.repository.rulesets.append(made)
    return Answer(201, _shown(call, made))


def _update_ruleset(call: Call) -> Answer:
    _require_admin(call)
    one = _find(call)
    one |= _ruleset(call, {**{key: one[key] for key in _FIELDS}, **call.body}, one)
    return Answer(200, _shown(call, one))


_FIELDS = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")


def _ruleset(call: Call, body: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, Any]:
    others = [one["name"] for one in call.repository.rulesets if one is not old]
    if body["name"] in others:
        raise Refusal(422, "Validation Failed", message="Name must be unique")
    known = {*call.state.actors.values(), *range(1, 6)}  # roles have small numbers
    if [one for one in body.get("bypass_actors", []) if one.get("actor_id") not in {*known, None}]:
        raise Refusal(422, "Validation Failed", message="Actor must be part of the ruleset source or owner")
    return {
        "name": body["name"],
        "target": body.get("target", "branch"),
        "source_type": "Repository",
        "source": call.repository.name,
        "enforcement": body["enforcement"],
        "bypass_actors": [{"bypass_mode": "always", **one} for one in body.get("bypass_actors", [])],
        "conditions": body.get("conditions", {"ref_name": {"include": [], "exclude": []}}),
        "rules": [_completed(rule) for rule in body.get("rules", [])],
    }


def _completed(rule: Mapping[str, Any]) -> dict[str, Any]:
    if rule["type"] not in ALIKE:
        return dict(rule)
    return {**rule, "parameters": {**ALIKE[rule["type"]], **rule.get("parameters", {})}}


def _content(call: Call) -> Answer:
    path = call.parameters["path"]
    text = call.repository.files.get((call.query.get("ref", "main"), path))
    if text is None:
        raise Refusal(404, "Not Found")
    made = skeleton(call.shapes.document, "content-file")
    told = {"type": "file", "encoding": "base64", "name": path.rpartition("/")[2], "path": path}
    return Answer(200, made | told | {"content": base64.encodebytes(text.encode()).decode()})


ROUTES: Mapping[str, Callable[[Call], Answer]] = {
    "repos/get-branch-protection": _get_protection,
    "repos/update-branch-protection": _put_protection,
    "repos/get-branch-rules": _branch_rules,
    "repos/get-repo-rulesets": _list_rulesets,
    "repos/get-repo-ruleset": _get_ruleset,
    "repos/create-repo-ruleset": _create_ruleset,
    "repos/update-repo-ruleset": _update_ruleset,
    "repos/get-content": _content,
}
