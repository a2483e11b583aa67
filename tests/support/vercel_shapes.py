"""How the stand-in for Vercel describes what it has, with every field that the description requires."""

from typing import Any

from tests.support.vercel_state import NOW, OWNER, Made, State


def deployment(state: State, one: Made) -> dict[str, Any]:
    aliases = [name for name, leads_to in state.leads_to.items() if leads_to == one.id]
    found: dict[str, Any] = {
        "alias": aliases,
        "aliasAssigned": one.state == "READY",  # of a staged one too: the vendor's command line waits for it
        "autoAssignCustomDomains": not one.is_staged,
        "bootedAt": one.created,
        "build": {"env": []},
        "buildSkipped": False,
        "buildingAt": one.created,
        "createdAt": one.created,
        "createdIn": "iad1",
        "creator": {"uid": "user-ada", "username": "ada"},
        "env": [],
        "id": one.id,
        "inspectorUrl": f"https://vercel.com/acme/{state.name}/{one.number}",
        "isInConcurrentBuildsQueue": False,
        "isInSystemBuildsQueue": False,
        "meta": one.meta,
        "name": state.name,
        "ownerId": OWNER,
        "plan": "pro",
        "projectId": state.id,
        "projectSettings": {},
        "public": False,
        "readyState": one.state,
        "regions": ["iad1"],
        "routes": None,
        "status": one.state,
        "target": one.target,
        "type": "LAMBDAS",
        "url": one.url,
        "version": 2,
    }
    return found | _more(one)


def listed(state: State, one: Made) -> dict[str, Any]:
    whole = deployment(state, one)
    same = ("name", "projectId", "url", "type", "meta", "target", "readyState", "inspectorUrl", "createdAt")
    creator = {"uid": "user-ada", "username": "ada"}
    return {
        "uid": one.id,
        "created": one.created,
        "state": one.state,
        "creator": creator,
        **{name: whole[name] for name in same},
        **{name: value for name, value in _more(one).items() if name != "seatBlock"},
    }


def _more(one: Made) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if one.substate:
        found["readySubstate"] = one.substate
    if one.reason and one.state == "ERROR":
        found["errorMessage"] = one.reason
    if one.state == "BLOCKED":
        found["seatBlock"] = {"blockCode": "COMMIT_AUTHOR_REQUIRED"}
    return found


def project(state: State) -> dict[str, Any]:
    resources = {
        "functionDefaultRegions": ["iad1"],
        "functionDefaultTimeout": 300,
        "functionDefaultMemoryType": "standard",
        "functionZeroConfigFailover": False,
        "fluid": True,
        "elasticConcurrencyEnabled": False,
        "buildMachineType": "standard",
        "isNSNBDisabled": False,
    }
    found: dict[str, Any] = {
        "accountId": OWNER,
        "autoAssignCustomDomains": True,
        "defaultResourceConfig": resources,
        "deploymentExpiration": {},
        "directoryListing": False,
        "framework": None,
        "id": state.id,
        "name": state.name,
        "nodeVersion": "22.x",
        "resourceConfig": resources,
        "targets": {"production": _production(state)} if state.leads_to else {},
    }
    if state.wish:
        found["lastAliasRequest"] = {
            "fromDeploymentId": state.wish.before,
            "toDeploymentId": state.wish.to,
            "jobStatus": state.wish.status,
            "requestedAt": state.wish.at,
            "type": state.wish.kind,
        }
        if state.is_pinned:
            found["lastRollbackTarget"] = {}
    return found


def _production(state: State) -> dict[str, Any] | None:
    one = state.deployments.get(state.leads_to[state.domains[-1]])
    if one is None:
        return None
    return {
        "alias": [name for name, leads_to in state.leads_to.items() if leads_to == one.id],
        "createdAt": one.created,
        "createdIn": "iad1",
        "creator": {"uid": "user-ada", "username": "ada", "email": "ada@acme.example"},
        "deploymentHostname": one.url.removesuffix(".vercel.app"),
        "id": one.id,
        "meta": one.meta,
        "name": state.name,
        "plan": "pro",
        "private": False,
        "readyState": one.state,
        "target": "production",
        "type": "LAMBDAS",
        "url": one.url,
        "userId": "user-ada",
    }


def domain(state: State, name: str) -> dict[str, Any]:
    apex = ".".join(name.split(".")[-2:])
    return {"name": name, "apexName": apex, "projectId": state.id, "verified": True}


def alias(state: State, name: str, leads_to: str) -> dict[str, Any]:
    return {
        "alias": name,
        "created": "2025-06-15T15:06:40.000Z",
        "createdAt": NOW,
        "deploymentId": leads_to,
        "projectId": state.id,
        "uid": f"als-{name}",
    }


def user() -> dict[str, Any]:
    return {
        "id": "user-ada",
        "email": "ada@acme.example",
        "name": "Ada Acme",
        "username": "ada",
        "avatar": None,
        "defaultTeamId": OWNER,
        "limited": True,
    }


def team() -> dict[str, Any]:
    membership = {
        "confirmed": True,
        "created": NOW,
        "createdAt": NOW,
        "role": "OWNER",
        "uid": "user-ada",
        "teamId": OWNER,
    }
    return {
        "avatar": None,
        "createdAt": NOW,
        "creatorId": "user-ada",
        "description": None,
        "id": OWNER,
        "membership": membership,
        "name": "Acme",
        "slug": "acme",
        "stagingPrefix": "staging",
        "updatedAt": NOW,
    }
