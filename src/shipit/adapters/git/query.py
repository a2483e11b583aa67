"""Where a clone stands: its top, its commit and its branch, asked with git's own commands; nothing is written."""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from shipit.adapters import process
from shipit.errors import Refused, UsageError
from shipit.model import Divergence

ENVIRONMENT = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_NO_LAZY_FETCH": "1"}
_DEEPEN = "git fetch --unshallow --tags"


class Repository(Struct, frozen=True):
    """Where a repository stands: `head` is the full id of its commit."""

    top: Path
    head: str
    shallow: bool


def repository_argv(revision: str) -> tuple[str, ...]:
    return (
        *("git", "rev-parse", "--is-shallow-repository", "--show-toplevel"),
        *("--verify", "--end-of-options", f"{revision}^{{commit}}"),
    )


def find_repository(start: Path, revision: str = "HEAD") -> Repository:
    """Find the repository around a folder and the commit that a revision names.

    Raises UsageError outside of a repository, without git, without a commit or for an unknown revision.
    """
    done = git(start, repository_argv(revision))
    if done.code:
        raise _misplaced(start, revision, done.stderr)
    shallow, top, head = done.text.splitlines()
    return Repository(Path(top), head, shallow == "true")


def resolve(top: Path, revision: str) -> str:
    """The full id of the commit that a revision names; raises UsageError if there is none."""
    return find_repository(top, revision).head


def require_complete(where: Repository) -> None:
    """Raise Refused if the history was cut off: every answer about versions would be a guess."""
    if where.shallow:
        raise Refused(
            "the history of this clone is cut off, so the last release cannot be known",
            evidence=[f"{where.top} is a shallow clone"],
            hint=f"run `{_DEEPEN}` (in GitHub Actions: `fetch-depth: 0` for actions/checkout)",
        )


def common_ancestor(top: Path, commits: Sequence[str]) -> str | None:
    """A commit behind all of these; None if they have none in common."""
    done = git(top, ("git", "merge-base", "--octopus", *dict.fromkeys(commits)))
    return done.text.strip() if done.code == 0 else None


def remote_url(top: Path, name: str) -> str | None:
    """The address of a remote as git would use it; None if there is no such remote."""
    done = git(top, ("git", "remote", "get-url", name))
    return None if done.code else done.text.strip()


def divergence(top: Path) -> Divergence | None:
    """How the current branch differs from its upstream as it was last fetched; None if it does not, or has none."""
    done = git(top, ("git", "rev-list", "--left-right", "--count", "HEAD...@{upstream}"))
    upstream = git(top, ("git", "rev-parse", "--abbrev-ref", "@{upstream}")).text.strip()
    counts = [int(number) for number in done.text.split()] if not done.code else [0, 0]
    if counts == [0, 0]:
        return None
    return Divergence(branch=branch(top) or "HEAD", remote=upstream, ahead=counts[0], behind=counts[1])


def branch(top: Path) -> str | None:
    """The branch that is checked out; None when there is none.

    Read without a child where HEAD is a file that says it: where refs are kept as reftables, git must be asked.
    """
    folder = top / ".git"
    if folder.is_file():  # a linked work tree or a submodule
        folder = top / folder.read_text("utf-8").strip().removeprefix("gitdir: ")
    try:
        found = (folder / "HEAD").read_text("utf-8").strip().removeprefix("ref: refs/heads/")
    except OSError:
        return None
    if found == ".invalid":
        done = git(top, ("git", "symbolic-ref", "--quiet", "--short", "HEAD"))
        return None if done.code else done.text.strip()
    return None if re.fullmatch(r"[0-9a-f]{40,64}", found) else found


def kind_in_head(top: Path, path: str) -> str:
    """What the commit that is checked out has at this path: `blob`, `tree` or `commit`; empty if nothing."""
    words = git(top, ("git", "ls-tree", "HEAD", "--", path)).text.split(maxsplit=2)
    return words[1] if words else ""


def is_sparse(top: Path) -> bool:
    """Whether only a part of the files is checked out, by patterns."""
    return git(top, ("git", "config", "--bool", "core.sparseCheckout")).text.strip() == "true"


def git(top: Path, argv: Sequence[str], data: bytes | None = None) -> process.Finished:
    """How a git child ended; what it says is in English, and it fetches nothing."""
    return process.run(argv, cwd=top, env=ENVIRONMENT, data=data, timeout=process.LONGEST)


def _misplaced(start: Path, revision: str, stderr: str) -> UsageError:
    evidence = stderr.strip().splitlines()[-1:]
    if "not a git repository" in stderr:
        return UsageError(f"{start} is not in a git repository", evidence=evidence, hint="run it inside of a clone")
    if "dubious ownership" in stderr:
        hint = f"git config --global --add safe.directory {start}"
        return UsageError(f"{start} belongs to another user, so git does not read it", evidence=evidence, hint=hint)
    if revision == "HEAD":
        return UsageError("the repository has no commits yet", evidence=evidence, hint="make the first commit")
    return UsageError(f"there is no commit `{revision}`", evidence=evidence, hint="git fetch --tags")
