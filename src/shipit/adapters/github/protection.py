"""GitHub's branch protection, rulesets and CODEOWNERS; most of it only for administrators.

https://docs.github.com/rest/branches/branch-protection, https://docs.github.com/rest/repos/rules
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from shipit.adapters.github.client import GitHubClient, mentions
from shipit.adapters.http.client import Request
from shipit.errors import Denied, Unavailable

_HINT = (
    "the token needs `administration: {}` on the repository: a fine-grained token or an app's can have it, "
    "the GITHUB_TOKEN of Actions cannot"
)
_PLAN = "protection of a private repository comes with another plan: change it, or make the repository public"
_PLACES = {"app": "/apps/{name}", "team": "/orgs/{owner}/teams/{name}", "user": "/users/{name}"}


class BranchProtection:
    """Plays project.protection.ports.Forge."""

    name = "GitHub"

    def __init__(self, client: GitHubClient) -> None:
        self.client = client

    @property
    def repository(self) -> str:
        return self.client.repository

    def classic(self, branch: str) -> Mapping[str, Any] | None:
        """Only administrators may read it; whether there is any, everybody."""
        path = f"/repos/{self.repository}/branches/{quote(branch, safe='')}"
        http = self.client.http
        answer = http.ask(Request(method="GET", path=f"{path}/protection"), accept=[403, 404])
        if answer.is_success:
            return _mapping(http.decoded(answer))
        if mentions(answer, "branch not protected") or mentions(answer, "branch not found"):
            return None
        shown = self.client.find(path)
        if shown is not None and _mapping(_mapping(shown).get("protection", {})).get("enabled") is False:
            return None
        raise _without_right(http.denial(answer), "read")

    def rules(self, branch: str) -> Sequence[Mapping[str, Any]]:
        try:
            return self._listed(f"~/rules/branches/{quote(branch, safe='')}")
        except Denied as error:
            raise _without_right(error, "read") from error

    def ruleset(self, number: int) -> Mapping[str, Any]:
        return _mapping(self.client.get(f"~/rulesets/{number}"))

    def own_ruleset(self, name: str) -> Mapping[str, Any] | None:
        """GitHub allows a name once in a repository; the list has neither rules nor conditions."""
        for found in self._listed("~/rulesets", includes_parents="false"):
            if found.get("name") == name and found.get("target", "branch") == "branch":
                return self.ruleset(_number(found))
        return None

    def file(self, branch: str, path: str) -> str | None:
        found = self.client.find(f"~/contents/{quote(path, safe='')}", ref=branch)
        if found is None:
            return None
        text = _mapping(found)
        if text.get("encoding") != "base64":  # `none` for a large file
            raise Unavailable(f"GitHub did not answer with the text of {path}")
        try:
            return base64.b64decode(text["content"]).decode("utf-8", "replace")
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"GitHub did not answer with the text of {path}") from error

    def actor(self, kind: str, name: str) -> int:
        owner = self.client.owner
        try:
            return _number(self.client.get(_PLACES[kind].format(owner=owner, name=quote(name, safe=""))))
        except Denied as error:
            raise Denied(
                f"GitHub shows no {kind} {name} to this token",
                evidence=[error.what, *error.evidence],
                hint="check protection.release-actor; only its owner sees a private app, and members a team",
            ) from error

    def write_classic(self, branch: str, body: Mapping[str, Any]) -> None:
        self._write("PUT", f"~/branches/{quote(branch, safe='')}/protection", body)

    def write_ruleset(self, number: int | None, body: Mapping[str, Any]) -> None:
        if number is None:
            self._write("POST", "~/rulesets", body)
        else:
            self._write("PUT", f"~/rulesets/{number}", body)

    def _listed(self, path: str, **params: str) -> list[Mapping[str, Any]]:
        try:
            return [_mapping(one) for one in self.client.pages(path, **params)]
        except TypeError:
            raise _other_shape("no list") from None

    def _write(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        try:
            self.client.write(method, path, body)
        except Denied as error:
            raise _without_right(error, "write") from error


def _without_right(error: Denied, right: str) -> Denied:
    """GitHub says 404 to a token that may not even know; what it says beside that is left as it is."""
    if "Upgrade to" in error.what:
        return Denied(error.what, where=error.where, evidence=error.evidence, hint=_PLAN)
    if "Not Found" in error.what or "not accessible" in error.what:
        return Denied(error.what, where=error.where, evidence=error.evidence, hint=_HINT.format(right))
    return error


def _mapping(value: object) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise _other_shape(f"no object, but {type(value).__name__}")


def _number(value: object) -> int:
    number = _mapping(value).get("id")
    if isinstance(number, int):
        return number
    raise _other_shape("no id")


def _other_shape(why: str) -> Unavailable:
    return Unavailable(
        "GitHub answered in another shape than it describes",
        evidence=[why],
        hint="check forge.api, or a newer shipit",
    )
