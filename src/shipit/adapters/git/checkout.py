"""The user's own checkout, which shipit reads and never changes, but for the tag that it brings home.

GitPython is used here through its command interface: it finds the repository, worktrees and
submodules included, and runs git for the questions about the user's side.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from git import Repo
from git.exc import GitCommandError, InvalidGitRepositoryError, NoSuchPathError

from shipit import disk
from shipit.adapters.git import credentials, run, tags
from shipit.adapters.git.query import find_repository
from shipit.adapters.git.run import NEUTRAL
from shipit.errors import Denied, ExternalError, Refused, UsageError
from shipit.model import Identity, Tag


class Checkout:
    """Plays ports.Checkout."""

    def __init__(self, top: Path) -> None:
        try:
            self.repo = Repo(top, expand_vars=False)  # a `$` in a path is a `$`
        except (InvalidGitRepositoryError, NoSuchPathError):
            raise UsageError(f"not a git repository: {top}", hint="run shipit inside one") from None
        self.repo.git.update_environment(
            GIT_OPTIONAL_LOCKS="0",  # a look must not refresh the user's index
            # every commit of shipit has a time of its own: one in the environment, good or bad, is no matter
            GIT_AUTHOR_DATE="@0 +0000",
            GIT_COMMITTER_DATE="@0 +0000",
        )
        self.git_folder = Path(self.repo.common_dir)

    @property
    def branch(self) -> str | None:
        """The branch that is checked out; None when HEAD is detached."""
        return self._ask("symbolic-ref", "--quiet", "--short", "HEAD")

    @property
    def is_shallow(self) -> bool:
        return self._ask("rev-parse", "--is-shallow-repository") == "true"

    def tip(self, ref: str) -> str | None:
        return self._ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")

    def ref(self, name: str) -> str | None:
        """The object id that a local ref holds, not peeled."""
        return self._ask("rev-parse", "--verify", "--quiet", name)

    def tags(self) -> list[Tag]:
        """The tags of this clone that lead to a commit, in the order of their names."""
        return tags.read(Path(self.repo.working_dir))

    def changed(self) -> list[str]:
        """The paths with changes that are not committed, files that git does not know included."""
        text = self._ask("-c", "core.quotePath=false", "status", "--porcelain=v1", "--no-renames") or ""
        return [line[3:] for line in text.splitlines()]

    def time(self, commit: str) -> int:
        """When a commit was made, in seconds since the epoch."""
        return int(self._ask("show", "--no-patch", "--format=%ct", f"{commit}^{{commit}}") or 0)

    def remote_url(self, remote: str, *, push: bool = False) -> str | None:
        """The address of a remote, None without one; raises UsageError if git does not read the repository."""
        found = self._ask("remote", "get-url", *(("--push",) if push else ()), remote)
        if found is None:
            find_repository(Path(self.repo.working_dir))
        return found

    def tag_argv(self, tag: str, sha: str) -> Sequence[str]:
        return ("git", *NEUTRAL, "update-ref", f"refs/tags/{tag}", sha, "0" * max(len(sha), 40))

    def set_tag(self, tag: str, sha: str) -> None:
        """Write a tag that the remote already has; raises Denied rather than write over another one."""
        try:
            # NEUTRAL: the user's reference-transaction hook is not asked about what the remote has already
            self.repo.git.execute(list(self.tag_argv(tag, sha)))
        except GitCommandError as error:
            reason = _reason(error)
            if "already exists" in reason or "but expected" in reason:
                raise Denied(f"{tag} is in this clone already", evidence=[reason]) from None
            what, hint = f"{tag} cannot be written into this clone", disk.hint_in(str(error.stderr))
            raise ExternalError(what, evidence=[reason], hint=hint) from None

    def bring_forward(self, remote: str, branch: str) -> str:
        """Fetch the branch that is checked out, and bring it forward if that is a clean fast-forward.

        Returns why it was left as it is; empty if it is at the remote's commit now. Local changes stay as they are.
        """
        top = Path(self.repo.working_dir)
        env = credentials.apart_from_urls(self.remote_url(remote) or "")
        for words in (("fetch", "--quiet", remote, branch), ("merge", "--ff-only", "--quiet", "FETCH_HEAD")):
            finished = run.git(top, *words, env=env)
            if finished.code:
                return _plain(finished.stderr) or f"git {words[0]} ended with exit code {finished.code}"
        return ""

    def identity(self) -> Identity:
        """Who releases: git's own answer, or the CI's bot where git has none."""
        text = self._ask("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
        if text:
            name, _, rest = text.partition(" <")
            return Identity(name, rest.partition(">")[0])
        if os.environ.get("GITHUB_ACTIONS") == "true":
            return Identity("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
        raise Refused(
            "git does not know who you are",
            evidence=["user.name and user.email are not set"],
            hint='git config user.name "…" && git config user.email "…"',
        )

    def _ask(self, *words: str) -> str | None:
        try:
            data = self.repo.git.execute(["git", *words], stdout_as_string=False)
            return _text(data) or None
        except GitCommandError:
            return None


def _text(data: bytes) -> str:
    """What git printed: UTF-8, whatever the locale is; a name in another encoding is taken for one of Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _reason(error: GitCommandError) -> str:
    """What git says is wrong, without what GitPython puts around it."""
    text = str(error.stderr).strip().removeprefix("stderr:").strip().strip("'")
    return _plain(text) or f"git ended with exit code {error.status}"


def _plain(text: str) -> str:
    """The line that says what is wrong, else the last one; empty if there is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("error:", "fatal:"))), lines[-1] if lines else "")
    return said.removeprefix("error: ").removeprefix("fatal: ")
