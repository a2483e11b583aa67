"""A forge's branch protection and rulesets in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

from shipit.errors import Denied, ExternalError, Unavailable

OWNERS = "* @acme/core\n"


class FakeForge:
    """Answers as GitHub does; every branch has the same ruleset that `ruleset` made, unless it names branches."""

    name = "GitHub"
    repository = "acme/widget"

    def __init__(self) -> None:
        self.protection: dict[str, dict[str, Any]] = {}
        self.rulesets: list[dict[str, Any]] = []
        self.files: dict[tuple[str, str], str] = {
            (branch, ".github/CODEOWNERS"): OWNERS for branch in ("main", "develop")
        }
        self.actors = {("app", "acme-release"): 7, ("team", "core"): 8, ("user", "ada"): 9}
        self.errors: dict[str, ExternalError] = {}
        """by the name of the question"""
        self.writes: list[tuple[str, Mapping[str, Any]]] = []
        self.loses = ""
        """what happens to the answer of the next write: after, before, or nothing"""

    def add(self, name: str, rules: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
        made = {
            "id": 100 + len(self.rulesets),
            "name": name,
            "target": "branch",
            "source_type": "Repository",
            "enforcement": "active",
            "bypass_actors": [],
            "conditions": {"ref_name": {"include": ["~ALL"], "exclude": []}},
            "rules": list(rules),
            **more,
        }
        self.rulesets.append(made)
        return made

    def classic(self, branch: str) -> Mapping[str, Any] | None:
        self._fail("classic")
        return self.protection.get(branch)

    def rules(self, branch: str) -> Sequence[Mapping[str, Any]]:
        self._fail("rules")
        return [
            {**rule, "ruleset_id": one["id"]}
            for one in self.rulesets
            if one["enforcement"] == "active" and self._holds(one, branch)
            for rule in one["rules"]
        ]

    def ruleset(self, number: int) -> Mapping[str, Any]:
        return next(one for one in self.rulesets if one["id"] == number)

    def own_ruleset(self, name: str) -> Mapping[str, Any] | None:
        own = [one for one in self.rulesets if one["source_type"] == "Repository"]
        return next((one for one in own if one["name"] == name), None)

    def file(self, branch: str, path: str) -> str | None:
        self._fail("file")
        return self.files.get((branch, path))

    def actor(self, kind: str, name: str) -> int:
        if (kind, name) not in self.actors:
            raise Denied(f"GitHub shows no {kind} {name} to this token", hint="check it")
        return self.actors[kind, name]

    def write_classic(self, branch: str, body: Mapping[str, Any]) -> None:
        self._lose("before")
        self.writes.append((branch, body))
        switches = {name: {"enabled": value} for name, value in body.items() if isinstance(value, bool)}
        reviews, checks = body["required_pull_request_reviews"], body["required_status_checks"]
        told = [{**one, "app_id": None if one["app_id"] == -1 else one["app_id"]} for one in checks["checks"]]
        self.protection[branch] = {
            **switches,
            "required_pull_request_reviews": reviews,
            "required_status_checks": {**checks, "checks": told, "contexts": [one["context"] for one in told]},
        }
        self._lose("after")

    def write_ruleset(self, number: int | None, body: Mapping[str, Any]) -> None:
        self._lose("before")
        self.writes.append(("ruleset", body))
        if number is None:
            self.add(**body)
        else:
            next(one for one in self.rulesets if one["id"] == number).update(body)
        self._lose("after")

    @staticmethod
    def _holds(one: Mapping[str, Any], branch: str) -> bool:
        names = one["conditions"]["ref_name"]
        ref = f"refs/heads/{branch}"
        return ref not in names["exclude"] and bool({"~ALL", ref} & set(names["include"]))

    def _fail(self, question: str) -> None:
        if question in self.errors:
            raise self.errors[question]

    def _lose(self, moment: str) -> None:
        if self.loses == moment:
            self.loses = ""
            raise Unavailable("GitHub did not answer")
