"""A real repository in a folder, written commit by commit."""

import os
import subprocess
from pathlib import Path

from shipit.adapters.git import history, query
from tests.support.commits import Rules

PEOPLE = {
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
}


class Repository:
    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str, data: bytes | None = None) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.top, input=data, capture_output=True, check=True, env={**os.environ, **PEOPLE}
        )
        return done.stdout.decode().strip()

    def commit(self, message: str | bytes, tag: str = "") -> str:
        data = message.encode() if isinstance(message, str) else message
        self.git(
            "commit",
            "--quiet",
            "--allow-empty",
            "--allow-empty-message",
            "--cleanup=verbatim",
            "-F",
            "-",
            data=data,
        )
        if tag:
            self.git("tag", "-a", "-m", tag, tag)
        return self.git("rev-parse", "HEAD")

    def survey(self) -> history.RecentHistory:
        return history.survey(query.find_repository(self.top), Rules())
