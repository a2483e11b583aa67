"""Workflows on GitHub: whether one can be started, starting it once, and seeing its run."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from shipit.adapters.github.client import PAGE_SIZE, GitHubClient
from shipit.engine.plan import Problem
from shipit.errors import Denied, Unavailable

EVENT = "workflow_dispatch"
PAUSES = (1, 2, 3, 4, 5, 5, 5, 5)
"""Seconds before each look for a fresh run: GitHub shows it only after a moment."""


class Workflows:
    """Plays release.ports.Workflows; every method raises Unavailable or Denied."""

    client: GitHubClient
    pause: Callable[[float], None]

    def workflow_problems(self, workflow: str) -> Sequence[Problem]:
        found = self.client.find(_path(workflow))
        if found is None:
            return [
                Problem(
                    f"GitHub knows no workflow {workflow}",
                    f"GET {_path(workflow).replace('~', self.client.repository, 1)} → 404",
                    f"bring .github/workflows/{workflow} to the default branch, or correct `forge.dispatch`;"
                    " GitHub says 404 also to a token without `actions: read`",
                )
            ]
        if found["state"] != "active":
            evidence = f"{found['html_url']}: state = {found['state']}"
            return [Problem(f"{workflow} cannot be started on GitHub", evidence, "enable it on the Actions page")]
        return []

    def dispatched(self, workflow: str, ref: str, commit: str) -> str | None:
        found = self.client.find(f"{_path(workflow)}/runs", event=EVENT, branch=ref, per_page=PAGE_SIZE)
        runs = found["workflow_runs"] if found else []
        # GitHub ignores a filter that it does not understand, and then lists everything
        wanted = (EVENT, ref, commit)
        ours = [run for run in runs if (run["event"], run["head_branch"], run["head_sha"]) == wanted]
        return str(max(ours, key=lambda run: run["run_number"])["html_url"]) if ours else None

    def dispatch(self, workflow: str, ref: str, commit: str) -> None:
        try:
            self._ask_for(workflow, ref)
        except Unavailable:
            # never sent twice: GitHub starts as many runs as it is asked for
            if not self._comes_up(workflow, ref, commit):
                raise
            return
        if not self._comes_up(workflow, ref, commit):
            raise Unavailable(
                f"GitHub took the dispatch of {workflow} on {ref}, but shows no run of it",
                evidence=[f"looked for {sum(PAUSES)} s"],
                hint="wait until the Actions page shows the run",
            )

    def _ask_for(self, workflow: str, ref: str) -> None:
        answer = self.client.write("POST", f"{_path(workflow)}/dispatches", {"ref": ref}, accept=(404, 422))
        if not answer.is_success:
            raise Denied(
                f"GitHub does not start the workflow {workflow} on {ref}",
                evidence=self.client.http.denial(answer).evidence,
                hint=f"{workflow} needs `on: workflow_dispatch` on the default branch, and the token its right",
            )

    def _comes_up(self, workflow: str, ref: str, commit: str) -> bool:
        for seconds in PAUSES:
            self.pause(seconds)
            if self.dispatched(workflow, ref, commit):
                return True
        return False


def _path(workflow: str) -> str:
    return f"~/actions/workflows/{quote(workflow, safe='')}"
