"""The repository on this machine: asked with git's own commands, written whole or not at all."""

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from shipit import masking
from shipit.adapters import files
from shipit.adapters.git import query, run
from shipit.config import Forge, page
from shipit.config.place import files_in
from shipit.errors import UsageError
from shipit.project.init.model import Clone
from shipit.project.protection.standing import look
from shipit.release.outside import PUBLIC_API


class WorkTree:
    """Plays ports.Repository."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self._read = files_in(top)

    @cached_property
    def paths(self) -> Sequence[str]:
        return tuple(filter(None, run.ask(self.top, "ls-files", "-z").text.split("\0")))

    @cached_property
    def forge_files(self) -> Sequence[str]:
        words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".github")
        return tuple(dict.fromkeys(filter(None, run.ask(self.top, *words).text.split("\0"))))

    @cached_property
    def clone(self) -> Clone:
        names = run.ask(self.top, "remote").text.split()
        first = Clone(remotes=names).remote
        url = query.remote_url(self.top, first) if first else None
        refs = run.ask(self.top, "for-each-ref", "--format=%(refname)").text.splitlines()
        shown = run.git(self.top, "symbolic-ref", "--quiet", f"refs/remotes/{first}/HEAD").text.strip()
        return Clone(
            remotes=names,
            url=url or "",
            branches=_below(refs, f"refs/remotes/{first}/") or _below(refs, "refs/heads/"),
            default=shown.removeprefix(f"refs/remotes/{first}/"),
            current=query.branch(self.top) or "",
            tags=_below(refs, "refs/tags/"),
            is_ahead=self._is_ahead,
        )

    def text(self, path: str) -> str | None:
        return self._read(path)

    def is_there(self, path: str) -> bool:
        return (self.top / path).exists() or (self.top / path).is_symlink()

    def ignores(self, path: str) -> bool:
        return run.git(self.top, "check-ignore", "--quiet", "--no-index", path).code == 0

    def required_checks(self, branch: str) -> Sequence[str]:
        slug = page.repository(Forge(), os.environ, lambda: self.clone.url)
        token = os.environ.get("GITHUB_TOKEN")
        if slug is None or not token:
            return ()
        from shipit.adapters.github.client import GitHubClient
        from shipit.adapters.github.protection import BranchProtection
        from shipit.adapters.http.limits import Limits, Patience

        masking.register(token)
        api = os.environ.get("GITHUB_API_URL") or PUBLIC_API
        limits, patience = Limits(seconds=5), Patience(connect=2, answer=3, tries=1)  # nobody waits long for this
        with suppress(UsageError):  # of a token that holds what no token has
            forge = BranchProtection(GitHubClient(api, slug, token, limits=limits, patience=patience))
            return look(forge, branch, owners=False).checks
        return ()

    def write(self, path: str, text: str) -> None:
        target = files.inside(self.top, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write(target, text.encode("utf-8"))

    def remove(self, path: str) -> None:
        files.inside(self.top, path).unlink(missing_ok=True)

    def _is_ahead(self, one: str, other: str) -> bool:
        """Whether the first branch has commits that the second one lacks; also where git cannot tell."""
        first = self.clone.remote
        sides = [f"refs/remotes/{first}/{name}" if first else f"refs/heads/{name}" for name in (other, one)]
        done = run.git(self.top, "rev-list", "--count", "--max-count=1", f"{sides[0]}..{sides[1]}")
        return done.code != 0 or done.text.strip() != "0"


def _below(refs: Sequence[str], prefix: str) -> tuple[str, ...]:
    names = (ref.removeprefix(prefix) for ref in refs if ref.startswith(prefix))
    return tuple(name for name in names if name != "HEAD")
