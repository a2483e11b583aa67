"""Deployments of one Vercel project: found by what shipit wrote into their `meta`, made, waited for, removed."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
from msgspec import Struct, field

from shipit.adapters.clock import Clock
from shipit.adapters.vercel.client import VercelClient, denial, refusal_of, shaped
from shipit.engine.plan import Say
from shipit.errors import Denied, ExternalError, Unavailable

READY, BLOCKED, ROLLING, PROMOTED = "READY", "BLOCKED", "ROLLING", "PROMOTED"
FAILED = frozenset({"ERROR", "CANCELED", "DELETED"})
"""States from which nothing comes; what has one does not count as deployed."""
REFERENCE = "shipitReference"
LONGEST_BUILD = 1800.0
"""Seconds until a deployment must be ready."""
_SOONEST, _LATEST = 0.25, 5.0  # seconds between two questions
_LOOKS = (0.0, 1.0, 3.0)
"""Seconds before each look for a deployment whose creation got no answer."""
_MISSING = "missing_files"


class _Trouble(Struct, frozen=True):
    message: str = ""
    code: str = ""


class Deployment(Struct, frozen=True, kw_only=True):
    """A deployment as Vercel describes it, in a list (`uid`) or alone (`id`); `created` in ms since the epoch."""

    id: str = ""
    uid: str = ""
    url: str = ""
    state: str = field(name="readyState", default="")
    substate: str | None = field(name="readySubstate", default=None)
    meta: Mapping[str, Any] | None = None
    created: int = field(name="created", default=0)
    reason: str | None = field(name="errorMessage", default=None)
    blocked: Mapping[str, Any] | None = field(name="seatBlock", default=None)
    alias_error: _Trouble | None = field(name="aliasError", default=None)
    inspector: str | None = field(name="inspectorUrl", default=None)

    @property
    def name(self) -> str:
        return self.id or self.uid

    @property
    def has_failed(self) -> bool:
        return self.state in FAILED

    def carries(self, marks: Mapping[str, str]) -> bool:
        """Whether its meta has all of these."""
        return all((self.meta or {}).get(key) == value for key, value in marks.items())


class _Missing(Struct, frozen=True):
    missing: tuple[str, ...] = ()


class Deployments(Struct, frozen=True, kw_only=True):
    """Those of the project with this id."""

    client: VercelClient
    project: str
    clock: Clock

    def find(self, marks: Mapping[str, str], key: str = REFERENCE) -> Sequence[Deployment]:
        """Those whose meta has all these marks, the newest first; Vercel is asked for those with the mark `key`."""
        pages = self.client.pages("/v6/deployments", projectId=self.project, **{f"meta-{key}": marks[key]})
        found = [one for page in pages for one in shaped(page, _Page).deployments if one.carries(marks)]
        return sorted(found, key=lambda one: (one.created, one.name), reverse=True)

    def get(self, name: str) -> Deployment | None:
        """The deployment of this id; None if there is none."""
        return self.client.find(f"/v13/deployments/{quote(name, safe='')}", Deployment)

    def create(self, order: Mapping[str, object], marks: Mapping[str, str], say: Say) -> Deployment | Sequence[str]:
        """Make one, once: returns it, or the SHA-1s of the files that Vercel does not have; raises as the client.

        If the answer is lost it is looked up by its meta, and never asked for a second time.
        """
        try:
            answer = self.client.write(
                "POST",
                "/v13/deployments",
                order,
                accept=(httpx.codes.BAD_REQUEST,),
                forceNew="1",  # else Vercel may give an older one of the same files, with the meta of another run
                skipAutoDetectionConfirmation="1",
            )
        except Unavailable as lost:
            return self._made_in_spite_of(lost, marks, say)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            refusal = refusal_of(answer)
            missing = shaped(refusal, _Missing).missing if refusal.get("code") == _MISSING else ()
            if not missing:
                raise denial(answer)
            return missing
        return self.client.decoded(answer, Deployment)

    def _made_in_spite_of(self, lost: Unavailable, marks: Mapping[str, str], say: Say) -> Deployment:
        say(f"{lost.what}; looking whether the deployment was made")
        for pause in _LOOKS:
            self.clock.sleep(pause)
            found = [one for one in self.find(marks) if not one.has_failed]
            if found:
                return found[0]
        lost.evidence = (*lost.evidence, "no deployment of this version is there")
        raise lost

    def wait(self, one: Deployment, say: Say) -> Deployment:
        """Until it is READY; raises ExternalError where it never will be, or not in time."""
        deadline, pause, last = self.clock.now() + LONGEST_BUILD, _SOONEST, ""
        while True:
            found = self.get(one.name)
            if found is None:
                raise ExternalError(f"the deployment {one.name} was deleted while it was waited for")
            if found.state == READY:
                return found
            if found.has_failed or found.state == BLOCKED:
                raise _ended(found)
            if found.state != last:
                say(f"{found.name} is {found.state}")
                last = found.state
            if self.clock.now() + pause >= deadline:
                raise ExternalError(
                    f"the deployment {found.name} was not ready within {LONGEST_BUILD:g} s",
                    where=found.inspector or "",
                    evidence=[f"it is {found.state}"],
                    hint="look at its build on vercel.com",
                )
            self.clock.sleep(pause)
            pause = min(pause * 1.5, _LATEST)

    def remove(self, one: Deployment, say: Say) -> None:
        """Delete it; what is gone already is as good as deleted."""
        self.client.write("DELETE", f"/v13/deployments/{quote(one.name, safe='')}", accept=(404,))
        say(f"{one.name} is removed")

    def has_alias(self, one: Deployment) -> bool:
        """Whether any name leads to it, beside its own."""
        path = f"/v2/deployments/{quote(one.name, safe='')}/aliases"
        found = self.client.find(path, _Aliases)
        return bool(found and found.aliases)


class _Page(Struct, frozen=True):
    deployments: tuple[Deployment, ...]


class _Aliases(Struct, frozen=True):
    aliases: tuple[Mapping[str, Any], ...]


def _ended(found: Deployment) -> ExternalError:
    reasons = [
        found.reason or "",
        str((found.blocked or {}).get("blockCode") or ""),
        found.alias_error.message if found.alias_error else "",
    ]
    hint = "look at its build on vercel.com, remove the cause, and deploy again"
    if found.state == BLOCKED:
        hint = "the team needs a seat for who committed or deploys, or another plan; then deploy again"
    kind = Denied if found.state == BLOCKED else ExternalError
    return kind(
        f"the deployment {found.name} is {found.state}",
        where=found.inspector or "",
        evidence=[reason for reason in reasons if reason],
        hint=hint,
    )
