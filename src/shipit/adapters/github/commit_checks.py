"""What ran on a commit on GitHub: check runs (Actions and apps), and the statuses of older services."""

from collections.abc import Iterator, Sequence

from shipit.adapters.github.client import GitHubClient
from shipit.errors import Denied
from shipit.model import CheckResult

_PENDING = "pending"
_HINT = (
    "the token needs `checks: read` and `statuses: read`: in GitHub Actions add both to `permissions:`;"
    " the commit must be on this repository"
)


class CommitChecks:
    """Plays deploy.ports.CommitChecks."""

    client: GitHubClient

    def check_results(self, commit: str) -> Sequence[CheckResult]:
        """Of each check suite the newest run of every name, and the newest status of every name."""
        try:
            return (*_runs(self.client, commit), *_statuses(self.client, commit))
        except Denied as error:
            raise Denied(error.what, where=error.where, evidence=error.evidence, hint=_HINT) from error


def _runs(client: GitHubClient, commit: str) -> Iterator[CheckResult]:
    for run in client.pages(f"~/commits/{commit}/check-runs", key="check_runs", filter="latest"):
        is_over = run["status"] == "completed"
        yield CheckResult(
            name=run["name"],
            outcome=(run["conclusion"] or "") if is_over else run["status"],
            is_over=is_over,
            url=run["html_url"] or run["url"],
        )


def _statuses(client: GitHubClient, commit: str) -> Iterator[CheckResult]:
    for status in client.pages(f"~/commits/{commit}/status", key="statuses"):
        yield CheckResult(
            name=status["context"],
            outcome=status["state"],
            is_over=status["state"] != _PENDING,
            url=status["target_url"] or status["url"],
        )
