"""A frontend on Vercel: uploaded and built beside what is live, then promoted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from shipit.adapters.clock import Clock
from shipit.adapters.vercel.client import VercelClient
from shipit.adapters.vercel.deployments import READY, REFERENCE, ROLLING, Deployment, Deployments
from shipit.adapters.vercel.folder import read_folder
from shipit.adapters.vercel.production import Production, Serving, VercelProject
from shipit.adapters.vercel.uploads import upload
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError
from shipit.model import Candidate, Revision

_ROUNDS = 3
"""Times that Vercel may say which files it lacks."""
_FOREIGN = "dpl_"
"""How the id of a deployment begins, which stands for one that shipit did not make."""


@dataclass(frozen=True, kw_only=True)
class VercelTarget:
    """Plays deploy.ports.Target. A deployment of ours carries environment, target, version and commit in its meta.

    `project` is an id or a name. `source` gives the folder of the deployed revision, `connect` makes the client.
    The reference of a deployment of somebody else is its id. `keep` former ones of ours stay when it is pruned.
    `limit` are the seconds in which what is ready must come live.
    """

    name: str
    environment: str
    project: str
    keep: int
    limit: float
    run: str
    deployed: Revision
    source: Callable[[], Path]
    connect: Callable[[], VercelClient]
    is_rollback: bool = False
    clock: Clock = field(default_factory=Clock)

    @property
    def kind(self) -> str:
        return "vercel"

    @cached_property
    def _client(self) -> VercelClient:
        return self.connect()

    @cached_property
    def _production(self) -> Production:
        return Production(client=self._client, project=self.project, limit=self.limit, clock=self.clock)

    @cached_property
    def _project(self) -> VercelProject:
        return self._production.read()

    @cached_property
    def _deployments(self) -> Deployments:
        return Deployments(client=self._client, project=self._project.id, clock=self.clock)

    def problems(self) -> Sequence[Problem]:
        try:
            project = self._production.read()
        except Denied as why:
            return (Problem(f"{self.name} cannot be deployed to: {why.what}", *_evidence(why)),)
        if not project.is_pinned:
            return ()
        return (
            Problem(
                f"an instant rollback has pinned the production of {project.name}",
                f"{project.request.to if project.request else ''} stays live until another one is promoted",
                "this deployment will promote the new version, which ends that; stop here if it is not wanted",
                is_warning=True,
            ),
        )

    def live(self) -> str | None:
        """While the domains lead to several, or a rolling release is under way, what is to be replaced."""
        seen = self._production.serving()
        found = [reference for name in seen.deployments for reference in self._references(name, seen)]
        others = [one for one in found if one != self.deployed.reference]
        return next(iter(others or found), None)

    def may_leave(self, reference: str | None) -> bool:
        """Whether a promotion that somebody asked for is still under way, or came only half its way."""
        seen = self._production.serving()
        return not seen.is_settled or any(self._is_rolling(name) for name in seen.deployments)

    def candidate(self, revision: Revision) -> Candidate | None:
        return Candidate(revision.reference) if self.keeps(revision) else None

    def keeps(self, revision: Revision) -> bool:
        return any(one.state == READY for one in self._deployments.find(self._marks(revision)))

    def start(self, revision: Revision, say: Say) -> None:
        """Upload what Vercel lacks and have it deployed, but not live; one that is there is waited for."""
        found = [one for one in self._deployments.find(self._marks(revision)) if not one.has_failed]
        ready = [one for one in found if one.state == READY]
        one = next(iter(ready or found), None)
        if one is None:
            one = self._create(revision, say)
        else:
            say(f"{one.name} is there already")
        one = self._deployments.wait(one, say)
        say(f"{one.name} is ready at https://{one.url}, and not live yet")

    def stop(self, reference: str, say: Say) -> None:
        """Remove what is not live; one that failed stays, since its log says why, and can never be live."""
        found = [one for one in self._deployments.find(self._mine(reference)) if not one.has_failed]
        serving = self._production.serving().deployments if found else ()
        for one in found:
            if one.name not in serving:
                self._deployments.remove(one, say)

    def switch(self, reference: str | None, say: Say) -> None:
        if reference is None:
            raise ExternalError(
                f"{self.name} cannot go back to nothing",
                evidence=["nothing was live there before, and a deployment that is live is never removed"],
            )
        is_return = self.is_rollback or reference != self.deployed.reference
        self._production.switch(self._kept(reference), self._deployments, say, is_return=is_return)

    def prune(self, needed: Sequence[str], say: Say) -> None:
        """Remove the oldest of ours that no name leads to."""
        ours = self._deployments.find(self._ours, key="shipitEnvironment")
        serving = self._production.serving().deployments
        former = [one for one in ours if one.state == READY and one.name not in serving]
        for one in former[self.keep :]:
            is_needed = (one.meta or {}).get(REFERENCE) in needed
            if not is_needed and not self._deployments.has_alias(one):
                self._deployments.remove(one, say)

    @property
    def _ours(self) -> dict[str, str]:
        return {"shipitEnvironment": self.environment, "shipitTarget": self.name}

    def _mine(self, reference: str) -> dict[str, str]:
        return {**self._ours, REFERENCE: reference}

    def _marks(self, revision: Revision) -> dict[str, str]:
        own = {"shipitVersion": revision.version, "shipitCommit": revision.commit}
        return {**self._mine(revision.reference), **own}

    def _create(self, revision: Revision, say: Say) -> Deployment:
        files, marks = read_folder(self.source()), self._marks(revision)
        order = {
            "name": self._project.name,
            "project": self._project.id,
            "target": "production",
            "autoAssignCustomDomains": False,  # staged: no domain leads to it before it is promoted
            "meta": {**marks, "shipitRun": self.run},
            "files": [{"file": one.name, "sha": one.sha, "size": one.size} for one in files],
        }
        for _ in range(_ROUNDS):
            made = self._deployments.create(order, marks, say)
            if isinstance(made, Deployment):
                return made
            missing = frozenset(made)
            upload([one for one in files if one.sha in missing], self._client, say, self.clock.sleep)
        raise ExternalError("Vercel goes on to lack files that were uploaded", hint="run the same command again")

    def _kept(self, reference: str) -> Deployment:
        """The deployment of this reference; where there are several, the newest, or the one that is live."""
        found = [one for one in self._deployments.find(self._mine(reference)) if one.state == READY]
        if len(found) > 1:
            serving = self._production.serving().deployments
            found = [one for one in found if one.name in serving] or found
        one = self._deployments.get(found[0].name if found else reference) if found or _is_id(reference) else None
        if one is None or one.state != READY:
            raise ExternalError(f"nothing is kept of {reference!r} on Vercel", where=self.name)
        return one

    def _is_rolling(self, name: str) -> bool:
        one = self._deployments.get(name)
        return one is not None and one.substate == ROLLING

    def _references(self, name: str, seen: Serving) -> Sequence[str]:
        """Ours where the meta says so, else the id; that of the one before as well, while traffic moves slowly."""
        one = self._deployments.get(name)
        if one is None:
            return [name]
        before = seen.request.before if seen.request and one.substate == ROLLING else None
        own = str((one.meta or {}).get(REFERENCE)) if one.carries(self._ours) else name
        return [own, *(self._references(before, Serving(deployments=())) if before else ())]


def _is_id(reference: str) -> bool:
    return reference.startswith(_FOREIGN)


def _evidence(why: Denied) -> tuple[str, str]:
    return "; ".join(why.evidence), why.hint or ""
