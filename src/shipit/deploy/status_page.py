"""shipit status as a page: what every environment has, its last deployments with their steps, and the releases."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from shipit.deploy.images import split
from shipit.deploy.model import COMPLETE, Entry, StepTime
from shipit.deploy.reports import Seen
from shipit.output.pages import moment, web
from shipit.output.text import clean, clean_line, duration

NAME = "status"
LAST = 10
"""deployments of each environment that are shown"""
SHORT = 10
"""characters of a commit"""
_OUTCOMES = {COMPLETE: "good", "rolled back": "warn", "refused": "warn"}
"""of deployments; all others are bad"""
_SHORTEST = 0.5
"""of a hundred: what can still be seen of a bar"""


class StatusPage(Struct, frozen=True, kw_only=True):
    """What the page is made of; `report` is what `shipit status --json` says of releases.

    `home` is the address of the project's page on the forge, empty where there is none; `now` in seconds since the
    epoch.
    """

    report: Mapping[str, Any]
    environments: Sequence[Seen]
    home: str
    now: float
    shipit: str

    def facts(self) -> Mapping[str, object]:
        """What the template asks for; masked."""
        shown = [self._environment(one) for one in self.environments]
        packages = self.report.get("packages", {})
        return {
            "shipit": self.shipit,
            "project": clean_line(str(self.report["project"])),
            "home": self.home,
            "written": moment(self.now),
            "overall": _overall(shown),
            "environments": shown,
            "releases": [self._release(str(self.report["project"]), self.report)]
            + [self._release(name, one) for name, one in packages.items()],
            "open": [clean_line(one) for one in self.report["open"]],
            "lock": clean_line(self.report["lock"] or ""),
        }

    def _environment(self, one: Seen) -> Mapping[str, Any]:
        found = clean(one.facts)
        deployed = {}
        if found["version"] is not None:
            deployed = {
                "commit": self._commit(found["commit"]),
                "schema": clean_line(found["schema"] or ""),
                "images": [
                    {"name": clean_line(name), "digest": split(pinned)[2][:19]}
                    for name, pinned in found["images"].items()
                ],
                "since": moment(found["deployed"]),
                "by": clean_line(found["by"]),
                "health": clean_line(found["health"]),
            }
        return {
            "name": found["environment"],
            "state": _state(found),
            "version": found["version"] and clean_line(found["version"]),
            "problem": clean_line(found.get("problem") or ""),
            "drift": [clean_line(line) for line in found.get("drift", ())],
            "lock": clean_line(found.get("lock") or ""),
            "deployments": [self._deployment(clean(entry)) for entry in one.entries],
            **deployed,
        }

    def _deployment(self, entry: Entry) -> Mapping[str, Any]:
        decision = entry.decision
        longest = max((step.seconds for step in entry.steps), default=0.0)
        return {
            "run": decision.run,
            "outcome": {"word": entry.outcome, "kind": _OUTCOMES.get(entry.outcome, "bad")},
            "is_rollback": decision.is_rollback,
            "version": decision.revision.version,
            "commit": self._commit(decision.revision.commit),
            "ended": moment(entry.ended),
            "duration": duration(max(0, entry.ended - decision.began)),
            "by": entry.actor,
            "url": web(entry.url),
            "steps": [_step(step, longest) for step in entry.steps],
        }

    def _commit(self, sha: str) -> Mapping[str, str]:
        return {"text": sha[:SHORT], "url": f"{self.home}/commit/{quote(sha)}" if self.home else ""}

    def _release(self, name: str, own: Mapping[str, Any]) -> Mapping[str, Any]:
        released = own["released"] and clean_line(own["released"])
        refused = f"refused: {clean_line(own['refused'])}" if own["refused"] else ""
        return {
            "name": clean_line(name),
            "released": released,
            "url": f"{self.home}/releases/tag/{quote(released)}" if self.home and released else "",
            "evidence": ("yes" if own["evidence"] else "no") if released else "",
            "next": refused or clean_line(own["next"] or "") or "nothing to release",
            "commits": own["commits"],
        }


def _step(step: StepTime, longest: float) -> Mapping[str, Any]:
    share = round(100 * step.seconds / longest, 1) if longest else 0.0
    return {
        "name": step.name,
        "state": step.state,
        "kind": "bad" if step.state == "failed" else "",
        "time": duration(step.seconds) if step.seconds else "",
        "share": max(share, _SHORTEST) if step.seconds else 0.0,
    }


def _state(found: Mapping[str, Any]) -> Mapping[str, str]:
    """One word for an environment, and how it is coloured."""
    if found.get("problem"):
        return {"word": "not known", "kind": "bad"}
    if found["version"] is None:
        return {"word": "empty", "kind": ""}
    if found["drift"]:
        return {"word": "drifted", "kind": "bad"}
    return {
        "healthy": {"word": "healthy", "kind": "good"},
        "health unknown": {"word": "as deployed", "kind": "good"},
    }.get(found["health"], {"word": "not healthy", "kind": "bad"})


def _overall(shown: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """The worst of them, in words."""
    bad = [one["name"] for one in shown if one["state"]["kind"] == "bad"]
    if bad:
        return {"word": f"look at {', '.join(bad)}", "kind": "bad"}
    if any(one["lock"] for one in shown):
        return {"word": "a deployment is under way", "kind": "warn"}
    is_live = any(one["version"] for one in shown)
    return {"word": "all as deployed", "kind": "good"} if is_live else {"word": "nothing is deployed", "kind": ""}
