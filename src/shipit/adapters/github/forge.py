"""GitHub as a forge: releases, pull requests, workflows, checks, and what would decline a push."""

import time
from collections.abc import Callable

from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.commit_checks import CommitChecks
from shipit.adapters.github.pull_requests import PullRequests
from shipit.adapters.github.releases import Releases
from shipit.adapters.github.rules import Rules
from shipit.adapters.github.workflows import Workflows


class GitHub(Rules, Releases, PullRequests, Workflows, CommitChecks):
    """One repository on GitHub or on a GitHub Enterprise server.

    `api` is the API's root, `repository` is owner/name, `token` needs `contents: write`; `pause` sleeps some
    seconds between tries. All methods but `problems` raise Unavailable or Denied.
    """

    name = "GitHub"

    def __init__(
        self, api: str, repository: str, token: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.client = GitHubClient(api, repository, token, pause=pause)
        self.pause = pause
