"""What a Vercel project serves in production, and how another deployment takes its place."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
from msgspec import Struct, field

from shipit.adapters.clock import Clock
from shipit.adapters.vercel.client import VercelClient, denial, shaped
from shipit.adapters.vercel.deployments import PROMOTED, ROLLING, Deployment, Deployments
from shipit.engine.plan import Say
from shipit.errors import ExternalError, Unavailable

_SOONEST, _LATEST = 0.25, 3.0  # seconds between two questions
_UNDER_WAY = frozenset({"pending", "in-progress"})
_FAILED = frozenset({"failed", "skipped"})
_ROLLBACK = "rollback"
_NO_ROLLBACK = (402, 422)
"""Statuses of a rollback that the plan does not allow, or not to this deployment: a promotion does it then."""
_SHOWN = 5


class Request(Struct, frozen=True, kw_only=True):
    """The last promotion or rollback that somebody asked for; `at` in ms since the epoch."""

    kind: str = field(name="type")
    status: str = field(name="jobStatus")
    to: str = field(name="toDeploymentId")
    before: str | None = field(name="fromDeploymentId", default=None)
    at: int = field(name="requestedAt")

    @property
    def is_under_way(self) -> bool:
        return self.status in _UNDER_WAY


class _Target(Struct, frozen=True):
    id: str


class VercelProject(Struct, frozen=True, kw_only=True):
    """A project, with what it says of production."""

    id: str
    name: str
    targets: Mapping[str, _Target | None] | None = None
    request: Request | None = field(name="lastAliasRequest", default=None)

    @property
    def is_pinned(self) -> bool:
        """Whether an instant rollback keeps later deployments from production until somebody promotes one."""
        return bool(self.request and self.request.kind == _ROLLBACK and self.request.status == "succeeded")


class Serving(Struct, frozen=True, kw_only=True):
    """The deployments that the production domains lead to: one, or several while they are switched; or none yet."""

    deployments: tuple[str, ...]
    request: Request | None = None
    is_pinned: bool = False

    def is_only(self, name: str) -> bool:
        return self.deployments == (name,)

    @property
    def is_settled(self) -> bool:
        return len(self.deployments) <= 1 and not (self.request and self.request.is_under_way)


class Production(Struct, frozen=True, kw_only=True):
    """`project` is an id or a name, `limit` the seconds in which another deployment must come live."""

    client: VercelClient
    project: str
    limit: float
    clock: Clock

    def read(self) -> VercelProject:
        """Raises Denied where the project is not there, or not for this token."""
        return self.client.get(f"/v9/projects/{quote(self.project, safe='')}", VercelProject)

    def serving(self) -> Serving:
        """Ask where the production domains lead; where nothing leads yet, what the project says counts."""
        project = self.read()
        domains, leads_to = self._domains(project.id), self._aliases(project.id)
        found = dict.fromkeys(leads_to[name] for name in domains if leads_to.get(name))
        said = (project.targets or {}).get("production")
        known = tuple(found) or ((said.id,) if said else ())
        return Serving(deployments=known, request=project.request, is_pinned=project.is_pinned)

    def switch(self, one: Deployment, deployments: Deployments, say: Say, *, is_return: bool) -> None:
        """Have all production domains lead to it, and wait until they do; raises ExternalError otherwise.

        `is_return`: what was live before is to be so again. That is a rollback, which no rolling release delays.
        """
        before = self.serving()
        if before.is_only(one.name) and before.is_settled and not _is_rolling(one):
            say(f"{one.name} is live already")
            return
        asked_for = before.request
        if asked_for and asked_for.is_under_way and asked_for.to == one.name:
            say(f"{asked_for.kind} to {one.name} is under way already")
        else:
            self._ask(one, before, say, is_return=is_return)
        self._wait(one, deployments, before.request, say)

    def _ask(self, one: Deployment, before: Serving, say: Say, *, is_return: bool) -> None:
        """Once; a lost answer is no trouble, since what happens is looked at anyway."""
        project = self.read().id
        path = f"/v1/projects/{project}/rollback/{quote(one.name, safe='')}"
        try:
            if is_return and one.substate == PROMOTED:
                answer = self.client.write("POST", path, accept=_NO_ROLLBACK)
                if answer.is_success:
                    say(f"asked for a rollback to {one.name}; Vercel keeps it until the next promotion")
                    return
                say(f"Vercel does not roll back to {one.name} ({answer.status_code}); promoting it")
            if before.is_pinned:
                say("an instant rollback had pinned production; this ends it")
            path = f"/v10/projects/{project}/promote/{quote(one.name, safe='')}"
            answer = self.client.write("POST", path, {}, accept=(httpx.codes.CONFLICT,))
        except Unavailable as lost:
            say(f"{lost.what}; looking whether it was heard")
            return
        if answer.status_code == httpx.codes.CONFLICT:
            request = self.read().request
            if not (request and request.is_under_way and request.to == one.name):
                raise denial(answer)
        queued = answer.status_code == httpx.codes.ACCEPTED
        say(f"asked to promote {one.name}{', which waits for a rolling release' if queued else ''}")

    def _wait(self, one: Deployment, deployments: Deployments, before: Request | None, say: Say) -> None:
        deadline, pause, last = self.clock.now() + self.limit, _SOONEST, ""
        while True:
            seen = self.serving()
            request = seen.request
            if request and request != before and request.to == one.name and request.status in _FAILED:
                raise self._not_switched(one, request)
            now = deployments.get(one.name) or one
            if seen.is_only(one.name) and seen.is_settled and not _is_rolling(now):
                say(f"{one.name} is live")
                return
            state = _words(seen, now)
            if state != last:
                say(state)
                last = state
            if self.clock.now() + pause >= deadline:
                raise ExternalError(
                    f"{one.name} did not come live within {self.limit:g} s",
                    evidence=[state, *_alias_error(now)],
                    hint="look at the project on vercel.com; a rolling release must be completed there",
                )
            self.clock.sleep(pause)
            pause = min(pause * 1.5, _LATEST)

    def _not_switched(self, one: Deployment, request: Request) -> ExternalError:
        """With the names that were not switched, as far as Vercel says them."""
        project = self.read().id
        found = self.client.get(
            f"/v1/projects/{project}/promote/aliases", dict[str, Any], failedOnly="true", limit=20
        )
        aliases = found.get("aliases")
        names = [f"{shaped(alias, _Alias).alias}: {shaped(alias, _Alias).status}" for alias in aliases or ()]
        return ExternalError(
            f"the {request.kind} to {one.name} {request.status}: not all production domains lead to it",
            evidence=[*names[:_SHOWN], *_alias_error(one)],
            hint="look at the domains of the project on vercel.com, then run the same command again",
        )

    def _domains(self, project: str) -> Sequence[str]:
        pages = self.client.pages(f"/v9/projects/{project}/domains", production="true", redirects="false")
        return [one.name for page in pages for one in shaped(page, _Domains).domains if one.verified]

    def _aliases(self, project: str) -> Mapping[str, str]:
        """Where each alias of the project leads."""
        pages = self.client.pages("/v4/aliases", projectId=project)
        return {one.alias: one.leads_to or "" for page in pages for one in shaped(page, _Aliases).aliases}


class _Alias(Struct, frozen=True, kw_only=True):
    alias: str
    status: str = ""
    leads_to: str | None = field(name="deploymentId", default=None)


class _Aliases(Struct, frozen=True):
    aliases: tuple[_Alias, ...]


class _Domain(Struct, frozen=True):
    name: str
    verified: bool = True


class _Domains(Struct, frozen=True):
    domains: tuple[_Domain, ...]


def _is_rolling(one: Deployment) -> bool:
    return one.substate == ROLLING


def _alias_error(one: Deployment) -> Sequence[str]:
    return [one.alias_error.message] if one.alias_error else []


def _words(seen: Serving, wanted: Deployment) -> str:
    if _is_rolling(wanted):
        return f"a rolling release gives {wanted.name} a part of the traffic"
    return f"production leads to {', '.join(seen.deployments) or 'nothing'}"
