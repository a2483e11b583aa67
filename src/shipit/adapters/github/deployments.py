"""GitHub's list of deployments, in which shipit finds its own by their payload.

https://docs.github.com/rest/deployments
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shipit.adapters.github.client import GitHubClient
from shipit.errors import Denied, Unavailable
from shipit.model import DeploymentStatus, ForgeDeployment, NewDeployment

_PAGE = 100
_OURS = "shipit"
"""the key of the payload under which the run stands"""
_HINT = (
    "the token needs `deployments: write`: in GitHub Actions add it to `permissions:`; "
    "forge.deployments = false lists none"
)


class Deployments:
    """Plays deploy.ports.Board."""

    name = "GitHub"

    def __init__(self, client: GitHubClient) -> None:
        self.client = client

    def deployments(self, environment: str, most: int) -> Sequence[ForgeDeployment]:
        """Look among the newest hundred: jobs of a workflow with `environment:` are in the same list."""
        found = self._listed(environment)[:most]
        return [ForgeDeployment(number=number, run=run, state=self._state(number)) for number, run in found]

    def list_deployment(self, wanted: NewDeployment) -> int:
        body = {
            "ref": wanted.revision.commit,
            "task": wanted.task,
            "environment": wanted.environment,
            "description": wanted.description,
            "auto_merge": False,
            "required_contexts": [],
            "production_environment": wanted.is_production,
            "payload": {_OURS: {"run": wanted.run, "version": wanted.revision.version}},
        }
        try:
            return int(self._write("~/deployments", body)["id"])
        except Unavailable:
            for number, run in self._listed(wanted.environment):
                if run == wanted.run:
                    return number
            raise

    def report_deployment(self, number: int, status: DeploymentStatus) -> None:
        """Write it down; GitHub itself makes no other one inactive."""
        addresses = {"log_url": status.log_url, "environment_url": status.environment_url}
        known = {name: url for name, url in addresses.items() if url}
        body = {"state": status.state, "description": status.description, "auto_inactive": False, **known}
        self._write(f"~/deployments/{number}/statuses", body)

    def _listed(self, environment: str) -> list[tuple[int, str]]:
        """Number and run of ours, newest first."""
        try:
            found = self.client.get("~/deployments", environment=environment, per_page=_PAGE)
        except Denied as error:
            raise _without_right(error) from error
        return [(int(one["id"]), run) for one in found for run in _runs(one["payload"])]

    def _state(self, number: int) -> str:
        found = self.client.get(f"~/deployments/{number}/statuses", per_page=_PAGE)
        newest = max(found, key=lambda one: int(one["id"]), default=None)
        return str(newest["state"]) if newest else ""

    def _write(self, path: str, body: Mapping[str, object]) -> Any:
        try:
            return self.client.http.decoded(self.client.write("POST", path, body))
        except Denied as error:
            raise _without_right(error) from error


def _without_right(error: Denied) -> Denied:
    """GitHub says 404 to a token that may not even read."""
    is_right = any(f"→ {code}" in line for line in error.evidence for code in (403, 404))
    hint = _HINT if is_right else error.hint
    return Denied(error.what, where=error.where, evidence=error.evidence, hint=hint)


def _runs(payload: object) -> Iterator[str]:
    """The run in a payload that is ours; GitHub also gives payloads as texts."""
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            return
    ours = payload.get(_OURS) if isinstance(payload, Mapping) else None
    if isinstance(ours, Mapping) and isinstance(ours.get("run"), str):
        yield ours["run"]
