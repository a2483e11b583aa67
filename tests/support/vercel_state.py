"""What the stand-in for Vercel remembers: files, one project, its deployments, and where its names lead."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NOW = 1_750_000_000_000
"""The stand-in's clock in ms since the epoch; each thing it makes is a millisecond younger than the one before."""
DOMAINS = ("acme.example", "acme.vercel.app")
OWNER = "team_acme0000000000000000000"


_SMALL = 4096
"""Bytes up to which a content is kept, to be served."""


@dataclass
class Made:
    """A deployment; `coming` are the states that it will have, one for each time it is asked for."""

    id: str
    number: int
    meta: dict[str, str]
    files: dict[str, str]
    target: str | None
    is_staged: bool
    state: str = "QUEUED"
    substate: str | None = None
    coming: list[str] = field(default_factory=list)
    reason: str = ""

    @property
    def url(self) -> str:
        return f"acme-{self.number}.vercel.app"

    @property
    def created(self) -> int:
        return NOW + self.number


@dataclass
class Wish:
    """A promotion or a rollback; `waits` are the questions for the project that it takes until it is done."""

    kind: str
    to: str
    before: str | None
    at: int
    waits: int = 0
    status: str = "in-progress"


@dataclass
class State:
    """`builds` are the states after QUEUED of the next deployments; `switch_waits` is for the next wishes.

    `stuck` are domains that no wish moves; `rolls` says that promotions shift traffic slowly, until `complete`.
    """

    name: str = "acme-production"
    id: str = "prj_acme000000000000000000000"
    token: str = "tokenofvercel0123456789"
    domains: tuple[str, ...] = DOMAINS
    files: dict[str, int] = field(default_factory=dict)
    deployments: dict[str, Made] = field(default_factory=dict)
    leads_to: dict[str, str] = field(default_factory=dict)
    wish: Wish | None = None
    builds: list[str] = field(default_factory=lambda: ["READY"])
    reason: str = ""
    switch_waits: int = 0
    stuck: frozenset[str] = frozenset()
    rolls: bool = False
    may_roll_back: bool = True
    contents: dict[str, bytes] = field(default_factory=dict)
    uploaded: list[str] = field(default_factory=list)
    _numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def is_pinned(self) -> bool:
        return bool(self.wish and self.wish.kind == "rollback" and self.wish.status == "succeeded")

    @property
    def alive(self) -> list[Made]:
        """Those that could serve, or will."""
        return [one for one in self.deployments.values() if one.state not in {"ERROR", "CANCELED"}]

    @property
    def live(self) -> Made | None:
        """What all production domains lead to."""
        found = {self.leads_to.get(name) for name in self.domains}
        return self.deployments.get(found.pop() or "") if len(found) == 1 else None

    def serve(self, name: str) -> bytes | None:
        """The file of this name as the first production domain serves it."""
        one = self.deployments.get(self.leads_to.get(self.domains[0], ""))
        return self.contents.get(one.files.get(name, "")) if one else None

    def keep(self, content: bytes, digest: str) -> bool:
        """Whether the content has that SHA-1."""
        if hashlib.sha1(content, usedforsecurity=False).hexdigest() != digest:
            return False
        self.files[digest] = len(content)
        self.uploaded.append(digest)
        if len(content) <= _SMALL:
            self.contents[digest] = content
        return True

    def missing(self, files: Iterable[Mapping[str, Any]]) -> list[str]:
        return list(dict.fromkeys(one["sha"] for one in files if one["sha"] not in self.files))

    def make(self, order: Mapping[str, Any]) -> Made:
        number = self.number()
        one = Made(
            id=f"dpl_{number:028}",
            number=number,
            meta=dict(order.get("meta", {})),
            files={one["file"]: one["sha"] for one in order.get("files", ())},
            target=order.get("target"),
            is_staged=order.get("autoAssignCustomDomains") is False,
            coming=list(self.builds),
            reason=self.reason,
        )
        self.deployments[one.id] = one
        return one

    def number(self) -> int:
        return next(iter(self._numbers))

    def advance(self, one: Made) -> None:
        """Time passes for a deployment that is asked for."""
        if one.coming:
            one.state = one.coming.pop(0)
            if one.state == "READY" and one.target == "production":
                one.substate = "STAGED"
                if not (one.is_staged or self.is_pinned):
                    self.lead_to(one)

    def ask_for(self, kind: str, one: Made) -> None:
        before = self.live
        self.wish = Wish(kind, one.id, before.id if before else None, NOW + self.number(), self.switch_waits)

    def pass_time(self) -> None:
        """Time passes for the wish, as often as the project is asked for."""
        if self.wish is None or self.wish.status != "in-progress":
            return
        self.wish.waits -= 1
        if self.wish.waits < 0:
            self.lead_to(self.deployments[self.wish.to], slowly=self.rolls and self.wish.kind == "promote")
            self.wish.status = "failed" if self.live is not self.deployments[self.wish.to] else "succeeded"

    def lead_to(self, one: Made, *, slowly: bool = False) -> None:
        for other in self.deployments.values():
            if other.substate == "ROLLING":
                other.substate = "PROMOTED"
        self.leads_to |= {name: one.id for name in self.domains if name not in self.stuck}
        one.substate = "ROLLING" if slowly else "PROMOTED"

    def complete(self) -> None:
        """Somebody lets a rolling release come to its end."""
        for one in self.deployments.values():
            if one.substate == "ROLLING":
                one.substate = "PROMOTED"
