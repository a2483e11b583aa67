"""What the stand-in for Vercel does for each operation of the description."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from tests.support import vercel_shapes
from tests.support.description import Asked, Operation
from tests.support.github_call import Answer
from tests.support.vercel_state import Made, State


@dataclass
class Call:
    """One request, understood."""

    state: State
    given: Mapping[str, str]
    query: Mapping[str, str]
    asked: Asked

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.asked.body or b"{}"))

    def require_project(self, key: str) -> None:
        if self.given[key] not in {self.state.id, self.state.name}:
            raise Refusal(404, "not_found", "Project not found.")

    def find(self, key: str) -> Made:
        wanted = self.given[key]
        for one in self.state.deployments.values():
            if wanted in {one.id, one.url}:
                return one
        raise Refusal(404, "not_found", "Deployment not found.")


class Refusal(Exception):
    """Vercel says no."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = refused(status, code, message, **more)


def refused(status: int, code: str, message: str, **more: Any) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message, **more}})


def perform(state: State, operation: Operation, asked: Asked) -> Answer:
    """Do the work of a request that is valid and whose token is known."""
    query = {name: values[-1] for name, values in parse_qs(asked.query).items()}
    try:
        return ROUTES[operation.name](Call(state, operation.parameters, query, asked))
    except Refusal as refusal:
        return refusal.answer


def _upload(call: Call) -> Answer:
    headers = call.asked.headers
    digest = headers.get("x-vercel-digest") or headers.get("x-now-digest", "")
    if not call.state.keep(call.asked.body, digest):
        raise Refusal(400, "bad_request", "Digest is not valid")
    return Answer(200, {"urls": []})


def _create(call: Call) -> Answer:
    order = call.body
    if order.get("project", order["name"]) not in {call.state.id, call.state.name}:
        raise Refusal(404, "not_found", "Project not found.")
    missing = call.state.missing(order.get("files", ()))
    if missing:
        raise Refusal(400, "missing_files", "Some of the specified files are missing.", missing=missing)
    return Answer(200, vercel_shapes.deployment(call.state, call.state.make(order)))


def _get(call: Call) -> Answer:
    one = call.find("idOrUrl")
    call.state.advance(one)
    return Answer(200, vercel_shapes.deployment(call.state, one))


def _list(call: Call) -> Answer:
    """A page holds as many as were asked for, the newest first."""
    wanted = {name.removeprefix("meta-"): value for name, value in call.query.items() if name.startswith("meta-")}
    until, size = int(call.query.get("until", 10**15)), int(call.query.get("limit", 20))
    every = sorted(call.state.deployments.values(), key=lambda one: -one.created)
    found = [one for one in every if one.meta.items() >= wanted.items() and one.created < until]
    page = found[:size]
    following = page[-1].created if len(found) > size else None
    return _page("deployments", [vercel_shapes.listed(call.state, one) for one in page], following)


def _delete(call: Call) -> Answer:
    one = call.find("id")
    del call.state.deployments[one.id]
    for name in [name for name, leads_to in call.state.leads_to.items() if leads_to == one.id]:
        del call.state.leads_to[name]
    return Answer(200, {"uid": one.id, "state": "DELETED"})


def _aliases_of(call: Call) -> Answer:
    one = call.find("id")
    names = [name for name, leads_to in call.state.leads_to.items() if leads_to == one.id]
    found = [{"uid": f"als-{name}", "alias": name, "created": "2025-06-15T15:06:40.000Z"} for name in names]
    return Answer(200, {"aliases": found})


def _project(call: Call) -> Answer:
    call.require_project("idOrName")
    call.state.pass_time()
    return Answer(200, vercel_shapes.project(call.state))


def _domains(call: Call) -> Answer:
    call.require_project("idOrName")
    return _page("domains", [vercel_shapes.domain(call.state, name) for name in call.state.domains])


def _aliases(call: Call) -> Answer:
    leads_to = call.state.leads_to.items()
    return _page("aliases", [vercel_shapes.alias(call.state, name, to) for name, to in leads_to])


def _promote(call: Call) -> Answer:
    call.require_project("projectId")
    one = call.find("deploymentId")
    wish = call.state.wish
    if wish and wish.status == "in-progress":
        raise Refusal(409, "conflict", "Another promotion or rollback is in progress.")
    if one.state != "READY" or one.target != "production":
        raise Refusal(400, "bad_request", "This deployment cannot be promoted.")
    call.state.ask_for("promote", one)
    return Answer(201)


def _roll_back(call: Call) -> Answer:
    call.require_project("projectId")
    one = call.find("deploymentId")
    if not call.state.may_roll_back:
        raise Refusal(402, "payment_required", "Your plan allows a rollback to the previous deployment only.")
    if one.substate != "PROMOTED":
        raise Refusal(422, "unprocessable", "This deployment was never live.")
    call.state.ask_for("rollback", one)
    return Answer(201)


def _promoted_aliases(call: Call) -> Answer:
    found = [{"alias": name, "status": "failed", "id": f"als-{name}"} for name in sorted(call.state.stuck)]
    return _page("aliases", found)


def _user(call: Call) -> Answer:
    return Answer(200, {"user": vercel_shapes.user()})


def _team(call: Call) -> Answer:
    return Answer(200, vercel_shapes.team())


def _page(key: str, items: list[dict[str, Any]], following: int | None = None) -> Answer:
    return Answer(200, {key: items, "pagination": {"count": len(items), "next": following, "prev": None}})


ROUTES: Mapping[str, Callable[[Call], Answer]] = {
    "uploadFile": _upload,
    "createDeployment": _create,
    "getDeployment": _get,
    "getDeployments": _list,
    "deleteDeployment": _delete,
    "listDeploymentAliases": _aliases_of,
    "getProject": _project,
    "getProjectDomains": _domains,
    "listAliases": _aliases,
    "requestPromote": _promote,
    "requestRollback": _roll_back,
    "listPromoteAliases": _promoted_aliases,
    "getAuthUser": _user,
    "getTeam": _team,
}
